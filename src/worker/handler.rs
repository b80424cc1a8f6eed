//! What executes a step.

use super::step::Step;
use crate::run::StepFailure;
use serde_json::Value;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// The results of a step, which its row keeps, or the failure of the attempt.
pub type HandlerResult = Result<Value, StepFailure>;

/// Executes a step without blocking its thread.
///
/// Functions and closures from [`Step`] to a future are handlers. A handler may be called again for the same step, after a failure or after
/// its worker was killed, so what it does elsewhere should bear that: [`Step::idempotency_key`] is the same for all attempts.
///
/// ```
/// use serde_json::json;
/// use tasker_core::worker::{Handler, HandlerResult, Step, StepHandler};
///
/// struct Greeter(&'static str);
///
/// impl Handler for Greeter {
///     async fn handle(&self, step: Step) -> HandlerResult {
///         Ok(json!({ "greeting": self.0, "step": step.name }))
///     }
/// }
///
/// let greeter = StepHandler::new(Greeter("hello"));
/// let closure = StepHandler::new(|step: Step| async move { Ok(json!({ "step": step.name })) });
/// # let _ = (greeter, closure);
/// ```
pub trait Handler: Send + Sync + 'static {
    /// One attempt at a step.
    fn handle(&self, step: Step) -> impl Future<Output = HandlerResult> + Send;
}

impl<F, R> Handler for F
where
    F: Fn(Step) -> R + Send + Sync + 'static,
    R: Future<Output = HandlerResult> + Send,
{
    fn handle(&self, step: Step) -> impl Future<Output = HandlerResult> + Send {
        self(step)
    }
}

/// Executes a step on a thread of its own, which it may block.
///
/// ```
/// use serde_json::json;
/// use tasker_core::worker::{BlockingHandler, HandlerResult, Step, StepHandler};
///
/// struct Digest(usize);
///
/// impl BlockingHandler for Digest {
///     fn handle(&self, step: Step) -> HandlerResult {
///         Ok(json!({ "digest": step.inputs.to_string().len() % self.0 }))
///     }
/// }
///
/// let digest = StepHandler::blocking(Digest(97));
/// let closure = StepHandler::blocking(|step: Step| Ok(json!({ "step": step.name })));
/// # let _ = (digest, closure);
/// ```
pub trait BlockingHandler: Send + Sync + 'static {
    /// One attempt at a step.
    fn handle(&self, step: Step) -> HandlerResult;
}

impl<F> BlockingHandler for F
where
    F: Fn(Step) -> HandlerResult + Send + Sync + 'static,
{
    fn handle(&self, step: Step) -> HandlerResult {
        self(step)
    }
}

type Attempt = Pin<Box<dyn Future<Output = HandlerResult> + Send>>;

/// A handler of either kind.
#[derive(Clone)]
pub(super) enum Kind {
    Async(Arc<dyn Fn(Step) -> Attempt + Send + Sync>),
    Blocking(Arc<dyn BlockingHandler>),
}

/// A handler with its limits.
#[derive(Clone)]
pub struct StepHandler {
    pub(super) kind: Kind,
    pub(super) at_most: Option<usize>,
    pub(super) timeout: Option<Duration>,
}

impl StepHandler {
    /// A handler that does not block.
    pub fn new(handler: impl Handler) -> Self {
        let handler = Arc::new(handler);
        Self::of(Kind::Async(Arc::new(move |step| {
            let handler = Arc::clone(&handler);
            Box::pin(async move { handler.handle(step).await })
        })))
    }

    /// A handler that blocks. Each attempt has a thread of its own. A thread cannot be ended from outside: after a timeout the step has
    /// failed, and the thread goes on until the handler returns. [`Step::cancelled`] says so to the handler.
    pub fn blocking(handler: impl BlockingHandler) -> Self {
        Self::of(Kind::Blocking(Arc::new(handler)))
    }

    fn of(kind: Kind) -> Self {
        StepHandler { kind, at_most: None, timeout: None }
    }

    /// So many attempts at the same time in this worker, one at least. Without it the worker's own limit holds alone.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tasker_core::worker::{Step, StepHandler};
    ///
    /// let slow = StepHandler::new(|_: Step| async { Ok(serde_json::json!({})) });
    /// let bounded = slow.at_most(2).timeout(Duration::from_secs(30));
    /// assert_eq!(format!("{bounded:?}"), "StepHandler { blocking: false, at_most: Some(2), timeout: Some(30s) }");
    /// ```
    #[must_use]
    pub fn at_most(mut self, attempts: usize) -> Self {
        self.at_most = Some(attempts.max(1));
        self
    }

    /// An attempt fails that takes longer. Without it that of the worker holds, [`WorkerOptions::timeout`](super::WorkerOptions::timeout).
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }
}

impl fmt::Debug for StepHandler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StepHandler")
            .field("blocking", &matches!(self.kind, Kind::Blocking(_)))
            .field("at_most", &self.at_most)
            .field("timeout", &self.timeout)
            .finish()
    }
}
