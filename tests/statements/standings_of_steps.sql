-- standings of steps: reads
-- Parameters: $1 bigint[]
select array_agg(owner.workflow_step_id)::text, array_agg(t.to_state)::text, array_agg(not exists (
         select from tasker_workflow_step_edges e
    left join tasker_workflow_step_transitions p on p.workflow_step_id = e.from_step_id and p.most_recent
    where e.to_step_id = owner.workflow_step_id and (p.to_state is null or not p.to_state in ('complete', 'resolved_manually'))
       ))::text, array_agg(t.id)::text, array_agg((select c.id from tasker_task_transitions c
    where c.task_id = owner.task_id and c.most_recent and c.to_state = 'in_progress'))::text
from unnest((select $1::bigint[])) asked (id)
join tasker_workflow_steps owner on owner.workflow_step_id = asked.id
left join tasker_workflow_step_transitions t on t.workflow_step_id = owner.workflow_step_id and t.most_recent;
