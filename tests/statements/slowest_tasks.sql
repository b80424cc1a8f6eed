-- slowest tasks: reads
-- Parameters: $1 timestamp, $2 bigint, $3 text, $4 text, $5 text
select array_agg(task_id order by place)::text as tasks, array_agg(task_name order by place)::text as task_names,
       array_agg(namespace order by place)::text as namespaces, array_agg(version order by place)::text as versions,
       array_agg((extract(epoch from ended_at - made_at) * 1000000)::bigint order by place)::text as durations,
       array_agg(steps order by place)::text as steps, array_agg(complete order by place)::text as complete,
       array_agg(failed order by place)::text as failed,
       array_agg(case made_at when 'infinity' then 9223372036854775807 when '-infinity' then -9223372036854775808 else (extract(epoch from made_at) * 1000000)::bigint end order by place)::text as made_at,
       array_agg(case ended_at when 'infinity' then 9223372036854775807 when '-infinity' then -9223372036854775808 else (extract(epoch from ended_at) * 1000000)::bigint end order by place)::text as ended_at,
       array_agg(initiator order by place)::text as initiators, array_agg(source_system order by place)::text as source_systems
from (
  select row_number() over (order by e.ended_at - k.created_at desc, k.task_id) as place,
         k.task_id, d.name as task_name, n.name as namespace, d.version, k.created_at as made_at, e.ended_at,
         e.steps, e.complete, e.failed, k.initiator, k.source_system
  from tasker_tasks k
  join tasker_named_tasks d on d.named_task_id = k.named_task_id
  join tasker_task_namespaces n on n.task_namespace_id = d.task_namespace_id
  cross join lateral (
    select max(t.created_at) filter (where t.to_state in ('complete', 'error')) as ended_at, count(*) as steps,
           count(*) filter (where t.to_state = 'complete') as complete,
           count(*) filter (where t.to_state = 'error') as failed
    from tasker_workflow_steps s
    left join tasker_workflow_step_transitions t on t.workflow_step_id = s.workflow_step_id and t.most_recent
    where s.task_id = k.task_id
  ) e
  where k.created_at > (select coalesce((select $1::timestamp)::timestamptz, now() - interval '24 hours')::timestamp)
    and e.ended_at is not null
    and ((select $3::text) is null or n.name = (select $3::text))
    and ((select $4::text) is null or d.name = (select $4::text))
    and ((select $5::text) is null or d.version = (select $5::text))
  order by place
  limit (select $2::bigint)
) task;
