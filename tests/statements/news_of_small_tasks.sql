-- news of small tasks: reads
-- Parameters: $1 bigint[], $2 bigint[], $3 bigint[], $4 bigint[]
select case localtimestamp when 'infinity' then 9223372036854775807 when '-infinity' then -9223372036854775808 else (extract(epoch from localtimestamp) * 1000000)::bigint end, step.*, edge.*, standing.*, outdated.*
from (
  select string_agg(row(
           s.workflow_step_id, s.processed, s.in_process, s.retryable, s.attempts, s.retry_limit, s.backoff_request_seconds, extract(epoch from s.last_attempted_at)
         )::text, '')
  from tasker_workflow_steps s where s.workflow_step_id = any ((select $1::bigint[])::bigint[])
) step, (
  select array_agg(e.to_step_id)::text, array_agg(e.from_step_id)::text
  from tasker_workflow_step_edges e where e.to_step_id = any ((select $1::bigint[])::bigint[])
) edge, (
  select array_agg(t.workflow_step_id) filter (where t.done)::text,
         string_agg(row(
           t.workflow_step_id, t.to_state, case when t.to_state = 'error' then extract(epoch from t.created_at) end
         )::text, '') filter (where not t.done)
  from unnest((select $3::bigint[])::bigint[], (select $4::bigint[])::bigint[]) range (first, last)
  cross join lateral (
    select t.workflow_step_id, t.to_state, t.created_at, t.to_state in ('complete', 'resolved_manually') as done
    from tasker_workflow_step_transitions t
    where t.most_recent and t.workflow_step_id between range.first and range.last
    limit 256
  ) t
) standing, (
  select array_agg(followed.place)::text
  from unnest((select $2::bigint[])::bigint[], (select $4::bigint[])::bigint[]) with ordinality followed (id, last, place)
  where followed.last is distinct from (
    select s.workflow_step_id from tasker_workflow_steps s
    where s.task_id = followed.id order by s.workflow_step_id desc limit 1
  )
) outdated;
