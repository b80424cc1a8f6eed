-- Tasks, the states they went through, and what people noted on them.

create table tasker_tasks (
  task_id bigserial primary key,
  named_task_id integer not null
    constraint tasks_named_task_id_foreign
    references tasker_named_tasks (named_task_id),
  complete boolean not null default false,
  requested_at timestamp not null,
  initiator varchar(128),
  source_system varchar(128),
  reason varchar(128),
  bypass_steps json,
  tags jsonb,
  context jsonb,
  identity_hash varchar(128) not null,
  created_at timestamp(6) not null,
  updated_at timestamp(6) not null
);
create unique index index_tasks_on_identity_hash on tasker_tasks (identity_hash);
create index tasks_identity_hash_index on tasker_tasks (identity_hash);
create index tasks_named_task_id_index on tasker_tasks (named_task_id);
create index tasks_requested_at_index on tasker_tasks (requested_at);
create index tasks_source_system_index on tasker_tasks (source_system);
create index tasks_tags_idx on tasker_tasks using gin (tags);
create index tasks_tags_idx1 on tasker_tasks using gin (tags jsonb_path_ops);
create index tasks_context_idx on tasker_tasks using gin (context);
create index tasks_context_idx1 on tasker_tasks using gin (context jsonb_path_ops);
create index idx_tasks_active_operations on tasker_tasks (task_id)
  where complete = false or complete is null;
create index idx_tasks_active_workflow_summary on tasker_tasks (task_id, complete)
  where complete = false or complete is null;
create index idx_tasks_completion_status_created on tasker_tasks (complete, created_at, task_id);

create table tasker_task_transitions (
  id bigserial primary key,
  to_state varchar not null,
  from_state varchar,
  metadata jsonb default '{}',
  sort_key integer not null,
  most_recent boolean not null default true,
  task_id bigint not null
    constraint fk_rails_e8caec803c
    references tasker_tasks (task_id),
  created_at timestamp(6) not null,
  updated_at timestamp(6) not null
);
-- These two keep a history linear: one current state, no place taken twice.
create unique index index_tasker_task_transitions_on_task_id_and_most_recent
  on tasker_task_transitions (task_id, most_recent) where most_recent = true;
create unique index index_tasker_task_transitions_on_task_id_and_sort_key
  on tasker_task_transitions (task_id, sort_key);
create index index_tasker_task_transitions_on_task_id on tasker_task_transitions (task_id);
create index index_tasker_task_transitions_on_sort_key on tasker_task_transitions (sort_key);
create index index_task_transitions_current_state on tasker_task_transitions (task_id, created_at);
create index index_task_transitions_current_state_optimized
  on tasker_task_transitions (task_id, most_recent) where most_recent = true;
create index idx_task_transitions_most_recent
  on tasker_task_transitions (task_id, most_recent) where most_recent = true;

create table tasker_task_annotations (
  task_annotation_id bigserial primary key,
  task_id bigint not null
    constraint task_annotations_task_id_foreign
    references tasker_tasks (task_id),
  annotation_type_id integer not null
    constraint task_annotations_annotation_type_id_foreign
    references tasker_annotation_types (annotation_type_id),
  annotation jsonb,
  created_at timestamp(6) not null,
  updated_at timestamp(6) not null
);
create index task_annotations_task_id_index on tasker_task_annotations (task_id);
create index task_annotations_annotation_type_id_index on tasker_task_annotations (annotation_type_id);
create index task_annotations_annotation_idx on tasker_task_annotations using gin (annotation);
create index task_annotations_annotation_idx1 on tasker_task_annotations using gin (annotation jsonb_path_ops);
