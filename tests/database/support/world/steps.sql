insert into tasker_workflow_steps
  (workflow_step_id, task_id, named_step_id, retryable, in_process, processed, attempts, retry_limit,
   backoff_request_seconds, last_attempted_at, processed_at, created_at, updated_at)
select id, task_id, named_step_id, retryable, in_process, processed, attempts, retry_limit, backoff,
       timestamp 'epoch' + last_attempted_at * interval '1 microsecond',
       timestamp 'epoch' + processed_at * interval '1 microsecond', now(), now()
from unnest($1::bigint[], $2::bigint[], $3::integer[], $4::boolean[], $5::boolean[], $6::boolean[],
            $7::integer[], $8::integer[], $9::integer[], $10::bigint[], $11::bigint[])
  step (id, task_id, named_step_id, retryable, in_process, processed, attempts, retry_limit, backoff,
        last_attempted_at, processed_at)
