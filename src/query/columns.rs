//! Columns in queries: orders, and comparisons of columns with one another.

use super::order::ColumnOrder;
use crate::models::{Column, Model};
use sea_query::{Expr, ExprTrait};

impl<M: Model, T> Column<M, T> {
    /// From small to great, nulls last.
    ///
    /// ```
    /// use tasker_core::models::Task;
    /// use tasker_core::query::Query;
    ///
    /// let sql = Query::<Task>::new().order_by(Task::requested_at.asc()).psql()?;
    /// assert!(sql.contains(r#"ORDER BY "tasker_tasks"."requested_at" ASC"#));
    /// # Ok::<(), tasker_core::Error>(())
    /// ```
    pub fn asc(self) -> ColumnOrder<M, T> {
        ColumnOrder { column: self, descending: false }
    }

    /// From great to small, nulls first.
    ///
    /// ```
    /// use tasker_core::models::Task;
    /// use tasker_core::query::Query;
    ///
    /// let sql = Query::<Task>::new().order_by(Task::requested_at.desc()).psql()?;
    /// assert!(sql.contains(r#"ORDER BY "tasker_tasks"."requested_at" DESC"#));
    /// # Ok::<(), tasker_core::Error>(())
    /// ```
    pub fn desc(self) -> ColumnOrder<M, T> {
        ColumnOrder { column: self, descending: true }
    }

    /// Equal to another column, whatever integer types the two have.
    ///
    /// ```
    /// use tasker_core::models::{NamedTask, TaskNamespace};
    /// use tasker_core::query::{Join, Query};
    ///
    /// let on = NamedTask::task_namespace_id.equals(TaskNamespace::task_namespace_id);
    /// let sql = Query::<NamedTask>::new().join(Join::inner("tasker_task_namespaces", on)).psql()?;
    /// assert!(sql.contains(r#""tasker_named_tasks"."task_namespace_id" = "tasker_task_namespaces"."task_namespace_id""#));
    /// # Ok::<(), tasker_core::Error>(())
    /// ```
    pub fn equals<N: Model, U>(self, other: Column<N, U>) -> Expr {
        ExprTrait::eq(self.expr(), other.expr())
    }
}

impl<M: Model> Column<M, String> {
    /// Matches a pattern in which `%` stands for any text and `_` for any character.
    ///
    /// ```
    /// use tasker_core::models::Task;
    /// use tasker_core::query::Query;
    ///
    /// assert!(Query::<Task>::new().filter(Task::reason.like("retry%")).psql()?.ends_with("LIKE 'retry%'"));
    /// # Ok::<(), tasker_core::Error>(())
    /// ```
    pub fn like(self, pattern: impl Into<String>) -> Expr {
        ExprTrait::like(self.expr(), pattern.into())
    }
}
