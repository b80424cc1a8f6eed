//! The connections of a worker.
//!
//! A run borrows a connection for each statement, so that handlers that wait for hours occupy none. sqlx's own pool sends a message at each
//! release and waits for the answer, which would double the round trips of a run.

use super::error::WorkerError;
use crate::error::Error;
use crate::schema::{self, Impact};
use crate::session::{Query, Rows, Session};
use crate::store;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection};
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep};

/// How long the statements of runs are tried again while the database is away, as it is during a failover.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_secs(1);

/// At most so many connections, made when they are needed and kept.
#[derive(Clone)]
pub(super) struct Connections(Arc<Inner>);

struct Inner {
    options: PgConnectOptions,
    permits: Semaphore,
    idle: Mutex<Vec<PgConnection>>,
    runtime: Handle,
    statements: AtomicU64,
    /// Whether a statement may have written what no run has read.
    doubt: AtomicBool,
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connections").field("statements", &self.statements()).finish_non_exhaustive()
    }
}

impl Connections {
    /// Connects, and checks that the database can be worked with.
    pub(super) async fn open(options: PgConnectOptions, most: usize) -> Result<Self, WorkerError> {
        // PgBouncer refuses the parameter that sqlx sets for texts of floats, which PostgreSQL has written in full since version 12.
        let options = options.extra_float_digits(None);
        let mut first = options.connect().await?;
        // The schema is compared by prepared statements, which a pooler mixes up.
        if store::shared_process(&options, &mut first).await?.is_some() {
            return Err(WorkerError::Pooler);
        }
        check(&mut first).await?;
        Ok(Connections(Arc::new(Inner {
            options,
            permits: Semaphore::new(most),
            idle: Mutex::new(vec![first]),
            runtime: Handle::current(),
            statements: AtomicU64::new(0),
            doubt: AtomicBool::new(false),
        })))
    }

    pub(super) fn runtime(&self) -> &Handle {
        &self.0.runtime
    }

    /// Statements that were sent so far.
    pub(super) fn statements(&self) -> u64 {
        self.0.statements.load(Ordering::Relaxed)
    }

    /// Whether an answer was lost since this was last asked.
    pub(super) fn take_doubt(&self) -> bool {
        self.0.doubt.swap(false, Ordering::AcqRel)
    }

    pub(super) fn doubt(&self) {
        self.0.doubt.store(true, Ordering::Release);
    }

    pub(super) fn options(&self) -> &PgConnectOptions {
        &self.0.options
    }

    /// A session whose statements each borrow a connection and are tried again for a minute while the database is away.
    pub(super) fn session(&self) -> Borrowing {
        Borrowing { connections: self.clone(), patience: PATIENCE }
    }

    /// The same without trying again.
    pub(super) fn impatient(&self) -> Borrowing {
        Borrowing { connections: self.clone(), patience: Duration::ZERO }
    }

    /// A connection for several statements. It is kept only by [`Lease::keep`], so that one amid a statement or a transaction is closed.
    pub(super) async fn lease(&self) -> Result<Lease<'_>, Error> {
        let closed = |_| Error::Database(sqlx::Error::PoolClosed);
        let permit = self.0.permits.acquire().await.map_err(closed)?;
        let idle = self.lock().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.0.options.connect().await?,
        };
        Ok(Lease { connection, connections: self, _permit: permit })
    }

    /// Ends the sessions that are idle.
    pub(super) async fn close(&self) {
        let idle = std::mem::take(&mut *self.lock());
        for connection in idle {
            let _ = connection.close().await;
        }
    }

    async fn once(&self, query: Query) -> Result<Rows, Error> {
        let mut lease = self.lease().await?;
        self.0.statements.fetch_add(1, Ordering::Relaxed);
        let answer = lease.connection.rows(query).await;
        if !answer.as_ref().is_err_and(is_away) {
            lease.keep();
        }
        answer
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<PgConnection>> {
        self.0.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that is in use.
pub(super) struct Lease<'c> {
    pub(super) connection: PgConnection,
    connections: &'c Connections,
    _permit: SemaphorePermit<'c>,
}

impl Lease<'_> {
    pub(super) fn keep(self) {
        self.connections.lock().push(self.connection);
    }
}

/// See [`Connections::session`].
pub(super) struct Borrowing {
    connections: Connections,
    patience: Duration,
}

impl Session for Borrowing {
    async fn rows(&mut self, query: Query) -> Result<Rows, Error> {
        let deadline = Instant::now() + self.patience;
        let mut pause = Duration::ZERO;
        loop {
            match self.connections.once(query.clone()).await {
                Err(error) if is_away(&error) => {
                    self.connections.doubt();
                    if Instant::now() + pause > deadline || self.patience.is_zero() {
                        return Err(error);
                    }
                    if pause.is_zero() {
                        tracing::warn!(statement = query.name, %error, "the database is away; the statement is tried again");
                    }
                }
                answer => return answer,
            }
            // The first time at once: the connection may have ended while it was idle.
            sleep(pause).await;
            pause = PAUSE;
        }
    }
}

/// Whether the server is gone, or refuses to write for now.
pub(super) fn is_away(error: &Error) -> bool {
    match error {
        Error::Database(sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolTimedOut) => true,
        Error::Database(sqlx::Error::Database(error)) => {
            let code = error.code().unwrap_or_default();
            code.starts_with("08") || code.starts_with("57P") || code == "25006" || code == "53300"
        }
        _ => false,
    }
}

async fn check(connection: &mut PgConnection) -> Result<(), WorkerError> {
    let (replica, setting): (bool, String) =
        sqlx::query_as("select pg_is_in_recovery(), current_setting('transaction_read_only')")
            .fetch_one(&mut *connection)
            .await?;
    if replica {
        return Err(WorkerError::ReadOnly("a replica"));
    }
    if setting == "on" {
        return Err(WorkerError::ReadOnly("one that is read-only"));
    }
    let differences = schema::check(connection).await?;
    let mut broken = differences.iter().filter(|difference| difference.impact() == Impact::Broken);
    match broken.next() {
        None => Ok(()),
        Some(first) => Err(WorkerError::Schema { first: first.to_string(), others: broken.count() }),
    }
}
