-- task overview: reads
-- Parameters: $1 bigint
select n.name, n.version, s.name as namespace, edge.*, history.*
from tasker_tasks t
join tasker_named_tasks n on n.named_task_id = t.named_task_id
join tasker_task_namespaces s on s.task_namespace_id = n.task_namespace_id
cross join (
  select array_agg(e.from_step_id)::text, array_agg(e.to_step_id)::text
  from (
    select e.from_step_id, e.to_step_id
    from tasker_workflow_steps s
    join tasker_workflow_step_edges e on e.to_step_id = s.workflow_step_id
    where s.task_id = (select $1::bigint)
    order by e.id
  ) e
) edge (starts, ends)
cross join (
  select array_agg(h.workflow_step_id)::text, array_agg(h.to_state)::text, array_agg(case h.created_at when 'infinity' then 9223372036854775807 when '-infinity' then -9223372036854775808 else (extract(epoch from h.created_at) * 1000000)::bigint end)::text
  from (
    select h.workflow_step_id, h.to_state, h.created_at
    from tasker_workflow_steps s
    join tasker_workflow_step_transitions h on h.workflow_step_id = s.workflow_step_id
    where s.task_id = (select $1::bigint)
    order by h.workflow_step_id, h.sort_key
  ) h
) history (changed_steps, states, instants)
where t.task_id = (select $1::bigint);
