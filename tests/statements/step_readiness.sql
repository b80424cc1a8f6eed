-- step readiness: reads
-- Parameters: $1 bigint[], $2 bigint[]
select case localtimestamp when 'infinity' then 9223372036854775807 when '-infinity' then -9223372036854775808 else (extract(epoch from localtimestamp) * 1000000)::bigint end as now, step.*, edge.*
from (
  select array_agg(r.workflow_step_id)::text, array_agg(r.task_id)::text, array_agg(r.named_step_id)::text,
       array_agg(r.name)::text, array_agg(r.to_state)::text, array_agg(r.failed_at)::text, array_agg(r.processed)::text,
       array_agg(r.in_process)::text, array_agg(r.retryable)::text, array_agg(r.attempts)::text,
       array_agg(r.retry_limit)::text, array_agg(r.backoff_request_seconds)::text, array_agg(r.last_attempted_at)::text
  from (
    select n.name, s.workflow_step_id, s.task_id, s.named_step_id, t.to_state, case when t.to_state = 'error' then case t.created_at when 'infinity' then 9223372036854775807 when '-infinity' then -9223372036854775808 else (extract(epoch from t.created_at) * 1000000)::bigint end end as failed_at,
       s.processed, s.in_process, s.retryable, s.attempts, s.retry_limit, s.backoff_request_seconds, case s.last_attempted_at when 'infinity' then 9223372036854775807 when '-infinity' then -9223372036854775808 else (extract(epoch from s.last_attempted_at) * 1000000)::bigint end as last_attempted_at
    from tasker_workflow_steps s
    join tasker_named_steps n on n.named_step_id = s.named_step_id
    left join tasker_workflow_step_transitions t on t.workflow_step_id = s.workflow_step_id and t.most_recent
    where s.task_id = any ((select $1::bigint[])::bigint[])
      and ((select $2::bigint[]) is null or s.workflow_step_id = any ((select $2::bigint[])::bigint[]))
    order by s.task_id, s.workflow_step_id
  ) r
) step (steps, tasks, named_steps, names, states, failures, processed, in_process, retryable, attempts, retry_limits, backoffs,
        last_attempts), (
  select array_agg(e.to_step_id)::text,
         array_agg(not (t.to_state is null or not t.to_state in ('complete', 'resolved_manually')))::text
  from tasker_workflow_steps s
  join tasker_workflow_step_edges e on e.to_step_id = s.workflow_step_id
  left join tasker_workflow_step_transitions t on t.workflow_step_id = e.from_step_id and t.most_recent
  where s.task_id = any ((select $1::bigint[])::bigint[])
    and ((select $2::bigint[]) is null or s.workflow_step_id = any ((select $2::bigint[])::bigint[]))
) edge (ends, satisfied);
