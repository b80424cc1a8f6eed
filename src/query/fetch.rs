//! The ways to run a query.

use super::Query;
use crate::error::Error;
use crate::models::{Association, Db, Loaded, Model, RowStream, Statement};
use sea_query::Expr;
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{FromRow, Row};

impl<M: Model> Query<M> {
    /// Every row, by one statement. Without an order or a limit they come as PostgreSQL finds them.
    ///
    /// # Errors
    ///
    /// [`Error::Query`] as [`Query::select`], [`Error::Database`].
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::models::Task;
    /// use tasker_core::query::Query;
    ///
    /// for task in Query::<Task>::new().in_namespace("payments").all(&mut *tx).await? {
    ///     println!("{}", task.task_id);
    /// }
    /// # Ok(()) });
    /// ```
    pub fn all<'c>(&self, db: impl Db<'c>) -> impl Future<Output = Result<Vec<M>, Error>> + Send {
        async move { Statement::new(&self.select()?).all(db).await }
    }

    /// The first row in the order, or by key where there is no other; `None` where there is no row.
    ///
    /// # Errors
    ///
    /// As [`Query::all`].
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::models::Task;
    /// use tasker_core::query::Query;
    ///
    /// let newest = Query::<Task>::new().order_by(Task::created_at.desc()).first(&mut *tx).await?;
    /// # let _ = newest;
    /// # Ok(()) });
    /// ```
    pub fn first<'c>(&self, db: impl Db<'c>) -> impl Future<Output = Result<Option<M>, Error>> + Send {
        async move {
            let one = self.limit.unwrap_or(1).min(1);
            Ok(self.clone().limit(one).all(db).await?.pop())
        }
    }

    /// The number of rows that [`Query::all`] gives.
    ///
    /// # Errors
    ///
    /// As [`Query::all`].
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::models::Task;
    /// use tasker_core::query::Query;
    ///
    /// assert_eq!(Query::<Task>::new().in_namespace("no such namespace").count(&mut *tx).await?, 0);
    /// # Ok(()) });
    /// ```
    pub fn count<'c>(&self, db: impl Db<'c>) -> impl Future<Output = Result<u64, Error>> + Send {
        async move {
            let mut connection = db.acquire().await?;
            count(&Statement::new(&self.select_count()?), &mut connection).await
        }
    }

    /// Is there a row? It reads one at most.
    ///
    /// # Errors
    ///
    /// As [`Query::all`].
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::models::Task;
    /// use tasker_core::query::Query;
    ///
    /// assert!(!Query::<Task>::new().in_namespace("no such namespace").exists(&mut *tx).await?);
    /// # Ok(()) });
    /// ```
    pub fn exists<'c>(&self, db: impl Db<'c>) -> impl Future<Output = Result<bool, Error>> + Send {
        async move {
            let mut connection = db.acquire().await?;
            let row = Statement::new(&self.select_exists()?).row(&mut connection).await?;
            Ok(row.ok_or(sqlx::Error::RowNotFound)?.try_get(0)?)
        }
    }

    /// The keys of the rows, without reading the rows.
    ///
    /// # Errors
    ///
    /// As [`Query::all`].
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::models::Task;
    /// use tasker_core::query::Query;
    ///
    /// let ids: Vec<i64> = Query::<Task>::new().active().keys(&mut *tx).await?;
    /// # let _ = ids;
    /// # Ok(()) });
    /// ```
    pub fn keys<'c>(&self, db: impl Db<'c>) -> impl Future<Output = Result<Vec<M::Key>, Error>> + Send
    where
        M::Key: for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
    {
        async move {
            let mut connection = db.acquire().await?;
            let rows = Statement::new(&self.select_expr(M::KEY.expr())?).rows(&mut connection).await?;
            rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
        }
    }

    /// Some columns or expressions of the rows, as tuples or structs that sqlx reads.
    ///
    /// # Errors
    ///
    /// As [`Query::all`], and as [`Statement::fetch`].
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::models::{NamedTask, Task};
    /// use tasker_core::query::Query;
    ///
    /// let tasks = Query::<Task>::new().with_version("1.0.0");
    /// let names: Vec<(i64, String)> = tasks.pluck([Task::task_id.expr(), NamedTask::name.expr()], &mut *tx).await?;
    /// # let _ = names;
    /// # Ok(()) });
    /// ```
    pub fn pluck<'c, R>(
        &self,
        exprs: impl IntoIterator<Item = impl Into<Expr>>,
        db: impl Db<'c>,
    ) -> impl Future<Output = Result<Vec<R>, Error>> + Send
    where
        R: for<'r> FromRow<'r, PgRow>,
    {
        let exprs: Vec<Expr> = exprs.into_iter().map(Into::into).collect();
        async move {
            let mut select = self.select()?;
            select.clear_selects().exprs(exprs);
            Statement::new(&select).fetch(db).await
        }
    }

    /// The rows one by one, as the server sends them, so that memory does not grow with their number.
    ///
    /// # Errors
    ///
    /// [`Error::Query`] at once; [`Error::Database`] from the stream.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::models::WorkflowStep;
    /// use tasker_core::query::Query;
    ///
    /// let mut steps = Query::<WorkflowStep>::new().stream(&mut *tx)?;
    /// while let Some(step) = steps.try_next().await? {
    ///     println!("{}", step.workflow_step_id);
    /// }
    /// # Ok(()) });
    /// ```
    pub fn stream<'c>(&self, connection: &'c mut PgConnection) -> Result<RowStream<'c, M>, Error> {
        let statement = Statement::new(&self.select()?);
        Ok(RowStream::new(statement.bound()?.fetch(connection), |row| M::decode(row, 0)))
    }

    /// Every row, and what is associated with them: two statements. More associations load by
    /// [`Association::load`] from the same rows.
    ///
    /// # Errors
    ///
    /// As [`Query::all`].
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::models::Task;
    /// use tasker_core::query::Query;
    ///
    /// let (tasks, steps) = Query::<Task>::new().active().all_with(Task::WORKFLOW_STEPS, &mut *tx).await?;
    /// for task in &tasks {
    ///     println!("{} has {} steps", task.task_id, steps.of(task).len());
    /// }
    /// # Ok(()) });
    /// ```
    pub fn all_with<'c, T: Model>(
        &self,
        association: Association<M, T>,
        db: impl Db<'c>,
    ) -> impl Future<Output = Result<(Vec<M>, Loaded<M, T>), Error>> + Send {
        async move {
            let mut connection = db.acquire().await?;
            let rows = self.all(&mut *connection).await?;
            let loaded = association.load(&rows, &mut *connection).await?;
            Ok((rows, loaded))
        }
    }
}

pub(super) async fn count(statement: &Statement, connection: &mut PgConnection) -> Result<u64, Error> {
    let row = statement.row(connection).await?.ok_or(sqlx::Error::RowNotFound)?;
    Ok(u64::try_from(row.try_get::<i64, _>(0)?).unwrap_or_default())
}

impl<M: Model> Query<M> {
    /// The number of different values of an expression.
    pub(crate) fn count_distinct<'c>(
        &self,
        expr: Expr,
        db: impl Db<'c>,
    ) -> impl Future<Output = Result<u64, Error>> + Send {
        async move {
            let mut connection = db.acquire().await?;
            count(&Statement::new(&self.select_distinct_count(expr)?), &mut connection).await
        }
    }
}
