-- cycle check: reads
-- Parameters: $1 bigint, $2 bigint
with recursive reached (step_id) as (
  select (select $1::bigint)
  union
  select e.to_step_id from reached join tasker_workflow_step_edges e on e.from_step_id = reached.step_id
)
select exists (select from reached where step_id = (select $2::bigint));
