//! Sweeps: which workers are dead, and the end of their claims.

use super::HANDOVER_CHANNEL;
use super::endings;
use super::lock_session::LockSession;
use super::report::RecoveryReport;
use crate::error::Error;
use crate::ids::{TaskId, WorkerKey};
use crate::operations::recovery::{Claims, claims, claims_of_dead_worker, unlocked_workers};
use crate::recovery::Suspects;
use crate::session::{Session, Value};
use crate::sql;
use crate::time::Timestamp;
use crate::worker::connections::Connections;
use crate::worker::error::WorkerError;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::Instant;

/// Ends claims of dead workers once, for a program that is no worker itself: observes, waits for the grace period if there are suspects, and
/// observes again. With `dry_run` it reports what it would do.
///
/// # Errors
///
/// [`WorkerError::Database`] where the server cannot be reached, [`WorkerError::ReadOnly`] on a replica, which shows no locks.
///
/// ```no_run
/// use std::time::Duration;
/// use tasker_core::worker::recovery::recover;
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let database = std::env::var("DATABASE_URL")?.parse()?;
/// println!("{}", recover(&database, Duration::from_secs(30), true).await?);
/// # Ok(()) }
/// ```
pub async fn recover(
    database: &PgConnectOptions,
    grace: Duration,
    dry_run: bool,
) -> Result<RecoveryReport, WorkerError> {
    let mut session = LockSession::connect(database).await?;
    let mut suspects = Suspects::default();
    let mut dead = observe(&mut session, None, &mut suspects, Timestamp(0), grace).await?;
    if dead.is_empty() && suspects.since().next().is_some() {
        tokio::time::sleep(grace).await;
        let later = Timestamp(0) + grace.into();
        dead = observe(&mut session, None, &mut suspects, later, grace).await?;
    }
    let mut connection = database.connect().await?;
    let mut report = RecoveryReport { dry_run, ..RecoveryReport::default() };
    for key in dead {
        let ended = match dry_run {
            true => would_end(&mut connection, key).await,
            false => end_dead(&mut connection, key).await,
        };
        report.add(ended.unwrap_or_else(|error| failed(key, &error)));
    }
    let observed = suspects.since().map(|(key, _)| key);
    report.suspects = observed.filter(|key| !report.workers.contains(key)).collect();
    session.close().await;
    connection.close().await?;
    Ok(report)
}

/// The dead workers at `now`.
pub(super) async fn observe(
    session: &mut LockSession,
    own: Option<WorkerKey>,
    suspects: &mut Suspects,
    now: Timestamp,
    grace: Duration,
) -> Result<Vec<WorkerKey>, WorkerError> {
    let unlocked = unlocked_workers(session, own).await?.ok_or(WorkerError::ReadOnly("a replica"))?;
    Ok(suspects.observe(unlocked, now, grace.into()))
}

pub(super) fn failed(key: WorkerKey, error: &Error) -> RecoveryReport {
    let text = format!("claims of worker {key}: {error}");
    tracing::error!("recovery: {text}");
    RecoveryReport { failed: vec![text], ..RecoveryReport::default() }
}

async fn would_end(connection: &mut PgConnection, key: WorkerKey) -> Result<RecoveryReport, Error> {
    let Claims { steps, tasks } = claims(connection, key).await?;
    let released = tasks.iter().filter(|claim| !claim.shared);
    Ok(RecoveryReport {
        workers: vec![key],
        steps: steps.iter().map(|claim| claim.step).collect(),
        tasks: released.map(|claim| claim.task).collect(),
        ..RecoveryReport::default()
    })
}

/// Ends the claims of a dead worker in one transaction, at whose commit the others are notified of its tasks.
pub(super) async fn end_dead(connection: &mut PgConnection, key: WorkerKey) -> Result<RecoveryReport, Error> {
    let mut transaction = connection.begin().await?;
    let Some(claims) = claims_of_dead_worker(&mut *transaction, key).await? else {
        return Ok(RecoveryReport::default());
    };
    let reason = format!("its worker, process {key}, is gone");
    let mut report = endings::end(&mut transaction, &claims, &reason).await?;
    notify(&mut *transaction, report.continued()).await?;
    transaction.commit().await?;
    if !report.is_empty() {
        report.workers.push(key);
    }
    Ok(report)
}

/// Ends the claims of this worker whose tasks it does not run. No statement that may claim tasks is on its way meanwhile.
pub(in crate::worker) async fn end_own_claims(
    connections: &Connections,
    key: WorkerKey,
    running: &BTreeSet<TaskId>,
) -> Result<RecoveryReport, Error> {
    let Claims { mut steps, mut tasks } = claims(&mut connections.impatient(), key).await?;
    steps.retain(|claim| !running.contains(&claim.task));
    tasks.retain(|claim| !running.contains(&claim.task));
    if steps.is_empty() && tasks.is_empty() {
        return Ok(RecoveryReport::default());
    }
    let mut lease = connections.lease().await?;
    let mut transaction = lease.connection.begin().await?;
    let reason = "the run that executed it has left it";
    let report = endings::end(&mut transaction, &Claims { steps, tasks }, reason).await?;
    notify(&mut *transaction, report.continued()).await?;
    transaction.commit().await?;
    lease.keep();
    Ok(report)
}

/// Names tasks to those that listen for tasks to go on with.
pub(in crate::worker) async fn notify<S: Session>(
    session: &mut S,
    tasks: impl IntoIterator<Item = TaskId>,
) -> Result<(), Error> {
    let tasks: Vec<String> = tasks.into_iter().map(|task| task.to_string()).collect();
    if tasks.is_empty() {
        return Ok(());
    }
    let payloads = Value::text_array(tasks.iter().map(String::as_str));
    session.rows(sql::worker::notify(HANDOVER_CHANNEL, payloads)).await?;
    Ok(())
}

/// Microseconds of the monotonic clock since the origin.
pub(in crate::worker) fn since(origin: Instant) -> Timestamp {
    Timestamp(0) + origin.elapsed().into()
}
