//! An operation on its way.

use super::{Answer, Statement};
use crate::coroutine::{Coroutine, CoroutineSession, CoroutineState};
use crate::error::{Error, panic_message};
use crate::session::Rows;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A started operation: asks for rows until its answer is there. It can be dropped at any point.
pub struct HostedCoroutine {
    coroutine: Coroutine<Answer>,
    answer: Option<Answer>,
}

impl From<Coroutine<Answer>> for HostedCoroutine {
    fn from(coroutine: Coroutine<Answer>) -> Self {
        HostedCoroutine { coroutine, answer: None }
    }
}

impl HostedCoroutine {
    /// Starts an operation; see [`start`](super::start) for those of the registry.
    pub fn start<F>(operation: impl FnOnce(CoroutineSession) -> F) -> Self
    where
        F: Future<Output = Result<Answer, Error>> + Send + 'static,
    {
        Coroutine::start(operation).into()
    }

    /// Runs the operation to its next statement, or to its end: then there is none, and [`answer`](Self::answer) has the answer. The first
    /// call brings no rows, every later one the rows of the statement before.
    ///
    /// # Errors
    ///
    /// Those of [`Coroutine::resume`], and [`Error::Panic`]. The coroutine is over after any of them.
    pub fn resume(&mut self, rows: Option<Rows>) -> Result<Option<Statement>, Error> {
        let turn = catch_unwind(AssertUnwindSafe(|| self.coroutine.resume(rows)));
        match turn.unwrap_or_else(|panic| {
            Err(Error::Panic(panic_message(panic.as_ref()).unwrap_or("no message").to_owned()))
        })? {
            CoroutineState::Ask(query) => Ok(Some(Statement::from(query))),
            CoroutineState::Done(answer) => {
                self.answer = Some(answer);
                Ok(None)
            }
        }
    }

    /// The answer, once.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfTurn`] before the operation's end, and the second time.
    pub fn answer(&mut self) -> Result<Answer, Error> {
        let got = "a request for its answer";
        self.answer
            .take()
            .ok_or(Error::OutOfTurn { expected: "a coroutine that is over and was not read yet", got })
    }
}
