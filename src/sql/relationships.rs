//! Steps among their neighbours.

use crate::session::{Access, Query, Value};

/// The edges of a step, looked up by its id. A recursion is taken to find ten times the rows that it begins with, and a join with that many
/// would read every edge that there is: `offset 0` keeps the planner from making one of it.
macro_rules! edges {
    ($end:literal, $of:literal) => {
        concat!(
            "lateral (select x.from_step_id, x.to_step_id from tasker_workflow_step_edges x where x.",
            $end,
            " = ",
            $of,
            " offset 0) e"
        )
    };
}

/// Steps that meet a condition on `s`, the edges of theirs and of all their ancestors; one row of arrays.
macro_rules! kin {
    ($condition:literal) => {
        concat!(
            "\
with recursive asked as materialized (
  select s.workflow_step_id, s.task_id, s.named_step_id from tasker_workflow_steps s where ",
            $condition,
            "
), above (step_id) as (
  select workflow_step_id from asked
  union
  select e.from_step_id from above cross join ",
            edges!("to_step_id", "above.step_id"),
            "
)
select step.*, incoming.*, outgoing.*
from (
  select array_agg(workflow_step_id order by task_id, workflow_step_id)::text,
         array_agg(task_id order by task_id, workflow_step_id)::text,
         array_agg(named_step_id order by task_id, workflow_step_id)::text
  from asked
) step (steps, tasks, named_steps), (
  select array_agg(e.from_step_id)::text, array_agg(e.to_step_id)::text
  from above cross join ",
            edges!("to_step_id", "above.step_id"),
            "
) incoming (starts_above, ends_above), (
  select array_agg(e.from_step_id)::text, array_agg(e.to_step_id)::text
  from asked cross join ",
            edges!("from_step_id", "asked.workflow_step_id"),
            "
) outgoing (starts_below, ends_below)"
        )
    };
}

/// The steps `$1` by task and id. Columns: of each its id, task and definition; from- and to-step of every edge that ends at one of them
/// or at an ancestor; from- and to-step of every edge that begins at one of them.
pub(crate) fn of_steps(step_ids: Value) -> Query {
    Query {
        name: "relationships of steps",
        sql: kin!("s.workflow_step_id = any ((select $1::bigint[])::bigint[])"),
        binds: vec![step_ids],
        access: Access::Read,
    }
}

/// The steps of task `$1`, like [`of_steps`]. (Several tasks are taken to be ten, whatever they are, and for ten large ones PostgreSQL would
/// compile the statement before it runs it.)
pub(crate) fn of_task(task_id: Value) -> Query {
    Query {
        name: "relationships of one task's steps",
        sql: kin!("s.task_id = (select $1::bigint)"),
        binds: vec![task_id],
        access: Access::Read,
    }
}

/// The steps of tasks `$1`, like [`of_steps`].
pub(crate) fn of_tasks(task_ids: Value) -> Query {
    Query {
        name: "relationships of a task's steps",
        sql: kin!("s.task_id = any ((select $1::bigint[])::bigint[])"),
        binds: vec![task_ids],
        access: Access::Read,
    }
}
