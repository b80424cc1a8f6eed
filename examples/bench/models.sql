-- 2,000 tasks of five steps, every fiftieth in a namespace of its own, and half of those failed.
insert into tasker_task_namespaces (task_namespace_id, name, created_at, updated_at)
  values (1002, 'bench models', now(), now()) on conflict do nothing;
insert into tasker_named_tasks (named_task_id, name, version, created_at, updated_at, task_namespace_id)
  values (1002, 'bench models', '1.0.0', now(), now(), 1002) on conflict do nothing;
with task as (
  insert into tasker_tasks (named_task_id, requested_at, initiator, context, tags, bypass_steps, identity_hash, created_at, updated_at)
  select case when n % 50 = 0 then 1002 else 1001 end, now(), 'bench', jsonb_build_object('order', n), '[]', '[]', 'models ' || n, now(), now()
  from generate_series(1, 2000) n
  returning task_id, identity_hash
), of_task as (
  insert into tasker_task_transitions (to_state, sort_key, most_recent, task_id, created_at, updated_at)
  select case when key = 10 then 'in_progress' when substr(identity_hash, 8)::int % 100 = 0 then 'error' else 'complete' end,
         key, key = 20, task_id, now(), now()
  from task, (values (10), (20)) s (key)
), step as (
  insert into tasker_workflow_steps (task_id, named_step_id, processed, attempts, inputs, results, created_at, updated_at)
  select task_id, 1000 + n, true, 1, '{}', '{}', now(), now() from task, generate_series(1, 5) n
  returning workflow_step_id
)
insert into tasker_workflow_step_transitions (to_state, sort_key, most_recent, workflow_step_id, created_at, updated_at)
select state, key, key = 20, workflow_step_id, now(), now()
from step, (values ('in_progress', 10), ('complete', 20)) s (state, key);
