//! Why transitions cannot be followed.

/// Why transitions cannot be followed.
///
/// ```
/// use tasker_core::events::FeedError;
///
/// assert!(FeedError::Standby.to_string().starts_with("expected the primary server"));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FeedError {
    /// A standby accepts neither LISTEN, nor does it show who writes to the primary.
    #[error(
        "expected the primary server of the database, got a standby in recovery: transitions are followed where they are written"
    )]
    Standby,

    /// A pooler lends one session of the server to several clients, and notifications reach the client that has it at the moment.
    #[error(
        "expected a session of the server's own for LISTEN (process {first}), got one that another client of the same URL has, too: \
         a transaction pooler stands in between; give the bridge a direct connection, or set `listen` to false to poll"
    )]
    Pooler {
        /// The server process of both clients.
        first: i32,
    },

    /// A session that draws ids ahead can commit an id long after the ones above it.
    #[error(
        "expected the sequence of {table} to have a cache of 1, got {cache}: ids that sessions draw ahead cannot be followed"
    )]
    CachedIds {
        /// The table.
        table: String,
        /// The size of the cache.
        cache: i64,
    },

    /// The database refused a statement, or the connection is lost.
    #[error("{}", in_words(.0))]
    Database(#[from] sqlx::Error),
}

/// Without the line of PostgreSQL's own source that ends the display of a database error.
fn in_words(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(refusal) => {
            let code = refusal.code().unwrap_or_default();
            format!("the database refused a statement: {} ({code})", refusal.message())
        }
        other => other.to_string(),
    }
}
