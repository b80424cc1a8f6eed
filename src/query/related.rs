//! Conditions about rows of other tables.

use super::Query;
use crate::models::{Association, Model};
use sea_query::{Expr, ExprTrait, IntoColumnRef, Query as Sql, SelectStatement};

/// The name of a subquery of related rows, and of their column that refers to the row.
const RELATED: &str = "related";
const KEY: &str = "key";

impl<M: Model> Query<M> {
    /// Only rows that are associated with at least one row of another query.
    ///
    /// ```
    /// use tasker_core::models::{Task, WorkflowStep};
    /// use tasker_core::query::Query;
    ///
    /// let tired = Query::<WorkflowStep>::new().filter(WorkflowStep::attempts.gt(2));
    /// let tasks = Query::<Task>::new().where_has(Task::WORKFLOW_STEPS, &tired);
    /// assert!(tasks.psql()?.contains("EXISTS"));
    /// # Ok::<(), tasker_core::Error>(())
    /// ```
    #[must_use]
    pub fn where_has<T: Model>(mut self, association: Association<M, T>, other: &Query<T>) -> Self {
        if let Some(related) = self.related(association, other) {
            self = self.filter(Expr::exists(related));
        }
        self
    }

    /// Only rows that are associated with no row of another query.
    ///
    /// ```
    /// use tasker_core::models::{Task, WorkflowStep};
    /// use tasker_core::query::Query;
    ///
    /// let empty = Query::<Task>::new().where_has_no(Task::WORKFLOW_STEPS, &Query::<WorkflowStep>::new());
    /// assert!(empty.psql()?.contains("NOT EXISTS"));
    /// # Ok::<(), tasker_core::Error>(())
    /// ```
    #[must_use]
    pub fn where_has_no<T: Model>(mut self, association: Association<M, T>, other: &Query<T>) -> Self {
        if let Some(related) = self.related(association, other) {
            self = self.filter(Expr::not_exists(related));
        }
        self
    }

    /// Only rows whose column is among the values of an expression in the rows of another query.
    pub(crate) fn where_in<T: Model>(mut self, column: Expr, value: Expr, other: &Query<T>) -> Self {
        match other.select_expr(value) {
            Ok(select) => self.filter(column.in_subquery(select)),
            Err(problem) => {
                self.refuse("a usable query within it", problem.to_string());
                self
            }
        }
    }

    /// The related rows as a subquery in a subquery: both may be of one table, whose columns would be called alike.
    fn related<T: Model>(
        &mut self,
        association: Association<M, T>,
        other: &Query<T>,
    ) -> Option<SelectStatement> {
        let target = Expr::Column((T::TABLE, association.target_column()).into_column_ref());
        let targets = match other.select_expr(target) {
            Ok(mut select) => {
                let target = Expr::Column((T::TABLE, association.target_column()).into_column_ref());
                select.clear_selects().expr_as(target, KEY);
                select
            }
            Err(problem) => {
                self.refuse("a usable query within it", problem.to_string());
                return None;
            }
        };
        let keys = match association.through() {
            None => targets,
            Some(through) => {
                let mut keys = Sql::select();
                keys.from(through.table)
                    .expr_as(Expr::col((through.table, through.owner)), KEY)
                    .and_where(Expr::col((through.table, through.target)).in_subquery(targets));
                keys
            }
        };
        let mut related = Sql::select();
        related
            .expr(Expr::cust("1"))
            .from_subquery(keys, RELATED)
            .and_where(Expr::col((RELATED, KEY)).equals((M::TABLE, association.owner_column())));
        Some(related)
    }
}
