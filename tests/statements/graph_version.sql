-- graph version: reads
-- Parameters: $1 bigint
select step.steps, step.steps_checksum, edge.edges, edge.edges_checksum from (
  select count(*) as steps, coalesce(bit_xor(hashint8extended(s.workflow_step_id, 0)), 0) as steps_checksum
  from tasker_workflow_steps s where s.task_id = (select $1::bigint)
) step, (
  select count(*) as edges, coalesce(bit_xor(hashint8extended(e.to_step_id, e.from_step_id) # e.id), 0) as edges_checksum
  from tasker_workflow_steps s
  cross join lateral (
    select x.id, x.from_step_id, x.to_step_id from tasker_workflow_step_edges x where x.to_step_id = s.workflow_step_id offset 0
  ) e
  where s.task_id = (select $1::bigint)
) edge;
