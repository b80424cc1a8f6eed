-- system load: reads
-- Parameters: none
select (select count(*) from tasker_tasks) as tasks, task.*,
       (select count(*) from tasker_workflow_steps) as steps, step.*, failed.*,
       (select count(*) from pg_stat_activity where datname = current_database() and state = 'active') as active_connections,
       current_setting('max_connections')::bigint as max_connections
from (
  select count(*) filter (where to_state = 'pending'), count(*) filter (where to_state = 'in_progress'),
         count(*) filter (where to_state = 'complete'), count(*) filter (where to_state = 'error'),
         count(*) filter (where to_state = 'cancelled')
  from tasker_task_transitions where most_recent
) task (tasks_pending, tasks_in_progress, tasks_complete, tasks_in_error, tasks_cancelled), (
  select count(*) filter (where to_state = 'pending'), count(*) filter (where to_state = 'in_progress'),
         count(*) filter (where to_state = 'complete'), count(*) filter (where to_state = 'error')
  from tasker_workflow_step_transitions where most_recent
) step (steps_pending, steps_in_progress, steps_complete, steps_in_error), (
  select count(*) filter (where s.attempts < s.retry_limit and s.retryable),
         count(*) filter (where s.attempts >= s.retry_limit),
         count(*) filter (where s.attempts < s.retry_limit and s.retryable and s.last_attempted_at is not null)
  from tasker_workflow_step_transitions t
  join tasker_workflow_steps s on s.workflow_step_id = t.workflow_step_id
  where t.most_recent and t.to_state = 'error'
) failed (retryable, exhausted, in_backoff);
