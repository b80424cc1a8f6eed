-- finish and claim: writes
-- Parameters: $1 bigint, $2 bigint, $3 text, $4 text, $5 jsonb, $6 bigint, $7 jsonb, $8 timestamp, $9 bigint, $10 boolean, $11 text, $12 bigint
with ended as materialized (
  select t.id, s.workflow_step_id as step, s.task_id
  from tasker_workflow_steps s
  join tasker_workflow_step_transitions t on t.workflow_step_id = s.workflow_step_id
  where s.workflow_step_id = (select $1::bigint) and t.id = (select $2::bigint) and t.most_recent and t.to_state = 'in_progress'
    and ((select $12::bigint) is null or not exists (
      select from (
        select o.named_step_id from tasker_workflow_steps o
        where o.task_id = s.task_id and o.workflow_step_id <> s.workflow_step_id and o.workflow_step_id > (select $12::bigint)
        offset 0
      ) other
      join tasker_named_steps theirs on theirs.named_step_id = other.named_step_id
      join tasker_named_steps mine on mine.name = theirs.name
      where mine.named_step_id = s.named_step_id
      offset 0
    ))
  for no key update of s, t
), saved as (
  update tasker_workflow_steps s
  set (retryable, retry_limit, in_process, processed, processed_at, attempts, last_attempted_at, backoff_request_seconds, inputs,
       results, skippable, updated_at) = (
    select r.retryable, r.retry_limit, r.in_process, r.processed, r.processed_at,
           case when $5::jsonb ? 'attempts' then r.attempts else coalesce(s.attempts, 0) + 1 end, r.last_attempted_at,
           r.backoff_request_seconds, r.inputs,
           case when $4::text is null then r.results
                when $3::text = 'error' and jsonb_typeof(s.results) = 'object' then s.results || $4::jsonb
                else $4::jsonb end,
           r.skippable, $8::timestamp
    from jsonb_populate_record(s, $5::jsonb) r
  )
  from ended where s.workflow_step_id = ended.step
  returning s.workflow_step_id as step, s as record, s.xmin::text || s.ctid::text as version
), free as materialized (
  select t.id, n.workflow_step_id as step, 'pending' as was, n as record, n.xmin::text || n.ctid::text as version
  from saved
  join tasker_workflow_step_edges e on e.from_step_id = saved.step
  join tasker_workflow_steps n on n.workflow_step_id = e.to_step_id
  join ended owner on owner.task_id = n.task_id
  left join tasker_workflow_step_transitions t on t.workflow_step_id = n.workflow_step_id and t.most_recent
  where n.workflow_step_id = (select $6::bigint) and $3::text = 'complete'
    and (t.to_state is null or t.to_state = 'pending')
    and not n.processed and not n.in_process and n.retryable and coalesce(n.attempts, 0) = 0 and n.last_attempted_at is null
    and n.backoff_request_seconds is null and coalesce(n.retry_limit, 3) > 0
    and not exists (
      select from tasker_workflow_step_edges o
      left join tasker_workflow_step_transitions p on p.workflow_step_id = o.from_step_id and p.most_recent
      where o.to_step_id = n.workflow_step_id and o.from_step_id <> saved.step
        and (p.to_state is null or p.to_state not in ('complete', 'resolved_manually'))
      offset 0
    )
    and ((select $9::bigint) is null or not exists (select c.id from tasker_task_transitions c
    where c.task_id = owner.task_id and c.most_recent and c.to_state = 'in_progress' and c.id <> (select $9::bigint) offset 0))
  limit 1 for no key update of n skip locked
), unflagged as (
  update tasker_workflow_step_transitions t set most_recent = false, updated_at = $8::timestamp
  from (
    select ended.id, $3::text as to_state from ended join saved using (step)
    union all
    select free.id, 'in_progress' from free
  ) m
  where t.id = m.id and t.most_recent
  returning t.workflow_step_id as step, m.to_state
), moved as (
  select unflagged.step, unflagged.to_state from unflagged
  union all
  select free.step, 'in_progress' from free where free.id is null
)
insert into tasker_workflow_step_transitions
  (to_state, metadata, sort_key, most_recent, workflow_step_id, created_at, updated_at)
(select moved.to_state, case moved.to_state when 'in_progress' then $7::jsonb else '{}'::jsonb end,
        coalesce((
          select max(x.sort_key) from tasker_workflow_step_transitions x where x.workflow_step_id = moved.step
        ), 0) + 10,
        true, moved.step, $8::timestamp, $8::timestamp
 from moved order by moved.to_state)
on conflict (workflow_step_id, most_recent) where most_recent do nothing
returning to_state, case when to_state = 'in_progress' then (
  select json_build_array(s.workflow_step_id, tasker_workflow_step_transitions.id, n.name,
                          case when not (select $10::boolean) then s.inputs::text end, case when not (select $10::boolean) then s.results::text end, s.attempts, s.retry_limit, free.was)::text
  from free cross join lateral (select (free.record).*) s join tasker_named_steps n on n.named_step_id = s.named_step_id
  where free.step = tasker_workflow_step_transitions.workflow_step_id
) end, case when to_state = 'in_progress' and (select $10::boolean) then (
  select json_agg(r.cells order by r.edge nulls first)::text
  from (
    select null::bigint as edge, json_build_array(s.workflow_step_id, tasker_workflow_step_transitions.to_state, free.version, s.workflow_step_id, s.task_id, s.named_step_id, s.retryable, s.retry_limit, s.in_process, s.processed, case s.processed_at when 'infinity' then 9223372036854775807 when '-infinity' then -9223372036854775808 else (extract(epoch from s.processed_at) * 1000000)::bigint end, s.attempts, case s.last_attempted_at when 'infinity' then 9223372036854775807 when '-infinity' then -9223372036854775808 else (extract(epoch from s.last_attempted_at) * 1000000)::bigint end, s.backoff_request_seconds, s.inputs::text, s.results::text, case s.created_at when 'infinity' then 9223372036854775807 when '-infinity' then -9223372036854775808 else (extract(epoch from s.created_at) * 1000000)::bigint end, case s.updated_at when 'infinity' then 9223372036854775807 when '-infinity' then -9223372036854775808 else (extract(epoch from s.updated_at) * 1000000)::bigint end, s.skippable) as cells
    from free cross join lateral (select (free.record).*) s
    where free.step = tasker_workflow_step_transitions.workflow_step_id
    union all
    select e.id, json_build_array(s.workflow_step_id, s.to_state, s.version, s.workflow_step_id, s.task_id, s.named_step_id, s.retryable, s.retry_limit, s.in_process, s.processed, case s.processed_at when 'infinity' then 9223372036854775807 when '-infinity' then -9223372036854775808 else (extract(epoch from s.processed_at) * 1000000)::bigint end, s.attempts, case s.last_attempted_at when 'infinity' then 9223372036854775807 when '-infinity' then -9223372036854775808 else (extract(epoch from s.last_attempted_at) * 1000000)::bigint end, s.backoff_request_seconds, s.inputs::text, s.results::text, case s.created_at when 'infinity' then 9223372036854775807 when '-infinity' then -9223372036854775808 else (extract(epoch from s.created_at) * 1000000)::bigint end, case s.updated_at when 'infinity' then 9223372036854775807 when '-infinity' then -9223372036854775808 else (extract(epoch from s.updated_at) * 1000000)::bigint end, s.skippable)
    from tasker_workflow_step_edges e
    cross join lateral (select (saved.record).*, saved.version, $3::text as to_state from saved where saved.step = e.from_step_id
      union all
      select x.*, x.xmin::text || x.ctid::text as version, p.to_state
      from tasker_workflow_steps x
      left join tasker_workflow_step_transitions p on p.workflow_step_id = x.workflow_step_id and p.most_recent
      where x.workflow_step_id = e.from_step_id and x.workflow_step_id <> (select saved.step from saved)) s
    where e.to_step_id = tasker_workflow_step_transitions.workflow_step_id
  ) r
) end, case when to_state = 'in_progress' then (
  select json_build_array(o.xmin::text || o.ctid::text, o.task_id, o.named_task_id, o.complete, case o.requested_at when 'infinity' then 9223372036854775807 when '-infinity' then -9223372036854775808 else (extract(epoch from o.requested_at) * 1000000)::bigint end, o.initiator, o.source_system, o.reason, o.bypass_steps::text, o.tags::text, o.context::text, o.identity_hash, case o.created_at when 'infinity' then 9223372036854775807 when '-infinity' then -9223372036854775808 else (extract(epoch from o.created_at) * 1000000)::bigint end, case o.updated_at when 'infinity' then 9223372036854775807 when '-infinity' then -9223372036854775808 else (extract(epoch from o.updated_at) * 1000000)::bigint end)::text
  from tasker_tasks o
  where (select $10::boolean) and o.task_id = (select ended.task_id from ended) and o.xmin::text || o.ctid::text is distinct from (select $11::text)
) end;
