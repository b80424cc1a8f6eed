//! Reading what people are shown of a task, beside its steps.

use super::records::micros;
use crate::session::{Access, Query, Value};

/// The definition of task `$1`, the edges that end at its steps, and the transitions of its steps; one row, none if there is no such task.
///
/// Columns: the definition's name, version and namespace; from-steps and to-steps of the edges, in the order in which they were made;
/// steps, new states and instants of the transitions, by step, then in the order of its history.
pub(crate) fn overview(task_id: Value) -> Query {
    Query {
        name: "task overview",
        sql: concat!(
            "\
select n.name, n.version, s.name as namespace, edge.*, history.*
from tasker_tasks t
join tasker_named_tasks n on n.named_task_id = t.named_task_id
join tasker_task_namespaces s on s.task_namespace_id = n.task_namespace_id
cross join (
  select array_agg(e.from_step_id)::text, array_agg(e.to_step_id)::text
  from (
    select e.from_step_id, e.to_step_id
    from tasker_workflow_steps s
    join tasker_workflow_step_edges e on e.to_step_id = s.workflow_step_id
    where s.task_id = (select $1::bigint)
    order by e.id
  ) e
) edge (starts, ends)
cross join (
  select array_agg(h.workflow_step_id)::text, array_agg(h.to_state)::text, array_agg(",
            micros!("h.created_at"),
            ")::text
  from (
    select h.workflow_step_id, h.to_state, h.created_at
    from tasker_workflow_steps s
    join tasker_workflow_step_transitions h on h.workflow_step_id = s.workflow_step_id
    where s.task_id = (select $1::bigint)
    order by h.workflow_step_id, h.sort_key
  ) h
) history (changed_steps, states, instants)
where t.task_id = (select $1::bigint)"
        ),
        binds: vec![task_id],
        access: Access::Read,
    }
}
