//! The layer of the database: a table of the crate's own.

use serde_json::Value as Json;
use std::collections::BTreeMap;

/// Options by key, as read from the database or put together by the caller.
///
/// ```
/// use tasker_core::config::{DatabaseLayer, Loader};
///
/// let layer = DatabaseLayer::from_iter([("backoff.buffer_seconds", 9)]);
/// assert_eq!(Loader::new().database(layer).load()?.backoff.buffer_seconds, 9);
/// # Ok::<(), tasker_core::config::ConfigError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DatabaseLayer(BTreeMap<String, Json>);

impl DatabaseLayer {
    pub(super) fn rows(&self) -> impl Iterator<Item = (&str, &Json)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }
}

impl<K: Into<String>, V: Into<Json>> FromIterator<(K, V)> for DatabaseLayer {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(rows: I) -> Self {
        Self(rows.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
    }
}

#[cfg(feature = "store")]
mod table {
    use super::DatabaseLayer;
    use crate::error::Error;
    use serde_json::Value as Json;
    use sqlx::PgConnection;

    const CREATE: &str = "create table if not exists tasker_core_settings (\
        environment text not null default '', \
        key text not null check (key <> ''), \
        value jsonb not null, \
        updated_at timestamptz not null default now(), \
        primary key (environment, key))";
    /// Those of the environment replace those of all environments.
    const READ: &str = "select distinct on (key) key, value::text from tasker_core_settings \
        where environment in ('', $1) order by key, environment desc";
    const WRITE: &str = "insert into tasker_core_settings (environment, key, value) \
        values ($1, $2, $3::jsonb) on conflict (environment, key) do update \
        set value = excluded.value, updated_at = now()";
    const REMOVE: &str = "delete from tasker_core_settings where environment = $1 and key = $2";

    impl DatabaseLayer {
        /// Makes the table `tasker_core_settings` where it is absent. Nothing else makes it.
        ///
        /// # Errors
        ///
        /// [`Error::Database`], for instance of a database that is read-only.
        ///
        /// ```
        /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
        /// # doctest::in_transaction(async |tx| {
        /// use serde_json::json;
        /// use tasker_core::config::{DatabaseLayer, Loader};
        ///
        /// DatabaseLayer::create_table(&mut *tx).await?;
        /// DatabaseLayer::write(&mut *tx, None, "cache.default_ttl", &json!(60)).await?;
        /// DatabaseLayer::write(&mut *tx, Some("production"), "cache.default_ttl", &json!(600)).await?;
        /// let layer = DatabaseLayer::read(&mut *tx, Some("production")).await?;
        /// assert_eq!(layer, DatabaseLayer::from_iter([("cache.default_ttl", 600)]));
        ///
        /// assert!(DatabaseLayer::remove(&mut *tx, Some("production"), "cache.default_ttl").await?);
        /// let layer = DatabaseLayer::read(&mut *tx, Some("production")).await?;
        /// assert_eq!(Loader::new().database(layer).load().unwrap().cache.default_ttl, 60);
        /// # Ok(()) });
        /// ```
        pub async fn create_table(connection: &mut PgConnection) -> Result<(), Error> {
            sqlx::raw_sql(CREATE).execute(connection).await?;
            Ok(())
        }

        /// Reads the options of an environment and those of all environments, where it has none of its own. One statement.
        ///
        /// # Errors
        ///
        /// [`Error::Database`], also without the table.
        pub async fn read(connection: &mut PgConnection, environment: Option<&str>) -> Result<Self, Error> {
            let rows: Vec<(String, String)> =
                sqlx::query_as(READ).bind(environment.unwrap_or_default()).fetch_all(connection).await?;
            // jsonb is valid JSON; a text that serde_json cannot hold stays a text, which the schema then refuses with its key.
            let parse = |text: String| serde_json::from_str(&text).unwrap_or(Json::String(text));
            Ok(rows.into_iter().map(|(key, text)| (key, parse(text))).collect())
        }

        /// Writes an option for an environment, or for all with `None`. A load checks it, not this method.
        ///
        /// # Errors
        ///
        /// [`Error::Database`]
        pub async fn write(
            connection: &mut PgConnection,
            environment: Option<&str>,
            key: &str,
            value: &Json,
        ) -> Result<(), Error> {
            let statement = sqlx::query(WRITE).bind(environment.unwrap_or_default());
            statement.bind(key).bind(value.to_string()).execute(connection).await?;
            Ok(())
        }

        /// Removes an option; returns false where there was none.
        ///
        /// # Errors
        ///
        /// [`Error::Database`]
        pub async fn remove(
            connection: &mut PgConnection,
            environment: Option<&str>,
            key: &str,
        ) -> Result<bool, Error> {
            let statement = sqlx::query(REMOVE).bind(environment.unwrap_or_default()).bind(key);
            Ok(statement.execute(connection).await?.rows_affected() > 0)
        }
    }
}
