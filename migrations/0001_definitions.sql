-- What an application defines once: namespaces, systems, the steps they offer and the tasks made of them.

create table tasker_task_namespaces (
  task_namespace_id serial primary key,
  name varchar(64) not null,
  description varchar(255),
  created_at timestamp(6) not null,
  updated_at timestamp(6) not null
);
create unique index task_namespaces_name_unique on tasker_task_namespaces (name);
create index task_namespaces_name_index on tasker_task_namespaces (name);

create table tasker_dependent_systems (
  dependent_system_id serial primary key,
  name varchar(64) not null,
  description varchar(255),
  created_at timestamp(6) not null,
  updated_at timestamp(6) not null
);
create unique index dependent_systems_name_unique on tasker_dependent_systems (name);
create index dependent_systems_name_index on tasker_dependent_systems (name);

-- The same thing under its ids in two systems.
create table tasker_dependent_system_object_maps (
  dependent_system_object_map_id bigserial primary key,
  dependent_system_one_id integer not null
    constraint dependent_system_object_maps_dependent_system_one_id_foreign
    references tasker_dependent_systems (dependent_system_id),
  dependent_system_two_id integer not null
    constraint dependent_system_object_maps_dependent_system_two_id_foreign
    references tasker_dependent_systems (dependent_system_id),
  remote_id_one varchar(128) not null,
  remote_id_two varchar(128) not null,
  created_at timestamp(6) not null,
  updated_at timestamp(6) not null
);
create unique index dependent_system_object_maps_dependent_system_one_id_dependent_
  on tasker_dependent_system_object_maps
  (dependent_system_one_id, dependent_system_two_id, remote_id_one, remote_id_two);
create index dependent_system_object_maps_dependent_system_one_id_index
  on tasker_dependent_system_object_maps (dependent_system_one_id);
create index dependent_system_object_maps_dependent_system_two_id_index
  on tasker_dependent_system_object_maps (dependent_system_two_id);
create index dependent_system_object_maps_remote_id_one_index
  on tasker_dependent_system_object_maps (remote_id_one);
create index dependent_system_object_maps_remote_id_two_index
  on tasker_dependent_system_object_maps (remote_id_two);

create table tasker_named_steps (
  named_step_id serial primary key,
  dependent_system_id integer not null
    constraint named_steps_dependent_system_id_foreign
    references tasker_dependent_systems (dependent_system_id),
  name varchar(128) not null,
  description varchar(255),
  created_at timestamp(6) not null,
  updated_at timestamp(6) not null
);
create unique index named_step_by_system_uniq on tasker_named_steps (dependent_system_id, name);
create index named_steps_dependent_system_id_index on tasker_named_steps (dependent_system_id);
create index named_steps_name_index on tasker_named_steps (name);

-- The default of configuration is a JSON string, not an object, and the namespace's id is wider here than there. So it is
-- in every database that the engine has prepared.
create table tasker_named_tasks (
  named_task_id serial primary key,
  name varchar(64) not null,
  description varchar(255),
  created_at timestamp(6) not null,
  updated_at timestamp(6) not null,
  task_namespace_id bigint not null default 1
    constraint fk_rails_16a0297759
    references tasker_task_namespaces (task_namespace_id),
  version varchar(16) not null default '0.1.0',
  configuration jsonb default '"{}"'
);
create unique index named_tasks_namespace_name_version_unique
  on tasker_named_tasks (task_namespace_id, name, version);
create index named_tasks_task_namespace_id_index on tasker_named_tasks (task_namespace_id);
create index named_tasks_name_index on tasker_named_tasks (name);
create index named_tasks_version_index on tasker_named_tasks (version);
create index named_tasks_configuration_gin_index on tasker_named_tasks using gin (configuration);

create table tasker_named_tasks_named_steps (
  id serial primary key,
  named_task_id integer not null
    constraint named_tasks_named_steps_named_task_id_foreign
    references tasker_named_tasks (named_task_id),
  named_step_id integer not null
    constraint named_tasks_named_steps_named_step_id_foreign
    references tasker_named_steps (named_step_id),
  skippable boolean not null default false,
  default_retryable boolean not null default true,
  default_retry_limit integer not null default 3,
  created_at timestamp(6) not null,
  updated_at timestamp(6) not null
);
create unique index named_tasks_steps_ids_unique on tasker_named_tasks_named_steps (named_task_id, named_step_id);
create index named_tasks_named_steps_named_task_id_index on tasker_named_tasks_named_steps (named_task_id);
create index named_tasks_named_steps_named_step_id_index on tasker_named_tasks_named_steps (named_step_id);

create table tasker_annotation_types (
  annotation_type_id serial primary key,
  name varchar(64) not null,
  description varchar(255),
  created_at timestamp(6) not null,
  updated_at timestamp(6) not null
);
create unique index annotation_types_name_unique on tasker_annotation_types (name);
create index annotation_types_name_index on tasker_annotation_types (name);
