//! Where statements run.

use sqlx::{Acquire, Postgres};

/// A place to run statements: `&PgPool`, `&mut PgConnection`, `&mut PoolConnection` or `&mut Transaction`.
///
/// Inside a transaction everything happens in it; what takes several statements then stands in a savepoint. It is
/// implemented for all that sqlx can acquire a connection from.
///
/// ```
/// use tasker_core::models::{Db, Model, Task};
/// use tasker_core::Error;
///
/// async fn requested_by<'c>(id: i64, db: impl Db<'c>) -> Result<Option<String>, Error> {
///     Ok(Task::find(id, db).await?.initiator)
/// }
/// ```
pub trait Db<'c>: Acquire<'c, Database = Postgres> + Send {}

impl<'c, A> Db<'c> for A where A: Acquire<'c, Database = Postgres> + Send {}
