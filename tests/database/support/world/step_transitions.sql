insert into tasker_workflow_step_transitions (workflow_step_id, to_state, sort_key, most_recent, created_at, updated_at)
select owner, to_state, sort_key, most_recent, timestamp 'epoch' + created_at * interval '1 microsecond', now()
from unnest($1::bigint[], $2::text[], $3::integer[], $4::boolean[], $5::bigint[])
  transition (owner, to_state, sort_key, most_recent, created_at)
