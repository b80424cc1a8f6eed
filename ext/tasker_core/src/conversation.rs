//! `TaskerCore::Native::Conversation`: an operation whose questions Ruby answers.

use crate::answer::Answer;
use crate::boundary::{error, guarded, raise};
use crate::{analysis, analytics, counts, drawing, execution, graph, questions, recovery, rows, transitions};
use magnus::{Class, Error, Module, RArray, RModule, Ruby, Value, method};
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};
use tasker_core::conversation::{Conversation, Turn};
use tasker_core::ids::{StepId, TaskId};
use tasker_core::session::{Query, Rows};

#[magnus::wrap(class = "TaskerCore::Native::Conversation", free_immediately, size)]
pub(crate) struct RubyConversation(Arc<Mutex<Talk>>);

pub(crate) struct Talk {
    /// The backed method on whose behalf it is, such as `WorkflowStep.get_viable_steps`.
    seam: String,
    conversation: Conversation<Answer>,
    answer: Option<Answer>,
    /// The question that waits for its rows.
    #[cfg(feature = "pool")]
    pub(crate) asked: Option<Query>,
}

impl Talk {
    /// Runs the operation to its next question, or to its end: then the answer is there. With or without Ruby's lock.
    pub(crate) fn advance(&mut self, rows: Option<Rows>) -> Result<Option<Query>, tasker_core::Error> {
        match self.conversation.resume(rows)? {
            Turn::Ask(query) => {
                #[cfg(feature = "pool")]
                self.asked.replace(query.clone());
                Ok(Some(query))
            }
            Turn::Done(answer) => {
                self.answer = Some(answer);
                Ok(None)
            }
        }
    }
}

pub(crate) type Started = Result<RubyConversation, Error>;

/// Makes an operation a conversation: `started!(seam, |session| operation(session, …), Answer::Variant)`.
macro_rules! started {
    ($seam:expr, |$session:ident| $operation:expr, $answer:expr) => {
        Ok($crate::conversation::RubyConversation::start(
            $seam,
            tasker_core::conversation::Conversation::start(move |mut hosted| async move {
                let $session = &mut hosted;
                $operation.await.map($answer)
            }),
        ))
    };
}

pub(crate) use started;

pub(crate) fn steps(ids: Option<Vec<i64>>) -> Option<Vec<StepId>> {
    ids.map(|ids| ids.into_iter().map(StepId).collect())
}

pub(crate) fn task_ids(ids: Vec<i64>) -> Vec<TaskId> {
    ids.into_iter().map(TaskId).collect()
}

impl RubyConversation {
    pub(crate) fn start(seam: String, conversation: Conversation<Answer>) -> Self {
        let talk = Talk {
            seam,
            conversation,
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

fn take_answer(ruby: &Ruby, this: &RubyConversation) -> Result<Answer, Error> {
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

pub(crate) fn init(ruby: &Ruby, native: RModule) -> Result<(), Error> {
    let class = native.define_class("Conversation", ruby.class_object())?;
    class.undef_default_alloc_func();
    questions::init(class)?;
    transitions::init(class)?;
    execution::init(class)?;
    analysis::init(ruby, native, class)?;
    analytics::init(class)?;
    drawing::init(ruby, native, class)?;
    graph::init(class)?;
    recovery::init(native, class)?;
    class.define_method("resume", method!(RubyConversation::resume, 1))?;
    class.define_method("answer", method!(RubyConversation::answer, 0))
}
