//! Columns that know their model and the type of their values.

use chrono::NaiveDateTime;
use sea_query::extension::postgres::PgExpr;
use sea_query::{ColumnName, ColumnRef, Expr, ExprTrait, Value, ValueType};
use std::fmt;
use std::marker::PhantomData;

use super::model::Model;

/// What the schema says of a column.
///
/// ```
/// use tasker_core::models::{ColumnInfo, Model, Task};
///
/// let reason: &ColumnInfo = Task::COLUMNS.iter().find(|column| column.name == "reason").unwrap();
/// assert_eq!((reason.sql_type, reason.nullable, reason.rust_type), ("character varying(128)", true, "Option<String>"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ColumnInfo {
    /// Its name.
    pub name: &'static str,
    /// Its type as PostgreSQL writes it, such as `character varying(64)`.
    pub sql_type: &'static str,
    /// Can it be null?
    pub nullable: bool,
    /// The type of the field that holds it, such as `Option<String>`.
    pub rust_type: &'static str,
}

/// The values of columns of type `json`, which PostgreSQL does not compare.
///
/// ```
/// use tasker_core::models::{Column, Json, Task};
///
/// let skipped: Column<Task, Json> = Task::bypass_steps;
/// assert_eq!(skipped.name(), "bypass_steps");
/// ```
#[derive(Clone, Copy, Debug)]
pub enum Json {}

/// A type of values that columns hold and statements bind.
///
/// ```
/// use tasker_core::models::{Column, ColumnValue, Model};
/// use tasker_core::sea_query::Expr;
///
/// /// Rows whose column is one value or the other.
/// fn either<M: Model, T: ColumnValue>(column: Column<M, T>, one: T, other: T) -> Expr {
///     column.is_in([one, other])
/// }
/// # let _ = either(tasker_core::models::Task::task_id, 1, 2);
/// ```
pub trait ColumnValue: Into<Value> + ValueType {}

impl ColumnValue for bool {}
impl ColumnValue for i32 {}
impl ColumnValue for i64 {}
impl ColumnValue for String {}
impl ColumnValue for NaiveDateTime {}
impl ColumnValue for serde_json::Value {}

/// A column of the model `M` whose values are of type `T`, null aside.
///
/// Each is a constant of its model, with the name of the column: [`Task::task_id`](super::Task::task_id). It turns into expressions of [`sea_query`], qualified by the table. A value of another type does not compile:
///
/// ```compile_fail,E0277
/// use tasker_core::models::Task;
///
/// Task::task_id.eq("text");
/// ```
///
/// Nullable columns have the same type as the others: `T` is what is compared with, and in SQL nothing is equal to null, not even null. Such a
/// comparison does not compile either, so it cannot be written by accident; [`Column::is`] finds the rows with a value or with none. Any column
/// can be asked for null, since any column is null in the rows that an outer join has added.
///
/// ```compile_fail,E0277
/// use tasker_core::models::Task;
///
/// Task::reason.eq(None::<String>);
/// ```
///
/// ```
/// use tasker_core::models::{NamedTask, TaskNamespace};
/// use tasker_core::sea_query::{PostgresQueryBuilder, Query};
///
/// let mut select = Query::select();
/// select.from("tasker_named_tasks").column(NamedTask::named_task_id).and_where(NamedTask::version.eq("1.0.0"));
/// assert_eq!(
///     select.to_string(PostgresQueryBuilder),
///     r#"SELECT "tasker_named_tasks"."named_task_id" FROM "tasker_named_tasks" WHERE "tasker_named_tasks"."version" = '1.0.0'"#
/// );
/// ```
pub struct Column<M, T> {
    name: &'static str,
    marker: PhantomData<fn() -> (M, T)>,
}

impl<M, T> Clone for Column<M, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M, T> Copy for Column<M, T> {}

impl<M: Model, T> fmt::Debug for Column<M, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", M::TABLE, self.name)
    }
}

impl<M: Model, T> From<Column<M, T>> for ColumnRef {
    fn from(column: Column<M, T>) -> Self {
        ColumnRef::Column(ColumnName::from((M::TABLE, column.name)))
    }
}

impl<M: Model, T> From<Column<M, T>> for Expr {
    fn from(column: Column<M, T>) -> Self {
        Expr::Column(column.into())
    }
}

impl<M: Model, T> Column<M, T> {
    pub(super) const fn new(name: &'static str) -> Self {
        Column { name, marker: PhantomData }
    }

    /// The bare name, for lists of columns to write.
    ///
    /// ```
    /// assert_eq!(tasker_core::models::TaskNamespace::name.name(), "name");
    /// ```
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// The column as an expression, qualified by its table; for operators that stand in [`sea_query`].
    ///
    /// ```
    /// use tasker_core::models::TaskNamespace;
    /// use tasker_core::sea_query::{Func, PostgresQueryBuilder, Query};
    ///
    /// let mut select = Query::select();
    /// select.from("tasker_task_namespaces").expr(Func::upper(TaskNamespace::name.expr()));
    /// assert!(select.to_string(PostgresQueryBuilder).starts_with(r#"SELECT UPPER("tasker_task_namespaces"."name")"#));
    /// ```
    pub fn expr(self) -> Expr {
        self.into()
    }

    /// No value is there.
    ///
    /// ```
    /// use tasker_core::models::TaskNamespace;
    /// use tasker_core::sea_query::ExprTrait;
    ///
    /// let undescribed = TaskNamespace::description.is_null().or(TaskNamespace::description.eq(""));
    /// # let _ = undescribed;
    /// ```
    pub fn is_null(self) -> Expr {
        ExprTrait::is_null(self.expr())
    }

    /// A value is there. The opposite of [`Column::is_null`].
    ///
    /// ```
    /// # let _ =
    /// tasker_core::models::TaskNamespace::description.is_not_null();
    /// ```
    pub fn is_not_null(self) -> Expr {
        ExprTrait::is_not_null(self.expr())
    }
}

/// The comparisons with one value, each with its own word in SQL.
macro_rules! comparisons {
    ($($name:ident $sql:literal)+) => {
        impl<M: Model, T: ColumnValue> Column<M, T> {
            $(
                #[doc = concat!("`column ", $sql, " value`, with the value as a parameter of the statement.")]
                ///
                /// ```
                /// # let _ =
                #[doc = concat!("tasker_core::models::NamedTask::name.", stringify!($name), "(\"settle\");")]
                /// ```
                pub fn $name(self, value: impl Into<T>) -> Expr {
                    ExprTrait::$name(self.expr(), Expr::val(value.into()))
                }
            )+

            /// This value, or null for `None`: the rows whose field is equal to `value` in Rust.
            ///
            /// ```
            /// use tasker_core::models::Task;
            /// use tasker_core::query::Query;
            ///
            /// let unexplained = Query::<Task>::new().filter(Task::reason.is(None::<String>)).psql()?;
            /// assert!(unexplained.ends_with(r#""reason" IS NULL"#));
            /// let refunds = Query::<Task>::new().filter(Task::reason.is(Some("refund"))).psql()?;
            /// assert!(refunds.ends_with(r#""reason" = 'refund'"#));
            /// # Ok::<(), tasker_core::Error>(())
            /// ```
            pub fn is(self, value: Option<impl Into<T>>) -> Expr {
                match value {
                    Some(value) => self.eq(value),
                    None => self.is_null(),
                }
            }

            /// One of these values, which are one parameter, so that the text is the same for any number of them. None matches an
            /// empty list.
            ///
            /// ```
            /// # let _ =
            /// tasker_core::models::NamedTask::named_task_id.is_in([1, 2, 3]);
            /// ```
            pub fn is_in(self, values: impl IntoIterator<Item = impl Into<T>>) -> Expr {
                self.expr().eq_any(values.into_iter().map(Into::into))
            }
        }
    };
}

comparisons! {
    eq "="
    ne "<>"
    lt "<"
    lte "<="
    gt ">"
    gte ">="
}
