-- current state: reads
-- Parameters: $1 bigint
select t.to_state from tasker_task_transitions t where t.task_id = (select $1::bigint) and t.most_recent order by t.id limit 1;
