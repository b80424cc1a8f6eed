-- activity: reads
-- Parameters: $1 timestamp
with since as materialized (
  select coalesce((select $1::timestamp)::timestamptz, now() - interval '1 hour') as at
)
select active.*, namespace.*, type.*, recent.*, period.*, to_char(since.at, 'YYYY-MM-DD HH24:MI:SS TZHTZM') as since, to_char(now(), 'YYYY-MM-DD HH24:MI:SS TZHTZM') as now
from since, (
  select count(distinct s.task_id)
  from tasker_workflow_step_transitions t
  join tasker_workflow_steps s on s.workflow_step_id = t.workflow_step_id
  where t.most_recent and t.to_state not in ('complete', 'error', 'skipped', 'resolved_manually')
) active (active_tasks), (
  select count(distinct n.name) from tasker_task_namespaces n
  where exists (
    select from tasker_named_tasks d join tasker_tasks k on k.named_task_id = d.named_task_id
    where d.task_namespace_id = n.task_namespace_id
  )
) namespace (namespaces), (
  select count(distinct d.name) from tasker_named_tasks d
  where exists (select from tasker_tasks k where k.named_task_id = d.named_task_id)
) type (task_types), (
  select count(distinct k.task_id) filter (where t.to_state = 'complete'),
         count(distinct k.task_id) filter (where t.to_state = 'error')
  from tasker_tasks k
  join tasker_workflow_steps s on s.task_id = k.task_id
  join tasker_workflow_step_transitions t on t.workflow_step_id = s.workflow_step_id and t.most_recent
  where k.created_at > (now() - interval '1 hour')::timestamp
) recent (recently_completed, recently_failed), (
  select count(distinct k.task_id),
         count(distinct k.task_id) filter (where t.to_state = 'complete'),
         count(distinct k.task_id) filter (where t.to_state = 'error'),
         count(s.workflow_step_id),
         count(t.id) filter (where t.to_state = 'complete'),
         coalesce(sum((extract(epoch from t.created_at - k.created_at) * 1000000)::bigint)
                  filter (where t.to_state = 'complete'), 0)::text,
         coalesce(sum((extract(epoch from t.created_at - s.created_at) * 1000000)::bigint)
                  filter (where t.to_state = 'complete'), 0)::text
  from tasker_tasks k
  left join tasker_workflow_steps s on s.task_id = k.task_id
  left join tasker_workflow_step_transitions t on t.workflow_step_id = s.workflow_step_id and t.most_recent
  where k.created_at > (select at::timestamp from since)
) period (tasks, completed_tasks, failed_tasks, steps, completed_steps, since_task, since_step);
