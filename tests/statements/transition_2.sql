-- transition: writes
-- Parameters: $1 bigint, $2 text, $3 text[], $4 jsonb, $5 timestamp, $6 boolean, $7 bigint, $8 bigint[], $9 bigint
with owner as materialized (
  select o.task_id, o.workflow_step_id as id from tasker_workflow_steps o where o.workflow_step_id = (select $1::bigint) for no key update
), free as (
  select owner.id from owner where not ((select $6::boolean) and exists (
      select from (
        select e.from_step_id as id from tasker_workflow_step_edges e
        where e.to_step_id = owner.id and (select $8::bigint[]) is null
        union all
        select unnest((select $8::bigint[])::bigint[])
      ) parent
      left join tasker_workflow_step_transitions p on p.workflow_step_id = parent.id and p.most_recent
      where (p.to_state is null or not p.to_state in ('complete', 'resolved_manually'))
    ))
    and ((select $9::bigint) is null or not exists (select c.id from tasker_task_transitions c
    where c.task_id = owner.task_id and c.most_recent and c.to_state = 'in_progress' and c.id <> (select $9::bigint)))
), unflagged as (
  update tasker_workflow_step_transitions t set most_recent = false, updated_at = $5::timestamp
  from free
  where t.workflow_step_id = free.id and t.most_recent and coalesce(nullif(t.to_state, ''), 'pending') = any ($3::text[]) and ((select $7::bigint) is null or t.id = (select $7::bigint))
  returning free.id, t.to_state
)
insert into tasker_workflow_step_transitions (to_state, metadata, sort_key, most_recent, workflow_step_id, created_at, updated_at)
  (select $2::text, $4::jsonb,
          coalesce((select max(x.sort_key) from tasker_workflow_step_transitions x where x.workflow_step_id = moved.id), 0) + 10,
          true, moved.id, $5::timestamp, $5::timestamp
   from (
    select unflagged.id from unflagged
    union all
    select free.id from free
    where 'pending' = any ($3::text[]) and ((select $7::bigint) is null)
      and case when not exists (select from tasker_workflow_step_transitions x where x.workflow_step_id = free.id and x.most_recent) then true end
  ) moved)
on conflict (workflow_step_id, most_recent) where most_recent do nothing
returning id, sort_key, (select unflagged.to_state from unflagged);
