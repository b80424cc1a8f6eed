//! The statements of a query.

use super::{Ordering, Query};
use crate::error::Error;
use crate::models::{Model, Statement};
use sea_query::{Expr, ExprTrait, Func, Query as Sql, SelectStatement};

impl<M: Model> Query<M> {
    /// The statement, to go on with in [`sea_query`]: all columns of the model, in its order and limits.
    ///
    /// # Errors
    ///
    /// [`Error::Query`] for a query that contradicts itself, as by two different joins of one name.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::models::{Statement, Task};
    /// use tasker_core::query::Query;
    /// use tasker_core::sea_query::ExprTrait;
    ///
    /// let mut by_initiator = Query::<Task>::new().in_namespace("payments").select()?;
    /// by_initiator.clear_selects().expr(Task::initiator.expr()).expr(Task::task_id.expr().count());
    /// by_initiator.add_group_by([Task::initiator.expr()]);
    /// let counts: Vec<(Option<String>, i64)> = Statement::new(&by_initiator).fetch(&mut *tx).await?;
    /// # let _ = counts;
    /// # Ok(()) });
    /// ```
    pub fn select(&self) -> Result<SelectStatement, Error> {
        let mut select = M::select();
        self.restrict(&mut select)?;
        Ok(select)
    }

    /// The text of the query with its values inside, to be pasted into `psql`.
    ///
    /// # Errors
    ///
    /// As [`Query::select`].
    ///
    /// ```
    /// use tasker_core::models::TaskNamespace;
    /// use tasker_core::query::Query;
    ///
    /// let sql = Query::<TaskNamespace>::new().filter(TaskNamespace::name.eq("it's")).psql()?;
    /// assert!(sql.ends_with(r#"WHERE "tasker_task_namespaces"."name" = E'it\'s'"#));
    /// # Ok::<(), tasker_core::Error>(())
    /// ```
    pub fn psql(&self) -> Result<String, Error> {
        Ok(Statement::new(&self.select()?).psql())
    }

    /// `SELECT` of one expression of the rows, for subqueries.
    pub(super) fn select_expr(&self, expr: Expr) -> Result<SelectStatement, Error> {
        let mut select = Sql::select();
        select.from(M::TABLE).expr(expr);
        self.restrict(&mut select)?;
        Ok(select)
    }

    /// `SELECT count(*)` of the rows.
    pub(super) fn select_count(&self) -> Result<SelectStatement, Error> {
        let mut select = Sql::select();
        if self.limit.is_none() && self.offset.is_none() {
            select.from(M::TABLE).expr(Expr::cust("count(*)"));
            self.check()?;
            self.restrict_unordered(&mut select)?;
        } else {
            select.expr(Expr::cust("count(*)")).from_subquery(self.select_expr(Expr::cust("1"))?, "counted");
        }
        Ok(select)
    }

    /// `SELECT EXISTS` of a row.
    pub(super) fn select_exists(&self) -> Result<SelectStatement, Error> {
        let mut select = Sql::select();
        select.expr(Expr::exists(self.select_expr(Expr::cust("1"))?));
        Ok(select)
    }

    fn restrict(&self, select: &mut SelectStatement) -> Result<(), Error> {
        self.check()?;
        self.restrict_unordered(select)?;
        let order = if self.keyset.is_empty() { &self.order } else { &self.keyset };
        for ordering in order {
            ordering.apply(select);
        }
        let by_key = Ordering::asc(M::KEY.expr());
        let bounded = self.limit.is_some() || self.offset.is_some();
        if self.keyset.is_empty()
            && (bounded || !order.is_empty())
            && !order.iter().any(|o| o.is_by(&M::KEY.expr()))
        {
            by_key.apply(select);
        }
        if let Some(limit) = self.limit {
            select.limit(limit);
        }
        if let Some(offset) = self.offset {
            select.offset(offset);
        }
        Ok(())
    }

    fn restrict_unordered(&self, select: &mut SelectStatement) -> Result<(), Error> {
        for join in &self.joins {
            join.apply(select);
        }
        let Some((of, order)) = &self.first_of_each else {
            for condition in &self.conditions {
                select.and_where(condition.clone());
            }
            return Ok(());
        };
        let mut first = Sql::select();
        first.from(M::TABLE).distinct_on(of.iter().cloned()).expr(M::KEY.expr());
        for join in &self.joins {
            join.apply(&mut first);
        }
        for condition in &self.conditions {
            first.and_where(condition.clone());
        }
        for ordering in order {
            ordering.apply(&mut first);
        }
        select.and_where(M::KEY.expr().in_subquery(first));
        Ok(())
    }

    fn check(&self) -> Result<(), Error> {
        if let Some((expected, got)) = &self.problem {
            return Err(Error::Query { model: M::NAME, expected, got: got.clone() });
        }
        if !self.keyset.is_empty() && !self.order.is_empty() {
            return Err(Error::Query {
                model: M::NAME,
                expected: "keyset pages in the order of their key",
                got: "an order_by beside them".to_owned(),
            });
        }
        Ok(())
    }

    /// The number of different values of an expression in the rows.
    pub(crate) fn select_distinct_count(&self, expr: Expr) -> Result<SelectStatement, Error> {
        let mut select = Sql::select();
        select.expr(Func::count_distinct(Expr::col("value"))).from_subquery(
            {
                let mut values = self.select_expr(Expr::cust("1"))?;
                values.clear_selects().expr_as(expr, "value");
                values
            },
            "counted",
        );
        Ok(select)
    }
}
