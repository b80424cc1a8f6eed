//! Scopes of the edges between steps.

use super::has_parents_of;
use crate::models::{Model, WorkflowStepEdge};
use crate::query::Query;
use sea_query::{ExprTrait, Query as Sql};

/// The name of the edges by which a step provides for another: all that the engine makes.
const PROVIDES: &str = "provides";

impl Query<WorkflowStepEdge> {
    /// Edges that begin at a step: to its children.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::{models::WorkflowStepEdge, query::Query};
    ///
    /// assert_eq!(Query::<WorkflowStepEdge>::new().children_of(-1).all(&mut *tx).await?, []);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn children_of(self, step_id: i64) -> Self {
        self.filter(WorkflowStepEdge::from_step_id.eq(step_id))
    }

    /// Edges that end at a step: from its parents.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::{models::WorkflowStepEdge, query::Query};
    ///
    /// assert_eq!(Query::<WorkflowStepEdge>::new().parents_of(-1).count(&mut *tx).await?, 0);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn parents_of(self, step_id: i64) -> Self {
        self.filter(WorkflowStepEdge::to_step_id.eq(step_id))
    }

    /// Edges that end at the siblings of a step: at steps that have exactly its parents.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::{models::WorkflowStepEdge, query::Query};
    ///
    /// assert!(!Query::<WorkflowStepEdge>::new().siblings_of(-1).exists(&mut *tx).await?);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn siblings_of(self, step_id: i64) -> Self {
        self.filter(has_parents_of("tasker_workflow_step_edges.to_step_id", step_id))
    }

    /// Edges named `provides`.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::{models::WorkflowStepEdge, query::Query};
    ///
    /// println!("{} edges", Query::<WorkflowStepEdge>::new().provides_edges().count(&mut *tx).await?);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn provides_edges(self) -> Self {
        self.filter(WorkflowStepEdge::name.eq(PROVIDES))
    }

    /// Edges named `provides` that end at the children of a step, from it or from their other parents.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::{models::WorkflowStepEdge, query::Query};
    ///
    /// assert_eq!(Query::<WorkflowStepEdge>::new().provides_to_children(-1).count(&mut *tx).await?, 0);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn provides_to_children(self, step_id: i64) -> Self {
        let mut children = Sql::select();
        children
            .column(WorkflowStepEdge::to_step_id)
            .from(WorkflowStepEdge::TABLE)
            .and_where(WorkflowStepEdge::from_step_id.eq(step_id));
        self.provides_edges().filter(WorkflowStepEdge::to_step_id.expr().in_subquery(children))
    }
}
