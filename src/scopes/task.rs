//! Scopes of tasks.

use super::StateFilter;
use super::current_state::{in_state, in_state_since};
use crate::error::Error;
use crate::models::{
    AnnotationType, Db, Model, NamedTask, Task, TaskAnnotation, TaskNamespace, TaskTransition, WorkflowStep,
    WorkflowStepTransition,
};
use crate::query::{Join, Query};
use crate::state::State;
use chrono::NaiveDateTime;
use sea_query::{Expr, ExprTrait, Order, Query as Sql, SelectStatement};

fn named_tasks() -> Join {
    Join::inner(NamedTask::TABLE, Task::named_task_id.equals(NamedTask::named_task_id))
}

fn namespaces() -> Join {
    Join::inner(TaskNamespace::TABLE, NamedTask::task_namespace_id.equals(TaskNamespace::task_namespace_id))
}

/// The transition with the greatest sort key, which the engine takes for the current one of a task, most recent or not.
pub(super) fn current_transitions() -> Join {
    let mut current = Sql::select();
    current
        .expr(TaskTransition::to_state.expr())
        .expr(TaskTransition::created_at.expr())
        .from(TaskTransition::TABLE)
        .and_where(TaskTransition::task_id.equals(Task::task_id))
        .order_by(TaskTransition::sort_key, Order::Desc)
        .limit(1);
    Join::lateral("current_transitions", current)
}

/// Steps of the task with their most recent transitions, to put a condition to.
fn steps_as_they_are() -> SelectStatement {
    let mut steps = Sql::select();
    steps
        .expr(Expr::cust("1"))
        .from(WorkflowStep::TABLE)
        .inner_join(
            WorkflowStepTransition::TABLE,
            WorkflowStepTransition::workflow_step_id.equals(WorkflowStep::workflow_step_id),
        )
        .and_where(WorkflowStep::task_id.equals(Task::task_id))
        .and_where(WorkflowStepTransition::most_recent.eq(true));
    steps
}

impl Query<Task> {
    /// Tasks of a namespace.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::{models::Task, query::Query};
    ///
    /// assert_eq!(Query::<Task>::new().in_namespace("no such namespace").count(&mut *tx).await?, 0);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn in_namespace(self, name: &str) -> Self {
        self.join(named_tasks()).join(namespaces()).filter(TaskNamespace::name.eq(name))
    }

    /// Tasks of named tasks with this name, in whatever namespace and version.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::{models::Task, query::Query};
    ///
    /// let settlements = Query::<Task>::new().in_namespace("payments").with_task_name("settle").all(&mut *tx).await?;
    /// # let _ = settlements;
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn with_task_name(self, name: &str) -> Self {
        self.join(named_tasks()).filter(NamedTask::name.eq(name))
    }

    /// Tasks of named tasks with this version.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::{models::Task, query::Query};
    ///
    /// assert!(!Query::<Task>::new().with_version("no such version").exists(&mut *tx).await?);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn with_version(self, version: &str) -> Self {
        self.join(named_tasks()).filter(NamedTask::version.eq(version))
    }

    /// Tasks whose current transition is to this state; with `None`, or a state without a name, all that have had a transition.
    ///
    /// The current transition is the one with the greatest sort key. A task that has had none is not found, not even as pending.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::{models::Task, query::Query, state::State};
    ///
    /// let failed = Query::<Task>::new().by_current_state(State::Error);
    /// let begun = Query::<Task>::new().by_current_state(None);
    /// assert!(failed.count(&mut *tx).await? <= begun.count(&mut *tx).await?);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn by_current_state(self, state: impl StateFilter<Task>) -> Self {
        in_state(self, state.state())
    }

    /// Tasks that have an annotation of this type whose `key` is this text.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::{models::Task, query::Query};
    ///
    /// let urgent = Query::<Task>::new().by_annotation("triage", "priority", "high").all(&mut *tx).await?;
    /// # let _ = urgent;
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn by_annotation(self, annotation_type: &str, key: &str, value: &str) -> Self {
        let mut annotations = Sql::select();
        annotations
            .expr(Expr::cust("1"))
            .from(TaskAnnotation::TABLE)
            .inner_join(
                AnnotationType::TABLE,
                TaskAnnotation::annotation_type_id.equals(AnnotationType::annotation_type_id),
            )
            .and_where(TaskAnnotation::task_id.equals(Task::task_id))
            .and_where(AnnotationType::name.eq(annotation_type.trim()))
            .and_where(ExprTrait::eq(TaskAnnotation::annotation.text(key), value));
        self.filter(Expr::exists(annotations))
    }

    /// Tasks created after an instant, in UTC.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::{models::Task, query::Query};
    ///
    /// assert_eq!(Query::<Task>::new().created_since(chrono::NaiveDateTime::MAX.with_year(9000).unwrap()).count(&mut *tx).await?, 0);
    /// # use chrono::Datelike;
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn created_since(self, since: NaiveDateTime) -> Self {
        self.filter(Task::created_at.gt(since))
    }

    /// Tasks of which a step has been completed after an instant, in UTC, and is complete since.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::{models::Task, query::Query};
    ///
    /// let yesterday = chrono::DateTime::from_timestamp(1_750_000_000, 0).unwrap().naive_utc();
    /// let advanced = Query::<Task>::new().completed_since(yesterday).all(&mut *tx).await?;
    /// # let _ = advanced;
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn completed_since(self, since: NaiveDateTime) -> Self {
        let mut steps = steps_as_they_are();
        steps
            .and_where(WorkflowStepTransition::to_state.eq(State::Complete.as_str()))
            .and_where(WorkflowStepTransition::created_at.gt(since));
        self.filter(Expr::exists(steps))
    }

    /// Tasks that have failed after an instant, in UTC, and are failed since: whose current transition is to `error`.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::{models::Task, query::Query};
    ///
    /// let yesterday = chrono::DateTime::from_timestamp(1_750_000_000, 0).unwrap().naive_utc();
    /// let failures = Query::<Task>::new().in_namespace("payments").failed_since(yesterday).count(&mut *tx).await?;
    /// # let _ = failures;
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn failed_since(self, since: NaiveDateTime) -> Self {
        in_state_since(self, State::Error, since)
    }

    /// Tasks with a step whose most recent transition leads to none of `complete`, `error`, `skipped` and `resolved_manually`.
    ///
    /// A task none of whose steps has had a transition is not active; one with a cancelled step is.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::{models::Task, query::Query};
    ///
    /// println!("{} tasks are active", Query::<Task>::new().active().count(&mut *tx).await?);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn active(self) -> Self {
        let mut steps = steps_as_they_are();
        let ended = ["complete", "error", "skipped", "resolved_manually"];
        steps.and_where(WorkflowStepTransition::to_state.expr().is_not_in(ended.map(in_text)));
        self.filter(Expr::exists(steps))
    }

    /// The number of different names of the tasks' named tasks. One statement.
    ///
    /// # Errors
    ///
    /// [`Error::Database`].
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::{models::Task, query::Query};
    ///
    /// assert!(Query::<Task>::new().unique_task_types_count(&mut *tx).await? <= Query::<Task>::new().count(&mut *tx).await?);
    /// # Ok(()) });
    /// ```
    pub fn unique_task_types_count<'c>(
        &self,
        db: impl Db<'c>,
    ) -> impl Future<Output = Result<u64, Error>> + Send {
        async move { self.clone().join(named_tasks()).count_distinct(NamedTask::name.expr(), db).await }
    }
}

/// A value that stands in the text of the statement.
fn in_text(word: &'static str) -> Expr {
    Expr::Constant(word.into())
}
