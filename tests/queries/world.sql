-- Random rows for scopes to tell apart: run setseed first, in the same session. The spec that compares with ActiveRecord runs it, too.
-- Words, states and instants are few, so that conditions meet; a history's most recent row is not always its last. A row's chance stands in
-- the columns of a subquery: a condition on random() alone could be asked once for many rows.

insert into tasker_task_namespaces (task_namespace_id, name, created_at, updated_at)
  select 9000 + n, (array['payments', 'it''s', 'back\slash'])[n], now(), now() from generate_series(1, 3) n;
insert into tasker_task_namespaces (name, created_at, updated_at) values ('default', now(), now()) on conflict do nothing;
insert into tasker_dependent_systems (dependent_system_id, name, created_at, updated_at) values (9001, 'scopes', now(), now());
insert into tasker_named_tasks (named_task_id, name, version, task_namespace_id, created_at, updated_at)
  select 9000 + row_number() over (), name, version, 9000 + namespace, now(), now()
  from (select namespace, name, version, random() as chance
        from generate_series(1, 3) namespace, unnest(array['settle', 'refund']) name, unnest(array['1.0.0', '1.1.0', '2.0.0']) version) t
  where chance < 0.8;
insert into tasker_named_steps (named_step_id, dependent_system_id, name, created_at, updated_at)
  select 9000 + n, 9001, 'step ' || n, now(), now() from generate_series(1, 6) n;
insert into tasker_named_tasks_named_steps (named_task_id, named_step_id, created_at, updated_at)
  select named_task_id, named_step_id, now(), now()
  from (select named_task_id, named_step_id, random() as chance from tasker_named_tasks, tasker_named_steps
        where named_task_id > 9000 and named_step_id > 9000) t
  where chance < 0.5;
insert into tasker_annotation_types (annotation_type_id, name, created_at, updated_at)
  select 9000 + n, (array['triage', 'owner'])[n], now(), now() from generate_series(1, 2) n;

insert into tasker_tasks (task_id, named_task_id, requested_at, initiator, context, tags, bypass_steps, identity_hash, created_at, updated_at)
  select 9000 + n, (select named_task_id from tasker_named_tasks where named_task_id > 9000 and n > 0 order by random() limit 1),
         timestamp '2025-01-01' + n * interval '1 hour', (array['billing', 'ops'])[1 + n % 2],
         jsonb_build_object('order', n % 5), '[]', '[]', 'scopes ' || n,
         timestamp '2025-01-01' + floor(random() * 100) * interval '1 hour', timestamp '2025-01-01'
  from generate_series(1, 60) n;
insert into tasker_task_annotations (task_id, annotation_type_id, annotation, created_at, updated_at)
  select task_id, 9001 + floor(random() * 2)::int,
         jsonb_build_object('priority', (array['high', 'low'])[1 + floor(random() * 2)::int], 'name', 'Ada'), now(), now()
  from (select task_id, random() as chance from tasker_tasks, generate_series(1, 2) where task_id > 9000) t where chance < 0.7;

insert into tasker_workflow_steps (workflow_step_id, task_id, named_step_id, retryable, attempts, retry_limit, created_at, updated_at)
  select 9000 + (task_id - 9000) * 6 + n, task_id, 9000 + n, random() < 0.9,
         (array[null, 0, 1, 3])[1 + floor(random() * 4)::int], 3, now(), now()
  from (select task_id, n, random() as chance from tasker_tasks, generate_series(1, 6) n where task_id > 9000) t where chance < 0.7;
insert into tasker_workflow_step_edges (from_step_id, to_step_id, name, created_at, updated_at)
  select from_id, to_id, case when random() < 0.8 then 'provides' else 'hints' end, now(), now()
  from (select a.workflow_step_id as from_id, b.workflow_step_id as to_id, twice, random() as chance
        from tasker_workflow_steps a join tasker_workflow_steps b on b.task_id = a.task_id and b.workflow_step_id > a.workflow_step_id,
             generate_series(1, 2) twice
        where a.task_id > 9000) pair
  where chance < case twice when 1 then 0.4 else 0.05 end;

create temporary table states as
  select * from unnest(array['pending', 'in_progress', 'complete', 'complete', 'error', 'error', 'cancelled', 'resolved_manually'])
    with ordinality s (state, place);

insert into tasker_task_transitions (task_id, to_state, sort_key, most_recent, metadata, created_at, updated_at)
  select task_id, (select state from states where n > 0 order by random() limit 1), n * 10, n = recent,
         case when random() < 0.5 then jsonb_build_object('actor', (array['Ada', 'Bob'])[1 + n % 2]) else '{}' end,
         timestamp '2025-01-01' + floor(random() * 100) * interval '1 hour', now()
  from (select task_id, floor(random() * 4)::int as count, 1 + floor(random() * 3)::int as recent
        from tasker_tasks where task_id > 9000) t, generate_series(1, t.count) n;
insert into tasker_workflow_step_transitions (workflow_step_id, to_state, sort_key, most_recent, metadata, created_at, updated_at)
  select workflow_step_id, (select state from states where n > 0 order by random() limit 1), n * 10, n = recent,
         case when random() < 0.5
           then jsonb_build_object('actor', 'Ada', 'attempt_number', n, 'execution_duration', n * 1.5) else '{}' end,
         timestamp '2025-01-01' + floor(random() * 100) * interval '1 hour', now()
  from (select workflow_step_id, floor(random() * 5)::int as count, 1 + floor(random() * 4)::int as recent
        from tasker_workflow_steps where task_id > 9000) s, generate_series(1, s.count) n;

drop table states;
