//! Operations for hosts that have no async runtime and run the SQL themselves.
//!
//! [`Coroutine::start`] makes an operation a coroutine. Each [`resume`](Coroutine::resume) polls it once: it either
//! yields a statement ([`CoroutineState::Ask`]), whose rows the host passes to the next call, or is done ([`CoroutineState::Done`]). It has no
//! thread, timer or waker, so it can be dropped at any point; the host decides about its
//! transaction.
//!
//! ```
//! use tasker_core::coroutine::{Coroutine, CoroutineSession, CoroutineState};
//! use tasker_core::ids::TaskId;
//! use tasker_core::operations::levels::dependency_levels;
//! use tasker_core::session::Rows;
//!
//! let mut coroutine = Coroutine::start(|mut session: CoroutineSession| async move {
//!     dependency_levels(&mut session, TaskId(7)).await
//! });
//! let CoroutineState::Ask(question) = coroutine.resume(None)? else { unreachable!("levels need rows") };
//! println!("{} {:?}", question.sql, question.binds);
//! // A task that does not exist has no rows.
//! assert!(matches!(coroutine.resume(Some(Rows::default()))?, CoroutineState::Done(levels) if levels.is_empty()));
//! // It is over.
//! assert!(coroutine.resume(None).is_err());
//! # Ok::<(), tasker_core::Error>(())
//! ```

use crate::error::Error;
use crate::session::{Query, Rows, Session};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

/// The state of a coroutine after it was resumed.
#[derive(Debug)]
pub enum CoroutineState<T> {
    /// Run this and resume with its rows.
    Ask(Query),
    /// The operation's result.
    Done(T),
}

/// Passes at most one statement from an operation to its host, and its rows back.
#[derive(Default)]
struct Mailbox {
    question: Option<Query>,
    answer: Option<Rows>,
}

/// The session of an operation in a coroutine. A request leaves the statement in the mailbox and suspends until the host has the rows.
pub struct CoroutineSession {
    mailbox: Arc<Mutex<Mailbox>>,
}

impl Session for CoroutineSession {
    fn rows(&mut self, query: Query) -> impl Future<Output = Result<Rows, Error>> + Send {
        lock(&self.mailbox).question = Some(query);
        Answer { mailbox: Arc::clone(&self.mailbox) }
    }
}

struct Answer {
    mailbox: Arc<Mutex<Mailbox>>,
}

impl Future for Answer {
    type Output = Result<Rows, Error>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        match lock(&self.mailbox).answer.take() {
            Some(rows) => Poll::Ready(Ok(rows)),
            None => Poll::Pending,
        }
    }
}

fn lock(mailbox: &Mutex<Mailbox>) -> std::sync::MutexGuard<'_, Mailbox> {
    mailbox.lock().unwrap_or_else(PoisonError::into_inner)
}

type Operation<T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send>>;

enum Stage<T> {
    Fresh(Operation<T>),
    Asked(Operation<T>),
    Over,
}

/// An operation whose statements a host executes.
pub struct Coroutine<T> {
    mailbox: Arc<Mutex<Mailbox>>,
    stage: Stage<T>,
}

impl<T> Coroutine<T> {
    /// Prepares `operation`. Nothing of it runs before the first [`resume`](Self::resume).
    pub fn start<F>(operation: impl FnOnce(CoroutineSession) -> F) -> Self
    where
        F: Future<Output = Result<T, Error>> + Send + 'static,
    {
        let mailbox = Arc::new(Mutex::new(Mailbox::default()));
        let future = operation(CoroutineSession { mailbox: Arc::clone(&mailbox) });
        Coroutine { mailbox, stage: Stage::Fresh(Box::pin(future)) }
    }

    /// Runs the operation to its next statement or its end. The first call has no rows, every later one the rows of the
    /// previous statement.
    ///
    /// # Errors
    ///
    /// Those of the operation, and [`Error::OutOfTurn`] if rows come before a statement, are missing after one, or the
    /// operation is over. The coroutine is over after any error.
    pub fn resume(&mut self, answer: Option<Rows>) -> Result<CoroutineState<T>, Error> {
        let mut operation = match (std::mem::replace(&mut self.stage, Stage::Over), &answer) {
            (Stage::Fresh(operation), None) | (Stage::Asked(operation), Some(_)) => operation,
            (Stage::Fresh(_), Some(_)) => {
                return Err(out_of_turn("no rows before the first question", "rows"));
            }
            (Stage::Asked(_), None) => return Err(out_of_turn("the rows of the last question", "none")),
            (Stage::Over, _) => return Err(out_of_turn("nothing, it is over", "another resume")),
        };
        lock(&self.mailbox).answer = answer;
        match operation.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => result.map(CoroutineState::Done),
            Poll::Pending => {
                let question = lock(&self.mailbox).question.take();
                let question = question.ok_or_else(|| {
                    out_of_turn(
                        "an operation that waits for its session only",
                        "one that waits for something else",
                    )
                })?;
                self.stage = Stage::Asked(operation);
                Ok(CoroutineState::Ask(question))
            }
        }
    }
}

fn out_of_turn(expected: &'static str, got: &'static str) -> Error {
    Error::OutOfTurn { expected, got }
}
