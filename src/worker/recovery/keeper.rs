//! The task that holds the worker's lock, listens, and sweeps.

use super::lock_session::LockSession;
use super::sweep;
use crate::error::Error;
use crate::ids::{TaskId, WorkerKey};
use crate::recovery::Suspects;
use crate::worker::connections::Connections;
use crate::worker::error::WorkerError;
use crate::worker::telemetry;
use crate::worker::wake_ups::WakeUps;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

/// Between two attempts to take the lock.
const PAUSE: Duration = Duration::from_secs(1);
/// Between two questions whether the server is still there.
const PING: Duration = Duration::from_secs(10);

/// Whether claims may bear the worker's key: without the lock others would take the worker for dead.
#[derive(Clone, Debug)]
pub(in crate::worker) struct LockHolder {
    key: WorkerKey,
    held: Arc<AtomicBool>,
}

impl LockHolder {
    pub(in crate::worker) fn key(&self) -> WorkerKey {
        self.key
    }

    /// The metadata of claims, as JSON text.
    pub(in crate::worker) fn claim_metadata(&self) -> Arc<str> {
        if self.held.load(Ordering::Acquire) {
            format!(r#"{{"tasker_core": {{"worker": "{}"}}}}"#, self.key).into()
        } else {
            "{}".into()
        }
    }
}

/// See the [module](self).
pub(in crate::worker) struct Keeper {
    holder: LockHolder,
    session: Option<LockSession>,
    connections: Connections,
    wake_ups: WakeUps,
    grace: Duration,
    suspects: Suspects,
    origin: Instant,
    sweep_at: Instant,
    ping_at: Instant,
    logged: String,
}

impl Keeper {
    /// Takes the lock of a new key.
    pub(in crate::worker) async fn start(
        connections: Connections,
        wake_ups: WakeUps,
        grace: Duration,
    ) -> Result<Self, WorkerError> {
        let key =
            WorkerKey(i64::from_ne_bytes(uuid::Uuid::new_v4().as_u64_pair().1.to_ne_bytes()) ^ random());
        let session = LockSession::open(connections.options(), key).await?;
        let held = Arc::new(AtomicBool::new(session.is_some()));
        let now = Instant::now();
        Ok(Keeper {
            holder: LockHolder { key, held },
            session,
            connections,
            wake_ups,
            grace,
            suspects: Suspects::default(),
            origin: now,
            sweep_at: now,
            ping_at: now + PING,
            logged: String::new(),
        })
    }

    pub(in crate::worker) fn holder(&self) -> LockHolder {
        self.holder.clone()
    }

    /// Holds the lock until it is stopped.
    pub(in crate::worker) async fn run(mut self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let Some(session) = &mut self.session else {
                tokio::select! {
                    () = stop.cancelled() => break,
                    () = self.retake() => continue,
                }
            };
            tokio::select! {
                () = stop.cancelled() => break,
                notification = session.notification() => match notification {
                    Some(notification) => self.received(notification.payload()),
                    None => self.lost(),
                },
                () = sleep_until(self.ping_at) => {
                    self.ping_at = Instant::now() + PING;
                    if !session.answers().await {
                        self.lost();
                    }
                }
                () = sleep_until(self.sweep_at) => self.sweep().await,
            }
        }
        self.holder.held.store(false, Ordering::Release);
        if let Some(session) = self.session {
            session.close().await;
        }
    }

    fn received(&self, payload: &str) {
        match payload.parse() {
            Ok(task) => self.wake_ups.wake_task(TaskId(task)),
            Err(_) => self.wake_ups.wake(),
        }
    }

    /// The session is over. Other workers may have lost their locks in the same way, so that observations begin anew.
    fn lost(&mut self) {
        self.holder.held.store(false, Ordering::Release);
        self.session = None;
        self.suspects = Suspects::default();
        tracing::warn!("recovery: the session of the worker's lock is over; it is opened again");
    }

    async fn retake(&mut self) {
        match LockSession::open(self.connections.options(), self.holder.key).await {
            Ok(Some(session)) => {
                self.session = Some(session);
                self.holder.held.store(true, Ordering::Release);
                self.logged.clear();
                // What was notified meanwhile is in the tables, and so are claims whose answers were lost.
                self.connections.doubt();
                self.wake_ups.wake();
                self.ping_at = Instant::now() + PING;
                return;
            }
            Ok(None) => {}
            Err(error) => self.log(&error),
        }
        sleep(PAUSE).await;
    }

    fn log(&mut self, error: &WorkerError) {
        let text = error.to_string();
        if text != self.logged {
            tracing::error!(
                "recovery: the worker does not hold its lock, so its claims are not recovered by others: {text}"
            );
            self.logged = text;
        }
    }

    async fn sweep(&mut self) {
        self.sweep_at = Instant::now() + self.grace;
        let Some(session) = &mut self.session else { return };
        let now = sweep::since(self.origin);
        let observed =
            sweep::observe(session, Some(self.holder.key), &mut self.suspects, now, self.grace).await;
        match observed {
            Ok(dead) => {
                for key in dead {
                    let ended = self.end(key).await;
                    let report = ended.unwrap_or_else(|error| sweep::failed(key, &error));
                    telemetry::recovered(&report);
                    report.continued().for_each(|task| self.wake_ups.wake_task(task));
                }
            }
            Err(error) => {
                self.log(&error);
                self.lost();
            }
        }
    }

    async fn end(&self, key: WorkerKey) -> Result<super::RecoveryReport, Error> {
        let mut lease = self.connections.lease().await?;
        let report = sweep::end_dead(&mut lease.connection, key).await?;
        lease.keep();
        Ok(report)
    }
}

fn random() -> i64 {
    // The version and variant of an UUID take six of its bits.
    i64::from_ne_bytes(uuid::Uuid::new_v4().as_u64_pair().0.to_ne_bytes())
}
