//! Annotations of tasks, and their types.

use super::checks::Checks;
use super::model::Model;
use super::record::{Record, delete_with, lock};
use super::task::Task;
use crate::error::Error;
use chrono::NaiveDateTime;
use sea_query::{Expr, ExprTrait};
use serde_json::Value;
use sqlx::postgres::PgConnection;

model! {
    /// A type of annotations: `Tasker::AnnotationType`.
    pub struct AnnotationType in "tasker_annotation_types" by annotation_type_id: i32 {
        /// The key.
        annotation_type_id: i32 = "integer",
        /// Unique; at most 64 characters.
        name: String = "character varying(64)",
        /// At most 255 characters.
        description: String null = "character varying(255)",
        /// In UTC, as all instants of the engine.
        created_at: NaiveDateTime = "timestamp(6) without time zone",
        /// In UTC.
        updated_at: NaiveDateTime = "timestamp(6) without time zone",
    }
}

new_record! {
    /// A type of annotations to create.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::models::{AnnotationType, New, NewAnnotationType};
    ///
    /// let triage: AnnotationType = NewAnnotationType::new("triage").find_or_create(&mut *tx).await?;
    /// assert_eq!(triage.name, "triage");
    /// # Ok(()) });
    /// ```
    pub struct NewAnnotationType for AnnotationType {
        /// Unique; at most 64 characters.
        name: String,
        ..
        /// At most 255 characters.
        description: Option<String> = None,
    }
    computed { annotation_type_id = 0, }
}

associations! {
    AnnotationType {
        /// The annotations of this type.
        TASK_ANNOTATIONS task_annotations: many TaskAnnotation by annotation_type_id = annotation_type_id;
    }
}

impl Record for AnnotationType {
    record_values!();

    const UNIQUE: &'static [&'static str] = &["name"];

    fn same(&self) -> Expr {
        AnnotationType::name.eq(self.name.as_str())
    }

    fn validate(&self, new: bool, checks: &mut Checks) {
        checks.presence("name", &self.name);
        checks.unique::<AnnotationType>("name", self.others(new).add(self.same()));
    }

    async fn destroy(&self, connection: &mut PgConnection) -> Result<(), Error> {
        delete_with(
            self.key(),
            connection,
            "\
            with annotation as (
              delete from tasker_task_annotations where annotation_type_id = $1
            )
            delete from tasker_annotation_types where annotation_type_id = $1",
        )
        .await
    }
}

model! {
    /// Something noted on a task: `Tasker::TaskAnnotation`.
    pub struct TaskAnnotation in "tasker_task_annotations" by task_annotation_id: i64 {
        /// The key.
        task_annotation_id: i64 = "bigint",
        /// The task.
        task_id: i64 = "bigint",
        /// The type.
        annotation_type_id: i32 = "integer",
        /// What is noted; usually an object.
        annotation: Value null = "jsonb",
        /// In UTC, as all instants of the engine.
        created_at: NaiveDateTime = "timestamp(6) without time zone",
        /// In UTC.
        updated_at: NaiveDateTime = "timestamp(6) without time zone",
    }
}

new_record! {
    /// An annotation to create. Where it is found or created, the same annotation of the same type is the same.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// # use tasker_core::factories::{Factory, Sequence};
    /// # let sequence = Sequence::new(1_700);
    /// # let task = tasker_core::models::Task::create(&sequence, &mut *tx).await?;
    /// # let triage = tasker_core::models::AnnotationType::create(&sequence, &mut *tx).await?;
    /// use serde_json::json;
    /// use tasker_core::models::{New, NewTaskAnnotation, TaskAnnotation};
    ///
    /// let urgent: TaskAnnotation = NewTaskAnnotation {
    ///     annotation: Some(json!({ "priority": "high" })),
    ///     ..NewTaskAnnotation::new(task.task_id, triage.annotation_type_id)
    /// }
    /// .create(&mut *tx)
    /// .await?;
    /// assert_eq!(urgent.annotation_type(&mut *tx).await?, triage);
    /// # Ok(()) });
    /// ```
    pub struct NewTaskAnnotation for TaskAnnotation {
        /// The task.
        task_id: i64,
        /// The type.
        annotation_type_id: i32,
        ..
        /// What is noted; usually an object.
        annotation: Option<Value> = None,
    }
    computed { task_annotation_id = 0, }
}

associations! {
    TaskAnnotation {
        /// The task.
        TASK task: one Task by task_id = task_id;
        /// The type.
        ANNOTATION_TYPE annotation_type: one AnnotationType by annotation_type_id = annotation_type_id;
    }
}

impl Record for TaskAnnotation {
    record_values!();

    const UNIQUE: &'static [&'static str] = &[];

    fn same(&self) -> Expr {
        let annotation = match &self.annotation {
            Some(annotation) => TaskAnnotation::annotation.eq(annotation.clone()),
            None => TaskAnnotation::annotation.is_null(),
        };
        TaskAnnotation::task_id
            .eq(self.task_id)
            .and(TaskAnnotation::annotation_type_id.eq(self.annotation_type_id))
            .and(annotation)
    }

    fn validate(&self, _new: bool, checks: &mut Checks) {
        checks.must_exist::<Task>("task", Task::key_is(self.task_id));
        let annotation_type = AnnotationType::key_is(self.annotation_type_id);
        checks.must_exist::<AnnotationType>("annotation_type", annotation_type);
    }

    async fn serialize(&self, connection: &mut PgConnection) -> Result<(), Error> {
        lock::<Task>(self.task_id, connection).await
    }
}
