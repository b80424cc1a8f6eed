//! `TaskerCore::Native::Conversation`: an operation whose questions Ruby answers.

use crate::answer::Answer;
use crate::boundary::{error, guarded, raise};
use crate::machine::owner;
use crate::{analysis, analytics, counts, graph, rows, template};
use magnus::{Class, Error, Module, Object, RArray, RModule, Ruby, Value, function, method};
use std::sync::{Arc, Mutex};
use tasker_core::conversation::{Conversation, Turn};
use tasker_core::ids::{StepId, TaskId};
use tasker_core::operations::execution::{Attempt, Changes, Ending};
use tasker_core::operations::survey::Known;
use tasker_core::operations::transition::{Request, Subject};
use tasker_core::operations::{
    context, execution, levels, readiness, sequence, statistics, survey, transition,
};
use tasker_core::session::{Query, Rows};
use tasker_core::state::State;
use tasker_core::time::Timestamp;

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
    /// Runs the operation to its next question, or to its end: then the answer is there, and counted.
    pub(crate) fn advance(&mut self, rows: Option<Rows>) -> Result<Option<Query>, tasker_core::Error> {
        match self.conversation.resume(rows)? {
            Turn::Ask(query) => {
                #[cfg(feature = "pool")]
                self.asked.replace(query.clone());
                Ok(Some(query))
            }
            Turn::Done(answer) => {
                counts::count(&self.seam);
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

fn step_readiness(ruby: &Ruby, seam: String, task: i64, chosen: Option<Vec<i64>>) -> Started {
    guarded(ruby, || {
        let chosen = steps(chosen);
        started!(
            seam,
            |session| readiness::step_readiness(session, TaskId(task), chosen.as_deref()),
            Answer::Readiness
        )
    })
}

fn step_readiness_of_tasks(ruby: &Ruby, seam: String, tasks: Vec<i64>) -> Started {
    guarded(ruby, || {
        let tasks = task_ids(tasks);
        started!(seam, |session| readiness::step_readiness_of_tasks(session, &tasks), Answer::Readiness)
    })
}

fn viable_steps(ruby: &Ruby, seam: String, task: i64, chosen: Vec<i64>) -> Started {
    guarded(ruby, || {
        let chosen: Vec<StepId> = chosen.into_iter().map(StepId).collect();
        started!(seam, |session| readiness::viable_steps(session, TaskId(task), &chosen), Answer::Viable)
    })
}

fn next_wait(ruby: &Ruby, seam: String, task: i64) -> Started {
    guarded(ruby, || started!(seam, |session| readiness::next_wait(session, TaskId(task)), Answer::Wait))
}

fn task_execution_contexts(ruby: &Ruby, seam: String, tasks: Vec<i64>) -> Started {
    guarded(ruby, || {
        let tasks = task_ids(tasks);
        started!(seam, |session| context::task_execution_contexts(session, &tasks), Answer::Contexts)
    })
}

fn task_condition(ruby: &Ruby, seam: String, task: i64) -> Started {
    guarded(ruby, || {
        started!(seam, |session| context::task_condition(session, TaskId(task)), Answer::Condition)
    })
}

fn dependency_levels(ruby: &Ruby, seam: String, task: i64) -> Started {
    guarded(ruby, || {
        started!(seam, |session| levels::dependency_levels(session, TaskId(task)), Answer::Levels)
    })
}

fn current_state(ruby: &Ruby, seam: String, kind: String, id: i64) -> Started {
    guarded(ruby, || {
        let subject = Subject { owner: owner(ruby, &kind)?, id };
        started!(seam, |session| transition::current_state(session, subject), Answer::State)
    })
}

fn check_transition(
    ruby: &Ruby,
    seam: String,
    kind: String,
    id: i64,
    to: String,
    parents: Option<Vec<i64>>,
) -> Started {
    guarded(ruby, || {
        let subject = Subject { owner: owner(ruby, &kind)?, id };
        let (to, parents) = (State::from(to), steps(parents));
        started!(seam, |session| transition::check(session, subject, &to, parents.as_deref()), Answer::Check)
    })
}

fn allowed_transitions(
    ruby: &Ruby,
    seam: String,
    kind: String,
    id: i64,
    parents: Option<Vec<i64>>,
) -> Started {
    guarded(ruby, || {
        let subject = Subject { owner: owner(ruby, &kind)?, id };
        let parents = steps(parents);
        started!(
            seam,
            |session| transition::allowed_transitions(session, subject, parents.as_deref()),
            Answer::Allowed
        )
    })
}

/// `wanted` is `[to, from or nil, metadata as JSON, microseconds, parent ids or nil]`.
fn transition_to(ruby: &Ruby, seam: String, kind: String, id: i64, wanted: RArray) -> Started {
    guarded(ruby, || {
        let (to, from, metadata, at, parents): (String, Option<String>, String, i64, Option<Vec<i64>>) =
            (wanted.entry(0)?, wanted.entry(1)?, wanted.entry(2)?, wanted.entry(3)?, wanted.entry(4)?);
        let request = Request {
            subject: Subject { owner: owner(ruby, &kind)?, id },
            to: State::from(to),
            from: from.map(State::from),
            metadata: metadata.into_boxed_str(),
            at: Timestamp(at),
            parents: steps(parents),
        };
        started!(seam, |session| transition::transition(session, &request), Answer::Outcome)
    })
}

fn established_steps(ruby: &Ruby, seam: String, task: i64, templates: RArray) -> Started {
    guarded(ruby, || {
        let templates = template::from_ruby(templates)?;
        started!(
            seam,
            |session| sequence::established_steps(session, TaskId(task), &templates),
            Answer::Sequence
        )
    })
}

fn create_steps(ruby: &Ruby, seam: String, task: i64, templates: RArray, inputs: String, at: i64) -> Started {
    guarded(ruby, || {
        let templates = template::from_ruby(templates)?;
        started!(
            seam,
            |session| sequence::create_steps(session, TaskId(task), &templates, &inputs, Timestamp(at)),
            Answer::Sequence
        )
    })
}

/// `ended` is `[success, attempts, microseconds of the attempt, [processed, in_process, microseconds processed at], results, microseconds]`;
/// of the columns in the middle nil stays as it is, and results are `[JSON or nil]` if they change.
fn finish_step(ruby: &Ruby, seam: String, step: i64, ended: RArray) -> Started {
    guarded(ruby, || {
        let succeeded: bool = ended.entry(0)?;
        let (processed, in_process, processed_at): (Option<bool>, Option<bool>, Option<i64>) =
            ended.entry(3)?;
        let results: Option<(Option<String>,)> = ended.entry(4)?;
        let attempt = Attempt {
            step: StepId(step),
            ending: if succeeded { Ending::Complete } else { Ending::Error },
            attempts: ended.entry(1)?,
            last_attempted_at: Timestamp(ended.entry(2)?),
            changes: Changes {
                processed,
                in_process,
                processed_at: processed_at.map(Timestamp),
                results: results.map(|(json,)| json.map(String::into_boxed_str)),
            },
            at: Timestamp(ended.entry(5)?),
        };
        started!(seam, |session| execution::finish(session, &attempt), Answer::Finished)
    })
}

fn finish_task(ruby: &Ruby, seam: String, task: i64, at: i64) -> Started {
    guarded(ruby, || {
        started!(
            seam,
            |session| execution::finish_task(session, TaskId(task), Timestamp(at)),
            Answer::Finished
        )
    })
}

fn completion_statistics(ruby: &Ruby, seam: String, task: i64) -> Started {
    guarded(ruby, || {
        started!(seam, |session| statistics::completion_statistics(session, TaskId(task)), Answer::Statistics)
    })
}

/// `known` is `[version of the task's row or nil, [steps], [versions of their rows]]`.
fn task_survey(ruby: &Ruby, seam: String, task: i64, chosen: Option<Vec<i64>>, known: RArray) -> Started {
    guarded(ruby, || {
        let (version, ids, versions): (Option<String>, Vec<i64>, Vec<String>) =
            (known.entry(0)?, known.entry(1)?, known.entry(2)?);
        let known = Known {
            task: version.map(String::into_boxed_str),
            steps: ids
                .into_iter()
                .map(StepId)
                .zip(versions.into_iter().map(String::into_boxed_str))
                .collect(),
        };
        let chosen = steps(chosen);
        started!(seam, |session| survey::survey(session, TaskId(task), chosen.as_deref(), &known), |survey| {
            Answer::Survey(survey.map(Box::new))
        })
    })
}

fn system_load(ruby: &Ruby, seam: String) -> Started {
    guarded(ruby, || started!(seam, |session| statistics::system_load(session), Answer::Load))
}

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

    /// The answer, once.
    fn answer(ruby: &Ruby, this: &Self) -> Result<Value, Error> {
        guarded(ruby, || {
            let answer = this.0.try_lock().map_err(|_| busy(ruby))?.answer.take();
            match answer {
                Some(answer) => answer.into_ruby(ruby),
                None => Err(error(
                    ruby,
                    "ConversationError",
                    "no answer: expected a conversation that is over and not read yet".to_owned(),
                )),
            }
        })
    }
}

fn advance(ruby: &Ruby, this: &RubyConversation, rows: Option<Rows>) -> Result<Option<Query>, Error> {
    let mut talk = this.0.try_lock().map_err(|_| busy(ruby))?;
    talk.advance(rows).map_err(|error| raise(ruby, &error))
}

fn busy(ruby: &Ruby) -> Error {
    let message = "a conversation belongs to one caller: expected no other call on it, got two at once";
    error(ruby, "ConversationError", message.to_owned())
}

pub(crate) fn init(ruby: &Ruby, native: RModule) -> Result<(), Error> {
    let class = native.define_class("Conversation", ruby.class_object())?;
    class.undef_default_alloc_func();
    class.define_singleton_method("step_readiness", function!(step_readiness, 3))?;
    class.define_singleton_method("step_readiness_of_tasks", function!(step_readiness_of_tasks, 2))?;
    class.define_singleton_method("viable_steps", function!(viable_steps, 3))?;
    class.define_singleton_method("next_wait", function!(next_wait, 2))?;
    class.define_singleton_method("task_execution_contexts", function!(task_execution_contexts, 2))?;
    class.define_singleton_method("task_condition", function!(task_condition, 2))?;
    class.define_singleton_method("dependency_levels", function!(dependency_levels, 2))?;
    class.define_singleton_method("current_state", function!(current_state, 3))?;
    class.define_singleton_method("check_transition", function!(check_transition, 5))?;
    class.define_singleton_method("allowed_transitions", function!(allowed_transitions, 4))?;
    class.define_singleton_method("transition_to", function!(transition_to, 4))?;
    class.define_singleton_method("established_steps", function!(established_steps, 3))?;
    class.define_singleton_method("create_steps", function!(create_steps, 5))?;
    class.define_singleton_method("finish_step", function!(finish_step, 3))?;
    class.define_singleton_method("finish_task", function!(finish_task, 3))?;
    class.define_singleton_method("completion_statistics", function!(completion_statistics, 2))?;
    class.define_singleton_method("task_survey", function!(task_survey, 4))?;
    class.define_singleton_method("system_load", function!(system_load, 1))?;
    analysis::init(ruby, native, class)?;
    analytics::init(class)?;
    graph::init(class)?;
    class.define_method("resume", method!(RubyConversation::resume, 1))?;
    class.define_method("answer", method!(RubyConversation::answer, 0))
}
