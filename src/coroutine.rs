//! Operations for hosts that have no async runtime and run the SQL themselves.
//!
//! [`Conversation::start`] makes an operation a coroutine. Each [`resume`](Conversation::resume) polls it once: either it
//! asks a question ([`Turn::Ask`]), which the host answers in the next call, or it is done ([`Turn::Done`]). There is no
//! thread, no timer and no waker in it, so it can be dropped at any point without a trace: whatever the host's
//! transaction does then is up to the host.
//!
//! ```
//! use tasker_core::coroutine::{Conversation, Hosted, Turn};
//! use tasker_core::ids::TaskId;
//! use tasker_core::operations::levels::dependency_levels;
//! use tasker_core::session::Rows;
//!
//! let mut talk = Conversation::start(|mut session: Hosted| async move {
//!     dependency_levels(&mut session, TaskId(7)).await
//! });
//! let Turn::Ask(question) = talk.resume(None)? else { unreachable!("levels need rows") };
//! println!("{} {:?}", question.sql, question.binds);
//! // A task that does not exist has no rows.
//! assert!(matches!(talk.resume(Some(Rows::default()))?, Turn::Done(levels) if levels.is_empty()));
//! // It is over.
//! assert!(talk.resume(None).is_err());
//! # Ok::<(), tasker_core::Error>(())
//! ```

use crate::error::Error;
use crate::session::{Query, Rows, Session};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

/// What a conversation says when it is its turn.
#[derive(Debug)]
pub enum Turn<T> {
    /// Run this and resume with its rows.
    Ask(Query),
    /// The operation's result.
    Done(T),
}

/// The letterbox between an operation and its host: one question and one answer at the most.
#[derive(Default)]
struct Slot {
    question: Option<Query>,
    answer: Option<Rows>,
}

/// The session of a hosted operation. Asking leaves the question in the slot and suspends until the host has answered.
pub struct Hosted {
    slot: Arc<Mutex<Slot>>,
}

impl Session for Hosted {
    fn rows(&mut self, query: Query) -> impl Future<Output = Result<Rows, Error>> + Send {
        lock(&self.slot).question = Some(query);
        Answer { slot: Arc::clone(&self.slot) }
    }
}

struct Answer {
    slot: Arc<Mutex<Slot>>,
}

impl Future for Answer {
    type Output = Result<Rows, Error>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        match lock(&self.slot).answer.take() {
            Some(rows) => Poll::Ready(Ok(rows)),
            None => Poll::Pending,
        }
    }
}

fn lock(slot: &Mutex<Slot>) -> std::sync::MutexGuard<'_, Slot> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

type Operation<T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send>>;

enum Stage<T> {
    Fresh(Operation<T>),
    Asked(Operation<T>),
    Over,
}

/// An operation whose questions are answered by a host.
pub struct Conversation<T> {
    slot: Arc<Mutex<Slot>>,
    stage: Stage<T>,
}

impl<T> Conversation<T> {
    /// Prepares `operation`. Nothing of it runs before the first [`resume`](Self::resume).
    pub fn start<F>(operation: impl FnOnce(Hosted) -> F) -> Self
    where
        F: Future<Output = Result<T, Error>> + Send + 'static,
    {
        let slot = Arc::new(Mutex::new(Slot::default()));
        let future = operation(Hosted { slot: Arc::clone(&slot) });
        Conversation { slot, stage: Stage::Fresh(Box::pin(future)) }
    }

    /// Runs the operation to its next question or its end. The first call brings no rows, every later one the rows of the
    /// question before.
    ///
    /// # Errors
    ///
    /// Those of the operation, and [`Error::OutOfTurn`] if rows come before a question, are missing after one, or the
    /// operation is over. The conversation is over after any error.
    pub fn resume(&mut self, answer: Option<Rows>) -> Result<Turn<T>, Error> {
        let mut operation = match (std::mem::replace(&mut self.stage, Stage::Over), &answer) {
            (Stage::Fresh(operation), None) | (Stage::Asked(operation), Some(_)) => operation,
            (Stage::Fresh(_), Some(_)) => {
                return Err(out_of_turn("no rows before the first question", "rows"));
            }
            (Stage::Asked(_), None) => return Err(out_of_turn("the rows of the last question", "none")),
            (Stage::Over, _) => return Err(out_of_turn("nothing, it is over", "another resume")),
        };
        lock(&self.slot).answer = answer;
        match operation.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => result.map(Turn::Done),
            Poll::Pending => {
                let question = lock(&self.slot).question.take();
                let question = question.ok_or_else(|| {
                    out_of_turn(
                        "an operation that waits for its session only",
                        "one that waits for something else",
                    )
                })?;
                self.stage = Stage::Asked(operation);
                Ok(Turn::Ask(question))
            }
        }
    }
}

fn out_of_turn(expected: &'static str, got: &'static str) -> Error {
    Error::OutOfTurn { expected, got }
}
