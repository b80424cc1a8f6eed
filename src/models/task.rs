//! Tasks.

use super::annotation::{AnnotationType, TaskAnnotation};
use super::checks::Checks;
use super::column::Json;
use super::json;
use super::model::{Model, exists};
use super::named_task::NamedTask;
use super::record::{Record, delete_with};
use super::transition::TaskTransition;
use super::workflow_step::WorkflowStep;
use crate::error::Error;
use chrono::NaiveDateTime;
use sea_query::Expr;
use serde_json::Value;
use sqlx::postgres::PgConnection;

model! {
    /// A task, which is what a workflow is run for: `Tasker::Task`.
    pub struct Task in "tasker_tasks" by task_id: i64 {
        /// The key.
        task_id: i64 = "bigint",
        /// The kind of task.
        named_task_id: i32 = "integer",
        /// Set when the task completes.
        complete: bool = "boolean",
        /// When it was asked for, in UTC.
        requested_at: NaiveDateTime = "timestamp without time zone",
        /// Who asked for it; at most 128 characters.
        initiator: String null = "character varying(128)",
        /// Where it was asked for; at most 128 characters.
        source_system: String null = "character varying(128)",
        /// Why it was asked for; at most 128 characters.
        reason: String null = "character varying(128)",
        /// Names of steps; the engine keeps them and does nothing with them.
        bypass_steps: Json null = "json",
        /// Free words.
        tags: Value null = "jsonb",
        /// What the steps work on; not blank. Numbers beyond 64 bits are rounded to floats here.
        context: Value null = "jsonb",
        /// Unique; see [`IdentityStrategy`](super::IdentityStrategy).
        identity_hash: String = "character varying(128)",
        /// In UTC, as all instants of the engine.
        created_at: NaiveDateTime = "timestamp(6) without time zone",
        /// In UTC.
        updated_at: NaiveDateTime = "timestamp(6) without time zone",
    }
}

new_record! {
    /// A task to create, without steps. See [`templates`](crate::templates) for one that is made from a template.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// # use tasker_core::factories::{Factory, Sequence};
    /// # let sequence = Sequence::new(1_700);
    /// # let named_task = tasker_core::models::NamedTask::create(&sequence, &mut *tx).await?;
    /// use serde_json::json;
    /// use tasker_core::models::{New, NewTask, Task};
    ///
    /// let task: Task = NewTask {
    ///     reason: Some("nightly run".into()),
    ///     ..NewTask::new(named_task.named_task_id, json!({ "order_id": 7 }))
    /// }
    /// .create(&mut *tx)
    /// .await?;
    /// assert_eq!(task.workflow_steps(&mut *tx).await?, []);
    /// # Ok(()) });
    /// ```
    pub struct NewTask for Task {
        /// The kind of task.
        named_task_id: i32,
        /// What the steps work on; not blank.
        context: Value,
        ..
        /// Set when the task completes.
        complete: bool = false,
        /// When it was asked for, in UTC; now unless set.
        requested_at: Option<NaiveDateTime> = None,
        /// Who asked for it; `unknown` unless set.
        initiator: Option<String> = Some("unknown".to_owned()),
        /// Where it was asked for; `unknown` unless set.
        source_system: Option<String> = Some("unknown".to_owned()),
        /// Why it was asked for; `unknown` unless set.
        reason: Option<String> = Some("unknown".to_owned()),
        /// Names of steps; an empty array unless set.
        bypass_steps: Option<Value> = Some(Value::Array(Vec::new())),
        /// Free words; an empty array unless set.
        tags: Option<Value> = Some(Value::Array(Vec::new())),
        /// What may not be there twice; a random one unless set, as with the engine's default strategy.
        identity_hash: String = super::identity::random(),
    }
    with |new, now| {
        task_id: 0,
        named_task_id: new.named_task_id,
        complete: new.complete,
        requested_at: new.requested_at.unwrap_or(now),
        initiator: new.initiator,
        source_system: new.source_system,
        reason: new.reason,
        bypass_steps: new.bypass_steps,
        tags: new.tags,
        context: Some(new.context),
        identity_hash: new.identity_hash,
    }
}

associations! {
    Task {
        /// The kind of task.
        NAMED_TASK named_task: one NamedTask by named_task_id = named_task_id;
        /// The steps.
        WORKFLOW_STEPS workflow_steps: many WorkflowStep by task_id = task_id;
        /// The annotations.
        TASK_ANNOTATIONS task_annotations: many TaskAnnotation by task_id = task_id;
        /// The types of the annotations, each as often as there are annotations of it.
        ANNOTATION_TYPES annotation_types: many AnnotationType by task_id = annotation_type_id
            through "tasker_task_annotations" (task_id, annotation_type_id);
        /// The states that the task was in.
        TASK_TRANSITIONS task_transitions: many TaskTransition by task_id = task_id;
    }
}

impl Record for Task {
    record_values!();

    const UNIQUE: &'static [&'static str] = &["identity_hash"];

    fn same(&self) -> Expr {
        Task::identity_hash.eq(self.identity_hash.as_str())
    }

    fn validate(&self, new: bool, checks: &mut Checks) {
        checks.must_exist::<NamedTask>("named_task", NamedTask::key_is(self.named_task_id));
        if self.context.as_ref().is_none_or(json::is_blank) {
            checks.refuse("context", "can't be blank");
        }
        if new {
            let named_task = exists::<NamedTask>(NamedTask::key_is(self.named_task_id));
            checks.refuse_unless("named_task_id", "no task name found", named_task);
            let taken = exists::<Task>(self.same());
            checks.refuse_if("identity_hash", "is identical to a request made in the last minute", taken);
        }
    }

    async fn destroy(&self, connection: &mut PgConnection) -> Result<(), Error> {
        delete_with(
            self.key(),
            connection,
            "\
            with step as materialized (
              select workflow_step_id as id from tasker_workflow_steps where task_id = $1
            ), edge as (
              delete from tasker_workflow_step_edges where id in (
                select e.id from step join tasker_workflow_step_edges e on e.from_step_id = step.id
                union select e.id from step join tasker_workflow_step_edges e on e.to_step_id = step.id
              )
            ), step_transition as (
              delete from tasker_workflow_step_transitions where workflow_step_id in (select id from step)
            ), workflow_step as (
              delete from tasker_workflow_steps where task_id = $1
            ), annotation as (
              delete from tasker_task_annotations where task_id = $1
            ), task_transition as (
              delete from tasker_task_transitions where task_id = $1
            )
            delete from tasker_tasks where task_id = $1",
        )
        .await
    }
}
