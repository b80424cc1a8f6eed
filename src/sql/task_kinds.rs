//! Finding tasks by their kind, and the kind of a task.

use crate::session::{Access, Query, Value};

/// Columns: namespace, name and version of the definition of task `$1`, and the names of its steps, each once, in their order. No row where
/// there is no such task.
pub(crate) fn task_kind(task: Value) -> Query {
    Query {
        name: "task kind",
        sql: "\
select g.name as namespace, n.name, n.version, array(
  select distinct d.name from tasker_workflow_steps s join tasker_named_steps d on d.named_step_id = s.named_step_id
  where s.task_id = t.task_id
  order by d.name
)::text as steps
from tasker_tasks t
join tasker_named_tasks n on n.named_task_id = t.named_task_id
join tasker_task_namespaces g on g.task_namespace_id = n.task_namespace_id
where t.task_id = (select $1::bigint)",
        binds: vec![task],
        access: Access::Read,
    }
}

/// The parameters of [`pending_tasks`]; namespaces, names and versions are arrays of one element for each kind.
pub(crate) struct Kinds {
    pub(crate) namespaces: Value,
    pub(crate) names: Value,
    pub(crate) versions: Value,
}

/// The first `limit` pending tasks of the kinds with ids above `above`: one row with their ids.
pub(crate) fn pending_tasks(kinds: Kinds, above: Value, limit: Value) -> Query {
    Query {
        name: "pending tasks",
        sql: "\
select array(
  select o.task_id
  from tasker_tasks o
  left join tasker_task_transitions t on t.task_id = o.task_id and t.most_recent
  where o.complete is not true and (t.to_state is null or t.to_state = 'pending')
    and o.named_task_id in (
      select n.named_task_id
      from unnest((select $1::text[]), (select $2::text[]), (select $3::text[])) k(namespace, name, version)
      join tasker_task_namespaces g on g.name = k.namespace
      join tasker_named_tasks n on n.task_namespace_id = g.task_namespace_id and n.name = k.name and n.version = k.version
    )
    and o.task_id > (select $4::bigint)
  order by o.task_id
  limit (select $5::bigint)
)::text as tasks",
        binds: vec![kinds.namespaces, kinds.names, kinds.versions, above, limit],
        access: Access::Read,
    }
}
