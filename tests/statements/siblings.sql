-- siblings: reads
-- Parameters: $1 bigint
with parent as materialized (
  select e.from_step_id from tasker_workflow_step_edges e where e.to_step_id = (select $1::bigint)
), candidate as materialized (
  select distinct e.to_step_id
  from parent
  join tasker_workflow_step_edges e on e.from_step_id = parent.from_step_id
  where e.to_step_id <> (select $1::bigint)
)
select (select array_agg(from_step_id)::text from parent) as parents,
       array_agg(e.id order by e.id)::text as ids,
       array_agg(e.from_step_id order by e.id)::text as starts,
       array_agg(e.to_step_id order by e.id)::text as ends,
       array_agg(e.name order by e.id)::text as names,
       array_agg(case e.created_at when 'infinity' then 9223372036854775807 when '-infinity' then -9223372036854775808 else (extract(epoch from e.created_at) * 1000000)::bigint end order by e.id)::text as created_at,
       array_agg(case e.updated_at when 'infinity' then 9223372036854775807 when '-infinity' then -9223372036854775808 else (extract(epoch from e.updated_at) * 1000000)::bigint end order by e.id)::text as updated_at
from candidate
join tasker_workflow_step_edges e on e.to_step_id = candidate.to_step_id;
