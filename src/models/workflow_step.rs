//! Steps of tasks.

use super::checks::Checks;
use super::dag::StepDagRelationship;
use super::edge::WorkflowStepEdge;
use super::model::Model;
use super::named_step::NamedStep;
use super::record::{Record, delete_with, lock};
use super::task::Task;
use super::transition::WorkflowStepTransition;
use crate::error::Error;
use chrono::NaiveDateTime;
use sea_query::{Expr, ExprTrait, JoinType, Query};
use serde_json::Value;
use sqlx::postgres::PgConnection;

model! {
    /// A step of a task: `Tasker::WorkflowStep`.
    pub struct WorkflowStep in "tasker_workflow_steps" by workflow_step_id: i64 {
        /// The key.
        workflow_step_id: i64 = "bigint",
        /// The task.
        task_id: i64 = "bigint",
        /// The kind of step.
        named_step_id: i32 = "integer",
        /// May it be run?
        retryable: bool = "boolean",
        /// The attempts that it is allowed.
        retry_limit: i32 null = "integer",
        /// A worker runs it.
        in_process: bool = "boolean",
        /// It has ended well.
        processed: bool = "boolean",
        /// When it ended well, in UTC.
        processed_at: NaiveDateTime null = "timestamp without time zone",
        /// The attempts so far.
        attempts: i32 null = "integer",
        /// When the last attempt was made, in UTC.
        last_attempted_at: NaiveDateTime null = "timestamp without time zone",
        /// The seconds to wait after the last attempt, where the step has said so.
        backoff_request_seconds: i32 null = "integer",
        /// What it works on.
        inputs: Value null = "jsonb",
        /// What came of it.
        results: Value null = "jsonb",
        /// In UTC, as all instants of the engine.
        created_at: NaiveDateTime = "timestamp(6) without time zone",
        /// In UTC.
        updated_at: NaiveDateTime = "timestamp(6) without time zone",
        /// May it be skipped?
        skippable: bool = "boolean",
    }
}

new_record! {
    /// A step to create. What has a default in the table has it here.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// # use tasker_core::factories::{Factory, Sequence};
    /// # let sequence = Sequence::new(1_700);
    /// # let task = tasker_core::models::Task::create(&sequence, &mut *tx).await?;
    /// # let named_step = tasker_core::models::NamedStep::create(&sequence, &mut *tx).await?;
    /// use tasker_core::models::{New, NewWorkflowStep, WorkflowStep};
    ///
    /// let step: WorkflowStep = NewWorkflowStep {
    ///     retry_limit: Some(5),
    ///     ..NewWorkflowStep::new(task.task_id, named_step.named_step_id)
    /// }
    /// .create(&mut *tx)
    /// .await?;
    /// assert_eq!(step.named_step(&mut *tx).await?, named_step);
    /// assert_eq!(step.parents(&mut *tx).await?, []);
    /// # Ok(()) });
    /// ```
    pub struct NewWorkflowStep for WorkflowStep {
        /// The task.
        task_id: i64,
        /// The kind of step; unique within the task, by its name, too.
        named_step_id: i32,
        ..
        /// May it be run? Yes, unless set.
        retryable: bool = true,
        /// The attempts that it is allowed; 3 unless set.
        retry_limit: Option<i32> = Some(3),
        /// A worker runs it.
        in_process: bool = false,
        /// It has ended well.
        processed: bool = false,
        /// When it ended well, in UTC.
        processed_at: Option<NaiveDateTime> = None,
        /// The attempts so far; null unless set, and 0 in steps that are made from a template.
        attempts: Option<i32> = None,
        /// When the last attempt was made, in UTC.
        last_attempted_at: Option<NaiveDateTime> = None,
        /// The seconds to wait after the last attempt, where the step has said so.
        backoff_request_seconds: Option<i32> = None,
        /// What it works on.
        inputs: Option<Value> = None,
        /// What came of it.
        results: Option<Value> = None,
        /// May it be skipped? No, unless set.
        skippable: bool = false,
    }
    computed { workflow_step_id = 0, }
}

associations! {
    WorkflowStep {
        /// The task.
        TASK task: one Task by task_id = task_id;
        /// The kind of step.
        NAMED_STEP named_step: one NamedStep by named_step_id = named_step_id;
        /// The edges that lead from the step's parents to it.
        INCOMING_EDGES incoming_edges: many WorkflowStepEdge by workflow_step_id = to_step_id;
        /// The edges that lead from the step to its children.
        OUTGOING_EDGES outgoing_edges: many WorkflowStepEdge by workflow_step_id = from_step_id;
        /// The steps that it waits for, each as often as there are edges.
        PARENTS parents: many WorkflowStep by workflow_step_id = workflow_step_id
            through "tasker_workflow_step_edges" (to_step_id, from_step_id);
        /// The steps that wait for it, each as often as there are edges.
        CHILDREN children: many WorkflowStep by workflow_step_id = workflow_step_id
            through "tasker_workflow_step_edges" (from_step_id, to_step_id);
        /// The states that the step was in.
        WORKFLOW_STEP_TRANSITIONS workflow_step_transitions: many WorkflowStepTransition
            by workflow_step_id = workflow_step_id;
        /// Its place in the graph, from the engine's view.
        STEP_DAG_RELATIONSHIP step_dag_relationship: maybe StepDagRelationship by workflow_step_id = workflow_step_id;
    }
}

impl WorkflowStep {
    /// The name of another step of the task that has the name of this one, or null.
    fn name_of_another(&self, new: bool) -> Expr {
        let mut own_name = Query::select();
        own_name
            .from(NamedStep::TABLE)
            .column(NamedStep::name)
            .and_where(NamedStep::key_is(self.named_step_id));
        let mut named = Query::select();
        named
            .from(Self::TABLE)
            .join_as(
                JoinType::InnerJoin,
                NamedStep::TABLE,
                "other",
                Expr::col(("other", "named_step_id")).equals(WorkflowStep::named_step_id),
            )
            .column(("other", "name"))
            .cond_where(self.others(new))
            .and_where(WorkflowStep::task_id.eq(self.task_id))
            .and_where(Expr::col(("other", "name")).eq(own_name))
            .limit(1);
        named.into()
    }
}

impl Record for WorkflowStep {
    record_values!();

    const UNIQUE: &'static [&'static str] = &[];

    fn same(&self) -> Expr {
        WorkflowStep::task_id.eq(self.task_id).and(WorkflowStep::named_step_id.eq(self.named_step_id))
    }

    fn validate(&self, new: bool, checks: &mut Checks) {
        checks.must_exist::<Task>("task", Task::key_is(self.task_id));
        checks.must_exist::<NamedStep>("named_step", NamedStep::key_is(self.named_step_id));
        let taken = super::model::exists::<WorkflowStep>(self.others(new).add(self.same()));
        checks.refuse_if("named_step_id", "must be unique within the same task", taken);
        checks.refuse_named("base", self.name_of_another(new), |name| {
            format!("Step name '{name}' must be unique within the same task")
        });
    }

    async fn serialize(&self, connection: &mut PgConnection) -> Result<(), Error> {
        lock::<Task>(self.task_id, connection).await
    }

    async fn destroy(&self, connection: &mut PgConnection) -> Result<(), Error> {
        delete_with(
            self.key(),
            connection,
            "\
            with edge as (
              delete from tasker_workflow_step_edges where from_step_id = $1 or to_step_id = $1
            ), step_transition as (
              delete from tasker_workflow_step_transitions where workflow_step_id = $1
            )
            delete from tasker_workflow_steps where workflow_step_id = $1",
        )
        .await
    }
}
