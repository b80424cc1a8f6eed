//! Edges between steps.

use super::checks::Checks;
use super::invalid::{FieldError, Invalid};
use super::model::Model;
use super::record::{Record, lock};
use super::workflow_step::WorkflowStep;
use crate::error::Error;
use crate::ids::StepId;
use crate::operations::edges::closes_cycle;
use crate::records::Edge;
use crate::store::Connection;
use chrono::NaiveDateTime;
use sea_query::{Expr, ExprTrait};
use sqlx::postgres::PgConnection;

model! {
    /// That a step waits for another: `Tasker::WorkflowStepEdge`.
    pub struct WorkflowStepEdge in "tasker_workflow_step_edges" by id: i64 {
        /// The key.
        id: i64 = "bigint",
        /// The step that is waited for.
        from_step_id: i64 = "bigint",
        /// The step that waits.
        to_step_id: i64 = "bigint",
        /// `provides`, for those that the engine makes.
        name: String = "character varying",
        /// In UTC, as all instants of the engine.
        created_at: NaiveDateTime = "timestamp(6) without time zone",
        /// In UTC.
        updated_at: NaiveDateTime = "timestamp(6) without time zone",
    }
}

new_record! {
    /// An edge to create. One that would close a circle is refused; where an edge is found or created, that of the same steps and name is the same.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// # use tasker_core::factories::{Pattern, workflow};
    /// # let made = workflow(Pattern::Diamond).create(&mut *tx).await.unwrap();
    /// # let task = made.task;
    /// use tasker_core::Error;
    /// use tasker_core::models::{New, NewWorkflowStepEdge};
    ///
    /// // The last step of the diamond waits for the first already, by way of the others.
    /// let edge = NewWorkflowStepEdge::new(made.steps[0].0, made.steps[3].0).create(&mut *tx).await?;
    /// assert_eq!(edge.name, "provides");
    /// let circle = NewWorkflowStepEdge::new(made.steps[3].0, made.steps[0].0).create(&mut *tx).await;
    /// assert!(matches!(circle, Err(Error::Invalid(_))));
    /// # Ok(()) });
    /// ```
    pub struct NewWorkflowStepEdge for WorkflowStepEdge {
        /// The step that is waited for.
        from_step_id: i64,
        /// The step that waits.
        to_step_id: i64,
        ..
        /// `provides` unless set, as the engine names its own.
        name: String = WorkflowStepEdge::PROVIDES.to_owned(),
    }
    computed { id = 0, }
}

associations! {
    WorkflowStepEdge {
        /// The step that is waited for.
        FROM_STEP from_step: one WorkflowStep by from_step_id = workflow_step_id;
        /// The step that waits.
        TO_STEP to_step: one WorkflowStep by to_step_id = workflow_step_id;
    }
}

impl WorkflowStepEdge {
    /// The name of the edges that the engine makes.
    ///
    /// ```
    /// assert_eq!(tasker_core::models::WorkflowStepEdge::PROVIDES, "provides");
    /// ```
    pub const PROVIDES: &'static str = "provides";
}

impl Record for WorkflowStepEdge {
    record_values!();

    const UNIQUE: &'static [&'static str] = &[];

    fn same(&self) -> Expr {
        WorkflowStepEdge::from_step_id
            .eq(self.from_step_id)
            .and(WorkflowStepEdge::to_step_id.eq(self.to_step_id))
            .and(WorkflowStepEdge::name.eq(self.name.as_str()))
    }

    fn validate(&self, _new: bool, checks: &mut Checks) {
        checks.must_exist::<WorkflowStep>("from_step", WorkflowStep::key_is(self.from_step_id));
        checks.must_exist::<WorkflowStep>("to_step", WorkflowStep::key_is(self.to_step_id));
        checks.presence("name", &self.name);
    }

    async fn before_create(&self, connection: &mut PgConnection) -> Result<(), Error> {
        let edge = Edge { from: StepId(self.from_step_id), to: StepId(self.to_step_id) };
        if !closes_cycle(&mut Connection(connection), edge).await? {
            return Ok(());
        }
        let message = "Adding this edge would create a cycle in the workflow".to_owned();
        let errors = vec![FieldError { field: "base", message }];
        Err(Invalid { model: Self::NAME, errors }.into())
    }

    async fn serialize(&self, connection: &mut PgConnection) -> Result<(), Error> {
        lock::<WorkflowStep>(self.from_step_id, connection).await
    }
}
