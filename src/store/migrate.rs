//! Making and changing the shared tables where no Rails application does.

use super::MIGRATIONS;
use crate::error::Error;
use sqlx::PgConnection;
use sqlx::migrate::{Migrate, MigrateError, Migrator};
use std::collections::HashSet;

/// Brings the tables of a database without Rails up to this version of the crate: runs the migrations that it has not seen, each in a
/// transaction, and returns their versions, none where there is nothing to do.
///
/// Sessions that migrate at the same time wait for each other on an advisory lock of the database, so every migration runs once. The migrations
/// make tables, indexes and constraints. They make neither the engine's view nor its functions; [`functions::Native`](crate::functions::Native)
/// answers without these.
///
/// # Errors
///
/// [`Error::MigratedByRails`] where the tables exist and were not made by this function: their migrations are the Rails application's, and
/// [`schema::check`](crate::schema::check) names what differs. [`Error::Database`] where a migration fails, which is rolled back, or where one
/// that the database has seen is not this crate's.
///
/// ```
/// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
/// # doctest::in_transaction(async |tx| {
/// use tasker_core::Error;
/// use tasker_core::store;
///
/// // Rails has made the tables of this database.
/// let refused = store::migrate(&mut *tx).await.unwrap_err();
/// assert!(matches!(refused, Error::MigratedByRails));
/// # Ok(()) });
/// ```
pub async fn migrate(connection: &mut PgConnection) -> Result<Vec<i64>, Error> {
    connection.lock().await.map_err(failed)?;
    let migrated = locked(connection).await;
    let unlocked = connection.unlock().await.map_err(failed);
    let versions = migrated?;
    unlocked.map(|()| versions)
}

async fn locked(connection: &mut PgConnection) -> Result<Vec<i64>, Error> {
    let (tables, own): (bool, bool) = sqlx::query_as(
        "select to_regclass('tasker_tasks') is not null, to_regclass('_sqlx_migrations') is not null",
    )
    .fetch_one(&mut *connection)
    .await?;
    if tables && !own {
        return Err(Error::MigratedByRails);
    }
    let before = if own { applied(connection).await? } else { HashSet::new() };
    // A migrator that locks for itself does not unlock when it fails.
    let mut migrator = Migrator::with_migrations(MIGRATIONS.iter().cloned().collect());
    migrator.set_locking(false);
    migrator.run_direct(None, connection, false).await.map_err(failed)?;
    let mut versions: Vec<i64> = applied(connection).await?.difference(&before).copied().collect();
    versions.sort_unstable();
    Ok(versions)
}

async fn applied(connection: &mut PgConnection) -> Result<HashSet<i64>, Error> {
    let versions: Vec<i64> = sqlx::query_scalar("select version from _sqlx_migrations where success")
        .fetch_all(connection)
        .await?;
    Ok(versions.into_iter().collect())
}

fn failed(error: MigrateError) -> Error {
    Error::Database(error.into())
}
