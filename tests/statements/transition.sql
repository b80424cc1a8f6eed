-- transition: writes
-- Parameters: $1 bigint, $2 text, $3 text[], $4 jsonb, $5 timestamp, $6 boolean, $7 bigint
with owner as materialized (
  select o.task_id, o.task_id as id from tasker_tasks o where o.task_id = (select $1::bigint) for key share
), free as (
  select owner.id from owner where not ((select $6::boolean) and exists (
      select from tasker_workflow_steps s
      left join tasker_workflow_step_transitions p on p.workflow_step_id = s.workflow_step_id and p.most_recent
      where s.task_id = owner.id and (p.to_state is null or not p.to_state in ('complete', 'resolved_manually'))
    ))
), unflagged as (
  update tasker_task_transitions t set most_recent = false, updated_at = $5::timestamp
  from free
  where t.task_id = free.id and t.most_recent and t.to_state = any ($3::text[]) and ((select $7::bigint) is null or t.id = (select $7::bigint) or t.to_state <> 'in_progress')
  returning free.id, t.to_state
)
insert into tasker_task_transitions (to_state, metadata, sort_key, most_recent, task_id, created_at, updated_at)
  (select $2::text, $4::jsonb,
          coalesce((select max(x.sort_key) from tasker_task_transitions x where x.task_id = moved.id), 0) + 10,
          true, moved.id, $5::timestamp, $5::timestamp
   from (
    select unflagged.id from unflagged
    union all
    select free.id from free
    where 'pending' = any ($3::text[]) and ((select $7::bigint) is null or true)
      and case when not exists (select from tasker_task_transitions x where x.task_id = free.id and x.most_recent) then pg_advisory_xact_lock(hashtextextended('tasker_task_transitions', free.id)) is not null end
  ) moved)
on conflict (task_id, most_recent) where most_recent do nothing
returning id, sort_key, (select unflagged.to_state from unflagged);
