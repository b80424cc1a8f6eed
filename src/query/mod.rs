//! Queries over the shared tables: scopes and conditions that are chained, then run on the caller's connection.
//!
//! ```
//! # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
//! # doctest::in_transaction(async |tx| {
//! use tasker_core::models::{Model, Task, WorkflowStep};
//! use tasker_core::query::Query;
//! use tasker_core::state::State;
//!
//! let failed = Query::<Task>::new().in_namespace("payments").by_current_state(State::Error);
//! println!("{} tasks; in psql: {};", failed.count(&mut *tx).await?, failed.psql()?);
//!
//! let mut last = None;
//! loop {
//!     let page = Query::<WorkflowStep>::new().of_tasks(&failed).ready().after(last, 100).all(&mut *tx).await?;
//!     let Some(step) = page.last() else { break };
//!     last = Some(step.key());
//! }
//! # Ok(()) });
//! ```
//!
//! The scopes of each model stand beside [`Query`], in the files of `src/scopes/`. No scope repeats a row: one that looks at several
//! rows of another table is an `EXISTS`, and a table that several scopes need is joined once. So scopes can be chained in any order,
//! and applied twice, and every way to run the query agrees with every other.
//!
//! Beyond scopes, [`Query::filter`] takes any expression of [`sea_query`], and [`Query::select`] gives the statement out to go on
//! with: window functions, common table expressions, grouping. [`Statement`](crate::models::Statement) runs what comes of it.
//! `examples/queries.rs` has one of each kind.

mod columns;
mod fetch;
mod join;
mod json;
mod order;
mod page;
mod related;
mod select;

pub use join::Join;
pub use order::{ColumnOrder, Ordering};
pub use page::Page;

use crate::models::Model;
use sea_query::{ColumnRef, Expr};
use std::fmt;
use std::marker::PhantomData;

/// Rows of the model `M` that are asked for. Nothing is read until it is run.
pub struct Query<M> {
    joins: Vec<Join>,
    conditions: Vec<Expr>,
    order: Vec<Ordering>,
    /// The order of keyset pages.
    keyset: Vec<Ordering>,
    /// One row for each value of these columns, the first in the order beside them.
    first_of_each: Option<(Vec<ColumnRef>, Vec<Ordering>)>,
    limit: Option<u64>,
    offset: Option<u64>,
    /// The reason why the query cannot be run: expected, and got.
    problem: Option<(&'static str, String)>,
    model: PhantomData<fn() -> M>,
}

impl<M> Clone for Query<M> {
    fn clone(&self) -> Self {
        Query {
            joins: self.joins.clone(),
            conditions: self.conditions.clone(),
            order: self.order.clone(),
            keyset: self.keyset.clone(),
            first_of_each: self.first_of_each.clone(),
            limit: self.limit,
            offset: self.offset,
            problem: self.problem.clone(),
            model: PhantomData,
        }
    }
}

impl<M> fmt::Debug for Query<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Query")
            .field("joins", &self.joins)
            .field("conditions", &self.conditions)
            .field("order", &self.order)
            .field("keyset", &self.keyset)
            .field("limit", &self.limit)
            .field("offset", &self.offset)
            .finish_non_exhaustive()
    }
}

impl<M: Model> Default for Query<M> {
    fn default() -> Self {
        Query::new()
    }
}

impl<M: Model> Query<M> {
    /// All rows of the model.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::models::TaskNamespace;
    /// use tasker_core::query::Query;
    ///
    /// let all = Query::<TaskNamespace>::new();
    /// assert_eq!(all.count(&mut *tx).await?, all.all(&mut *tx).await?.len() as u64);
    /// # Ok(()) });
    /// ```
    pub fn new() -> Self {
        Query {
            joins: Vec::new(),
            conditions: Vec::new(),
            order: Vec::new(),
            keyset: Vec::new(),
            first_of_each: None,
            limit: None,
            offset: None,
            problem: None,
            model: PhantomData,
        }
    }

    /// Only rows for which a condition holds, beside those of before. The same condition twice counts once.
    ///
    /// ```
    /// use tasker_core::models::Task;
    /// use tasker_core::query::Query;
    /// use tasker_core::sea_query::{Expr, ExprTrait};
    ///
    /// let sql = Query::<Task>::new()
    ///     .filter(Task::initiator.eq("billing"))
    ///     .filter(Expr::col(Task::identity_hash).like("run-7-%")) // any expression of sea-query
    ///     .psql()?;
    /// assert!(sql.ends_with(r#""tasker_tasks"."initiator" = 'billing' AND "tasker_tasks"."identity_hash" LIKE 'run-7-%'"#));
    /// # Ok::<(), tasker_core::Error>(())
    /// ```
    #[must_use]
    pub fn filter(mut self, condition: impl Into<Expr>) -> Self {
        let condition = condition.into();
        if !self.conditions.contains(&condition) {
            self.conditions.push(condition);
        }
        self
    }

    /// Joins a table of one's own choice, for conditions and orders that look at it. A join that is there already is not repeated.
    ///
    /// Scopes join by the names of the tables, and the current transition as `current_transitions`. A join that meets several rows repeats
    /// the rows of the model; where that is not wanted, use [`Query::where_has`] or a filter by [`sea_query::Expr::exists`].
    ///
    /// ```
    /// use tasker_core::models::{NamedTask, Task};
    /// use tasker_core::query::{Join, Query};
    ///
    /// let named = Join::inner("tasker_named_tasks", Task::named_task_id.equals(NamedTask::named_task_id));
    /// let sql = Query::<Task>::new().join(named.clone()).join(named).order_by(NamedTask::name.asc()).psql()?;
    /// assert_eq!(sql.matches("JOIN").count(), 1);
    /// # Ok::<(), tasker_core::Error>(())
    /// ```
    ///
    /// Two different joins of one name are an error when the query is run:
    ///
    /// ```
    /// use tasker_core::models::{NamedTask, Task};
    /// use tasker_core::query::{Join, Query};
    ///
    /// let on = Task::named_task_id.equals(NamedTask::named_task_id);
    /// let query = Query::<Task>::new().in_namespace("payments").join(Join::left("tasker_named_tasks", on));
    /// let error = query.psql().unwrap_err();
    /// assert!(error.to_string().contains("a second, different join named tasker_named_tasks"));
    /// ```
    #[must_use]
    pub fn join(mut self, join: Join) -> Self {
        match self.joins.iter().find(|other| other.name() == join.name()) {
            None => self.joins.push(join),
            Some(other) if *other == join => {}
            Some(_) => {
                let got = format!("a second, different join named {}", join.name());
                self.refuse("a join with a name of its own", got);
            }
        }
        self
    }

    /// Orders the rows, after the orders of before. Rows that are equal in all of them are ordered by key.
    ///
    /// ```
    /// use tasker_core::models::Task;
    /// use tasker_core::query::Query;
    ///
    /// let sql = Query::<Task>::new().order_by(Task::created_at.desc()).psql()?;
    /// assert!(sql.ends_with(r#"ORDER BY "tasker_tasks"."created_at" DESC, "tasker_tasks"."task_id" ASC"#));
    /// # Ok::<(), tasker_core::Error>(())
    /// ```
    #[must_use]
    pub fn order_by(mut self, ordering: impl Into<Ordering>) -> Self {
        let ordering = ordering.into();
        if !self.order.contains(&ordering) {
            self.order.push(ordering);
        }
        self
    }

    /// At most so many rows, the first in the order; by key where there is no other.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::models::TaskNamespace;
    /// use tasker_core::query::Query;
    ///
    /// assert_eq!(Query::<TaskNamespace>::new().limit(0).count(&mut *tx).await?, 0);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn limit(mut self, rows: u64) -> Self {
        self.limit = Some(rows);
        self
    }

    /// Without so many rows at the beginning of the order.
    ///
    /// ```
    /// use tasker_core::models::Task;
    /// use tasker_core::query::Query;
    ///
    /// let sql = Query::<Task>::new().offset(20).limit(10).psql()?;
    /// assert!(sql.ends_with("LIMIT 10 OFFSET 20"));
    /// # Ok::<(), tasker_core::Error>(())
    /// ```
    #[must_use]
    pub fn offset(mut self, rows: u64) -> Self {
        self.offset = Some(rows);
        self
    }

    /// One row for each value of `of`: the first in this order, among those that all conditions hold for.
    #[must_use]
    pub(crate) fn first_of_each(mut self, of: Vec<ColumnRef>, order: Vec<Ordering>) -> Self {
        self.first_of_each = Some((of, order));
        self
    }

    fn refuse(&mut self, expected: &'static str, got: String) {
        self.problem.get_or_insert((expected, got));
    }
}
