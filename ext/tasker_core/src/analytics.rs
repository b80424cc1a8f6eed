//! Conversations about the whole system.

use crate::answer::Answer;
use crate::boundary::guarded;
use crate::conversation::{Started, started};
use magnus::{Error, IntoValue, Object, RClass, Ruby, Value, function};
use tasker_core::metrics::{Activity, Rates};
use tasker_core::operations::analytics;
use tasker_core::time::Timestamp;

fn analytics_metrics(ruby: &Ruby, seam: String, since: Option<i64>) -> Started {
    guarded(ruby, || {
        let since = since.map(Timestamp);
        started!(seam, |session| analytics::activity(session, since), Answer::Activity)
    })
}

pub(crate) fn init(class: RClass) -> Result<(), Error> {
    class.define_singleton_method("analytics_metrics", function!(analytics_metrics, 2))
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
