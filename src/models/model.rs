//! What every table and view has.

use super::column::{Column, ColumnInfo};
use super::db::Db;
use super::statement::Statement;
use crate::error::Error;
use sea_query::{Expr, IntoCondition, Query, SelectStatement};
use sqlx::FromRow;
use sqlx::postgres::PgRow;
use std::fmt::Debug;
use std::future::Future;

/// A type of primary keys: `integer` for definitions, `bigint` for what tasks are made of.
///
/// ```
/// use tasker_core::models::{Key, Model, NamedTask, Task};
///
/// fn as_bigint(key: impl Key) -> i64 {
///     key.into()
/// }
/// # let _ = |task: Task, kind: NamedTask| (as_bigint(task.key()), as_bigint(kind.key()));
/// ```
pub trait Key: super::ColumnValue + Copy + Debug + Eq + std::hash::Hash + Into<i64> + Send + Sync {}

impl Key for i32 {}
impl Key for i64 {}

/// A table or view of the engine, and one row of it.
///
/// Statements list the columns, so that a column that an application has added neither appears nor disturbs.
pub trait Model:
    for<'r> FromRow<'r, PgRow> + Clone + Debug + PartialEq + Send + Sync + Unpin + 'static
{
    /// The type of the primary key.
    type Key: Key;

    /// The name of the model, which is that of its Rails class without `Tasker::`.
    const NAME: &'static str;
    /// The table or view.
    const TABLE: &'static str;
    /// The primary key.
    const KEY: Column<Self, Self::Key>;
    /// All columns, in the order of the table.
    const COLUMNS: &'static [ColumnInfo];

    /// The value of the primary key.
    ///
    /// ```
    /// use tasker_core::models::Model;
    ///
    /// fn keys<M: Model>(records: &[M]) -> Vec<M::Key> {
    ///     records.iter().map(Model::key).collect()
    /// }
    /// # let _ = keys::<tasker_core::models::Task>;
    /// ```
    fn key(&self) -> Self::Key;

    /// Reads a row whose columns from `offset` on are [`Model::COLUMNS`] in their order, as those of [`Model::select`] are.
    ///
    /// # Errors
    ///
    /// [`sqlx::Error::ColumnDecode`] where a column has another type or an unexpected null.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::models::{Model, Task};
    ///
    /// let rows = sqlx::query("select 'before', tasker_tasks.* from tasker_tasks limit 1").fetch_all(&mut *tx).await?;
    /// for row in &rows {
    ///     println!("{}", Task::decode(row, 1)?.task_id);
    /// }
    /// # Ok(()) });
    /// ```
    fn decode(row: &PgRow, offset: usize) -> Result<Self, sqlx::Error>;

    /// The condition of having this key, in any integer type that columns refer to it by.
    #[doc(hidden)]
    fn key_is(key: impl Into<i64>) -> Expr {
        sea_query::ExprTrait::eq(Self::KEY.expr(), key.into())
    }

    /// `SELECT` of all columns of all rows.
    ///
    /// ```
    /// use tasker_core::models::{Model, TaskNamespace};
    /// use tasker_core::sea_query::PostgresQueryBuilder;
    ///
    /// let mut select = TaskNamespace::select();
    /// select.and_where(TaskNamespace::name.eq("payments"));
    /// println!("{};", select.to_string(PostgresQueryBuilder)); // can be pasted into psql
    /// ```
    fn select() -> SelectStatement {
        let mut select = Query::select();
        select.from(Self::TABLE);
        for column in Self::COLUMNS {
            select.column((Self::TABLE, column.name));
        }
        select
    }

    /// The row with this key, by one statement.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] where there is none.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::models::{Model, Task};
    ///
    /// let missing = Task::find(-1, &mut *tx).await.unwrap_err();
    /// assert_eq!(missing.to_string(), "no Task with task_id = -1");
    /// # Ok(()) });
    /// ```
    fn find<'c>(key: Self::Key, db: impl Db<'c>) -> impl Future<Output = Result<Self, Error>> + Send {
        async move {
            let found = Self::find_by(Self::KEY.eq(key), db).await?;
            found.ok_or(Error::NotFound { model: Self::NAME, key: Self::KEY.name(), value: key.into() })
        }
    }

    /// The row with the lowest key among those that a condition holds for, or `None`. One statement.
    ///
    /// # Errors
    ///
    /// [`Error::Database`].
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::models::{Model, TaskNamespace};
    ///
    /// assert_eq!(TaskNamespace::find_by(TaskNamespace::name.eq("no such name"), &mut *tx).await?, None);
    /// # Ok(()) });
    /// ```
    fn find_by<'c>(
        condition: impl IntoCondition + Send,
        db: impl Db<'c>,
    ) -> impl Future<Output = Result<Option<Self>, Error>> + Send {
        let mut select = Self::select();
        select.cond_where(condition).order_by(Self::KEY, sea_query::Order::Asc).limit(1);
        async move { Ok(Statement::new(&select).all(db).await?.pop()) }
    }

    /// All rows that a condition holds for, in the order of their keys. One statement.
    ///
    /// # Errors
    ///
    /// [`Error::Database`].
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::models::{Model, NewTaskNamespace, TaskNamespace};
    /// use tasker_core::models::New;
    ///
    /// for name in ["a payments", "b payments"] {
    ///     NewTaskNamespace::new(name).create(&mut *tx).await?;
    /// }
    /// let names = ["b payments", "a payments", "c payments"];
    /// let found = TaskNamespace::find_all(TaskNamespace::name.is_in(names), &mut *tx).await?;
    /// assert_eq!(found.len(), 2);
    /// # Ok(()) });
    /// ```
    fn find_all<'c>(
        condition: impl IntoCondition + Send,
        db: impl Db<'c>,
    ) -> impl Future<Output = Result<Vec<Self>, Error>> + Send {
        let mut select = Self::select();
        select.cond_where(condition).order_by(Self::KEY, sea_query::Order::Asc);
        async move { Statement::new(&select).all(db).await }
    }
}

/// `EXISTS` of a row of a model, as a column of a `SELECT`.
pub(super) fn exists<M: Model>(condition: impl IntoCondition) -> Expr {
    let mut select = Query::select();
    select.from(M::TABLE).expr(Expr::val(1)).cond_where(condition);
    Expr::exists(select)
}
