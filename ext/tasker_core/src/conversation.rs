//! `TaskerCore::Native::Conversation`: an operation whose questions Ruby answers.
//!
//! No operation is named here: whatever can [become a Ruby value](Answer) is an answer of one.

use crate::boundary::{error, guarded, raise};
use crate::values::{self, Form};
use crate::{counts, rows};
use magnus::{Class, Error, Module, RArray, RClass, RModule, Ruby, Value, method};
use serde::Serialize;
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};
use tasker_core::coroutine::{Coroutine, CoroutineState};
use tasker_core::session::{Query, Rows};

/// An answer of the core, which may be read on a thread without Ruby's lock, and becomes a Ruby value on one with it.
pub(crate) trait Answer: Send {
    fn into_ruby(self: Box<Self>, ruby: &Ruby) -> Result<Value, Error>;
}

struct Values<T>(T, Form);

impl<T: Serialize + Send> Answer for Values<T> {
    fn into_ruby(self: Box<Self>, ruby: &Ruby) -> Result<Value, Error> {
        values::into_ruby(ruby, self.1, &self.0)
    }
}

/// An answer of plain Ruby values.
pub(crate) fn values(answer: impl Serialize + Send + 'static, form: Form) -> Box<dyn Answer> {
    Box::new(Values(answer, form))
}

/// An answer of plain Ruby values in order.
pub(crate) fn in_order(answer: impl Serialize + Send + 'static) -> Box<dyn Answer> {
    values(answer, Form::Positional)
}

#[magnus::wrap(class = "TaskerCore::Native::Conversation", free_immediately, size)]
pub(crate) struct RubyConversation(Arc<Mutex<Talk>>);

pub(crate) struct Talk {
    /// The backed method on whose behalf it is, such as `WorkflowStep.get_viable_steps`.
    seam: String,
    operation: Coroutine<Box<dyn Answer>>,
    answer: Option<Box<dyn Answer>>,
    /// The question that waits for its rows.
    #[cfg(feature = "pool")]
    pub(crate) asked: Option<Query>,
}

impl Talk {
    /// Runs the operation to its next question, or to its end: then the answer is there. With or without Ruby's lock.
    pub(crate) fn advance(&mut self, rows: Option<Rows>) -> Result<Option<Query>, tasker_core::Error> {
        match self.operation.resume(rows)? {
            CoroutineState::Ask(query) => {
                #[cfg(feature = "pool")]
                self.asked.replace(query.clone());
                Ok(Some(query))
            }
            CoroutineState::Done(answer) => {
                self.answer = Some(answer);
                Ok(None)
            }
        }
    }
}

pub(crate) type Started = Result<RubyConversation, Error>;

/// Makes a future a conversation: `started!(seam, |session| operation(session, …), answer)`, where `answer` makes its value an [`Answer`].
macro_rules! started {
    ($seam:expr, |$session:ident| $operation:expr, $answer:expr) => {
        Ok($crate::conversation::RubyConversation::start(
            $seam,
            tasker_core::coroutine::Coroutine::start(move |mut hosted| async move {
                let $session = &mut hosted;
                $operation.await.map($answer)
            }),
        ))
    };
}

pub(crate) use started;

impl RubyConversation {
    pub(crate) fn start(seam: String, operation: Coroutine<Box<dyn Answer>>) -> Self {
        let talk = Talk {
            seam,
            operation,
            answer: None,
            #[cfg(feature = "pool")]
            asked: None,
        };
        RubyConversation(Arc::new(Mutex::new(talk)))
    }

    /// For whoever holds the conversation without Ruby.
    #[cfg(feature = "pool")]
    pub(crate) fn talk(&self) -> Arc<Mutex<Talk>> {
        Arc::clone(&self.0)
    }

    /// `resume(rows or nil)`: the next question as `[name, sql, binds, writes]`, or nil when `answer` is there.
    fn resume(ruby: &Ruby, this: &Self, answered: Option<RArray>) -> Result<Option<RArray>, Error> {
        guarded(ruby, || {
            let rows = answered.map(|answered| rows::from_ruby(ruby, answered)).transpose()?;
            let question = advance(ruby, this, rows)?;
            // Ruby values are made with the lock released: making one may end in a longjmp.
            question.map(|question| rows::question(ruby, question)).transpose()
        })
    }

    /// The answer, once; it is counted here, where Ruby's lock is held.
    fn answer(ruby: &Ruby, this: &Self) -> Result<Value, Error> {
        guarded(ruby, || {
            // Ruby values are made with the lock released: making one may end in a longjmp.
            let answer = take_answer(ruby, this)?;
            answer.into_ruby(ruby)
        })
    }
}

fn advance(ruby: &Ruby, this: &RubyConversation, rows: Option<Rows>) -> Result<Option<Query>, Error> {
    talk(ruby, this)?.advance(rows).map_err(|error| raise(ruby, &error))
}

fn take_answer(ruby: &Ruby, this: &RubyConversation) -> Result<Box<dyn Answer>, Error> {
    let mut talk = talk(ruby, this)?;
    let answer = talk.answer.take().ok_or_else(|| {
        let message = "no answer: expected a conversation that is over and not read yet";
        error(ruby, "ConversationError", message.to_owned())
    })?;
    counts::count(&talk.seam);
    Ok(answer)
}

/// A panic leaves a conversation that is over, and that says so itself.
fn talk<'a>(ruby: &Ruby, this: &'a RubyConversation) -> Result<MutexGuard<'a, Talk>, Error> {
    match this.0.try_lock() {
        Ok(talk) => Ok(talk),
        Err(TryLockError::Poisoned(talk)) => Ok(talk.into_inner()),
        Err(TryLockError::WouldBlock) => Err(busy(ruby)),
    }
}

fn busy(ruby: &Ruby) -> Error {
    let message = "a conversation belongs to one caller: expected no other call on it, got two at once";
    error(ruby, "ConversationError", message.to_owned())
}

/// Its class, without the functions that start one.
pub(crate) fn init(ruby: &Ruby, native: RModule) -> Result<RClass, Error> {
    let class = native.define_class("Conversation", ruby.class_object())?;
    class.undef_default_alloc_func();
    class.define_method("resume", method!(RubyConversation::resume, 1))?;
    class.define_method("answer", method!(RubyConversation::answer, 0))?;
    Ok(class)
}
