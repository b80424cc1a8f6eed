-- task survey: reads
-- Parameters: $1 bigint, $2 text, $3 bigint[], $4 text[], $5 text[]
with step as materialized (
  select s.*, s.xmin::text || s.ctid::text as version, n.name, t.to_state, t.created_at as moved_at,
         (s.workflow_step_id, s.xmin::text || s.ctid::text) not in (
           select * from unnest((select $3::bigint[])::bigint[], (select $4::text[])::text[])
         ) as sent
  from tasker_workflow_steps s join tasker_named_steps n on n.named_step_id = s.named_step_id
  left join tasker_workflow_step_transitions t on t.workflow_step_id = s.workflow_step_id and t.most_recent
  where s.task_id = (select $1::bigint)
  order by s.workflow_step_id
)
select json_build_array(case localtimestamp when 'infinity' then 9223372036854775807 when '-infinity' then -9223372036854775808 else (extract(epoch from localtimestamp) * 1000000)::bigint end,
       step.ids, step.tasks, step.named_steps, step.names, step.states, step.failures, step.processed, step.in_process,
       step.retryable, step.attempts, step.retry_limits, step.backoffs, step.last_attempts, edge.ends, edge.satisfied,
       array[task.task_id]::text, array[task.named_task_id]::text, array[task.to_state]::text, edge.starts,
       step.versions, case step.completed_at when 'infinity' then 9223372036854775807 when '-infinity' then -9223372036854775808 else (extract(epoch from step.completed_at) * 1000000)::bigint end, task.version, task.sent,
       case when task.sent then task.complete end,
       case when task.sent then case task.requested_at when 'infinity' then 9223372036854775807 when '-infinity' then -9223372036854775808 else (extract(epoch from task.requested_at) * 1000000)::bigint end end,
       case when task.sent then task.initiator end,
       case when task.sent then task.source_system end,
       case when task.sent then task.reason end,
       case when task.sent then task.bypass_steps::text end,
       case when task.sent then task.tags::text end,
       case when task.sent then task.context::text end,
       case when task.sent then task.identity_hash end,
       case when task.sent then case task.created_at when 'infinity' then 9223372036854775807 when '-infinity' then -9223372036854775808 else (extract(epoch from task.created_at) * 1000000)::bigint end end,
       case when task.sent then case task.updated_at when 'infinity' then 9223372036854775807 when '-infinity' then -9223372036854775808 else (extract(epoch from task.updated_at) * 1000000)::bigint end end,
       step.sent, step.skippable, step.processed_at, step.inputs, step.results, step.created_at, step.updated_at, (select array_agg(x.name)::text from unnest((select $5::text[])::text[]) x (name)
  where exists (select from pg_trigger g where g.tgrelid = to_regclass(x.name) and not g.tgisinternal and g.tgtype & 1 = 1 and g.tgenabled <> 'D')))::text
from (
  select t.*, t.xmin::text || t.ctid::text as version,
         t.xmin::text || t.ctid::text is distinct from (select $2::text) as sent,
         (select c.to_state from tasker_task_transitions c where c.task_id = t.task_id and c.most_recent)
  from tasker_tasks t where t.task_id = (select $1::bigint)
) task, (
  select array_agg(s.workflow_step_id)::text as ids,
         array_agg(s.task_id)::text as tasks,
         array_agg(s.named_step_id)::text as named_steps,
         array_agg(s.name)::text as names,
         array_agg(s.to_state)::text as states,
         array_agg(case when s.to_state = 'error' then case s.moved_at when 'infinity' then 9223372036854775807 when '-infinity' then -9223372036854775808 else (extract(epoch from s.moved_at) * 1000000)::bigint end end)::text as failures,
         array_agg(s.processed)::text as processed,
         array_agg(s.in_process)::text as in_process,
         array_agg(s.retryable)::text as retryable,
         array_agg(s.attempts)::text as attempts,
         array_agg(s.retry_limit)::text as retry_limits,
         array_agg(s.backoff_request_seconds)::text as backoffs,
         array_agg(case s.last_attempted_at when 'infinity' then 9223372036854775807 when '-infinity' then -9223372036854775808 else (extract(epoch from s.last_attempted_at) * 1000000)::bigint end)::text as last_attempts,
         array_agg(s.version)::text as versions,
         max(s.processed_at) filter (where s.to_state in ('complete', 'resolved_manually')) as completed_at,
         array_agg(s.workflow_step_id) filter (where s.sent)::text as sent,
         array_agg(s.skippable) filter (where s.sent)::text as skippable,
         array_agg(case s.processed_at when 'infinity' then 9223372036854775807 when '-infinity' then -9223372036854775808 else (extract(epoch from s.processed_at) * 1000000)::bigint end) filter (where s.sent)::text as processed_at,
         array_agg(s.inputs::text) filter (where s.sent)::text as inputs,
         array_agg(s.results::text) filter (where s.sent)::text as results,
         array_agg(case s.created_at when 'infinity' then 9223372036854775807 when '-infinity' then -9223372036854775808 else (extract(epoch from s.created_at) * 1000000)::bigint end) filter (where s.sent)::text as created_at,
         array_agg(case s.updated_at when 'infinity' then 9223372036854775807 when '-infinity' then -9223372036854775808 else (extract(epoch from s.updated_at) * 1000000)::bigint end) filter (where s.sent)::text as updated_at
  from step s
) step, (
  select array_agg(e.to_step_id)::text as ends,
         array_agg(not (e.to_state is null or not e.to_state in ('complete', 'resolved_manually')))::text as satisfied,
         array_agg(e.from_step_id)::text as starts
  from (
    select e.from_step_id, e.to_step_id, p.to_state
    from step s join tasker_workflow_step_edges e on e.to_step_id = s.workflow_step_id
    left join tasker_workflow_step_transitions p on p.workflow_step_id = e.from_step_id and p.most_recent
    order by e.id
  ) e
) edge;
