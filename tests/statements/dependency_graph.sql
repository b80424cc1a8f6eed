-- dependency graph: reads
-- Parameters: $1 bigint
select (
  select array_agg(s.workflow_step_id order by s.workflow_step_id)::text
  from tasker_workflow_steps s where s.task_id = (select $1::bigint)
) as steps, edge.*
from (
  select array_agg(e.from_step_id)::text, array_agg(e.to_step_id)::text
  from tasker_workflow_steps s
  join tasker_workflow_step_edges e on e.to_step_id = s.workflow_step_id
  where s.task_id = (select $1::bigint)
) edge (starts, ends);
