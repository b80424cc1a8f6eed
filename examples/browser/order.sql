-- An order of a shop, half done: eight steps, ten edges.

insert into tasker_task_namespaces values (1, 'shop', null, now(), now());
insert into tasker_dependent_systems values (1, 'shop', null, now(), now());
insert into tasker_named_tasks (named_task_id, name, created_at, updated_at, task_namespace_id, version)
  values (1, 'order', now(), now(), 1, '1.0.0');
insert into tasker_named_steps (named_step_id, dependent_system_id, name, created_at, updated_at)
  select place, 1, name, now(), now()
  from unnest(array['validate', 'reserve', 'check fraud', 'price', 'charge', 'pack', 'print invoice', 'ship']) with ordinality step (name, place);

insert into tasker_tasks (task_id, named_task_id, requested_at, identity_hash, created_at, updated_at)
  values (7, 1, now() at time zone 'UTC' - interval '1 minute', 'order 7', now() at time zone 'UTC', now() at time zone 'UTC');
insert into tasker_workflow_steps (workflow_step_id, task_id, named_step_id, retryable, retry_limit, in_process, processed, processed_at, attempts,
                                   last_attempted_at, backoff_request_seconds, created_at, updated_at)
  select 70 + place, 7, place, true, 3, place = 4, place <= 2, case when place <= 2 then now() at time zone 'UTC' end, (place <= 4)::int,
         case when place <= 4 then now() at time zone 'UTC' - interval '30 seconds' end, case when place = 3 then 3600 end, now(), now()
  from generate_series(1, 8) place;
insert into tasker_workflow_step_edges (from_step_id, to_step_id, name, created_at, updated_at)
  select 70 + a, 70 + b, 'provides', now(), now()
  from (values (1, 2), (1, 3), (1, 4), (2, 6), (3, 5), (4, 5), (4, 7), (5, 8), (6, 8), (7, 8)) edge (a, b);

insert into tasker_task_transitions (to_state, metadata, sort_key, most_recent, task_id, created_at, updated_at)
  values ('in_progress', '{}', 10, true, 7, now() at time zone 'UTC' - interval '50 seconds', now());
insert into tasker_workflow_step_transitions (to_state, metadata, sort_key, most_recent, workflow_step_id, created_at, updated_at)
  select state, '{}', sort_key, most_recent, step, now() at time zone 'UTC' - interval '1 second' * ago, now()
  from (values (71, 'in_progress', 10, false, 48), (71, 'complete', 20, true, 44), (72, 'in_progress', 10, false, 42), (72, 'complete', 20, true, 30),
               (73, 'in_progress', 10, false, 42), (73, 'error', 20, true, 35), (74, 'in_progress', 10, true, 40))
       moved (step, state, sort_key, most_recent, ago);
