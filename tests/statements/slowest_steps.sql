-- slowest steps: reads
-- Parameters: $1 timestamp, $2 bigint, $3 text, $4 text, $5 text
select array_agg(step_id order by place)::text as steps, array_agg(task_id order by place)::text as tasks,
       array_agg(step_name order by place)::text as step_names, array_agg(task_name order by place)::text as task_names,
       array_agg(namespace order by place)::text as namespaces, array_agg(version order by place)::text as versions,
       array_agg((extract(epoch from duration) * 1000000)::bigint order by place)::text as durations,
       array_agg(attempts order by place)::text as attempts,
       array_agg(case made_at when 'infinity' then 9223372036854775807 when '-infinity' then -9223372036854775808 else (extract(epoch from made_at) * 1000000)::bigint end order by place)::text as made_at,
       array_agg(case complete_at when 'infinity' then 9223372036854775807 when '-infinity' then -9223372036854775808 else (extract(epoch from complete_at) * 1000000)::bigint end order by place)::text as complete_at,
       array_agg(retryable order by place)::text as retryable
from (
  select row_number() over (order by t.created_at - s.created_at desc, s.workflow_step_id) as place,
         s.workflow_step_id as step_id, s.task_id, w.name as step_name, d.name as task_name, n.name as namespace, d.version,
         t.created_at - s.created_at as duration, s.attempts, s.created_at as made_at, t.created_at as complete_at, s.retryable
  from tasker_workflow_steps s
  join tasker_workflow_step_transitions t on t.workflow_step_id = s.workflow_step_id
  join tasker_named_steps w on w.named_step_id = s.named_step_id
  join tasker_tasks k on k.task_id = s.task_id
  join tasker_named_tasks d on d.named_task_id = k.named_task_id
  join tasker_task_namespaces n on n.task_namespace_id = d.task_namespace_id
  where s.created_at > (select coalesce((select $1::timestamp)::timestamptz, now() - interval '24 hours')::timestamp)
    and t.most_recent and t.to_state = 'complete' and t.created_at > s.created_at
    and ((select $3::text) is null or n.name = (select $3::text))
    and ((select $4::text) is null or d.name = (select $4::text))
    and ((select $5::text) is null or d.version = (select $5::text))
  order by place
  limit (select $2::bigint)
) step;
