//! Named tasks: the kinds of tasks, by namespace, name and version.

use super::checks::Checks;
use super::model::Model;
use super::named_step::NamedStep;
use super::namespace::TaskNamespace;
use super::record::Record;
use super::task::Task;
use chrono::NaiveDateTime;
use sea_query::{Expr, ExprTrait};
use serde_json::Value;

model! {
    /// A kind of task: `Tasker::NamedTask`.
    pub struct NamedTask in "tasker_named_tasks" by named_task_id: i32 {
        /// The key.
        named_task_id: i32 = "integer",
        /// At most 64 characters.
        name: String = "character varying(64)",
        /// At most 255 characters.
        description: String null = "character varying(255)",
        /// In UTC, as all instants of the engine.
        created_at: NaiveDateTime = "timestamp(6) without time zone",
        /// In UTC.
        updated_at: NaiveDateTime = "timestamp(6) without time zone",
        /// The namespace, by an integer that is wider than the key of namespaces.
        task_namespace_id: i64 = "bigint",
        /// Three numbers with dots between them; at most 16 characters.
        version: String = "character varying(16)",
        /// Free for applications. Without a value it is the JSON string `"{}"` and not an object: the default of the column.
        configuration: Value null = "jsonb",
    }
}

new_record! {
    /// A kind of task to create.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// # use tasker_core::factories::{Factory, Sequence};
    /// # let sequence = Sequence::new(1_700);
    /// # let namespace = tasker_core::models::TaskNamespace::create(&sequence, &mut *tx).await?;
    /// use tasker_core::models::{NamedTask, New, NewNamedTask};
    ///
    /// let settle: NamedTask = NewNamedTask {
    ///     version: "1.0.0".into(),
    ///     ..NewNamedTask::new("settle", namespace.task_namespace_id)
    /// }
    /// .create(&mut *tx)
    /// .await?;
    /// assert_eq!(settle.task_namespace(&mut *tx).await?, namespace);
    /// # Ok(()) });
    /// ```
    pub struct NewNamedTask for NamedTask {
        /// At most 64 characters.
        name: String,
        /// The namespace.
        task_namespace_id: i64,
        ..
        /// At most 255 characters.
        description: Option<String> = None,
        /// Three numbers with dots between them; `0.1.0` unless set.
        version: String = NamedTask::DEFAULT_VERSION.to_owned(),
        /// The column's default unless set: the JSON string `"{}"`.
        configuration: Option<Value> = Some(Value::String("{}".to_owned())),
    }
    computed { named_task_id = 0, }
}

impl NamedTask {
    /// The version of tasks that name none.
    ///
    /// ```
    /// assert_eq!(tasker_core::models::NamedTask::DEFAULT_VERSION, "0.1.0");
    /// ```
    pub const DEFAULT_VERSION: &'static str = "0.1.0";
}

associations! {
    NamedTask {
        /// The namespace.
        TASK_NAMESPACE task_namespace: one TaskNamespace by task_namespace_id = task_namespace_id;
        /// The tasks of this kind.
        TASKS tasks: many Task by named_task_id = named_task_id;
        /// The kinds of steps that such tasks have.
        NAMED_STEPS named_steps: many NamedStep by named_task_id = named_step_id
            through "tasker_named_tasks_named_steps" (named_task_id, named_step_id);
    }
}

/// `\A\d+\.\d+\.\d+\z`
fn is_version(text: &str) -> bool {
    let number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    text.split('.').count() == 3 && text.split('.').all(number)
}

impl Record for NamedTask {
    record_values!();

    const UNIQUE: &'static [&'static str] = &["task_namespace_id", "name", "version"];

    fn same(&self) -> Expr {
        NamedTask::task_namespace_id
            .eq(self.task_namespace_id)
            .and(NamedTask::name.eq(self.name.as_str()))
            .and(NamedTask::version.eq(self.version.as_str()))
    }

    fn validate(&self, new: bool, checks: &mut Checks) {
        checks.must_exist::<TaskNamespace>("task_namespace", TaskNamespace::key_is(self.task_namespace_id));
        checks.presence("name", &self.name);
        checks.at_most("name", &self.name, 64);
        checks.presence("version", &self.version);
        if !is_version(&self.version) {
            checks.refuse("version", "must be in semver format (e.g., 1.0.0)");
        }
        checks.at_most("version", &self.version, 16);
        checks.unique::<NamedTask>("task_namespace_id", self.others(new).add(self.same()));
    }
}
