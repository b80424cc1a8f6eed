//! Statements of sea-query on sqlx.

use super::bind;
use super::db::Db;
use super::literal::literal;
use super::model::Model;
use super::stream::RowStream;
use crate::error::Error;
use crate::store::read;
use sea_query::{PostgresQueryBuilder, QueryBuilder, QueryStatementBuilder, SqlWriter, Value};
use sqlx::postgres::{PgArguments, PgConnection, PgRow};
use sqlx::{AssertSqlSafe, FromRow};
use std::fmt::{self, Display, Write};
use std::ops::Range;

/// A statement as it is sent: its text, and its parameters beside it.
///
/// Every value is a parameter, apart from booleans. These are part of the text: a plan made for all values of `most_recent = $1` cannot
/// use an index on the rows that are `most_recent`.
///
/// ```
/// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
/// # doctest::in_transaction(async |tx| {
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
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Statement {
    sql: String,
    parameters: Vec<Parameter>,
    /// Where the comment about the parameters begins.
    end: usize,
}

/// A value and the place of its `$1` in the text.
#[derive(Clone, Debug, PartialEq)]
struct Parameter {
    place: Range<usize>,
    value: Value,
}

impl Write for Statement {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.sql.write_str(text)
    }
}

impl Display for Statement {
    /// The text, as [`Statement::sql`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sql)
    }
}

impl SqlWriter for Statement {
    fn push_param<T: QueryBuilder>(&mut self, value: Value, _: &T) {
        if let Value::Bool(Some(value)) = value {
            self.sql.push_str(if value { "TRUE" } else { "FALSE" });
            return;
        }
        let start = self.sql.len();
        self.sql.push('$');
        self.sql.push_str(&(self.parameters.len() + 1).to_string());
        self.parameters.push(Parameter { place: start..self.sql.len(), value });
    }

    fn as_writer(&mut self) -> &mut dyn Write {
        self
    }
}

impl Statement {
    /// Writes a statement for PostgreSQL.
    ///
    /// ```
    /// use tasker_core::models::{Model, Statement, TaskNamespace};
    ///
    /// assert!(Statement::new(&TaskNamespace::select()).sql().starts_with("SELECT "));
    /// ```
    pub fn new(statement: &impl QueryStatementBuilder) -> Self {
        let mut written = Statement { sql: String::with_capacity(512), ..Statement::default() };
        statement.build_collect_any_into(&PostgresQueryBuilder, &mut written);
        written.end = written.sql.len();
        written.append_types();
        written
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

    /// The text with its parameters as literals, to be pasted into `psql`.
    ///
    /// ```
    /// use tasker_core::models::{Model, Statement, TaskNamespace};
    ///
    /// let mut select = TaskNamespace::select();
    /// select.and_where(TaskNamespace::name.eq("it's"));
    /// assert!(Statement::new(&select).psql().ends_with(r#""name" = E'it\'s'"#));
    /// ```
    pub fn psql(&self) -> String {
        let mut text = String::with_capacity(self.sql.len() + 16 * self.parameters.len());
        let mut end = 0;
        for Parameter { place, value } in &self.parameters {
            text.push_str(&self.sql[end..place.start]);
            text.push_str(&literal(value));
            end = place.end;
        }
        text.push_str(&self.sql[end..self.end]);
        text
    }

    /// sqlx finds a prepared statement by its text alone, and prepares it for the types of its first parameters. So texts have to differ
    /// where types do.
    fn append_types(&mut self) {
        for (index, Parameter { value, .. }) in self.parameters.iter().enumerate() {
            self.sql.push_str(if index == 0 { " /* " } else { ", " });
            self.sql.push_str(bind::type_name(&value.array_type()));
            if matches!(value, Value::Array(..)) {
                self.sql.push_str("[]");
            }
        }
        if !self.parameters.is_empty() {
            self.sql.push_str(" */");
        }
    }

    /// The rows, as records of the model whose columns are selected first.
    ///
    /// # Errors
    ///
    /// [`Error::Database`]; [`Error::Bind`] for a parameter of a type that no column has.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::models::{Model, NamedTask, Statement};
    ///
    /// let mut select = NamedTask::select();
    /// select.limit(3);
    /// assert!(Statement::new(&select).all::<NamedTask>(&mut *tx).await?.len() <= 3);
    /// # Ok(()) });
    /// ```
    pub fn all<'c, M: Model>(&self, db: impl Db<'c>) -> impl Future<Output = Result<Vec<M>, Error>> + Send {
        async move {
            let mut connection = db.acquire().await?;
            self.rows(&mut connection).await?.iter().map(|row| Ok(M::decode(row, 0)?)).collect()
        }
    }

    /// The rows, as tuples or structs of one's own that sqlx reads.
    ///
    /// # Errors
    ///
    /// As [`Statement::all`]; [`Error::Database`] for an instant that the type does not have, such as `infinity` in a [`chrono::NaiveDateTime`].
    /// [`Timestamp`](crate::time::Timestamp) has them all.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::models::Statement;
    /// use tasker_core::sea_query::{Expr, Query};
    ///
    /// let mut select = Query::select();
    /// select.expr(Expr::val(7i64)).expr(Expr::val("seven"));
    /// let rows: Vec<(i64, String)> = Statement::new(&select).fetch(&mut *tx).await?;
    /// assert_eq!(rows, [(7, "seven".to_owned())]);
    /// # Ok(()) });
    /// ```
    pub fn fetch<'c, R>(&self, db: impl Db<'c>) -> impl Future<Output = Result<Vec<R>, Error>> + Send
    where
        R: for<'r> FromRow<'r, PgRow>,
    {
        async move {
            let mut connection = db.acquire().await?;
            self.rows(&mut connection).await?.iter().map(|row| Ok(read(row)?)).collect()
        }
    }

    /// The rows one by one, as the server sends them, so that memory does not grow with their number.
    ///
    /// Where the stream is dropped early, the next statement of the connection first reads the rest off the wire.
    ///
    /// # Errors
    ///
    /// [`Error::Bind`] at once; [`Error::Database`] from the stream.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::models::Statement;
    /// use tasker_core::sea_query::{Expr, Query};
    ///
    /// let mut select = Query::select();
    /// select.expr(Expr::cust("generate_series(1, 1000)"));
    /// let mut rows = Statement::new(&select).stream::<(i32,)>(&mut *tx)?;
    /// let mut sum = 0;
    /// while let Some((number,)) = rows.try_next().await? {
    ///     sum += number;
    /// }
    /// assert_eq!(sum, 500_500);
    /// # Ok(()) });
    /// ```
    pub fn stream<'c, R>(&self, connection: &'c mut PgConnection) -> Result<RowStream<'c, R>, Error>
    where
        R: for<'r> FromRow<'r, PgRow>,
    {
        Ok(RowStream::new(self.bound()?.fetch(connection), read))
    }

    /// Runs the statement and returns the number of rows that it has written or read.
    ///
    /// # Errors
    ///
    /// As [`Statement::all`].
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::models::{Model, Statement, TaskNamespace};
    /// use tasker_core::sea_query::Query;
    ///
    /// let mut delete = Query::delete();
    /// delete.from_table(TaskNamespace::TABLE).and_where(TaskNamespace::name.eq("no such name"));
    /// assert_eq!(Statement::new(&delete).execute(&mut *tx).await?, 0);
    /// # Ok(()) });
    /// ```
    pub fn execute<'c>(&self, db: impl Db<'c>) -> impl Future<Output = Result<u64, Error>> + Send {
        async move {
            let mut connection = db.acquire().await?;
            Ok(self.bound()?.execute(&mut *connection).await?.rows_affected())
        }
    }

    pub(crate) async fn rows(&self, connection: &mut PgConnection) -> Result<Vec<PgRow>, Error> {
        Ok(self.bound()?.fetch_all(connection).await?)
    }

    pub(crate) async fn row(&self, connection: &mut PgConnection) -> Result<Option<PgRow>, Error> {
        Ok(self.bound()?.fetch_optional(connection).await?)
    }

    pub(crate) async fn run(&self, connection: &mut PgConnection) -> Result<(), Error> {
        self.bound()?.execute(connection).await?;
        Ok(())
    }

    /// The only values in the text are booleans.
    pub(crate) fn bound(&self) -> Result<sqlx::query::Query<'static, sqlx::Postgres, PgArguments>, Error> {
        Ok(sqlx::query_with(AssertSqlSafe(self.sql.as_str()), self.arguments()?))
    }

    /// The parameters for sqlx.
    ///
    /// # Errors
    ///
    /// [`Error::Bind`].
    pub(crate) fn arguments(&self) -> Result<PgArguments, Error> {
        bind::arguments(self.parameters.iter().map(|parameter| &parameter.value))
    }
}
