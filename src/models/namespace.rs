//! Namespaces of named tasks.

use super::checks::Checks;
use super::named_task::NamedTask;
use super::record::Record;
use chrono::NaiveDateTime;
use sea_query::Expr;

model! {
    /// A namespace of named tasks: `Tasker::TaskNamespace`.
    pub struct TaskNamespace in "tasker_task_namespaces" by task_namespace_id: i32 {
        /// The key.
        task_namespace_id: i32 = "integer",
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
    /// A namespace to create.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::models::{New, NewTaskNamespace, Record, TaskNamespace};
    ///
    /// let payments: TaskNamespace = NewTaskNamespace {
    ///     description: Some("what moves money".into()),
    ///     ..NewTaskNamespace::new("payments of tonight")
    /// }
    /// .create(&mut *tx)
    /// .await?;
    /// payments.delete(&mut *tx).await?;
    /// # Ok(()) });
    /// ```
    pub struct NewTaskNamespace for TaskNamespace {
        /// Unique; at most 64 characters.
        name: String,
        ..
        /// At most 255 characters.
        description: Option<String> = None,
    }
    computed { task_namespace_id = 0, }
}

associations! {
    TaskNamespace {
        /// The named tasks in the namespace, of all versions.
        NAMED_TASKS named_tasks: many NamedTask by task_namespace_id = task_namespace_id;
    }
}

impl TaskNamespace {
    /// Is it the namespace of tasks that name none?
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::models::{New, NewTaskNamespace};
    ///
    /// assert!(NewTaskNamespace::new("default").find_or_create(&mut *tx).await?.is_default());
    /// # Ok(()) });
    /// ```
    pub fn is_default(&self) -> bool {
        self.name == "default"
    }
}

impl Record for TaskNamespace {
    record_values!();

    const UNIQUE: &'static [&'static str] = &["name"];

    fn same(&self) -> Expr {
        TaskNamespace::name.eq(self.name.as_str())
    }

    fn validate(&self, new: bool, checks: &mut Checks) {
        checks.presence("name", &self.name);
        checks.unique::<TaskNamespace>("name", self.others(new).add(self.same()));
        checks.at_most("name", &self.name, 64);
        checks.at_most("description", self.description.as_deref().unwrap_or_default(), 255);
    }
}
