-- Steps, the edges between them, and the states they went through.
--
-- Several indexes are doubles of one another, and one looks for a state that does not exist ('failed'). They are kept:
-- a database made from these files must plan and lock like one that the engine has prepared.

create table tasker_workflow_steps (
  workflow_step_id bigserial primary key,
  task_id bigint not null
    constraint workflow_steps_task_id_foreign
    references tasker_tasks (task_id),
  named_step_id integer not null
    constraint workflow_steps_named_step_id_foreign
    references tasker_named_steps (named_step_id),
  retryable boolean not null default true,
  retry_limit integer default 3,
  in_process boolean not null default false,
  processed boolean not null default false,
  processed_at timestamp,
  attempts integer,
  last_attempted_at timestamp,
  backoff_request_seconds integer,
  inputs jsonb,
  results jsonb,
  created_at timestamp(6) not null,
  updated_at timestamp(6) not null,
  skippable boolean not null default false
);

-- Steps of a task
create index workflow_steps_task_id_index on tasker_workflow_steps (task_id);
create index index_workflow_steps_by_task on tasker_workflow_steps (task_id);
create index index_workflow_steps_task_and_id on tasker_workflow_steps (task_id, workflow_step_id);
create index index_workflow_steps_task_and_step_id on tasker_workflow_steps (task_id, workflow_step_id);
create index index_workflow_steps_task_and_step_optimized on tasker_workflow_steps (task_id, workflow_step_id);
create index index_workflow_steps_task_covering on tasker_workflow_steps (task_id)
  include (workflow_step_id, processed, in_process, attempts, retry_limit);
create index index_workflow_steps_processing_status on tasker_workflow_steps (task_id, processed, in_process);

-- Steps that are not done
create index idx_steps_active_operations on tasker_workflow_steps (workflow_step_id, task_id)
  where processed = false or processed is null;
create index idx_workflow_steps_task_grouping_active on tasker_workflow_steps (task_id, workflow_step_id)
  where processed = false or processed is null;
create index idx_workflow_steps_task_readiness on tasker_workflow_steps (task_id, processed, workflow_step_id)
  where processed = false;

-- Retries
create index index_workflow_steps_retry_logic on tasker_workflow_steps (attempts, retry_limit, retryable);
create index index_workflow_steps_retry_status on tasker_workflow_steps (attempts, retry_limit);
create index index_workflow_steps_backoff_timing on tasker_workflow_steps (last_attempted_at, backoff_request_seconds)
  where backoff_request_seconds is not null;
create index workflow_steps_last_attempted_at_index on tasker_workflow_steps (last_attempted_at);

-- Others
create index workflow_steps_named_step_id_index on tasker_workflow_steps (named_step_id);
create index workflow_steps_processed_at_index on tasker_workflow_steps (processed_at);

-- to_step waits for from_step. Nothing here forbids an edge twice, to itself, or between tasks.
create table tasker_workflow_step_edges (
  id bigserial primary key,
  from_step_id bigint not null
    constraint fk_rails_7b4652ccf2
    references tasker_workflow_steps (workflow_step_id),
  to_step_id bigint not null
    constraint fk_rails_93ec0bf6eb
    references tasker_workflow_steps (workflow_step_id),
  name varchar not null,
  created_at timestamp(6) not null,
  updated_at timestamp(6) not null
);

-- Children of a step
create index index_tasker_workflow_step_edges_on_from_step_id on tasker_workflow_step_edges (from_step_id);
create index index_step_edges_from_step_for_children on tasker_workflow_step_edges (from_step_id);
create index index_step_edges_parent_lookup on tasker_workflow_step_edges (from_step_id);
create index idx_step_edges_from_to on tasker_workflow_step_edges (from_step_id, to_step_id);
create index index_step_edges_from_to_composite on tasker_workflow_step_edges (from_step_id, to_step_id);

-- Parents of a step
create index index_tasker_workflow_step_edges_on_to_step_id on tasker_workflow_step_edges (to_step_id);
create index index_step_edges_to_step_for_parents on tasker_workflow_step_edges (to_step_id);
create index index_step_edges_child_lookup on tasker_workflow_step_edges (to_step_id);
create index idx_step_edges_to_from on tasker_workflow_step_edges (to_step_id, from_step_id);
create index idx_workflow_step_edges_dependency_lookup on tasker_workflow_step_edges (to_step_id, from_step_id);
create index index_step_edges_dependency_pair on tasker_workflow_step_edges (to_step_id, from_step_id);
create index index_step_edges_to_from_composite on tasker_workflow_step_edges (to_step_id, from_step_id);
create index index_workflow_step_edges_dependency_lookup on tasker_workflow_step_edges (to_step_id, from_step_id);

create table tasker_workflow_step_transitions (
  id bigserial primary key,
  to_state varchar not null,
  from_state varchar,
  metadata jsonb default '{}',
  sort_key integer not null,
  most_recent boolean not null default true,
  workflow_step_id bigint not null
    constraint fk_rails_6e0f6eb833
    references tasker_workflow_steps (workflow_step_id),
  created_at timestamp(6) not null,
  updated_at timestamp(6) not null
);

-- These two keep a history linear: one current state, no place taken twice.
create unique index idx_on_workflow_step_id_most_recent_97d5374ad6
  on tasker_workflow_step_transitions (workflow_step_id, most_recent) where most_recent = true;
create unique index idx_on_workflow_step_id_sort_key_4d476d7adb
  on tasker_workflow_step_transitions (workflow_step_id, sort_key);

-- History
create index index_tasker_workflow_step_transitions_on_workflow_step_id
  on tasker_workflow_step_transitions (workflow_step_id);
create index index_tasker_workflow_step_transitions_on_sort_key on tasker_workflow_step_transitions (sort_key);
create index index_step_transitions_for_current_state
  on tasker_workflow_step_transitions (workflow_step_id, created_at);
create index index_step_transitions_completed
  on tasker_workflow_step_transitions (workflow_step_id, to_state) where to_state = 'complete';
create index index_step_transitions_failures_with_timing
  on tasker_workflow_step_transitions (workflow_step_id, to_state, created_at) where to_state = 'failed';

-- Current state
create index idx_step_transitions_most_recent
  on tasker_workflow_step_transitions (workflow_step_id, most_recent) where most_recent = true;
create index index_step_transitions_current_state_optimized
  on tasker_workflow_step_transitions (workflow_step_id, most_recent) where most_recent = true;
create index idx_step_transitions_current_state
  on tasker_workflow_step_transitions (workflow_step_id, most_recent, to_state) where most_recent = true;
create index index_step_transitions_completed_parents
  on tasker_workflow_step_transitions (workflow_step_id, most_recent)
  where to_state = any (array['complete'::varchar::text, 'resolved_manually'::varchar::text]) and most_recent = true;
create index index_step_transitions_current_errors
  on tasker_workflow_step_transitions (workflow_step_id, most_recent, created_at)
  where to_state = 'error' and most_recent = true;
