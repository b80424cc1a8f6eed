-- finish step: writes
-- Parameters: $1 bigint, $2 text, $3 boolean, $4 boolean, $5 timestamp, $6 integer, $7 timestamp, $8 boolean, $9 jsonb, $10 timestamp, $11 bigint, $12 bigint
with owner as materialized (
  select s.workflow_step_id as id, s.task_id, array(
    select same.named_step_id from tasker_named_steps mine join tasker_named_steps same on same.name = mine.name
    where mine.named_step_id = s.named_step_id
  ) as namesakes
  from tasker_workflow_steps s where s.workflow_step_id = (select $1::bigint) for no key update
), unflagged as (
  update tasker_workflow_step_transitions t set most_recent = false, updated_at = $10::timestamp
  from owner
  where t.workflow_step_id = owner.id and t.most_recent and t.to_state = 'in_progress'
    and ((select $12::bigint) is null or t.id = (select $12::bigint))
    and not exists (
      select from (
        select s.named_step_id from tasker_workflow_steps s
        where s.task_id = owner.task_id and s.workflow_step_id <> owner.id
          and s.workflow_step_id > (select coalesce($11::bigint, -9223372036854775808))
        offset 0
      ) other
      where other.named_step_id = any (owner.namesakes)
    )
  returning owner.id
), next as (
  insert into tasker_workflow_step_transitions (to_state, metadata, sort_key, most_recent, workflow_step_id, created_at, updated_at)
  (select $2::text, '{}'::jsonb,
          coalesce((select max(x.sort_key) from tasker_workflow_step_transitions x where x.workflow_step_id = moved.id), 0) + 10,
          true, moved.id, $10::timestamp, $10::timestamp
   from unflagged moved)
  returning id, sort_key, workflow_step_id
)
update tasker_workflow_steps s
set processed = coalesce($3::boolean, s.processed), in_process = coalesce($4::boolean, s.in_process),
    processed_at = coalesce($5::timestamp, s.processed_at),
    attempts = $6::integer, last_attempted_at = $7::timestamp,
    results = case when $8::boolean then $9::jsonb else s.results end, updated_at = $10::timestamp
from next where s.workflow_step_id = next.workflow_step_id
returning next.id, next.sort_key;
