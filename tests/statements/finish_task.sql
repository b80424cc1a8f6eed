-- finish task: writes
-- Parameters: $1 bigint, $2 timestamp, $3 bigint
with owner as materialized (
  select o.task_id as id from tasker_tasks o where o.task_id = (select $1::bigint) for no key update
), unflagged as (
  update tasker_task_transitions t set most_recent = false, updated_at = $2::timestamp
  from owner
  where t.task_id = owner.id and t.most_recent and t.to_state = 'in_progress'
    and ((select $3::bigint) is null or t.id = (select $3::bigint)) and not exists (
      select from tasker_workflow_steps s
      left join tasker_workflow_step_transitions p on p.workflow_step_id = s.workflow_step_id and p.most_recent
      where s.task_id = owner.id and (p.to_state is null or not p.to_state in ('complete', 'resolved_manually'))
    )
  returning owner.id
), next as (
  insert into tasker_task_transitions (to_state, metadata, sort_key, most_recent, task_id, created_at, updated_at)
  (select 'complete', '{}'::jsonb,
          coalesce((select max(x.sort_key) from tasker_task_transitions x where x.task_id = moved.id), 0) + 10,
          true, moved.id, $2::timestamp, $2::timestamp
   from unflagged moved)
  returning id, sort_key, task_id
)
update tasker_tasks t set complete = true, updated_at = $2::timestamp
from next where t.task_id = next.task_id
returning next.id, next.sort_key;
