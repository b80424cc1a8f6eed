-- completion statistics: reads
-- Parameters: $1 bigint
select count(*) as total,
       count(*) filter (where t.to_state in ('complete', 'resolved_manually')) as completed,
       count(*) filter (where t.to_state = 'error') as failed,
       case max(s.processed_at) filter (where t.to_state in ('complete', 'resolved_manually')) when 'infinity' then 9223372036854775807 when '-infinity' then -9223372036854775808 else (extract(epoch from max(s.processed_at) filter (where t.to_state in ('complete', 'resolved_manually'))) * 1000000)::bigint end as latest_completion
from tasker_workflow_steps s
left join tasker_workflow_step_transitions t on t.workflow_step_id = s.workflow_step_id and t.most_recent
where s.task_id = (select $1::bigint);
