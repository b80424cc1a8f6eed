//! Metrics of the whole system, such as dashboards show. Source: the engine's SQL function `get_analytics_metrics_v01`.
//!
//! ```
//! use tasker_core::metrics::{Activity, Period, Rates};
//!
//! let period = Period { tasks: 4, completed_tasks: 3, failed_tasks: 1, ..Period::default() };
//! let activity = Activity { recently_completed: 3, recently_failed: 1, period, ..Activity::default() };
//! let rates = Rates::of(&activity);
//! assert_eq!((rates.health, rates.completion, rates.failure), (0.75, 75.0, 25.0));
//! ```

use serde::Serialize;

/// What has been counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Activity {
    /// Tasks with a step whose most recent transition leads neither to an end nor to an error. (To the engine `cancelled` is no end here.)
    pub active_tasks: i64,
    /// Names of namespaces that have a task.
    pub namespaces: i64,
    /// Names of named tasks that have a task.
    pub task_types: i64,
    /// Tasks made within the last hour of which a step is complete.
    pub recently_completed: i64,
    /// Tasks made within the last hour of which a step is in error. A task may be in both.
    pub recently_failed: i64,
    /// Everything made since the beginning of the period.
    pub period: Period,
    /// The beginning of the period, as text with the session's time zone.
    pub since: Box<str>,
    /// When the transaction began in which this was read, likewise.
    pub now: Box<str>,
}

/// The tasks made within a period, and their steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Period {
    /// Tasks.
    pub tasks: i64,
    /// Those of which a step is complete.
    pub completed_tasks: i64,
    /// Those of which a step is in error.
    pub failed_tasks: i64,
    /// Steps of these tasks.
    pub steps: i64,
    /// Those that are complete.
    pub completed_steps: i64,
    /// Microseconds from the making of its task to its completion, over all of those.
    pub since_task: i128,
    /// Microseconds from the making of the step to its completion, over all of those.
    pub since_step: i128,
}

/// What follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Rates {
    /// The share of complete tasks among those of the last hour that are complete or in error, to three digits; 1 if there is none.
    pub health: f64,
    /// The percentage of the period's tasks that are complete, to two digits; 0 if there is none.
    pub completion: f64,
    /// The percentage of those in error, likewise.
    pub failure: f64,
    /// The mean of [`Period::since_task`] over steps, in seconds to three digits; 0 if there is none.
    pub task_seconds: f64,
    /// The mean of [`Period::since_step`], likewise.
    pub step_seconds: f64,
}

impl Rates {
    /// O(1). PostgreSQL's `round` decides ties: away from zero.
    pub fn of(activity: &Activity) -> Self {
        let Activity { recently_completed, recently_failed, period, .. } = activity;
        let (completed, ended) =
            (i128::from(*recently_completed), i128::from(recently_completed + recently_failed));
        let (tasks, steps) = (i128::from(period.tasks), i128::from(period.completed_steps));
        let percentage = |part: i64| decimal(i128::from(part) * 10_000, tasks, 100.0).unwrap_or(0.0);
        Rates {
            health: decimal(completed * 1_000, ended, 1_000.0).unwrap_or(1.0),
            completion: percentage(period.completed_tasks),
            failure: percentage(period.failed_tasks),
            task_seconds: rounded_seconds(period.since_task, steps),
            step_seconds: rounded_seconds(period.since_step, steps),
        }
    }
}

/// The mean of `count` spans with this sum in microseconds, in seconds to three digits; 0 if there is none.
pub(crate) fn rounded_seconds(sum: i128, count: i128) -> f64 {
    decimal(sum, count * 1_000, 1_000.0).unwrap_or(0.0)
}

/// The quotient as a whole number of units, `units` of which make one; `None` if there is nothing to divide by.
fn decimal(dividend: i128, divisor: i128, units: f64) -> Option<f64> {
    if divisor <= 0 {
        return None;
    }
    let away = if dividend < 0 { -divisor } else { divisor };
    let rounded = (2 * dividend + away) / (2 * divisor);
    Some(rounded as f64 / units)
}
