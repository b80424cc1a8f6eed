-- moves of steps: writes
-- Parameters: $1 bigint[], $2 text[], $3 text[], $4 boolean[], $5 text[], $6 boolean[], $7 boolean[], $8 timestamp[], $9 integer[], $10 timestamp[], $11 boolean[], $12 text[], $13 timestamp, $14 bigint[], $15 bigint[]
with owner as materialized (
  select w.id, w.to_state, w.from_states::text[] as from_states, w.guarded, w.metadata, w.processed, w.in_process,
         w.processed_at, w.attempts, w.last_attempted_at, w.changes_results, w.results, w.claim, w.task_claim, s.task_id
  from unnest(
    (select $1::bigint[]), (select $2::text[]), (select $3::text[]), (select $4::boolean[]), (select $5::text[]),
    (select $6::boolean[]), (select $7::boolean[]), (select $8::timestamp[]), (select $9::integer[]),
    (select $10::timestamp[]), (select $11::boolean[]), (select $12::text[]), (select $14::bigint[]), (select $15::bigint[])
  ) w (id, to_state, from_states, guarded, metadata, processed, in_process, processed_at, attempts, last_attempted_at,
       changes_results, results, claim, task_claim)
  join tasker_workflow_steps s on s.workflow_step_id = w.id
  order by s.workflow_step_id for no key update of s
), ended as (
  update tasker_workflow_step_transitions t set most_recent = false, updated_at = $13::timestamp
  from owner
  where t.workflow_step_id = owner.id and t.most_recent and coalesce(nullif(t.to_state, ''), 'pending') = any (owner.from_states)
    and (owner.claim is null or t.id = owner.claim) and not owner.guarded
  returning owner.*, t.to_state as was
), free as materialized (
  select owner.* from owner where owner.guarded and not exists (
    select from tasker_workflow_step_edges e
    left join tasker_workflow_step_transitions p on p.workflow_step_id = e.from_step_id and p.most_recent
    where e.to_step_id = owner.id and (p.to_state is null or not p.to_state in ('complete', 'resolved_manually'))
      and e.from_step_id not in (select ended.id from ended where ended.to_state in ('complete', 'resolved_manually'))
    offset 0
  )
    and (owner.task_claim is null or not exists (select c.id from tasker_task_transitions c
    where c.task_id = owner.task_id and c.most_recent and c.to_state = 'in_progress' and c.id <> owner.task_claim offset 0))
), begun as (
  update tasker_workflow_step_transitions t set most_recent = false, updated_at = $13::timestamp
  from free
  where t.workflow_step_id = free.id and t.most_recent and coalesce(nullif(t.to_state, ''), 'pending') = any (free.from_states)
    and (free.claim is null or t.id = free.claim)
  returning free.*, t.to_state as was
), fresh as materialized (
  select f.* from (select owner.* from owner where not owner.guarded union all select free.* from free) f
  where 'pending' = any (f.from_states) and f.claim is null and not exists (
    select from tasker_workflow_step_transitions x where x.workflow_step_id = f.id and x.most_recent offset 0
  )
), next as (
  insert into tasker_workflow_step_transitions (to_state, metadata, sort_key, most_recent, workflow_step_id, created_at, updated_at)
  (select moved.to_state, moved.metadata::jsonb,
          coalesce((select max(x.sort_key) from tasker_workflow_step_transitions x where x.workflow_step_id = moved.id), 0) + 10,
          true, moved.id, $13::timestamp, $13::timestamp
   from (select * from ended union all select * from begun) moved)
  returning workflow_step_id, id, sort_key
), first as (
  insert into tasker_workflow_step_transitions (to_state, metadata, sort_key, most_recent, workflow_step_id, created_at, updated_at)
  (select moved.to_state, moved.metadata::jsonb,
          coalesce((select max(x.sort_key) from tasker_workflow_step_transitions x where x.workflow_step_id = moved.id), 0) + 10,
          true, moved.id, $13::timestamp, $13::timestamp
   from fresh moved)
  on conflict (workflow_step_id, most_recent) where most_recent do nothing
  returning workflow_step_id, id, sort_key
), kept as (
  update tasker_workflow_steps s
  set processed = coalesce(m.processed, s.processed), in_process = coalesce(m.in_process, s.in_process),
      processed_at = coalesce(m.processed_at, s.processed_at), attempts = m.attempts,
      last_attempted_at = m.last_attempted_at,
      results = case when m.changes_results then m.results::jsonb else s.results end, updated_at = $13::timestamp
  from (
    select * from ended union all select * from begun union all
    select fresh.*, null from fresh where fresh.id in (select first.workflow_step_id from first)
  ) m
  where s.workflow_step_id = m.id and m.attempts is not null
)
select moved.*, inserted.*
from (
  select array_agg(m.id)::text, array_agg(m.was)::text
  from (select ended.id, ended.was from ended union all select begun.id, begun.was from begun) m
) moved, (
  select array_agg(i.workflow_step_id)::text, array_agg(i.id)::text, array_agg(i.sort_key)::text
  from (select * from next union all select * from first) i
) inserted;
