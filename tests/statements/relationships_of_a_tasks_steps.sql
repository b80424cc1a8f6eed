-- relationships of a task's steps: reads
-- Parameters: $1 bigint[]
with recursive asked as materialized (
  select s.workflow_step_id, s.task_id, s.named_step_id from tasker_workflow_steps s where s.task_id = any ((select $1::bigint[])::bigint[])
), above (step_id) as (
  select workflow_step_id from asked
  union
  select e.from_step_id from above cross join lateral (select x.from_step_id, x.to_step_id from tasker_workflow_step_edges x where x.to_step_id = above.step_id offset 0) e
)
select step.*, incoming.*, outgoing.*
from (
  select array_agg(workflow_step_id order by task_id, workflow_step_id)::text,
         array_agg(task_id order by task_id, workflow_step_id)::text,
         array_agg(named_step_id order by task_id, workflow_step_id)::text
  from asked
) step (steps, tasks, named_steps), (
  select array_agg(e.from_step_id)::text, array_agg(e.to_step_id)::text
  from above cross join lateral (select x.from_step_id, x.to_step_id from tasker_workflow_step_edges x where x.to_step_id = above.step_id offset 0) e
) incoming (starts_above, ends_above), (
  select array_agg(e.from_step_id)::text, array_agg(e.to_step_id)::text
  from asked cross join lateral (select x.from_step_id, x.to_step_id from tasker_workflow_step_edges x where x.from_step_id = asked.workflow_step_id offset 0) e
) outgoing (starts_below, ends_below);
