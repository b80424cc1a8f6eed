//! Edges, one at a time.

use super::records::micros;
use crate::session::{Access, Query, Value};

/// Whether a path leads from step `$1` to step `$2`, over edges of whatever task. Column: a boolean.
///
/// Each step is visited once, and the walk ends where `$2` is met.
pub(crate) fn leads_to(from: Value, to: Value) -> Query {
    Query {
        name: "cycle check",
        sql: "\
with recursive reached (step_id) as (
  select (select $1::bigint)
  union
  select e.to_step_id from reached join tasker_workflow_step_edges e on e.from_step_id = reached.step_id
)
select exists (select from reached where step_id = (select $2::bigint))",
        binds: vec![from, to],
        access: Access::Read,
    }
}

/// The parents of step `$1`, once for each edge, and all edges that end at other children of these; one row of arrays.
///
/// Columns: the parents; then of the edges, in the order of their ids: id, from-step, to-step, name, made at, changed at.
pub(crate) fn of_candidates_for_siblings(step: Value) -> Query {
    Query {
        name: "siblings",
        sql: concat!(
            "\
with parent as materialized (
  select e.from_step_id from tasker_workflow_step_edges e where e.to_step_id = (select $1::bigint)
), candidate as materialized (
  select distinct e.to_step_id
  from parent
  join tasker_workflow_step_edges e on e.from_step_id = parent.from_step_id
  where e.to_step_id <> (select $1::bigint)
)
select (select array_agg(from_step_id)::text from parent) as parents,
       array_agg(e.id order by e.id)::text as ids,
       array_agg(e.from_step_id order by e.id)::text as starts,
       array_agg(e.to_step_id order by e.id)::text as ends,
       array_agg(e.name order by e.id)::text as names,
       array_agg(",
            micros!("e.created_at"),
            " order by e.id)::text as created_at,
       array_agg(",
            micros!("e.updated_at"),
            " order by e.id)::text as updated_at
from candidate
join tasker_workflow_step_edges e on e.to_step_id = candidate.to_step_id"
        ),
        binds: vec![step],
        access: Access::Read,
    }
}
