//! The places of steps in their graphs, from the engine's view.

use super::task::Task;
use super::workflow_step::WorkflowStep;
use serde_json::Value;

model! {
    /// The place of a step in its graph: `Tasker::StepDagRelationship`, a view, which only the engine's migrations make.
    ///
    /// To PostgreSQL every column of a view may be null; of a step that exists only the depth is, where no root leads to it.
    ///
    /// ```
    /// use tasker_core::models::{Model, StepDagRelationship};
    ///
    /// async fn print_roots(connection: &mut sqlx::PgConnection) -> Result<(), tasker_core::Error> {
    ///     for place in StepDagRelationship::find_all(StepDagRelationship::is_root_step.eq(true), &mut *connection).await? {
    ///         println!("{} {}", place.task(&mut *connection).await?.task_id, place.workflow_step_id);
    ///     }
    ///     Ok(())
    /// }
    /// ```
    pub struct StepDagRelationship in "tasker_step_dag_relationships" by workflow_step_id: i64 {
        /// The step.
        workflow_step_id: i64 = "bigint",
        /// Its task.
        task_id: i64 = "bigint",
        /// Its kind.
        named_step_id: i32 = "integer",
        /// The ids of the steps that it waits for: an array.
        parent_step_ids: Value = "jsonb",
        /// The ids of the steps that wait for it: an array.
        child_step_ids: Value = "jsonb",
        /// The steps that it waits for.
        parent_count: i64 = "bigint",
        /// The steps that wait for it.
        child_count: i64 = "bigint",
        /// Does it wait for none?
        is_root_step: bool = "boolean",
        /// Does none wait for it?
        is_leaf_step: bool = "boolean",
        /// The edges between a root and it, along the shortest way.
        min_depth_from_root: i32 null = "integer",
    }
}

associations! {
    StepDagRelationship {
        /// The step.
        WORKFLOW_STEP workflow_step: one WorkflowStep by workflow_step_id = workflow_step_id;
        /// Its task.
        TASK task: one Task by task_id = task_id;
    }
}
