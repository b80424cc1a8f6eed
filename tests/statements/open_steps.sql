-- open steps: reads
-- Parameters: $1 bigint[]
select case localtimestamp when 'infinity' then 9223372036854775807 when '-infinity' then -9223372036854775808 else (extract(epoch from localtimestamp) * 1000000)::bigint end, string_agg(row(
           s.workflow_step_id, s.task_id, t.to_state, case when t.to_state = 'error' then extract(epoch from t.created_at) end, s.processed, s.in_process, s.retryable, s.attempts, s.retry_limit, s.backoff_request_seconds, extract(epoch from s.last_attempted_at)
         )::text, '')
  from tasker_workflow_steps s
  left join lateral (
    select t.to_state, t.created_at from tasker_workflow_step_transitions t
    where t.workflow_step_id = s.workflow_step_id and t.most_recent offset 0
  ) t on true
  where s.task_id = any ((select $1::bigint[])::bigint[])
    and s.processed = false and not (exists (
      select from tasker_workflow_step_edges e
    left join tasker_workflow_step_transitions p on p.workflow_step_id = e.from_step_id and p.most_recent
    where e.to_step_id = s.workflow_step_id and (p.to_state is null or not p.to_state in ('complete', 'resolved_manually'))
      offset 0
    ));
