//! The session over an sqlx connection, and the schema of the shared tables.

#[cfg(feature = "models")]
mod calendar;
#[cfg(any(feature = "events", feature = "models"))]
mod instant;
mod migrate;
#[cfg(any(feature = "events", feature = "worker"))]
mod pooler;
mod rows;

#[cfg(feature = "models")]
pub(crate) use calendar::read;
pub use migrate::migrate;
#[cfg(any(feature = "events", feature = "worker"))]
pub(crate) use pooler::shared_process;

use crate::error::Error;
use crate::session::{Query, Rows, Session, Value};
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgArguments, PgConnection};

/// The shared tables, for databases that no Rails application has prepared.
pub static MIGRATIONS: Migrator = sqlx::migrate!();

/// An sqlx connection or transaction as a [`Session`].
///
/// The engine keeps instants without a time zone and compares them with the server's clock, so the session's zone must be the one
/// that they were written in: UTC, unless the application says otherwise.
///
/// ```no_run
/// use tasker_core::ids::TaskId;
/// use tasker_core::operations::readiness::step_readiness;
/// use tasker_core::store::Connection;
///
/// # async fn run(pool: sqlx::PgPool) -> Result<(), tasker_core::Error> {
/// let mut connection = pool.acquire().await?;
/// let steps = step_readiness(&mut Connection(&mut connection), TaskId(1), None).await?;
/// # Ok(()) }
/// ```
pub struct Connection<'c>(pub &'c mut PgConnection);

impl Session for Connection<'_> {
    async fn rows(&mut self, query: Query) -> Result<Rows, Error> {
        self.0.rows(query).await
    }
}

impl Session for PgConnection {
    async fn rows(&mut self, query: Query) -> Result<Rows, Error> {
        fetch(self, query).await
    }
}

pub(crate) async fn fetch<'e, E>(executor: E, query: Query) -> Result<Rows, Error>
where
    E: sqlx::Executor<'e, Database = sqlx::Postgres>,
{
    let bound = query.binds.into_iter().fold(sqlx::query(query.sql), bind);
    let fetched = bound.fetch_all(executor).await?;
    rows::decode(query.name, &fetched)
}

type Bound<'q> = sqlx::query::Query<'q, sqlx::Postgres, PgArguments>;

/// Every parameter goes as text, from where the statement casts it: a statement is prepared for the types of the parameters that it is run
/// with first, and a null among those would leave the type of the values after it unknown.
fn bind(query: Bound<'_>, value: Value) -> Bound<'_> {
    query.bind(match value {
        Value::Null => None,
        Value::Bool(value) => Some(value.to_string()),
        Value::Int(value) => Some(value.to_string()),
        Value::Text(value) => Some(String::from(value)),
    })
}
