-- done steps: reads
-- Parameters: $1 bigint[], $2 bigint[]
select array_agg(t.workflow_step_id)::text
from unnest((select $1::bigint[])::bigint[], (select $2::bigint[])::bigint[]) span (first, last)
  cross join lateral (
    select t.workflow_step_id from tasker_workflow_step_transitions t
    where t.most_recent and t.to_state in ('complete', 'resolved_manually')
      and t.workflow_step_id between span.first and span.last
    limit 512
  ) t;
