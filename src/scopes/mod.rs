//! The scopes of the engine's models, one file a model.
//!
//! Each does what the engine's scope of the same name does; docs/schema.md lists those that the engine gets wrong, which do what their
//! name says. A scope adds conditions, and joins to one row at most, so none repeats a row.

mod associated;
mod current_state;
mod edge;
mod named_task;
mod relationship;
mod state_filter;
mod step;
mod task;
mod transition;
mod transition_details;

pub use associated::{AssociatedStep, AssociatedTask};
pub use state_filter::StateFilter;
pub use transition::TransitionStatistics;
pub use transition_details::BackoffInfo;

use sea_query::Expr;

/// Steps that share all parents with step `$1`, for `column`.
///
/// An edge that is there twice counts twice, as in the engine.
fn has_parents_of(column: &'static str, step_id: i64) -> Expr {
    let sql = format!(
        "{column} in (
  select sibling.to_step_id from tasker_workflow_step_edges sibling
  where sibling.to_step_id <> $1 and sibling.to_step_id in (
    select other.to_step_id from tasker_workflow_step_edges own
    join tasker_workflow_step_edges other on other.from_step_id = own.from_step_id
    where own.to_step_id = $2
  )
  group by sibling.to_step_id
  having array_agg(sibling.from_step_id order by sibling.from_step_id) = (
    select array_agg(own.from_step_id order by own.from_step_id) from tasker_workflow_step_edges own where own.to_step_id = $3
  )
)"
    );
    Expr::cust_with_values(sql, [step_id; 3])
}
