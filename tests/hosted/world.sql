-- Rows with odd values: ids beside 2^53 and at the end of a bigint, names that need quoting, nulls, infinities, microseconds, deep JSON.

insert into tasker_task_namespaces values (1, 'zahlungen', null, '2025-01-01', '2025-01-01');
insert into tasker_dependent_systems values (1, 'lager', null, '2025-01-01', '2025-01-01');
insert into tasker_named_tasks (named_task_id, name, description, created_at, updated_at, task_namespace_id, version, configuration)
  values (1, E'Größe "7", {x}\\ 🚚', E'a\nb', '2025-01-01 00:00:00.000001', 'infinity', 1, '0.1.0', '{"limits": [1, 2.5, null]}');
insert into tasker_named_steps (named_step_id, dependent_system_id, name, description, created_at, updated_at)
  values (1, 1, 'NULL', null, '2025-01-01', '-infinity'), (2, 1, E'back\\slash, "quoted"', '', '2025-01-01', '2025-01-01'),
         (3, 1, E'zwei\nZeilen', 'ß', '2025-01-01', '2025-01-01'), (4, 1, '出荷 🚚', null, '2025-01-01', '2025-01-01');
insert into tasker_named_tasks_named_steps (named_task_id, named_step_id, created_at, updated_at)
  select 1, n, '2025-01-01', '2025-01-01' from generate_series(1, 4) n;

insert into tasker_tasks (task_id, named_task_id, requested_at, initiator, source_system, reason, bypass_steps, tags, context,
                          identity_hash, created_at, updated_at)
values
  (9007199254740991, 1, 'infinity', null, 'lager "süd"', '', '[]', '["a", "ü"]',
   '{"a": {"b": {"c": {"d": [1, [2, [3, {"e": null}]]]}}}, "big": 9223372036854775807, "text": "\u0001\"\\"}',
   'first', '2025-06-01 12:00:00.123456', '2025-06-01 12:00:00.999999'),
  (9007199254740993, 1, '2025-06-01 12:00:00', 'jo', null, null, null, null, null, 'second', '2025-06-01 12:00:00', '-infinity'),
  (9223372036854775807, 1, '1969-12-31 23:59:59.999999', null, null, null, null, null, null, 'third', '2025-06-01', '2025-06-01');

insert into tasker_workflow_steps (workflow_step_id, task_id, named_step_id, retryable, retry_limit, in_process, processed, processed_at,
                                   attempts, last_attempted_at, backoff_request_seconds, inputs, results, created_at, updated_at)
values
  (9007199254740991, 9007199254740991, 1, true, 3, false, true, '2025-06-01 12:00:01.000001', 1, '2025-06-01 12:00:01', null,
   '{"deep": [[[[[[]]]]]]}', '{"total": 12.50}', '2025-06-01 12:00:00', '2025-06-01 12:00:00'),
  (9007199254740992, 9007199254740991, 2, true, null, false, false, null, null, null, null, null, null, '2025-06-01', '2025-06-01'),
  (9007199254740993, 9007199254740991, 3, true, 3, false, false, null, 1, 'infinity', 60, null, '{}', '2025-06-01', 'infinity'),
  (9223372036854775807, 9007199254740991, 4, false, 3, false, false, null, 0, null, null, '{}', '{}', '2025-06-01', '2025-06-01'),
  (11, 9007199254740993, 1, true, 3, true, false, null, 1, '2025-06-01 12:00:01.5', null, null, null, '2025-06-01', '2025-06-01'),
  (12, 9007199254740993, 2, true, 2, false, false, null, 2, '2025-06-01 12:00:02', null, null, null, '2025-06-01', '2025-06-01');

insert into tasker_workflow_step_edges (id, from_step_id, to_step_id, name, created_at, updated_at)
values
  (1, 9007199254740991, 9007199254740992, 'provides', '2025-06-01', '2025-06-01 00:00:00.000001'),
  (2, 9007199254740991, 9007199254740993, 'provides', '2025-06-01', 'infinity'),
  (3, 9007199254740992, 9223372036854775807, E'it''s, "so"', '2025-06-01', '2025-06-01'),
  (9007199254740993, 9007199254740993, 9223372036854775807, 'provides', '2025-06-01', '2025-06-01');

insert into tasker_task_transitions (id, to_state, metadata, sort_key, most_recent, task_id, created_at, updated_at)
values (1, 'in_progress', '{}', 10, true, 9007199254740991, '2025-06-01 12:00:00', '2025-06-01 12:00:00'),
       (9007199254740993, 'in_progress', '{}', 10, true, 9007199254740993, '2025-06-01 12:00:00', '2025-06-01 12:00:00');
insert into tasker_workflow_step_transitions (id, to_state, metadata, sort_key, most_recent, workflow_step_id, created_at, updated_at)
values (1, 'in_progress', '{}', 10, false, 9007199254740991, '2025-06-01 12:00:00', '2025-06-01 12:00:00'),
       (2, 'complete', '{}', 20, true, 9007199254740991, '2025-06-01 12:00:01', '2025-06-01 12:00:01'),
       (3, 'error', '{"error": "zu \"groß\""}', 10, true, 9007199254740993, '2025-06-01 12:00:01.000001', '2025-06-01 12:00:01'),
       (4, 'in_progress', '{}', 10, true, 11, '2025-06-01 12:00:00', '2025-06-01 12:00:00'),
       (5, 'error', '{}', 10, true, 12, '2025-06-01 12:00:00', '2025-06-01 12:00:00');
select setval('tasker_workflow_step_edges_id_seq', 100),
       setval('tasker_task_transitions_id_seq', 100), setval('tasker_workflow_step_transitions_id_seq', 9007199254740993),
       setval('tasker_workflow_steps_workflow_step_id_seq', 9007199254740999);
