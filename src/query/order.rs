//! Orders of rows.

use crate::models::{Column, Model};
use sea_query::{Expr, NullOrdering, Order, SelectStatement};

/// An order of rows by one expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Ordering {
    expr: Expr,
    order: Order,
    nulls: Option<NullOrdering>,
}

impl Ordering {
    /// From small to great.
    ///
    /// ```
    /// use tasker_core::models::Task;
    /// use tasker_core::query::{Ordering, Query};
    /// use tasker_core::sea_query::Func;
    ///
    /// let sql = Query::<Task>::new().order_by(Ordering::asc(Func::lower(Task::initiator.expr()))).psql()?;
    /// assert!(sql.contains(r#"ORDER BY LOWER("tasker_tasks"."initiator") ASC"#));
    /// # Ok::<(), tasker_core::Error>(())
    /// ```
    pub fn asc(expr: impl Into<Expr>) -> Self {
        Ordering { expr: expr.into(), order: Order::Asc, nulls: None }
    }

    /// From great to small.
    ///
    /// ```
    /// use tasker_core::query::{Ordering, Query};
    /// use tasker_core::{models::Task, sea_query::Func};
    ///
    /// let sql = Query::<Task>::new().order_by(Ordering::desc(Func::char_length(Task::reason.expr()))).psql()?;
    /// assert!(sql.contains("DESC"));
    /// # Ok::<(), tasker_core::Error>(())
    /// ```
    pub fn desc(expr: impl Into<Expr>) -> Self {
        Ordering { order: Order::Desc, ..Ordering::asc(expr) }
    }

    /// With nulls after all values. Unless said, PostgreSQL takes a null for greater than any value.
    ///
    /// ```
    /// use tasker_core::models::WorkflowStep;
    /// use tasker_core::query::{Ordering, Query};
    ///
    /// let by_end = Ordering::from(WorkflowStep::processed_at.desc()).nulls_last();
    /// assert!(Query::<WorkflowStep>::new().order_by(by_end).psql()?.contains("DESC NULLS LAST"));
    /// # Ok::<(), tasker_core::Error>(())
    /// ```
    #[must_use]
    pub fn nulls_last(mut self) -> Self {
        self.nulls = Some(NullOrdering::Last);
        self
    }

    /// With nulls before all values.
    ///
    /// ```
    /// use tasker_core::models::WorkflowStep;
    /// use tasker_core::query::{Ordering, Query};
    ///
    /// let by_end = Ordering::from(WorkflowStep::processed_at.asc()).nulls_first();
    /// assert!(Query::<WorkflowStep>::new().order_by(by_end).psql()?.contains("ASC NULLS FIRST"));
    /// # Ok::<(), tasker_core::Error>(())
    /// ```
    #[must_use]
    pub fn nulls_first(mut self) -> Self {
        self.nulls = Some(NullOrdering::First);
        self
    }

    pub(super) fn is_by(&self, expr: &Expr) -> bool {
        self.expr == *expr
    }

    pub(super) fn apply(&self, select: &mut SelectStatement) {
        match self.nulls {
            None => select.order_by_expr(self.expr.clone(), self.order.clone()),
            Some(nulls) => select.order_by_expr_with_nulls(self.expr.clone(), self.order.clone(), nulls),
        };
    }
}

/// An order of rows by one column.
///
/// ```
/// use tasker_core::models::Task;
/// use tasker_core::query::{ColumnOrder, Query};
///
/// let latest: ColumnOrder<Task, _> = Task::created_at.desc();
/// assert!(Query::<Task>::new().order_by(latest).psql()?.contains("DESC"));
/// # Ok::<(), tasker_core::Error>(())
/// ```
pub struct ColumnOrder<M, T> {
    pub(super) column: Column<M, T>,
    pub(super) descending: bool,
}

impl<M: Model, T> From<ColumnOrder<M, T>> for Ordering {
    fn from(order: ColumnOrder<M, T>) -> Self {
        let expr = order.column.expr();
        if order.descending { Ordering::desc(expr) } else { Ordering::asc(expr) }
    }
}

impl<M: Model, T> From<Column<M, T>> for Ordering {
    fn from(column: Column<M, T>) -> Self {
        Ordering::asc(column.expr())
    }
}
