-- known graph: reads
-- Parameters: $1 bigint
select step.steps, step.steps_checksum, edge.edges, edge.edges_checksum, own.*, given.*, done.* from (
  select count(*) as steps, coalesce(bit_xor(hashint8extended(s.workflow_step_id, 0)), 0) as steps_checksum
  from tasker_workflow_steps s where s.task_id = (select $1::bigint)
) step, (
  select count(*) as edges, coalesce(bit_xor(hashint8extended(e.to_step_id, e.from_step_id) # e.id), 0) as edges_checksum
  from tasker_workflow_steps s
  cross join lateral (
    select x.id, x.from_step_id, x.to_step_id from tasker_workflow_step_edges x where x.to_step_id = s.workflow_step_id offset 0
  ) e
  where s.task_id = (select $1::bigint)
) edge, (
  select array_agg(s.workflow_step_id order by s.workflow_step_id)::text
  from tasker_workflow_steps s where s.task_id = (select $1::bigint)
) own, (
  select array_agg(e.from_step_id)::text, array_agg(e.to_step_id)::text
  from tasker_workflow_steps s join tasker_workflow_step_edges e on e.to_step_id = s.workflow_step_id
  where s.task_id = (select $1::bigint)
) given, (
  select array_agg(s.workflow_step_id)::text
  from tasker_workflow_steps s
  join tasker_workflow_step_transitions t on t.workflow_step_id = s.workflow_step_id and t.most_recent
  where s.task_id = (select $1::bigint) and t.to_state in ('complete', 'resolved_manually')
) done;
