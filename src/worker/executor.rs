//! One attempt at a step, with its limits.

use super::connections::Connections;
use super::handler::{BlockingHandler, HandlerResult, Kind, StepHandler};
use super::options::WorkerOptions;
use super::registry::Registry;
use super::step::Step;
use super::telemetry;
use crate::config::Config;
use crate::error::panic_message;
use crate::operations::task_kinds::TaskKind;
use crate::run::{StepExecution, StepFailure};
use std::any::Any;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use tracing::{Instrument, Span};

/// Handlers with their limits.
pub(super) struct Executor {
    kinds: Vec<(TaskKind, HashMap<Box<str>, Entry>)>,
    attempts: Arc<Semaphore>,
    timeout: Duration,
    connections: Connections,
    /// Cancelled when attempts are no longer waited for.
    given_up: CancellationToken,
}

struct Entry {
    handler: StepHandler,
    attempts: Option<Arc<Semaphore>>,
}

impl Executor {
    pub(super) fn new(
        registry: &Registry,
        options: &WorkerOptions,
        connections: Connections,
        given_up: CancellationToken,
    ) -> Self {
        let entry = |handler: &StepHandler| Entry {
            handler: handler.clone(),
            attempts: handler.at_most.map(|most| Arc::new(Semaphore::new(most))),
        };
        let kinds = registry.sets().iter().map(|set| {
            let handlers = set.handlers().map(|(name, handler)| (name.as_str().into(), entry(handler)));
            (set.kind().clone(), handlers.collect())
        });
        Executor {
            kinds: kinds.collect(),
            attempts: Arc::new(Semaphore::new(options.attempts)),
            timeout: options.timeout,
            connections,
            given_up,
        }
    }

    pub(super) fn kind(&self, place: usize) -> &TaskKind {
        &self.kinds[place].0
    }

    /// Executes a step of a task of the kind at that place.
    pub(super) async fn execute(
        &self,
        place: usize,
        execution: StepExecution,
        config: Arc<Config>,
    ) -> HandlerResult {
        let (kind, handlers) = &self.kinds[place];
        let name = execution.name.clone();
        let Some(entry) = handlers.get(&name) else {
            let error = format!(
                "expected a handler for step {name:?} of {kind}, got none: a step was renamed meanwhile"
            );
            return Err(failure("unknown step", error));
        };
        let span = telemetry::step_span(&execution);
        let claimed = Instant::now();
        let Some(permits) = self.permits(entry).await else { return Err(stopped()) };
        telemetry::waited(kind, &name, claimed.elapsed());
        let began = Instant::now();
        let result = self.attempt(entry, execution, config, &span).await;
        telemetry::attempted(&span, kind, &name, began.elapsed(), result.as_ref().err());
        drop(permits);
        result
    }

    /// The handler's own permit before the worker's, so that steps that wait for a busy handler keep no other waiting. `None` where the worker
    /// gives up.
    async fn permits(&self, entry: &Entry) -> Option<[Option<OwnedSemaphorePermit>; 2]> {
        let acquire = async {
            let of_handler = match &entry.attempts {
                Some(permits) => Arc::clone(permits).acquire_owned().await.ok(),
                None => None,
            };
            [of_handler, Arc::clone(&self.attempts).acquire_owned().await.ok()]
        };
        tokio::select! {
            biased;
            () = self.given_up.cancelled() => None,
            permits = acquire => Some(permits),
        }
    }

    async fn attempt(
        &self,
        entry: &Entry,
        execution: StepExecution,
        config: Arc<Config>,
        span: &Span,
    ) -> HandlerResult {
        let cancelled = self.given_up.child_token();
        // However the attempt ends, its handler need not go on.
        let _cancel = cancelled.clone().drop_guard();
        let limit = entry.handler.timeout.unwrap_or(self.timeout);
        let name = execution.name.clone();
        let step = Step::new(execution, config, cancelled, self.connections.clone());
        let handled = async {
            match &entry.handler.kind {
                Kind::Async(handler) => {
                    let attempt = handler(step).instrument(span.clone());
                    // On a task of its own, so that what computes for long delays no statement of the run.
                    match AbortOnDropHandle::new(tokio::spawn(attempt)).await {
                        Ok(result) => result,
                        Err(error) => Err(match error.try_into_panic() {
                            Ok(panic) => panicked(&*panic),
                            Err(error) => failure("cancelled", error.to_string()),
                        }),
                    }
                }
                Kind::Blocking(handler) => on_own_thread(Arc::clone(handler), step, span.clone()).await,
            }
        };
        tokio::select! {
            biased;
            result = handled => result,
            () = self.given_up.cancelled() => Err(stopped()),
            () = tokio::time::sleep(limit) => {
                let error = format!("expected an end of the handler of step {name:?} within {limit:?}, got none");
                Err(failure("timeout", error))
            }
        }
    }
}

async fn on_own_thread(handler: Arc<dyn BlockingHandler>, step: Step, span: Span) -> HandlerResult {
    let (sender, receiver) = oneshot::channel();
    let thread = std::thread::Builder::new().name(format!("step {}", step.id));
    let spawned = thread.spawn(move || {
        let handled = span.in_scope(|| catch_unwind(AssertUnwindSafe(|| handler.handle(step))));
        // After a timeout no caller waits.
        let _ = sender.send(handled.unwrap_or_else(|panic| Err(panicked(&*panic))));
    });
    if let Err(error) = spawned {
        return Err(failure("no thread", format!("a thread for the handler could not be made: {error}")));
    }
    receiver.await.unwrap_or_else(|_| Err(failure("no answer", "the thread of the handler is gone")))
}

fn failure(class: &str, error: impl ToString) -> StepFailure {
    StepFailure { error_class: class.to_owned(), ..StepFailure::new(error) }
}

fn panicked(panic: &(dyn Any + Send)) -> StepFailure {
    let text = panic_message(panic).unwrap_or("without a message");
    failure("panic", format!("the handler has panicked: {text}"))
}

fn stopped() -> StepFailure {
    failure("stopped", "the worker was stopped, and the handler did not end in time")
}
