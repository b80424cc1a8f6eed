//! Reading and creating the steps of a task.

use super::records::{micros, named_task};
use super::row_triggers::row_triggers;
use crate::session::{Access, Query, Value};

/// A task's definition, its steps with theirs, and the edges between them; one row, none if there is no such task.
///
/// `$1` task; `$2` tables. One packed column ([`crate::session::Row::unpacked`]). In it: for each step, in ascending order, its id (0), its name (1), its
/// system's name (2), and whether its definition is among those of the task's (3); the edges' from-steps (4) and to-steps (5); the row of the
/// task's definition in the order of [`crate::records::NamedTask`] (6 to 13); and for each step of the rest of its definition: id, system,
/// description, created at, updated at (14 to 18); and the tables in `$2` that have row triggers (19).
pub(crate) fn steps(task_id: Value, tables: Value) -> Query {
    Query {
        name: "step sequence",
        sql: concat!(
            "\
select json_build_array(step.ids, step.names, step.systems, step.belongs, edge.starts, edge.ends,
       ",
            named_task!(),
            ",
       step.definitions, step.system_ids, step.descriptions, step.created_at, step.updated_at, ",
            row_triggers!("$2"),
            ")::text
from tasker_tasks t join tasker_named_tasks n on n.named_task_id = t.named_task_id, (
  select array_agg(s.id)::text as ids,
         array_agg(s.name)::text as names,
         array_agg(s.system)::text as systems,
         array_agg(s.belongs)::text as belongs,
         array_agg(s.named_step_id)::text as definitions,
         array_agg(s.dependent_system_id)::text as system_ids,
         array_agg(s.description)::text as descriptions,
         array_agg(",
            micros!("s.created_at"),
            ")::text as created_at,
         array_agg(",
            micros!("s.updated_at"),
            ")::text as updated_at
  from (
    select s.workflow_step_id as id, d.name as system, n.named_step_id, n.dependent_system_id, n.name, n.description,
           n.created_at, n.updated_at, exists (
             select from tasker_named_tasks_named_steps a
             where a.named_task_id = t.named_task_id and a.named_step_id = s.named_step_id
           ) as belongs
    from tasker_tasks t
    join tasker_workflow_steps s on s.task_id = t.task_id
    join tasker_named_steps n on n.named_step_id = s.named_step_id
    join tasker_dependent_systems d on d.dependent_system_id = n.dependent_system_id
    where t.task_id = (select $1::bigint)
    order by s.workflow_step_id
  ) s
) step, (
  select array_agg(e.from_step_id)::text as starts, array_agg(e.to_step_id)::text as ends
  from tasker_workflow_steps s
  join tasker_workflow_step_edges e on e.to_step_id = s.workflow_step_id
  where s.task_id = (select $1::bigint)
) edge
where t.task_id = (select $1::bigint)"
        ),
        binds: vec![task_id, tables],
        access: Access::Read,
    }
}

/// The parameters of [`create`], encoded; arrays have one element a step, those of edges one an edge.
pub(crate) struct Create {
    pub(crate) task_id: Value,
    pub(crate) systems: Value,
    pub(crate) names: Value,
    pub(crate) retryable: Value,
    pub(crate) retry_limits: Value,
    pub(crate) skippable: Value,
    pub(crate) inputs: Value,
    pub(crate) from: Value,
    pub(crate) to: Value,
    pub(crate) at: Value,
}

/// Creates all steps of a task and the edges between them, if every definition is there already, the task has no step yet, and no other session
/// has locked it: of several sessions that create at once, one does, and the others find nothing done.
///
/// Parameters in the order of [`Create`]; edges are given by the places of their steps, counted from 1. One packed column
/// ([`crate::session::Row::unpacked`]), or no row if nothing was created. In it: now (0); the ids of the new steps (1) and of their
/// definitions (2), in the order given; the inputs as they are kept (3); the task's definition (4) and state (5) and the rest of its row,
/// in the order of [`super::task_snapshot::task`] (6 to 16).
///
/// Steps are found by their place in an array: the planner has no estimate of their number, and would compare each with each.
///
/// [`crate::operations::sequence::Created`] repeats the inserted values, and returns them without reading.
///
/// Foreign keys are checked at the end of a statement, so steps and the edges between them may come from one.
///
/// A session that locks the task just after another has created its steps still looks at the tables as they were before. Therefore the
/// task's row is written anew, as it is, and only locked where its version is the one that the statement sees. That UPDATE is the main verb.
///
/// The columns' own defaults make all ids. Rows are inserted, and returned, in the order of their places.
pub(crate) fn create(given: Create) -> Query {
    Query {
        name: "create steps",
        sql: concat!(
            "\
with task as materialized (
  select t.task_id, t.named_task_id from tasker_tasks t
  where t.task_id = (select $1::bigint)
    and t.xmin = (select seen.xmin from tasker_tasks seen where seen.task_id = (select $1::bigint))
  for no key update skip locked
), wanted as materialized (
  select w.place::integer as place, w.retryable, w.retry_limit, w.skippable, n.named_step_id
  from unnest($2::text[], $3::text[], $4::boolean[], $5::integer[], $6::boolean[])
       with ordinality w (system, name, retryable, retry_limit, skippable, place)
  cross join task t
  join tasker_dependent_systems d on d.name = w.system
  join tasker_named_steps n on n.dependent_system_id = d.dependent_system_id and n.name = w.name
  join tasker_named_tasks_named_steps a
    on a.named_task_id = t.named_task_id and a.named_step_id = n.named_step_id
), complete as materialized (
  select wanted.* from wanted
  where (select count(*) from wanted) = cardinality($3::text[])
    and not exists (select from tasker_workflow_steps s where s.task_id = (select $1::bigint))
), step as (
  insert into tasker_workflow_steps (task_id, named_step_id, retryable, retry_limit, skippable,
    in_process, processed, attempts, inputs, results, created_at, updated_at)
  (select $1::bigint, named_step_id, retryable, retry_limit, skippable,
    false, false, 0, $7::jsonb, '{}'::jsonb, $10::timestamp, $10::timestamp
   from complete order by place)
  returning workflow_step_id as id, named_step_id
), made as materialized (
  select array_agg(id) as ids, array_agg(named_step_id) as definitions from step having count(*) > 0
), edge as (
  insert into tasker_workflow_step_edges (from_step_id, to_step_id, name, created_at, updated_at)
  (select made.ids[e.from_place], made.ids[e.to_place], 'provides', $10::timestamp, $10::timestamp
   from unnest($8::integer[], $9::integer[]) with ordinality e (from_place, to_place, place)
   cross join made
   order by e.place)
)
update tasker_tasks t set updated_at = t.updated_at
from made where t.task_id = (select $1::bigint)
returning json_build_array(",
            micros!("localtimestamp"),
            ", made.ids::text, made.definitions::text, ($7::jsonb)::text, t.named_task_id,
       (select c.to_state from tasker_task_transitions c where c.task_id = t.task_id and c.most_recent),
       t.complete, ",
            micros!("t.requested_at"),
            ", t.initiator, t.source_system, t.reason, t.bypass_steps::text, t.tags::text, t.context::text,
       t.identity_hash, ",
            micros!("t.created_at"),
            ", ",
            micros!("t.updated_at"),
            ")::text"
        ),
        binds: vec![
            given.task_id,
            given.systems,
            given.names,
            given.retryable,
            given.retry_limits,
            given.skippable,
            given.inputs,
            given.from,
            given.to,
            given.at,
        ],
        access: Access::Write,
    }
}
