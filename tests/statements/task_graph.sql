-- task graph: reads
-- Parameters: $1 bigint
select step.*, own.*, foreign_edge.*
from (
  select array_agg(s.workflow_step_id order by s.workflow_step_id)::text,
         array_agg(n.name order by s.workflow_step_id)::text
  from tasker_workflow_steps s
  join tasker_named_steps n on n.named_step_id = s.named_step_id
  where s.task_id = (select $1::bigint)
) step (steps, names), (
  select array_agg(e.from_step_id order by e.id)::text, array_agg(e.to_step_id order by e.id)::text
  from tasker_workflow_steps s
  join tasker_workflow_step_edges e on e.from_step_id = s.workflow_step_id
  where s.task_id = (select $1::bigint)
) own (starts, ends), (
  select array_agg(e.from_step_id order by e.id)::text, array_agg(e.to_step_id order by e.id)::text
  from tasker_workflow_steps s
  join tasker_workflow_step_edges e on e.to_step_id = s.workflow_step_id
  join tasker_workflow_steps f on f.workflow_step_id = e.from_step_id
  where s.task_id = (select $1::bigint) and f.task_id <> (select $1::bigint)
) foreign_edge (foreign_starts, foreign_ends);
