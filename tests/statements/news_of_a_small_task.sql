-- news of a small task: reads
-- Parameters: $1 bigint, $2 bigint[], $3 bigint, $4 bigint
select case localtimestamp when 'infinity' then 9223372036854775807 when '-infinity' then -9223372036854775808 else (extract(epoch from localtimestamp) * 1000000)::bigint end, string_agg(told.line, '')
from (
  select row(
           s.workflow_step_id, s.processed, s.in_process, s.retryable, s.attempts, s.retry_limit, s.backoff_request_seconds, extract(epoch from s.last_attempted_at),
           array(select e.from_step_id from tasker_workflow_step_edges e where e.to_step_id = s.workflow_step_id)
         )::text as line
  from tasker_workflow_steps s
  where s.task_id = (select $1::bigint)
    and (s.workflow_step_id = any ((select $2::bigint[])::bigint[]) or s.workflow_step_id >= (select $4::bigint))
  union all
  select row(t.workflow_step_id, t.to_state, case when t.to_state = 'error' then extract(epoch from t.created_at) end)::text
  from tasker_workflow_step_transitions t
  where t.most_recent and t.workflow_step_id between (select $3::bigint) and (select $4::bigint)
) told;
