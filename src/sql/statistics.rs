//! Counting steps.

use super::readiness::{current_transition, done};
use super::records::micros;
use crate::session::{Access, Query, Value};

/// The load of the whole system. Columns: tasks, and those of them pending, in progress, complete, in error, cancelled; steps, and those
/// of them pending, in progress, complete, in error, failed with attempts left, failed without, failed and attempted; connections at work,
/// connections allowed.
///
/// States are counted by transitions, which are fewer to read than the rows they belong to: an owner has one most recent transition at the
/// most, and one without any counts in the totals only.
pub(crate) fn system_load() -> Query {
    Query {
        name: "system load",
        sql: "\
select (select count(*) from tasker_tasks) as tasks, task.*,
       (select count(*) from tasker_workflow_steps) as steps, step.*, failed.*,
       (select count(*) from pg_stat_activity where datname = current_database() and state = 'active') as active_connections,
       current_setting('max_connections')::bigint as max_connections
from (
  select count(*) filter (where to_state = 'pending'), count(*) filter (where to_state = 'in_progress'),
         count(*) filter (where to_state = 'complete'), count(*) filter (where to_state = 'error'),
         count(*) filter (where to_state = 'cancelled')
  from tasker_task_transitions where most_recent
) task (tasks_pending, tasks_in_progress, tasks_complete, tasks_in_error, tasks_cancelled), (
  select count(*) filter (where to_state = 'pending'), count(*) filter (where to_state = 'in_progress'),
         count(*) filter (where to_state = 'complete'), count(*) filter (where to_state = 'error')
  from tasker_workflow_step_transitions where most_recent
) step (steps_pending, steps_in_progress, steps_complete, steps_in_error), (
  select count(*) filter (where s.attempts < s.retry_limit and s.retryable),
         count(*) filter (where s.attempts >= s.retry_limit),
         count(*) filter (where s.attempts < s.retry_limit and s.retryable and s.last_attempted_at is not null)
  from tasker_workflow_step_transitions t
  join tasker_workflow_steps s on s.workflow_step_id = t.workflow_step_id
  where t.most_recent and t.to_state = 'error'
) failed (retryable, exhausted, in_backoff)",
        binds: Vec::new(),
        access: Access::Read,
    }
}

/// Columns: steps of task `$1`, those complete or resolved manually, those in error, and when the last of the completed ones ended.
pub(crate) fn completion(task_id: Value) -> Query {
    Query {
        name: "completion statistics",
        sql: concat!(
            "\
select count(*) as total,
       count(*) filter (where ",
            done!("t.to_state"),
            ") as completed,
       count(*) filter (where t.to_state = 'error') as failed,
       ",
            micros!(concat!("max(s.processed_at) filter (where ", done!("t.to_state"), ")")),
            " as latest_completion
from tasker_workflow_steps s
",
            current_transition!("t" of "s.workflow_step_id"),
            "
where s.task_id = (select $1::bigint)"
        ),
        binds: vec![task_id],
        access: Access::Read,
    }
}
