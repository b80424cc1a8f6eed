//! Running a step: what is written after its handler.

use super::transition::{has_an_open_step, next_transition, unflag};
use crate::session::{Access, Query, Value};

/// The parameters of [`finish`], encoded.
pub(crate) struct Finish {
    pub(crate) id: Value,
    pub(crate) to: Value,
    pub(crate) processed: Value,
    pub(crate) in_process: Value,
    pub(crate) processed_at: Value,
    pub(crate) attempts: Value,
    pub(crate) last_attempted_at: Value,
    pub(crate) changes_results: Value,
    pub(crate) results: Value,
    pub(crate) at: Value,
    pub(crate) distinct_to: Value,
    pub(crate) claim: Value,
}

/// Ends the attempt of a step in progress: writes its row and its transition together.
///
/// Parameters in the order of [`Finish`]; what is null of the first three columns, and results that are not to change, stay. Columns: id and
/// sort key of the transition. No row, and nothing written, if the step is not in progress by claim `$12` (any, where that is null), or if
/// another step of the task, later than `$11` (any, where that is null), bears the same name, which the engine's validations refuse. `offset 0` keeps the planner from looking for the
/// name among the steps of all tasks.
pub(crate) fn finish(given: Finish) -> Query {
    Query {
        name: "finish step",
        sql: concat!(
            "\
with owner as materialized (
  select s.workflow_step_id as id, s.task_id, array(
    select same.named_step_id from tasker_named_steps mine join tasker_named_steps same on same.name = mine.name
    where mine.named_step_id = s.named_step_id
  ) as namesakes
  from tasker_workflow_steps s where s.workflow_step_id = (select $1::bigint) for no key update
), unflagged as (
  ",
            unflag!(
                "tasker_workflow_step_transitions",
                "workflow_step_id",
                "$10",
                "owner",
                "t.to_state = 'in_progress'
    and ((select $12::bigint) is null or t.id = (select $12::bigint))
    and not exists (
      select from (
        select s.named_step_id from tasker_workflow_steps s
        where s.task_id = owner.task_id and s.workflow_step_id <> owner.id
          and s.workflow_step_id > (select coalesce($11::bigint, -9223372036854775808))
        offset 0
      ) other
      where other.named_step_id = any (owner.namesakes)
    )",
                "owner.id"
            ),
            "
), next as (
  ",
            next_transition!(
                "tasker_workflow_step_transitions",
                "workflow_step_id",
                "$2::text",
                "'{}'::jsonb",
                "$10",
                "unflagged"
            ),
            "
  returning id, sort_key, workflow_step_id
)
update tasker_workflow_steps s
set processed = coalesce($3::boolean, s.processed), in_process = coalesce($4::boolean, s.in_process),
    processed_at = coalesce($5::timestamp, s.processed_at),
    attempts = $6::integer, last_attempted_at = $7::timestamp,
    results = case when $8::boolean then $9::jsonb else s.results end, updated_at = $10::timestamp
from next where s.workflow_step_id = next.workflow_step_id
returning next.id, next.sort_key"
        ),
        binds: vec![
            given.id,
            given.to,
            given.processed,
            given.in_process,
            given.processed_at,
            given.attempts,
            given.last_attempted_at,
            given.changes_results,
            given.results,
            given.at,
            given.distinct_to,
            given.claim,
        ],
        access: Access::Write,
    }
}

/// Closes task `$1` at `$2`: writes its row and its last transition together. Columns: id and sort key of the transition. No row, and nothing
/// written, unless the task is in progress by `claim` (`$3`; any, where that is null) and every step is done.
pub(crate) fn finish_task(id: Value, at: Value, claim: Value) -> Query {
    Query {
        name: "finish task",
        sql: concat!(
            "\
with owner as materialized (
  select o.task_id as id from tasker_tasks o where o.task_id = (select $1::bigint) for no key update
), unflagged as (
  ",
            unflag!(
                "tasker_task_transitions",
                "task_id",
                "$2",
                "owner",
                concat!(
                    "t.to_state = 'in_progress'
    and ((select $3::bigint) is null or t.id = (select $3::bigint)) and not ",
                    has_an_open_step!()
                ),
                "owner.id"
            ),
            "
), next as (
  ",
            next_transition!(
                "tasker_task_transitions",
                "task_id",
                "'complete'",
                "'{}'::jsonb",
                "$2",
                "unflagged"
            ),
            "
  returning id, sort_key, task_id
)
update tasker_tasks t set complete = true, updated_at = $2::timestamp
from next where t.task_id = next.task_id
returning next.id, next.sort_key"
        ),
        binds: vec![id, at, claim],
        access: Access::Write,
    }
}
