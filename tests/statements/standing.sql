-- standing: reads
-- Parameters: $1 bigint, $2 boolean
with owner as (select o.task_id, o.task_id as id from tasker_tasks o where o.task_id = (select $1::bigint))
select t.to_state, not ((select $2::boolean) and exists (
      select from tasker_workflow_steps s
      left join tasker_workflow_step_transitions p on p.workflow_step_id = s.workflow_step_id and p.most_recent
      where s.task_id = owner.id and (p.to_state is null or not p.to_state in ('complete', 'resolved_manually'))
    )) as guard_holds, t.id, null::bigint as task_claim
from owner left join tasker_task_transitions t on t.task_id = owner.id and t.most_recent;
