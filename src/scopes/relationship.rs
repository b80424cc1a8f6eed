//! Scopes of the engine's view of steps among their neighbours.

use super::has_parents_of;
use crate::models::StepDagRelationship;
use crate::query::Query;

impl Query<StepDagRelationship> {
    /// Steps of one task.
    ///
    /// ```
    /// use tasker_core::{models::StepDagRelationship, query::Query};
    ///
    /// assert!(Query::<StepDagRelationship>::new().for_task(7).psql()?.ends_with(r#""task_id" = 7"#));
    /// # Ok::<(), tasker_core::Error>(())
    /// ```
    #[must_use]
    pub fn for_task(self, task_id: i64) -> Self {
        self.filter(StepDagRelationship::task_id.eq(task_id))
    }

    /// Steps without parents.
    ///
    /// ```
    /// use tasker_core::{models::StepDagRelationship, query::Query};
    ///
    /// assert!(Query::<StepDagRelationship>::new().root_steps().psql()?.ends_with(r#""is_root_step" = TRUE"#));
    /// # Ok::<(), tasker_core::Error>(())
    /// ```
    #[must_use]
    pub fn root_steps(self) -> Self {
        self.filter(StepDagRelationship::is_root_step.eq(true))
    }

    /// Steps without children.
    ///
    /// ```
    /// use tasker_core::{models::StepDagRelationship, query::Query};
    ///
    /// assert!(Query::<StepDagRelationship>::new().leaf_steps().psql()?.ends_with(r#""is_leaf_step" = TRUE"#));
    /// # Ok::<(), tasker_core::Error>(())
    /// ```
    #[must_use]
    pub fn leaf_steps(self) -> Self {
        self.filter(StepDagRelationship::is_leaf_step.eq(true))
    }

    /// Steps that have parents.
    ///
    /// ```
    /// use tasker_core::{models::StepDagRelationship, query::Query};
    ///
    /// assert!(Query::<StepDagRelationship>::new().with_parents().psql()?.ends_with(r#""parent_count" > 0"#));
    /// # Ok::<(), tasker_core::Error>(())
    /// ```
    #[must_use]
    pub fn with_parents(self) -> Self {
        self.filter(StepDagRelationship::parent_count.gt(0))
    }

    /// Steps that have children.
    ///
    /// ```
    /// use tasker_core::{models::StepDagRelationship, query::Query};
    ///
    /// assert!(Query::<StepDagRelationship>::new().with_children().psql()?.ends_with(r#""child_count" > 0"#));
    /// # Ok::<(), tasker_core::Error>(())
    /// ```
    #[must_use]
    pub fn with_children(self) -> Self {
        self.filter(StepDagRelationship::child_count.gt(0))
    }

    /// Steps that have exactly the parents of another step. None for a step that is not there, where the engine raises.
    ///
    /// ```
    /// use tasker_core::{models::StepDagRelationship, query::Query};
    ///
    /// assert!(Query::<StepDagRelationship>::new().siblings_of(7).psql()?.contains("own.to_step_id = 7"));
    /// # Ok::<(), tasker_core::Error>(())
    /// ```
    #[must_use]
    pub fn siblings_of(self, step_id: i64) -> Self {
        self.filter(has_parents_of("tasker_step_dag_relationships.workflow_step_id", step_id))
    }
}
