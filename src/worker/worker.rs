//! The loop of a worker.

use super::connections::Connections;
use super::error::WorkerError;
use super::executor::Executor;
use super::options::WorkerOptions;
use super::recovery::{Keeper, LockHolder, since};
use super::registry::Registry;
use super::schedule::{Pace, Schedule};
use super::served::Served;
use super::totals::Totals;
use super::wake_ups::WakeUps;
use crate::error::Error;
use crate::ids::TaskId;
use crate::run::{Outcome, Pause, Stop};
use crate::time::{Micros, Timestamp};
use sqlx::postgres::PgConnectOptions;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

/// A look that costs a statement waits until so many runs are over, or so long.
const BATCH: usize = 4;
const BATCH_WAIT: Micros = Micros(20_000);

/// A worker: see the [module](super).
///
/// ```no_run
/// use serde_json::json;
/// use tasker_core::templates::{StepTemplate, TaskTemplate};
/// use tasker_core::worker::{CancellationToken, Registry, Step, StepHandler, TaskHandlers, Worker, WorkerOptions};
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let template = TaskTemplate::new("settle").step(StepTemplate::new("bank", "pay"));
/// let settle = TaskHandlers::of(&template).step("pay", StepHandler::new(|step: Step| async move {
///     Ok(json!({ "paid": step.inputs["payout_id"] }))
/// }));
/// let database = std::env::var("DATABASE_URL")?.parse()?;
/// let worker = Worker::start(database, Registry::new([settle])?, WorkerOptions::default()).await?;
/// // Cancel it where the process is asked to end; the worker then drains.
/// let shutdown = CancellationToken::new();
/// let totals = worker.run(shutdown).await;
/// println!("{} tasks complete", totals.complete);
/// # Ok(()) }
/// ```
pub struct Worker {
    pub(super) connections: Connections,
    pub(super) served: Served,
    pub(super) executor: Arc<Executor>,
    pub(super) options: WorkerOptions,
    wake_ups: WakeUps,
    /// A worker that is dropped lets go of its lock, so that others recover its claims.
    pub(super) keeper: Option<(LockHolder, AbortOnDropHandle<()>, CancellationToken)>,
    pub(super) schedule: Schedule,
    origin: Instant,
    pub(super) runs: JoinSet<Result<Outcome, Error>>,
    pub(super) running: HashMap<Id, TaskId>,
    /// Whether the last look found as many tasks as it was to find.
    pub(super) more: bool,
    pub(super) freed_at: Option<Timestamp>,
    pub(super) above: Option<TaskId>,
    pub(super) fruitless: u32,
    pub(super) stop: Stop,
    given_up: CancellationToken,
    pub(super) totals: Totals,
}

impl Worker {
    /// Connects, checks the database and takes the worker's lock. It runs nothing yet.
    ///
    /// # Errors
    ///
    /// [`WorkerError::Options`], [`WorkerError::ReadOnly`] and [`WorkerError::Schema`] for a database that cannot be worked with,
    /// [`WorkerError::Pooler`] behind a transaction pooler, [`WorkerError::Database`].
    pub async fn start(
        database: PgConnectOptions,
        registry: Registry,
        options: WorkerOptions,
    ) -> Result<Self, WorkerError> {
        options.check()?;
        let connections = Connections::open(database, options.connections).await?;
        let wake_ups = WakeUps::default();
        let keeper = match options.recovery {
            None => None,
            Some(grace) => {
                let keeper = Keeper::start(connections.clone(), wake_ups.clone(), grace).await?;
                let (holder, stop) = (keeper.holder(), CancellationToken::new());
                Some((holder, AbortOnDropHandle::new(tokio::spawn(keeper.run(stop.clone()))), stop))
            }
        };
        let given_up = CancellationToken::new();
        let executor = Executor::new(&registry, &options, connections.clone(), given_up.clone());
        let pace = Pace { shortest: options.look_every.into(), longest: options.look_at_least_every.into() };
        Ok(Worker {
            served: Served::new(&registry),
            executor: Arc::new(executor),
            connections,
            options,
            wake_ups,
            keeper,
            schedule: Schedule::new(pace, Timestamp(0)),
            origin: Instant::now(),
            runs: JoinSet::new(),
            running: HashMap::new(),
            more: false,
            freed_at: None,
            above: None,
            fruitless: 0,
            stop: Stop::default(),
            given_up,
            totals: Totals::default(),
        })
    }

    /// By which others wake it.
    ///
    /// ```no_run
    /// use tasker_core::ids::TaskId;
    /// use tasker_core::worker::Worker;
    ///
    /// fn created(task: TaskId, worker: &Worker) {
    ///     worker.wake_ups().wake_task(task);
    /// }
    /// ```
    pub fn wake_ups(&self) -> WakeUps {
        self.wake_ups.clone()
    }

    /// Runs tasks until `shutdown` is cancelled. Then it starts none, claims no further steps, waits [`WorkerOptions::drain`] for the
    /// attempts at work, and leaves their tasks pending. Attempts that take longer fail and are retried by other workers.
    ///
    /// Errors of the database do not end it: it logs them and looks again. Statements of runs are tried again for a minute.
    pub async fn run(mut self, shutdown: CancellationToken) -> Totals {
        loop {
            let due = self.due();
            tokio::select! {
                biased;
                () = shutdown.cancelled() => break,
                Some(ended) = self.runs.join_next_with_id(), if !self.runs.is_empty() => self.ended(ended),
                () = self.wake_ups.news() => self.woken(),
                () = sleep_until(self.origin + Duration::from_micros(due.0.max(0).unsigned_abs())), if self.free() > 0 => {
                    self.look().await;
                }
            }
        }
        self.drain().await;
        self.totals.statements = self.connections.statements();
        self.connections.close().await;
        self.totals
    }

    pub(super) fn now(&self) -> Timestamp {
        since(self.origin)
    }

    pub(super) fn free(&self) -> usize {
        self.options.tasks - self.runs.len()
    }

    /// The instant of the next look. While there are more tasks than the worker runs, it starts them in batches.
    fn due(&self) -> Timestamp {
        let due = self.schedule.due();
        match self.freed_at {
            Some(freed_at) if self.more && self.free() < self.options.tasks.div_ceil(BATCH) => {
                due.max(freed_at + BATCH_WAIT)
            }
            _ => due,
        }
    }

    fn woken(&mut self) {
        let news = self.wake_ups.take();
        if news.all {
            self.schedule.wake();
        }
        news.tasks.into_iter().for_each(|task| self.schedule.wake_task(task));
    }

    fn ended(&mut self, ended: Result<(Id, Result<Outcome, Error>), JoinError>) {
        let id = ended.as_ref().map_or_else(JoinError::id, |(id, _)| *id);
        let task = self.running.remove(&id);
        let now = self.now();
        self.freed_at.get_or_insert(now);
        match (ended, task) {
            (Ok((_, Ok(outcome))), Some(task)) => {
                self.totals.add(&outcome);
                if let Outcome::Pending { pause, come_back: Some(wait) } = outcome {
                    // The server's clock decides, and is asked a moment later.
                    let slack = if pause == Pause::Stopped { Micros(0) } else { Micros(1_000) };
                    self.schedule.come_back(task, now + wait + slack);
                }
            }
            (Ok((_, Err(error))), _) => {
                tracing::error!(task = task.map(|task| task.0), %error, "the run of the task has failed");
                self.totals.failed += 1;
                self.connections.doubt();
            }
            (Err(error), _) => {
                tracing::error!(task = task.map(|task| task.0), %error, "the run of the task has ended early");
                self.totals.failed += 1;
                self.connections.doubt();
            }
            (Ok(_), None) => {}
        }
    }

    async fn drain(&mut self) {
        self.stop.set();
        if timeout(self.options.drain, self.all_ended()).await.is_err() {
            tracing::warn!(tasks = self.runs.len(), "the worker stops; attempts that have not ended fail");
            self.given_up.cancel();
            self.all_ended().await;
        }
        if self.connections.take_doubt() {
            self.end_own_claims().await;
        }
        if let Some((_, keeper, stop)) = self.keeper.take() {
            // Without open claims the lock is not needed.
            stop.cancel();
            if let Err(error) = keeper.await {
                tracing::error!(%error, "recovery has ended early");
            }
        }
    }

    async fn all_ended(&mut self) {
        while let Some(ended) = self.runs.join_next_with_id().await {
            self.ended(ended);
        }
    }
}
