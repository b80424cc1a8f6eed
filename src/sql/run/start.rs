//! The start of a run.

use crate::session::{Access, Query, Value};
use crate::sql::transition::next_transition;

/// Starts pending task `$1`: one row, none and nothing written if it is complete or not pending.
///
/// `$2` metadata of the claim, an object to which the engine's own is added; `$3` the instant to record. Columns: the claim; arrays of the
/// task's steps, of the from-steps and to-steps of the edges that end at them, and of its steps that are done.
pub(crate) fn start(task: Value, metadata: Value, at: Value) -> Query {
    Query {
        name: "start task",
        sql: concat!(
            "\
with owner as materialized (
  select o.task_id as id from tasker_tasks o
  where o.task_id = (select $1::bigint) and o.complete is not true for key share
), unflagged as (
  update tasker_task_transitions t set most_recent = false, updated_at = $3::timestamp
  from owner
  where t.task_id = owner.id and t.most_recent and t.to_state = 'pending'
  returning owner.id
)
",
            next_transition!(
                "tasker_task_transitions",
                "task_id",
                "'in_progress'",
                "$2::jsonb || jsonb_build_object('initialization_completed', true, 'step_dependencies_established',
            (select count(*) from tasker_workflow_steps s where s.task_id = moved.id))",
                "$3",
                "(
    select unflagged.id from unflagged
    union all
    select owner.id from owner
    where case when not exists (select from tasker_task_transitions x where x.task_id = owner.id and x.most_recent)
               then pg_advisory_xact_lock(hashtextextended('tasker_task_transitions', owner.id)) is not null end
  )"
            ),
            "
on conflict (task_id, most_recent) where most_recent do nothing
returning id, (
  select array_agg(s.workflow_step_id)::text from tasker_workflow_steps s
  where s.task_id = tasker_task_transitions.task_id
), (
  select array_agg(e.from_step_id order by e.id)::text
  from tasker_workflow_steps s join tasker_workflow_step_edges e on e.to_step_id = s.workflow_step_id
  where s.task_id = tasker_task_transitions.task_id
), (
  select array_agg(e.to_step_id order by e.id)::text
  from tasker_workflow_steps s join tasker_workflow_step_edges e on e.to_step_id = s.workflow_step_id
  where s.task_id = tasker_task_transitions.task_id
), (
  select array_agg(s.workflow_step_id)::text
  from tasker_workflow_steps s
  join tasker_workflow_step_transitions p on p.workflow_step_id = s.workflow_step_id and p.most_recent
  where s.task_id = tasker_task_transitions.task_id and p.to_state in ('complete', 'resolved_manually')
)"
        ),
        binds: vec![task, metadata, at],
        access: Access::Write,
    }
}
