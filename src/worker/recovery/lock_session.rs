//! The session that holds a worker's lock.

use super::HANDOVER_CHANNEL;
use crate::error::Error;
use crate::ids::WorkerKey;
use crate::session::{Query, Rows, Session};
use crate::store;
use crate::worker::error::WorkerError;
use sqlx::postgres::{PgConnectOptions, PgListener, PgNotification, PgPool, PgPoolOptions};
use std::time::Duration;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A session of its own: no pool ends it when it is idle or opens another one in its place.
pub(super) struct LockSession {
    listener: PgListener,
    pool: PgPool,
}

impl LockSession {
    /// Opens the session and takes the lock. `None` where another session has it: one of this worker that the server has not yet missed.
    pub(super) async fn open(
        options: &PgConnectOptions,
        key: WorkerKey,
    ) -> Result<Option<Self>, WorkerError> {
        let mut session = Self::connect(options).await?;
        match session.prepare(options, key).await {
            Ok(true) => Ok(Some(session)),
            Ok(false) => {
                session.close().await;
                Ok(None)
            }
            Err(error) => {
                session.close().await;
                Err(error)
            }
        }
    }

    /// A session without a lock, for a sweep by hand.
    pub(super) async fn connect(options: &PgConnectOptions) -> Result<Self, WorkerError> {
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(CONNECT_TIMEOUT)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_lazy_with(options.clone());
        let mut listener = PgListener::connect_with(&pool).await?;
        listener.eager_reconnect(false);
        Ok(LockSession { listener, pool })
    }

    async fn prepare(&mut self, options: &PgConnectOptions, key: WorkerKey) -> Result<bool, WorkerError> {
        // A cut network ends the session within 25 seconds.
        sqlx::query(
            "select set_config('idle_session_timeout', '0', false), set_config('idle_in_transaction_session_timeout', '0', false),
                    set_config('tcp_keepalives_idle', '10', false), set_config('tcp_keepalives_interval', '5', false),
                    set_config('tcp_keepalives_count', '3', false), set_config('statement_timeout', '30s', false)",
        )
        .execute(&mut self.listener)
        .await?;
        if store::shared_process(options, &mut self.listener).await?.is_some() {
            return Err(WorkerError::Pooler);
        }
        let (locked, replica): (bool, bool) =
            sqlx::query_as("select pg_try_advisory_lock($1), pg_is_in_recovery()")
                .bind(key.0)
                .fetch_one(&mut self.listener)
                .await?;
        if replica {
            return Err(WorkerError::ReadOnly("a replica"));
        }
        if locked {
            self.listener.listen(HANDOVER_CHANNEL).await?;
        }
        Ok(locked)
    }

    /// Waits for a notification; `None` when the session is over. Nothing is lost where the future is dropped.
    pub(super) async fn notification(&mut self) -> Option<PgNotification> {
        self.listener.try_recv().await.ok().flatten()
    }

    /// Whether the server answers in time: a connection that is cut does not say so by itself.
    pub(super) async fn answers(&mut self) -> bool {
        let ping = sqlx::query("select 1").execute(&mut self.listener);
        matches!(tokio::time::timeout(CONNECT_TIMEOUT, ping).await, Ok(Ok(_)))
    }

    pub(super) async fn close(self) {
        drop(self.listener);
        self.pool.close().await;
    }
}

impl Session for LockSession {
    async fn rows(&mut self, query: Query) -> Result<Rows, Error> {
        store::fetch(&mut self.listener, query).await
    }
}
