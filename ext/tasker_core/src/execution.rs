//! Conversations that find a task's definition, make its steps and write how a step's attempt, or a task, has ended.

use crate::answer::Answer;
use crate::boundary::guarded;
use crate::conversation::{Started, started};
use crate::template;
use magnus::{Error, Object, RArray, RClass, Ruby, function};
use tasker_core::ids::{StepId, TaskId, TransitionId};
use tasker_core::operations::execution::{Attempt, Changes, Ending};
use tasker_core::operations::{definitions, execution, sequence};
use tasker_core::time::Timestamp;

/// `tables` are those whose row triggers are wanted.
fn named_task(
    ruby: &Ruby,
    seam: String,
    namespace: String,
    name: String,
    version: String,
    tables: Vec<String>,
) -> Started {
    guarded(ruby, || {
        started!(
            seam,
            |session| {
                definitions::named_task_with_triggers(session, &namespace, &name, &version, &tables)
            },
            |found| Answer::NamedTask(found.map(Box::new))
        )
    })
}

fn established_steps(ruby: &Ruby, seam: String, task: i64, templates: RArray) -> Started {
    guarded(ruby, || {
        let templates = template::from_ruby(templates)?;
        started!(
            seam,
            |session| sequence::established_steps(session, TaskId(task), &templates),
            Answer::Established
        )
    })
}

/// `made` is `[inputs, microseconds of the creation, whether to tell what a survey would]`.
fn create_steps(ruby: &Ruby, seam: String, task: i64, templates: RArray, made: RArray) -> Started {
    guarded(ruby, || {
        let templates = template::from_ruby(templates)?;
        let (inputs, at, tell): (String, i64, bool) = (made.entry(0)?, made.entry(1)?, made.entry(2)?);
        started!(
            seam,
            |session| sequence::create_steps(session, TaskId(task), &templates, &inputs, Timestamp(at)),
            |created| {
                Answer::Created(created.map(|created| {
                    let survey = tell.then(|| Box::new(created.survey()));
                    (created.steps, survey)
                }))
            }
        )
    })
}

/// `ended` is `[success, attempts, microseconds of the attempt, [processed, in_process, microseconds processed at], results, microseconds,
/// distinct_to, claim]`; of the columns in the middle nil stays as it is, results are `[JSON or nil]` if they change, then comes the step up
/// to which those of the task are known to have names of their own, or nil, and the transition with which the attempt began, or nil.
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
            distinct_to: ended.entry::<Option<i64>>(6)?.map(StepId),
            claim: ended.entry::<Option<i64>>(7)?.map(TransitionId),
        };
        started!(seam, |session| execution::finish(session, &attempt), Answer::Finished)
    })
}

fn finish_task(ruby: &Ruby, seam: String, task: i64, claim: Option<i64>, at: i64) -> Started {
    guarded(ruby, || {
        started!(
            seam,
            |session| execution::finish_task(session, TaskId(task), claim.map(TransitionId), Timestamp(at)),
            Answer::Finished
        )
    })
}

pub(crate) fn init(class: RClass) -> Result<(), Error> {
    class.define_singleton_method("named_task", function!(named_task, 5))?;
    class.define_singleton_method("established_steps", function!(established_steps, 3))?;
    class.define_singleton_method("create_steps", function!(create_steps, 4))?;
    class.define_singleton_method("finish_step", function!(finish_step, 3))?;
    class.define_singleton_method("finish_task", function!(finish_task, 4))
}
