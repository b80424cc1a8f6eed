//! The histories of tasks and of steps.

use super::checks::Checks;
use super::json;
use super::model::{Model, exists};
use super::record::Record;
use super::task::Task;
use super::workflow_step::WorkflowStep;
use crate::state::State;
use chrono::NaiveDateTime;
use sea_query::{Expr, ExprTrait};
use serde_json::Value;

/// A blank metadata is an empty object.
fn normalize_metadata(metadata: &mut Option<Value>) {
    if metadata.as_ref().is_none_or(json::is_blank) {
        *metadata = Some(Value::Object(serde_json::Map::new()));
    }
}

fn check_metadata(metadata: &Option<Value>, checks: &mut Checks) {
    if !matches!(metadata, Some(Value::Object(_))) {
        checks.refuse("metadata", "must be a hash");
    }
}

fn is_state(word: &str) -> bool {
    State::ALL.iter().any(|state| state.as_str() == word)
}

/// The history of one machine: its model, what a row is made of, and the association with its owner.
macro_rules! history {
    (
        $(#[$new_doc:meta])* $model:ident, $new:ident in $table:literal of $what:literal:
        $owner_key:ident -> $association:ident $method:ident: $owner:ident
    ) => {
        model! {
            #[doc = concat!("A state that a ", $what, " was in or is in: `Tasker::", stringify!($model), "`.")]
            pub struct $model in $table by id: i64 {
                /// The key.
                id: i64 = "bigint",
                /// The state.
                to_state: String = "character varying",
                /// The state before. Statesman leaves it null.
                from_state: String null = "character varying",
                /// What was said of the transition.
                metadata: Value null = "jsonb",
                /// The place in the history: 10, 20, and so on.
                sort_key: i32 = "integer",
                /// Is it the current state?
                most_recent: bool = "boolean",
                #[doc = concat!("The ", $what, ".")]
                $owner_key: i64 = "bigint",
                /// In UTC, as all instants of the engine.
                created_at: NaiveDateTime = "timestamp(6) without time zone",
                /// In UTC.
                updated_at: NaiveDateTime = "timestamp(6) without time zone",
            }
        }

        new_record! {
            #[doc = concat!("A row of a ", $what, "'s history to create, past the state machine. See the state machines for transitions.")]
            ///
            $(#[$new_doc])*
            pub struct $new for $model {
                #[doc = concat!("The ", $what, ".")]
                $owner_key: i64,
                /// The state.
                to_state: String,
                /// The place in the history; unique within it.
                sort_key: i32,
                ..
                /// The state before.
                from_state: Option<String> = None,
                /// An object; empty unless set.
                metadata: Value = Value::Object(serde_json::Map::new()),
                /// Is it the current state? Yes, unless set; of each history one row at most is.
                most_recent: bool = true,
            }
            with |new, _now| {
                id: 0,
                to_state: new.to_state,
                from_state: new.from_state,
                metadata: Some(new.metadata),
                sort_key: new.sort_key,
                most_recent: new.most_recent,
                $owner_key: new.$owner_key,
            }
        }

        associations! {
            $model {
                #[doc = concat!("The ", $what, ".")]
                $association $method: one $owner by $owner_key = $owner_key;
            }
        }
    };
}

history! {
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// # use tasker_core::factories::{Factory, Sequence};
    /// # let sequence = Sequence::new(1_700);
    /// # let task = tasker_core::models::Task::create(&sequence, &mut *tx).await?;
    /// use tasker_core::models::{New, NewTaskTransition, TaskTransition};
    ///
    /// let begun: TaskTransition = NewTaskTransition::new(task.task_id, "in_progress", 10).create(&mut *tx).await?;
    /// assert!(begun.most_recent);
    /// # Ok(()) });
    /// ```
    TaskTransition, NewTaskTransition in "tasker_task_transitions" of "task": task_id -> TASK task: Task
}

history! {
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// # use tasker_core::factories::{Factory, Sequence};
    /// # let sequence = Sequence::new(1_700);
    /// # let step = tasker_core::models::WorkflowStep::create(&sequence, &mut *tx).await?;
    /// use tasker_core::models::{New, NewWorkflowStepTransition, WorkflowStepTransition};
    ///
    /// let begun: WorkflowStepTransition =
    ///     NewWorkflowStepTransition::new(step.workflow_step_id, "in_progress", 10).create(&mut *tx).await?;
    /// assert_eq!(begun.workflow_step(&mut *tx).await?, step);
    /// # Ok(()) });
    /// ```
    WorkflowStepTransition, NewWorkflowStepTransition in "tasker_workflow_step_transitions" of "step":
    workflow_step_id -> WORKFLOW_STEP workflow_step: WorkflowStep
}

impl Record for TaskTransition {
    record_values!();

    const UNIQUE: &'static [&'static str] = &["task_id", "sort_key"];

    fn same(&self) -> Expr {
        TaskTransition::task_id.eq(self.task_id).and(TaskTransition::sort_key.eq(self.sort_key))
    }

    fn normalize(&mut self) {
        normalize_metadata(&mut self.metadata);
    }

    fn validate(&self, new: bool, checks: &mut Checks) {
        let owner = || Task::key_is(self.task_id);
        checks.must_exist::<Task>("task", owner());
        if !is_state(&self.to_state) {
            checks.refuse("to_state", "is not a valid task state");
        }
        checks.refuse_unless("task", "must exist before creating transition", exists::<Task>(owner()));
        checks.unique::<TaskTransition>("sort_key", self.others(new).add(self.same()));
        check_metadata(&self.metadata, checks);
    }
}

impl Record for WorkflowStepTransition {
    record_values!();

    const UNIQUE: &'static [&'static str] = &["workflow_step_id", "sort_key"];

    fn same(&self) -> Expr {
        WorkflowStepTransition::workflow_step_id
            .eq(self.workflow_step_id)
            .and(WorkflowStepTransition::sort_key.eq(self.sort_key))
    }

    fn normalize(&mut self) {
        normalize_metadata(&mut self.metadata);
        if self.from_state.as_deref() == Some("") {
            self.from_state = None;
        }
    }

    fn validate(&self, new: bool, checks: &mut Checks) {
        if self.to_state.is_empty() {
            checks.refuse("to_state", "cannot be empty - must specify a valid state");
        }
        let owner = || WorkflowStep::key_is(self.workflow_step_id);
        checks.must_exist::<WorkflowStep>("workflow_step", owner());
        if !is_state(&self.to_state) {
            checks.refuse("to_state", "is not a valid workflow step state");
        }
        if self.from_state.as_ref().is_some_and(|state| !is_state(state)) {
            checks.refuse("from_state", "is not a valid workflow step state");
        }
        let known = exists::<WorkflowStep>(owner());
        checks.refuse_unless("workflow_step_id", "must reference an existing workflow step", known);
        checks.unique::<WorkflowStepTransition>("sort_key", self.others(new).add(self.same()));
        check_metadata(&self.metadata, checks);
    }
}
