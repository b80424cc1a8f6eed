-- standing: reads
-- Parameters: $1 bigint, $2 boolean, $3 bigint[]
with owner as (select o.task_id, o.workflow_step_id as id from tasker_workflow_steps o where o.workflow_step_id = (select $1::bigint))
select t.to_state, not ((select $2::boolean) and exists (
      select from (
        select e.from_step_id as id from tasker_workflow_step_edges e
        where e.to_step_id = owner.id and (select $3::bigint[]) is null
        union all
        select unnest((select $3::bigint[])::bigint[])
      ) parent
      left join tasker_workflow_step_transitions p on p.workflow_step_id = parent.id and p.most_recent
      where (p.to_state is null or not p.to_state in ('complete', 'resolved_manually'))
    )) as guard_holds, t.id, (select c.id from tasker_task_transitions c
    where c.task_id = owner.task_id and c.most_recent and c.to_state = 'in_progress') as task_claim
from owner left join tasker_workflow_step_transitions t on t.workflow_step_id = owner.id and t.most_recent;
