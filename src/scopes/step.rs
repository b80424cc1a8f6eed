//! Scopes of workflow steps.

use super::current_state::{in_state, in_state_since};
use super::{StateFilter, has_parents_of};
use crate::models::{Model, Task, WorkflowStep, WorkflowStepEdge, WorkflowStepTransition};
use crate::query::{Join, Query};
use crate::sql;
use crate::state::State;
use chrono::NaiveDateTime;
use sea_query::{Expr, ExprTrait, Query as Sql, SelectStatement};

const STEP_ID: &str = "tasker_workflow_steps.workflow_step_id";

/// The most recent transition: one row at most, by a unique index.
pub(super) fn current_transitions() -> Join {
    let name = "current_transitions";
    let column = |column: &'static str| Expr::col((name, column));
    let on = column("workflow_step_id")
        .equals((WorkflowStep::TABLE, "workflow_step_id"))
        .and(ExprTrait::eq(column("most_recent"), true));
    Join::inner(WorkflowStepTransition::TABLE, on).named(name)
}

fn tasks() -> Join {
    Join::inner(Task::TABLE, WorkflowStep::task_id.equals(Task::task_id))
}

fn transitions() -> SelectStatement {
    let mut transitions = Sql::select();
    transitions
        .expr(Expr::cust("1"))
        .from(WorkflowStepTransition::TABLE)
        .and_where(WorkflowStepTransition::workflow_step_id.equals(WorkflowStep::workflow_step_id));
    transitions
}

fn one_of(column: Expr, states: &[State]) -> Expr {
    column.is_in(states.iter().map(|state| state.as_str().to_owned()))
}

impl Query<WorkflowStep> {
    /// Steps of one task.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::{models::WorkflowStep, query::Query};
    ///
    /// assert_eq!(Query::<WorkflowStep>::new().for_task(-1).all(&mut *tx).await?, []);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn for_task(self, task_id: i64) -> Self {
        self.filter(WorkflowStep::task_id.eq(task_id))
    }

    /// Steps of the tasks that another query finds.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::models::{Task, WorkflowStep};
    /// use tasker_core::query::Query;
    ///
    /// let payments = Query::<Task>::new().in_namespace("payments").active();
    /// let steps = Query::<WorkflowStep>::new().of_tasks(&payments).failed().count(&mut *tx).await?;
    /// # let _ = steps;
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn of_tasks(self, tasks: &Query<Task>) -> Self {
        self.where_in(WorkflowStep::task_id.expr(), Task::task_id.expr(), tasks)
    }

    /// Steps whose most recent transition is to this state; with `None`, or a state without a name, all that have one.
    ///
    /// A step that has had none is not found, not even as pending: see [`Query::pending`].
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::{models::WorkflowStep, query::Query, state::State};
    ///
    /// let running = Query::<WorkflowStep>::new().by_current_state(State::InProgress).all(&mut *tx).await?;
    /// # let _ = running;
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn by_current_state(self, state: impl StateFilter<WorkflowStep>) -> Self {
        in_state(self, state.state())
    }

    /// Steps that are complete or resolved manually.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::{models::WorkflowStep, query::Query};
    ///
    /// println!("{} steps are done", Query::<WorkflowStep>::new().completed().count(&mut *tx).await?);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn completed(self) -> Self {
        let current = current_transitions();
        let done = one_of(current.column("to_state"), &[State::Complete, State::ResolvedManually]);
        self.join(current).filter(done)
    }

    /// Steps whose state is `error`.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::{models::WorkflowStep, query::Query};
    ///
    /// assert!(!Query::<WorkflowStep>::new().failed().completed().exists(&mut *tx).await?);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn failed(self) -> Self {
        self.by_current_state(State::Error)
    }

    /// Steps that are not done yet: without any transition, pending, or in progress.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::{models::WorkflowStep, query::Query};
    ///
    /// assert!(!Query::<WorkflowStep>::new().pending().completed().exists(&mut *tx).await?);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn pending(self) -> Self {
        let mut open = transitions();
        open.and_where(WorkflowStepTransition::most_recent.eq(true))
            .and_where(one_of(WorkflowStepTransition::to_state.expr(), &[State::Pending, State::InProgress]));
        self.filter(Expr::not_exists(transitions()).or(Expr::exists(open)))
    }

    /// Steps that may run now: by the same rule as [`step_readiness`](crate::operations::readiness::step_readiness), by the server's
    /// clock.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::models::{Task, WorkflowStep};
    /// use tasker_core::query::Query;
    ///
    /// let payments = Query::<Task>::new().in_namespace("payments");
    /// let next = Query::<WorkflowStep>::new().of_tasks(&payments).ready().limit(10).all(&mut *tx).await?;
    /// # let _ = next;
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn ready(self) -> Self {
        self.filter(Expr::cust(sql::ready::IS_READY))
    }

    /// Steps that have been completed after an instant, in UTC, and are complete since.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::{models::WorkflowStep, query::Query};
    ///
    /// let yesterday = chrono::DateTime::from_timestamp(1_750_000_000, 0).unwrap().naive_utc();
    /// let done = Query::<WorkflowStep>::new().completed_since(yesterday).count(&mut *tx).await?;
    /// # let _ = done;
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn completed_since(self, since: NaiveDateTime) -> Self {
        in_state_since(self, State::Complete, since)
    }

    /// Steps that have failed after an instant, in UTC, and are failed since.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::{models::WorkflowStep, query::Query};
    ///
    /// let yesterday = chrono::DateTime::from_timestamp(1_750_000_000, 0).unwrap().naive_utc();
    /// let failures = Query::<WorkflowStep>::new().failed_since(yesterday).all(&mut *tx).await?;
    /// # let _ = failures;
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn failed_since(self, since: NaiveDateTime) -> Self {
        in_state_since(self, State::Error, since)
    }

    /// Steps of tasks created after an instant, in UTC.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::{models::WorkflowStep, query::Query};
    ///
    /// let yesterday = chrono::DateTime::from_timestamp(1_750_000_000, 0).unwrap().naive_utc();
    /// let steps = Query::<WorkflowStep>::new().for_tasks_since(yesterday).pending().count(&mut *tx).await?;
    /// # let _ = steps;
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn for_tasks_since(self, since: NaiveDateTime) -> Self {
        self.join(tasks()).filter(Task::created_at.gt(since))
    }

    /// Steps that have exactly the parents of another step. A step without parents has no siblings.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::{models::WorkflowStep, query::Query};
    ///
    /// assert_eq!(Query::<WorkflowStep>::new().siblings_of(-1).count(&mut *tx).await?, 0);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn siblings_of(self, step_id: i64) -> Self {
        self.filter(has_parents_of(STEP_ID, step_id))
    }

    /// Steps that must be done before another one, however many steps lie between. A recursive query that visits each step once.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::{models::WorkflowStep, query::Query};
    ///
    /// let open = Query::<WorkflowStep>::new().ancestors_of(-1).pending().all(&mut *tx).await?;
    /// assert_eq!(open, []);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn ancestors_of(self, step_id: i64) -> Self {
        self.filter(reached(
            step_id,
            WorkflowStepEdge::to_step_id.name(),
            WorkflowStepEdge::from_step_id.name(),
        ))
    }

    /// Steps that wait for another one, however many steps lie between. A recursive query that visits each step once.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::{models::WorkflowStep, query::Query};
    ///
    /// println!("{} steps wait for step 7", Query::<WorkflowStep>::new().descendants_of(7).count(&mut *tx).await?);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn descendants_of(self, step_id: i64) -> Self {
        self.filter(reached(
            step_id,
            WorkflowStepEdge::from_step_id.name(),
            WorkflowStepEdge::to_step_id.name(),
        ))
    }
}

/// `UNION` drops what has been visited, so that the walk ends in a cycle too.
fn reached(step_id: i64, near: &str, far: &str) -> Expr {
    let sql = format!(
        "{STEP_ID} in (
  with recursive reached (id) as (
    select edge.{far} from tasker_workflow_step_edges edge where edge.{near} = $1
    union
    select edge.{far} from reached join tasker_workflow_step_edges edge on edge.{near} = reached.id
  )
  select reached.id from reached
)"
    );
    Expr::cust_with_values(sql, [step_id])
}
