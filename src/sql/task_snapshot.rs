//! Reading a task with everything that is decided about it at once.

use super::readiness::{current_transition, done, open};
use super::records::micros;
use super::row_triggers::row_triggers;
use crate::session::{Access, Query, Value};

/// The parameters of [`task`], encoded.
pub(crate) struct TaskSnapshot {
    pub(crate) task_id: Value,
    pub(crate) known_task: Value,
    pub(crate) known_steps: Value,
    pub(crate) known_versions: Value,
    /// The tables whose row triggers are looked for, where all steps are read.
    pub(crate) tables: Value,
    /// All steps where there is none.
    pub(crate) chosen: Option<Value>,
    /// Whether steps whose version is not known are read besides the chosen ones.
    pub(crate) and_changed: bool,
}

/// The statement whose steps are the rows of `$steps`: `from` and what follows it, with `s`, `n` and `t`; `$triggers` is its last column.
macro_rules! task_snapshot {
    ($triggers:expr, $($steps:expr),+) => {
        concat!(
            "\
with step as materialized (
  select s.*, s.xmin::text || s.ctid::text as version, n.name, t.to_state, t.created_at as moved_at,
         (s.workflow_step_id, s.xmin::text || s.ctid::text) not in (
           select * from unnest((select $3::bigint[])::bigint[], (select $4::text[])::text[])
         ) as sent
  from ",
            $($steps,)+
            "
  ", current_transition!("t" of "s.workflow_step_id"), "
  where s.task_id = (select $1::bigint)
  order by s.workflow_step_id
)
select json_build_array(", micros!("localtimestamp"), ",
       step.ids, step.tasks, step.named_steps, step.names, step.states, step.failures, step.processed, step.in_process,
       step.retryable, step.attempts, step.retry_limits, step.backoffs, step.last_attempts, edge.ends, edge.satisfied,
       array[task.task_id]::text, array[task.named_task_id]::text, array[task.to_state]::text, edge.starts,
       step.versions, ", micros!("step.completed_at"), ", task.version, task.sent,
       case when task.sent then task.complete end,
       case when task.sent then ", micros!("task.requested_at"), " end,
       case when task.sent then task.initiator end,
       case when task.sent then task.source_system end,
       case when task.sent then task.reason end,
       case when task.sent then task.bypass_steps::text end,
       case when task.sent then task.tags::text end,
       case when task.sent then task.context::text end,
       case when task.sent then task.identity_hash end,
       case when task.sent then ", micros!("task.created_at"), " end,
       case when task.sent then ", micros!("task.updated_at"), " end,
       step.sent, step.skippable, step.processed_at, step.inputs, step.results, step.created_at, step.updated_at, ", $triggers, ")::text
from (
  select t.*, t.xmin::text || t.ctid::text as version,
         t.xmin::text || t.ctid::text is distinct from (select $2::text) as sent,
         (select c.to_state from tasker_task_transitions c where c.task_id = t.task_id and c.most_recent)
  from tasker_tasks t where t.task_id = (select $1::bigint)
) task, (
  select array_agg(s.workflow_step_id)::text as ids,
         array_agg(s.task_id)::text as tasks,
         array_agg(s.named_step_id)::text as named_steps,
         array_agg(s.name)::text as names,
         array_agg(s.to_state)::text as states,
         array_agg(case when s.to_state = 'error' then ", micros!("s.moved_at"), " end)::text as failures,
         array_agg(s.processed)::text as processed,
         array_agg(s.in_process)::text as in_process,
         array_agg(s.retryable)::text as retryable,
         array_agg(s.attempts)::text as attempts,
         array_agg(s.retry_limit)::text as retry_limits,
         array_agg(s.backoff_request_seconds)::text as backoffs,
         array_agg(", micros!("s.last_attempted_at"), ")::text as last_attempts,
         array_agg(s.version)::text as versions,
         max(s.processed_at) filter (where ", done!("s.to_state"), ") as completed_at,
         array_agg(s.workflow_step_id) filter (where s.sent)::text as sent,
         array_agg(s.skippable) filter (where s.sent)::text as skippable,
         array_agg(", micros!("s.processed_at"), ") filter (where s.sent)::text as processed_at,
         array_agg(s.inputs::text) filter (where s.sent)::text as inputs,
         array_agg(s.results::text) filter (where s.sent)::text as results,
         array_agg(", micros!("s.created_at"), ") filter (where s.sent)::text as created_at,
         array_agg(", micros!("s.updated_at"), ") filter (where s.sent)::text as updated_at
  from step s
) step, (
  select array_agg(e.to_step_id)::text as ends,
         array_agg(not ", open!("e.to_state"), ")::text as satisfied,
         array_agg(e.from_step_id)::text as starts
  from (
    select e.from_step_id, e.to_step_id, p.to_state
    from step s join tasker_workflow_step_edges e on e.to_step_id = s.workflow_step_id
    ", current_transition!("p" of "e.from_step_id"), "
    order by e.id
  ) e
) edge"
        )
    };
}

/// The steps in `$5` and their parents, those that `$more` selects, as `s` and `n`.
macro_rules! chosen {
    ($more:literal) => {
        concat!(
            "(
    select unnest((select $5::bigint[])::bigint[])
    union
    select e.from_step_id from tasker_workflow_step_edges e where e.to_step_id = any ((select $5::bigint[])::bigint[])",
            $more,
            "
  ) chosen(id)
  cross join lateral (select s.*, s.xmin, s.ctid from tasker_workflow_steps s where s.workflow_step_id = chosen.id offset 0) s
  cross join lateral (select n.name from tasker_named_steps n where n.named_step_id = s.named_step_id offset 0) n"
        )
    };
}

/// Task `$1` with its steps (all of them; or those in `$5` and their parents, and those of which the caller has another version or none, if
/// it wants these) and the edges that end at them; one row, none if there is no
/// such task.
///
/// `$2` is the version of the task's row that the caller has, `$3` and `$4` the ids and versions of steps' rows; what it has is not sent
/// again. A version is a row's `xmin` and `ctid`, which every update of the row by any session changes.
///
/// The steps are sorted once, in the CTE, and aggregated as they come; an `order by` in each aggregate would sort them once a column. What
/// counts for a small task is how many nodes and scans the plan has. Chosen steps are looked up one by one, whatever the planner thinks
/// of the size of a task: `offset 0` keeps it from reading the others.
///
/// One packed column ([`crate::session::Row::unpacked`]), since ActiveRecord works some while for each column of an answer. In it:
/// those of [`super::records::tasks_with_steps`] (0 to 18); then arrays of one element an edge: its from-step (19); of one element a step:
/// versions (20); the last completion (21); the task's version (22), whether its row follows (23) and the row (24 to 34); and arrays
/// of one element for each step whose row is sent: ids, skippable, processed at, inputs, results, created at, updated at (35 to 41); and
/// those of the wanted tables that have row triggers (42), null where only some steps are read.
pub(crate) fn task(given: TaskSnapshot) -> Query {
    let mut binds = vec![given.task_id, given.known_task, given.known_steps, given.known_versions];
    let Some(chosen) = given.chosen else {
        binds.push(given.tables);
        let sql = task_snapshot!(
            row_triggers!("$5"),
            "tasker_workflow_steps s join tasker_named_steps n on n.named_step_id = s.named_step_id"
        );
        return Query { name: "task survey", sql, binds, access: Access::Read };
    };
    binds.push(chosen);
    if given.and_changed {
        let sql = task_snapshot!(
            "null::text",
            chosen!(
                "
    union
    select o.workflow_step_id from tasker_workflow_steps o
    where o.task_id = (select $1::bigint) and (o.workflow_step_id, o.xmin::text || o.ctid::text) not in (
      select * from unnest((select $3::bigint[])::bigint[], (select $4::text[])::text[])
    )"
            )
        );
        return Query { name: "survey of steps and changes", sql, binds, access: Access::Read };
    }
    let sql = task_snapshot!("null::text", chosen!(""));
    Query { name: "survey of steps", sql, binds, access: Access::Read }
}
