//! Conversations about the whole system.

use crate::answer::Answer;
use crate::boundary::guarded;
use crate::conversation::{Started, started};
use magnus::{Error, IntoValue, Object, RArray, RClass, Ruby, Value, function};
use tasker_core::metrics::{Activity, Rates};
use tasker_core::operations::slowest::{Choice, SlowStep, SlowTask};
use tasker_core::operations::{analytics, slowest};
use tasker_core::time::Timestamp;

fn analytics_metrics(ruby: &Ruby, seam: String, since: Option<i64>) -> Started {
    guarded(ruby, || {
        let since = since.map(Timestamp);
        started!(seam, |session| analytics::activity(session, since), Answer::Activity)
    })
}

fn slowest_steps(ruby: &Ruby, seam: String, choice: RArray) -> Started {
    guarded(ruby, || {
        let choice = chosen(choice)?;
        started!(seam, |session| slowest::slowest_steps(session, &choice), Answer::SlowSteps)
    })
}

fn slowest_tasks(ruby: &Ruby, seam: String, choice: RArray) -> Started {
    guarded(ruby, || {
        let choice = chosen(choice)?;
        started!(seam, |session| slowest::slowest_tasks(session, &choice), Answer::SlowTasks)
    })
}

/// `choice` is `[microseconds, limit, namespace, task name, version]`, each of which may be nil.
fn chosen(choice: RArray) -> Result<Choice, Error> {
    let text =
        |index: isize| Ok::<_, Error>(choice.entry::<Option<String>>(index)?.map(String::into_boxed_str));
    Ok(Choice {
        since: choice.entry::<Option<i64>>(0)?.map(Timestamp),
        limit: choice.entry(1)?,
        namespace: text(2)?,
        task_name: text(3)?,
        version: text(4)?,
    })
}

pub(crate) fn init(class: RClass) -> Result<(), Error> {
    class.define_singleton_method("analytics_metrics", function!(analytics_metrics, 2))?;
    class.define_singleton_method("slowest_steps", function!(slowest_steps, 2))?;
    class.define_singleton_method("slowest_tasks", function!(slowest_tasks, 2))
}

/// The engine's columns but the last, which is the same for all; instants in microseconds.
pub(crate) fn slow_step(ruby: &Ruby, slow: &SlowStep) -> Result<RArray, Error> {
    let row = ruby.ary_new_capa(11);
    row.push(slow.step.0)?;
    row.push(slow.task.0)?;
    row.push(&*slow.name)?;
    row.push(&*slow.definition.task_name)?;
    row.push(&*slow.definition.namespace)?;
    row.push(&*slow.definition.version)?;
    row.push(slow.seconds)?;
    row.push(slow.attempts.unwrap_or_default())?;
    row.push(slow.made_at.0)?;
    row.push(slow.complete_at.0)?;
    row.push(slow.retryable)?;
    Ok(row)
}

/// The engine's columns; instants in microseconds.
pub(crate) fn slow_task(ruby: &Ruby, slow: &SlowTask) -> Result<RArray, Error> {
    let row = ruby.ary_new_capa(12);
    row.push(slow.task.0)?;
    row.push(&*slow.definition.task_name)?;
    row.push(&*slow.definition.namespace)?;
    row.push(&*slow.definition.version)?;
    row.push(slow.seconds)?;
    row.push(slow.steps)?;
    row.push(slow.complete)?;
    row.push(slow.failed)?;
    row.push(slow.made_at.0)?;
    row.push(slow.ended_at.0)?;
    row.push(slow.initiator.as_deref())?;
    row.push(slow.source_system.as_deref())?;
    Ok(row)
}

/// The fourteen metrics, in the engine's order.
pub(crate) fn metrics(ruby: &Ruby, activity: &Activity) -> Result<Value, Error> {
    let rates = Rates::of(activity);
    let row = ruby.ary_new_capa(14);
    row.push(activity.active_tasks)?;
    row.push(activity.namespaces)?;
    row.push(activity.task_types)?;
    row.push(rates.health)?;
    row.push(activity.period.tasks)?;
    row.push(activity.period.completed_tasks)?;
    row.push(activity.period.failed_tasks)?;
    row.push(rates.completion)?;
    row.push(rates.failure)?;
    row.push(rates.task_seconds)?;
    row.push(rates.step_seconds)?;
    row.push(activity.period.steps)?;
    row.push(&*activity.since)?;
    row.push(&*activity.now)?;
    Ok(row.into_value_with(ruby))
}
