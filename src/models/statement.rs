//! Statements of sea-query on sqlx.

use super::db::Db;
use super::model::Model;
use crate::error::Error;
use chrono::NaiveDateTime;
use sea_query::{ArrayType, Nullable, PostgresQueryBuilder, QueryStatementWriter, Value, ValueType, Values};
use sqlx::postgres::{PgArguments, PgConnection, PgRow};
use sqlx::{Arguments, AssertSqlSafe, Encode, Postgres, Type};

/// A statement as it is sent: its text, and its parameters beside it.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs"));
/// # in_transaction(async |tx| {
/// use tasker_core::models::{Model, Statement, TaskNamespace};
///
/// let mut select = TaskNamespace::select();
/// select.and_where(TaskNamespace::name.eq("payments"));
/// let statement = Statement::new(&select);
/// assert!(statement.sql().contains(r#"WHERE "tasker_task_namespaces"."name" = $1"#));
/// let namespaces: Vec<TaskNamespace> = statement.all(&mut *tx).await?;
/// # let _ = namespaces;
/// # Ok(()) });
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    sql: String,
    values: Values,
}

impl Statement {
    /// Writes a statement for PostgreSQL.
    ///
    /// ```
    /// use tasker_core::models::{Model, Statement, TaskNamespace};
    ///
    /// assert!(Statement::new(&TaskNamespace::select()).sql().starts_with("SELECT "));
    /// ```
    pub fn new(statement: &impl QueryStatementWriter) -> Self {
        let (mut sql, values) = statement.build(PostgresQueryBuilder);
        append_types(&mut sql, &values);
        Statement { sql, values }
    }

    /// The text, with `$1`, `$2`, … in the places of the parameters. Their types stand in a comment at the end.
    ///
    /// ```
    /// use tasker_core::models::{Model, Statement, TaskNamespace};
    ///
    /// let mut select = TaskNamespace::select();
    /// assert!(!Statement::new(&select).sql().contains('$'));
    /// select.and_where(TaskNamespace::name.eq("payments"));
    /// assert!(Statement::new(&select).sql().ends_with(r#""name" = $1 /* text */"#));
    /// ```
    pub fn sql(&self) -> &str {
        &self.sql
    }

    /// The rows, as records of the model whose columns are selected first.
    ///
    /// # Errors
    ///
    /// [`Error::Database`]; [`Error::Bind`] for a parameter of a type that no column has.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs"));
    /// # in_transaction(async |tx| {
    /// use tasker_core::models::{Model, NamedTask, Statement};
    ///
    /// let mut select = NamedTask::select();
    /// select.limit(3);
    /// assert!(Statement::new(&select).all::<NamedTask>(&mut *tx).await?.len() <= 3);
    /// # Ok(()) });
    /// ```
    pub async fn all<'c, M: Model>(&self, db: impl Db<'c>) -> Result<Vec<M>, Error> {
        let mut connection = db.acquire().await?;
        self.rows(&mut connection).await?.iter().map(|row| Ok(M::decode(row, 0)?)).collect()
    }

    pub(crate) async fn rows(&self, connection: &mut PgConnection) -> Result<Vec<PgRow>, Error> {
        let arguments = self.arguments()?;
        Ok(sqlx::query_with(AssertSqlSafe(self.sql.as_str()), arguments).fetch_all(connection).await?)
    }

    pub(crate) async fn row(&self, connection: &mut PgConnection) -> Result<Option<PgRow>, Error> {
        let arguments = self.arguments()?;
        Ok(sqlx::query_with(AssertSqlSafe(self.sql.as_str()), arguments).fetch_optional(connection).await?)
    }

    pub(crate) async fn run(&self, connection: &mut PgConnection) -> Result<(), Error> {
        let arguments = self.arguments()?;
        sqlx::query_with(AssertSqlSafe(self.sql.as_str()), arguments).execute(connection).await?;
        Ok(())
    }

    /// The parameters for sqlx.
    ///
    /// # Errors
    ///
    /// [`Error::Bind`].
    pub(crate) fn arguments(&self) -> Result<PgArguments, Error> {
        let mut arguments = PgArguments::default();
        for (index, value) in self.values.0.iter().enumerate() {
            bind(&mut arguments, value).map_err(|got| Error::Bind {
                position: index + 1,
                expected: "a boolean, an integer, a float, a text, JSON, an instant, or an array of these",
                got,
            })?;
        }
        Ok(arguments)
    }
}

/// sqlx finds a prepared statement by its text alone, and prepares it for the types of its first parameters. So texts have to differ
/// where types do.
fn append_types(sql: &mut String, values: &Values) {
    for (index, value) in values.0.iter().enumerate() {
        sql.push_str(if index == 0 { " /* " } else { ", " });
        sql.push_str(scalar_type(&value.array_type()));
        if matches!(value, Value::Array(..)) {
            sql.push_str("[]");
        }
    }
    if !values.0.is_empty() {
        sql.push_str(" */");
    }
}

fn scalar_type(kind: &ArrayType) -> &'static str {
    match kind {
        ArrayType::Bool => "boolean",
        ArrayType::SmallInt => "smallint",
        ArrayType::Int => "integer",
        ArrayType::BigInt | ArrayType::BigUnsigned => "bigint",
        ArrayType::Float => "real",
        ArrayType::Double => "double precision",
        ArrayType::String => "text",
        ArrayType::Json => "jsonb",
        ArrayType::ChronoDateTime => "timestamp",
        _ => "other",
    }
}

type Bound = Result<(), String>;

/// Binds a value as the type that it stands for, so that `Err` says what could not be bound.
fn bind(arguments: &mut PgArguments, value: &Value) -> Bound {
    match value {
        Value::Bool(value) => add(arguments, *value),
        Value::SmallInt(value) => add(arguments, *value),
        Value::Int(value) => add(arguments, *value),
        Value::BigInt(value) => add(arguments, *value),
        Value::BigUnsigned(value) => match value.map(<i64 as TryFrom<u64>>::try_from).transpose() {
            Ok(value) => add(arguments, value),
            Err(_) => Err(format!("{value:?}, which no integer column holds")),
        },
        Value::Float(value) => add(arguments, *value),
        Value::Double(value) => add(arguments, *value),
        Value::String(value) => add(arguments, value.clone()),
        Value::Json(value) => add(arguments, value.as_deref().cloned()),
        Value::ChronoDateTime(value) => add(arguments, *value),
        Value::Array(kind, values) => bind_array(arguments, kind, values.as_deref()),
        other => Err(format!("{other:?}")),
    }
}

fn bind_array(arguments: &mut PgArguments, kind: &ArrayType, values: Option<&Vec<Value>>) -> Bound {
    match kind {
        ArrayType::Bool => add_array::<bool>(arguments, values),
        ArrayType::SmallInt => add_array::<i16>(arguments, values),
        ArrayType::Int => add_array::<i32>(arguments, values),
        ArrayType::BigInt => add_array::<i64>(arguments, values),
        ArrayType::Float => add_array::<f32>(arguments, values),
        ArrayType::Double => add_array::<f64>(arguments, values),
        ArrayType::String => add_array::<String>(arguments, values),
        ArrayType::Json => add_array::<serde_json::Value>(arguments, values),
        ArrayType::ChronoDateTime => add_array::<NaiveDateTime>(arguments, values),
        other => Err(format!("an array of {other:?}")),
    }
}

fn add_array<T>(arguments: &mut PgArguments, values: Option<&Vec<Value>>) -> Bound
where
    T: ValueType + Nullable,
    Option<Vec<Option<T>>>: for<'q> Encode<'q, Postgres> + Type<Postgres>,
{
    let element = |value: &Value| {
        <Option<T> as ValueType>::try_from(value.clone())
            .map_err(|_| format!("{value:?} in an array of another type"))
    };
    let values =
        values.map(|values| values.iter().map(element).collect::<Result<Vec<_>, _>>()).transpose()?;
    add(arguments, values)
}

fn add<'q, T: Encode<'q, Postgres> + Type<Postgres>>(arguments: &mut PgArguments, value: T) -> Bound {
    arguments.add(value).map_err(|error| error.to_string())
}
