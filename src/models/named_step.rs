//! Named steps: the kinds of steps, and which named tasks have them.

use super::checks::Checks;
use super::dependent_system::DependentSystem;
use super::model::Model;
use super::named_task::NamedTask;
use super::record::Record;
use super::workflow_step::WorkflowStep;
use chrono::NaiveDateTime;
use sea_query::{Expr, ExprTrait};

model! {
    /// A kind of step: `Tasker::NamedStep`.
    pub struct NamedStep in "tasker_named_steps" by named_step_id: i32 {
        /// The key.
        named_step_id: i32 = "integer",
        /// The system that it works with.
        dependent_system_id: i32 = "integer",
        /// Unique among those of the system; at most 128 characters.
        name: String = "character varying(128)",
        /// At most 255 characters.
        description: String null = "character varying(255)",
        /// In UTC, as all instants of the engine.
        created_at: NaiveDateTime = "timestamp(6) without time zone",
        /// In UTC.
        updated_at: NaiveDateTime = "timestamp(6) without time zone",
    }
}

new_record! {
    /// A kind of step to create.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// # use tasker_core::factories::{Factory, Sequence};
    /// # let sequence = Sequence::new(1_700);
    /// # let bank = tasker_core::models::DependentSystem::create(&sequence, &mut *tx).await?;
    /// use tasker_core::models::{NamedStep, New, NewNamedStep};
    ///
    /// let pay: NamedStep = NewNamedStep::new("pay", bank.dependent_system_id).find_or_create(&mut *tx).await?;
    /// assert_eq!(pay.dependent_system(&mut *tx).await?, bank);
    /// # Ok(()) });
    /// ```
    pub struct NewNamedStep for NamedStep {
        /// Unique among those of the system; at most 128 characters.
        name: String,
        /// The system that it works with.
        dependent_system_id: i32,
        ..
        /// At most 255 characters.
        description: Option<String> = None,
    }
    computed { named_step_id = 0, }
}

associations! {
    NamedStep {
        /// The system that it works with.
        DEPENDENT_SYSTEM dependent_system: one DependentSystem by dependent_system_id = dependent_system_id;
        /// The steps of this kind.
        WORKFLOW_STEPS workflow_steps: many WorkflowStep by named_step_id = named_step_id;
        /// The named tasks that have a step of this kind.
        NAMED_TASKS named_tasks: many NamedTask by named_step_id = named_task_id
            through "tasker_named_tasks_named_steps" (named_step_id, named_task_id);
    }
}

impl Record for NamedStep {
    record_values!();

    const UNIQUE: &'static [&'static str] = &["dependent_system_id", "name"];

    fn same(&self) -> Expr {
        NamedStep::dependent_system_id
            .eq(self.dependent_system_id)
            .and(NamedStep::name.eq(self.name.as_str()))
    }

    fn validate(&self, new: bool, checks: &mut Checks) {
        checks.must_exist::<DependentSystem>(
            "dependent_system",
            DependentSystem::key_is(self.dependent_system_id),
        );
        checks.presence("name", &self.name);
        checks.unique::<NamedStep>("name", self.others(new).add(self.same()));
    }
}

model! {
    /// That a named task has a named step, and how such steps are retried: `Tasker::NamedTasksNamedStep`.
    pub struct NamedTasksNamedStep in "tasker_named_tasks_named_steps" by id: i32 {
        /// The key.
        id: i32 = "integer",
        /// The named task.
        named_task_id: i32 = "integer",
        /// The named step.
        named_step_id: i32 = "integer",
        /// May such steps be skipped?
        skippable: bool = "boolean",
        /// May such steps be run?
        default_retryable: bool = "boolean",
        /// The attempts that such steps are allowed.
        default_retry_limit: i32 = "integer",
        /// In UTC, as all instants of the engine.
        created_at: NaiveDateTime = "timestamp(6) without time zone",
        /// In UTC.
        updated_at: NaiveDateTime = "timestamp(6) without time zone",
    }
}

new_record! {
    /// A step of a named task to create.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// # use tasker_core::factories::{Factory, Sequence};
    /// # let sequence = Sequence::new(1_700);
    /// # let settle = tasker_core::models::NamedTask::create(&sequence, &mut *tx).await?;
    /// # let pay = tasker_core::models::NamedStep::create(&sequence, &mut *tx).await?;
    /// use tasker_core::models::{NamedTasksNamedStep, New, NewNamedTasksNamedStep};
    ///
    /// let (task, step) = (settle.named_task_id, pay.named_step_id);
    /// let joined: NamedTasksNamedStep = NewNamedTasksNamedStep::new(task, step).create(&mut *tx).await?;
    /// assert_eq!((joined.skippable, joined.default_retry_limit), (false, 3));
    /// assert_eq!(settle.named_steps(&mut *tx).await?, [pay]);
    /// # Ok(()) });
    /// ```
    pub struct NewNamedTasksNamedStep for NamedTasksNamedStep {
        /// The named task.
        named_task_id: i32,
        /// The named step.
        named_step_id: i32,
        ..
        /// May such steps be skipped? No, unless set.
        skippable: bool = false,
        /// May such steps be run? Yes, unless set.
        default_retryable: bool = true,
        /// The attempts that such steps are allowed; 3 unless set.
        default_retry_limit: i32 = 3,
    }
    computed { id = 0, }
}

associations! {
    NamedTasksNamedStep {
        /// The named task.
        NAMED_TASK named_task: one NamedTask by named_task_id = named_task_id;
        /// The named step.
        NAMED_STEP named_step: one NamedStep by named_step_id = named_step_id;
    }
}

impl Record for NamedTasksNamedStep {
    record_values!();

    const UNIQUE: &'static [&'static str] = &["named_task_id", "named_step_id"];

    fn same(&self) -> Expr {
        NamedTasksNamedStep::named_task_id
            .eq(self.named_task_id)
            .and(NamedTasksNamedStep::named_step_id.eq(self.named_step_id))
    }

    fn validate(&self, new: bool, checks: &mut Checks) {
        checks.must_exist::<NamedTask>("named_task", NamedTask::key_is(self.named_task_id));
        checks.must_exist::<NamedStep>("named_step", NamedStep::key_is(self.named_step_id));
        checks.unique::<NamedTasksNamedStep>("named_task_id", self.others(new).add(self.same()));
        checks.unique::<NamedTasksNamedStep>("named_step_id", self.others(new).add(self.same()));
    }
}
