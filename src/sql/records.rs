//! Reading facts.

use super::readiness::{attempt_columns, current_transition, open};
use crate::session::{Access, Query, Value};

/// Microseconds of a `timestamp` expression; the two infinities are the ends of a bigint.
macro_rules! micros {
    ($expression:expr) => {
        concat!(
            "case ",
            $expression,
            " when 'infinity' then 9223372036854775807 when '-infinity' then -9223372036854775808 \
             else (extract(epoch from ",
            $expression,
            ") * 1000000)::bigint end"
        )
    };
}

pub(crate) use micros;

/// The columns of a task's definition `n`, in the order of [`crate::records::NamedTask`].
macro_rules! named_task {
    () => {
        concat!(
            "n.named_task_id, n.name, n.description, ",
            $crate::sql::records::micros!("n.created_at"),
            ", ",
            $crate::sql::records::micros!("n.updated_at"),
            ", n.task_namespace_id, n.version, n.configuration::text"
        )
    };
}

pub(crate) use named_task;

/// The columns of a step `s` and its most recent transition `t` that rules look at.
macro_rules! columns {
    () => {
        concat!(
            "s.workflow_step_id, s.task_id, s.named_step_id, t.to_state, case when t.to_state = 'error' then ",
            $crate::sql::records::micros!("t.created_at"),
            " end as failed_at,
       ",
            attempt_columns!(concat!($crate::sql::records::micros!("s.last_attempted_at"), " as last_attempted_at"))
        )
    };
}

/// Thirteen arrays out of rows `r` of these columns and the step's name, of one element a step each.
macro_rules! packed {
    () => {
        concat!(
            "array_agg(r.workflow_step_id)::text, array_agg(r.task_id)::text, array_agg(r.named_step_id)::text,
       array_agg(r.name)::text, array_agg(r.to_state)::text, array_agg(r.failed_at)::text, array_agg(r.processed)::text,
       array_agg(r.in_process)::text, array_agg(r.retryable)::text, array_agg(r.attempts)::text,
       array_agg(r.retry_limit)::text, array_agg(r.backoff_request_seconds)::text, array_agg(r.last_attempted_at)::text"
        )
    };
}

/// The steps of tasks `$1` (all of them, or those in `$2`) with their incoming edges; one row.
///
/// The rows are sorted before they are packed: an aggregate with an order of its own sorts for itself, and thirteen of them do so thirteen
/// times.
macro_rules! steps_and_edges {
    () => {
        concat!(
            "\
select ",
            micros!("localtimestamp"),
            " as now, step.*, edge.*
from (
  select ",
            packed!(),
            "
  from (
    select n.name, ",
            columns!(),
            "
    from tasker_workflow_steps s
    join tasker_named_steps n on n.named_step_id = s.named_step_id
    ",
            current_transition!("t" of "s.workflow_step_id"),
            "
    where s.task_id = any ((select $1::bigint[])::bigint[])
      and ((select $2::bigint[]) is null or s.workflow_step_id = any ((select $2::bigint[])::bigint[]))
    order by s.task_id, s.workflow_step_id
  ) r
) step (steps, tasks, named_steps, names, states, failures, processed, in_process, retryable, attempts, retry_limits, backoffs,
        last_attempts), (
  select array_agg(e.to_step_id)::text,
         array_agg(not ",
            open!("t.to_state"),
            ")::text
  from tasker_workflow_steps s
  join tasker_workflow_step_edges e on e.to_step_id = s.workflow_step_id
  ",
            current_transition!("t" of "e.from_step_id"),
            "
  where s.task_id = any ((select $1::bigint[])::bigint[])
    and ((select $2::bigint[]) is null or s.workflow_step_id = any ((select $2::bigint[])::bigint[]))
) edge (ends, satisfied)"
        )
    };
}

/// Steps of `task_ids`, or those of them in `step_ids`.
///
/// One row: now, thirteen arrays (id, task, named step, name, state, failed at, processed, in process, retryable, attempts,
/// retry limit, requested backoff, last attempt) of one element a step, then two of one element an edge (its to-step, whether
/// its from-step is satisfied).
pub(crate) fn steps(name: &'static str, task_ids: Value, step_ids: Value) -> Query {
    Query { name, sql: steps_and_edges!(), binds: vec![task_ids, step_ids], access: Access::Read }
}

/// Tasks with all of their steps: the columns of [`steps`], then three arrays of one element a task (id, named task, state).
pub(crate) fn tasks_with_steps(name: &'static str, task_ids: Value) -> Query {
    Query {
        name,
        sql: concat!(
            "select * from (",
            steps_and_edges!(),
            ") progress, (
  select array_agg(t.task_id order by t.task_id)::text,
         array_agg(t.named_task_id order by t.task_id)::text,
         array_agg(c.to_state order by t.task_id)::text
  from tasker_tasks t
  left join tasker_task_transitions c on c.task_id = t.task_id and c.most_recent
  where t.task_id = any ((select $1::bigint[])::bigint[])
) task (task_ids, named_tasks, task_states)"
        ),
        binds: vec![task_ids, Value::Null],
        access: Access::Read,
    }
}

/// Step ids of a task and the edges that end at them: arrays of steps, from-steps, to-steps.
pub(crate) fn graph(task_id: Value) -> Query {
    Query {
        name: "dependency graph",
        sql: "\
select (
  select array_agg(s.workflow_step_id order by s.workflow_step_id)::text
  from tasker_workflow_steps s where s.task_id = (select $1::bigint)
) as steps, edge.*
from (
  select array_agg(e.from_step_id)::text, array_agg(e.to_step_id)::text
  from tasker_workflow_steps s
  join tasker_workflow_step_edges e on e.to_step_id = s.workflow_step_id
  where s.task_id = (select $1::bigint)
) edge (starts, ends)",
        binds: vec![task_id],
        access: Access::Read,
    }
}

/// The steps of a task with their names, the edges that begin at them, and those that end at them and begin elsewhere: arrays of steps,
/// names, and from- and to-steps of either, in the order of their ids.
pub(crate) fn named_graph(task_id: Value) -> Query {
    Query {
        name: "task graph",
        sql: "\
select step.*, own.*, foreign_edge.*
from (
  select array_agg(s.workflow_step_id order by s.workflow_step_id)::text,
         array_agg(n.name order by s.workflow_step_id)::text
  from tasker_workflow_steps s
  join tasker_named_steps n on n.named_step_id = s.named_step_id
  where s.task_id = (select $1::bigint)
) step (steps, names), (
  select array_agg(e.from_step_id order by e.id)::text, array_agg(e.to_step_id order by e.id)::text
  from tasker_workflow_steps s
  join tasker_workflow_step_edges e on e.from_step_id = s.workflow_step_id
  where s.task_id = (select $1::bigint)
) own (starts, ends), (
  select array_agg(e.from_step_id order by e.id)::text, array_agg(e.to_step_id order by e.id)::text
  from tasker_workflow_steps s
  join tasker_workflow_step_edges e on e.to_step_id = s.workflow_step_id
  join tasker_workflow_steps f on f.workflow_step_id = e.from_step_id
  where s.task_id = (select $1::bigint) and f.task_id <> (select $1::bigint)
) foreign_edge (foreign_starts, foreign_ends)",
        binds: vec![task_id],
        access: Access::Read,
    }
}
