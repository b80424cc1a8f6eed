-- start and claim: writes
-- Parameters: $1 bigint, $2 integer, $3 jsonb, $4 timestamp, $5 jsonb, $6 boolean, $7 text, $8 boolean
with look as materialized (
  select s.workflow_step_id as step, s.named_step_id
  from tasker_workflow_steps s
  left join tasker_workflow_step_transitions t on t.workflow_step_id = s.workflow_step_id and t.most_recent
  cross join (select (select $1::bigint) as task_id) owner
  where s.task_id = (select $1::bigint)
    and (t.to_state is null or t.to_state in ('pending', 'error'))
    and not s.processed and not s.in_process and s.retryable
    and coalesce(s.attempts, 0) < coalesce(s.retry_limit, 3)
    and (s.backoff_request_seconds is null or s.last_attempted_at is null
         or s.last_attempted_at + s.backoff_request_seconds * interval '1 second' <= localtimestamp)
    and (t.to_state is distinct from 'error'
         or t.created_at + least(power(2, least(greatest(coalesce(s.attempts, 1), -60), 5)), 30) * interval '1 second'
            <= localtimestamp)
    and not (exists (
      select from tasker_workflow_step_edges e
    left join tasker_workflow_step_transitions p on p.workflow_step_id = e.from_step_id and p.most_recent
    where e.to_step_id = s.workflow_step_id and (p.to_state is null or not p.to_state in ('complete', 'resolved_manually'))
      offset 0
    ))
    and ((select null::bigint) is null or not exists (select c.id from tasker_task_transitions c
    where c.task_id = owner.task_id and c.most_recent and c.to_state = 'in_progress' and c.id <> (select null::bigint) offset 0))
    and ((select $8::boolean) or t.to_state is distinct from 'error')
), recorded as materialized (
  select t.id, s.workflow_step_id as step, t.to_state as was, s as record, s.xmin::text || s.ctid::text as version
  from look
  join tasker_workflow_steps s on s.workflow_step_id = look.step
  join tasker_workflow_step_transitions t on t.workflow_step_id = s.workflow_step_id
  where t.most_recent and t.to_state in ('pending', 'error')
    and not s.processed and not s.in_process and s.retryable and coalesce(s.attempts, 0) < coalesce(s.retry_limit, 3)
  order by s.workflow_step_id limit (select $2::integer) for no key update of s, t skip locked
), fresh as materialized (
  select null::bigint as id, s.workflow_step_id as step, 'pending' as was, s as record, s.xmin::text || s.ctid::text as version
  from look
  join tasker_workflow_steps s on s.workflow_step_id = look.step
  where not s.processed and not s.in_process and s.retryable and coalesce(s.attempts, 0) < coalesce(s.retry_limit, 3)
    and not exists (
      select from tasker_workflow_step_transitions x where x.workflow_step_id = s.workflow_step_id and x.most_recent
    )
  order by s.workflow_step_id limit (select $2::integer) for no key update of s skip locked
), slice as materialized (
  select chosen.*
  from (select * from recorded union all select * from fresh) chosen
  order by chosen.step limit (select $2::integer)
), owner as materialized (
  select o.task_id as id from tasker_tasks o
  where o.task_id = (select $1::bigint) and o.complete is not true
    and exists (select from slice) for key share
), left_pending as (
  update tasker_task_transitions t set most_recent = false, updated_at = $4::timestamp
  from owner
  where t.task_id = owner.id and t.most_recent and t.to_state = 'pending'
  returning owner.id
), started as (
  insert into tasker_task_transitions (to_state, metadata, sort_key, most_recent, task_id, created_at, updated_at)
  (select 'in_progress', $5::jsonb || jsonb_build_object('initialization_completed', true, 'step_dependencies_established',
            (select count(*) from tasker_workflow_steps s where s.task_id = moved.id)),
          coalesce((select max(x.sort_key) from tasker_task_transitions x where x.task_id = moved.id), 0) + 10,
          true, moved.id, $4::timestamp, $4::timestamp
   from (
    select left_pending.id from left_pending
    union all
    select owner.id from owner
    where case when not exists (select from tasker_task_transitions x where x.task_id = owner.id and x.most_recent)
               then pg_advisory_xact_lock(hashtextextended('tasker_task_transitions', owner.id)) is not null end
  ) moved)
on conflict (task_id, most_recent) where most_recent do nothing
  returning id
), unflagged as (
  update tasker_workflow_step_transitions t set most_recent = false, updated_at = $4::timestamp
  from slice cross join started
  where t.id = slice.id and t.most_recent
  returning slice.step, slice.was
), moved as (
  select unflagged.step, 'pending' as to_state, 10 as later from unflagged where unflagged.was = 'error'
  union all
  select unflagged.step, 'in_progress', case when unflagged.was = 'error' then 20 else 10 end from unflagged
  union all
  select slice.step, 'in_progress', 10 from slice cross join started where slice.id is null
)
insert into tasker_workflow_step_transitions
  (to_state, metadata, sort_key, most_recent, workflow_step_id, created_at, updated_at)
(select moved.to_state, case moved.to_state when 'in_progress' then $3::jsonb else '{}'::jsonb end,
        coalesce((
          select max(x.sort_key) from tasker_workflow_step_transitions x where x.workflow_step_id = moved.step
        ), 0) + moved.later,
        moved.to_state = 'in_progress', moved.step, $4::timestamp, $4::timestamp
 from moved order by moved.step, moved.later)
returning to_state, case when to_state = 'in_progress' then (
  select json_build_array(s.workflow_step_id, tasker_workflow_step_transitions.id, n.name,
                          case when not (select $6::boolean) then s.inputs::text end, case when not (select $6::boolean) then s.results::text end, s.attempts, s.retry_limit, slice.was)::text
  from slice cross join lateral (select (slice.record).*) s join tasker_named_steps n on n.named_step_id = s.named_step_id
  where slice.step = tasker_workflow_step_transitions.workflow_step_id
) end, case when to_state = 'in_progress' and (select $6::boolean) then (
  select json_agg(r.cells order by r.edge nulls first)::text
  from (
    select null::bigint as edge, json_build_array(s.workflow_step_id, tasker_workflow_step_transitions.to_state, slice.version, s.workflow_step_id, s.task_id, s.named_step_id, s.retryable, s.retry_limit, s.in_process, s.processed, case s.processed_at when 'infinity' then 9223372036854775807 when '-infinity' then -9223372036854775808 else (extract(epoch from s.processed_at) * 1000000)::bigint end, s.attempts, case s.last_attempted_at when 'infinity' then 9223372036854775807 when '-infinity' then -9223372036854775808 else (extract(epoch from s.last_attempted_at) * 1000000)::bigint end, s.backoff_request_seconds, s.inputs::text, s.results::text, case s.created_at when 'infinity' then 9223372036854775807 when '-infinity' then -9223372036854775808 else (extract(epoch from s.created_at) * 1000000)::bigint end, case s.updated_at when 'infinity' then 9223372036854775807 when '-infinity' then -9223372036854775808 else (extract(epoch from s.updated_at) * 1000000)::bigint end, s.skippable) as cells
    from slice cross join lateral (select (slice.record).*) s
    where slice.step = tasker_workflow_step_transitions.workflow_step_id
    union all
    select e.id, json_build_array(s.workflow_step_id, s.to_state, s.version, s.workflow_step_id, s.task_id, s.named_step_id, s.retryable, s.retry_limit, s.in_process, s.processed, case s.processed_at when 'infinity' then 9223372036854775807 when '-infinity' then -9223372036854775808 else (extract(epoch from s.processed_at) * 1000000)::bigint end, s.attempts, case s.last_attempted_at when 'infinity' then 9223372036854775807 when '-infinity' then -9223372036854775808 else (extract(epoch from s.last_attempted_at) * 1000000)::bigint end, s.backoff_request_seconds, s.inputs::text, s.results::text, case s.created_at when 'infinity' then 9223372036854775807 when '-infinity' then -9223372036854775808 else (extract(epoch from s.created_at) * 1000000)::bigint end, case s.updated_at when 'infinity' then 9223372036854775807 when '-infinity' then -9223372036854775808 else (extract(epoch from s.updated_at) * 1000000)::bigint end, s.skippable)
    from tasker_workflow_step_edges e
    cross join lateral (select x.*, x.xmin::text || x.ctid::text as version, p.to_state
      from tasker_workflow_steps x
      left join tasker_workflow_step_transitions p on p.workflow_step_id = x.workflow_step_id and p.most_recent
      where x.workflow_step_id = e.from_step_id) s
    where e.to_step_id = tasker_workflow_step_transitions.workflow_step_id
  ) r
) end, case when workflow_step_id = (select min(slice.step) from slice) and to_state = 'in_progress' then (
  select json_build_array(o.xmin::text || o.ctid::text, o.task_id, o.named_task_id, o.complete, case o.requested_at when 'infinity' then 9223372036854775807 when '-infinity' then -9223372036854775808 else (extract(epoch from o.requested_at) * 1000000)::bigint end, o.initiator, o.source_system, o.reason, o.bypass_steps::text, o.tags::text, o.context::text, o.identity_hash, case o.created_at when 'infinity' then 9223372036854775807 when '-infinity' then -9223372036854775808 else (extract(epoch from o.created_at) * 1000000)::bigint end, case o.updated_at when 'infinity' then 9223372036854775807 when '-infinity' then -9223372036854775808 else (extract(epoch from o.updated_at) * 1000000)::bigint end)::text
  from tasker_tasks o
  where (select $6::boolean) and o.task_id = (select $1::bigint) and o.xmin::text || o.ctid::text is distinct from (select $7::text)
) end, case when workflow_step_id = (select min(slice.step) from slice) and to_state = 'in_progress' then (select array_agg(look.step order by look.step)::text from look) end, case when workflow_step_id = (select min(slice.step) from slice) and to_state = 'in_progress' then case when (select $6::boolean) then (
  select array_agg(n.name order by look.step)::text
  from look join tasker_named_steps n on n.named_step_id = look.named_step_id
) end end, case when workflow_step_id = (select min(slice.step) from slice) and to_state = 'in_progress' then (select started.id from started) end, case when workflow_step_id = (select min(slice.step) from slice) and to_state = 'in_progress' then (
  select array_agg(s.workflow_step_id)::text from tasker_workflow_steps s where s.task_id = (select $1::bigint)
) end, case when workflow_step_id = (select min(slice.step) from slice) and to_state = 'in_progress' then (
  select array_agg(e.from_step_id order by e.id)::text
  from tasker_workflow_steps s join tasker_workflow_step_edges e on e.to_step_id = s.workflow_step_id
  where s.task_id = (select $1::bigint)
) end, case when workflow_step_id = (select min(slice.step) from slice) and to_state = 'in_progress' then (
  select array_agg(e.to_step_id order by e.id)::text
  from tasker_workflow_steps s join tasker_workflow_step_edges e on e.to_step_id = s.workflow_step_id
  where s.task_id = (select $1::bigint)
) end, case when workflow_step_id = (select min(slice.step) from slice) and to_state = 'in_progress' then (
  select array_agg(s.workflow_step_id)::text
  from tasker_workflow_steps s
  join tasker_workflow_step_transitions p on p.workflow_step_id = s.workflow_step_id and p.most_recent
  where s.task_id = (select $1::bigint) and p.to_state in ('complete', 'resolved_manually')
) end;
