//! The loop of a worker.

use super::connections::Connections;
use super::error::WorkerError;
use super::executor::Executor;
use super::options::WorkerOptions;
use super::recovery::{Keeper, LockHolder, end_own_claims, notify, since};
use super::registry::Registry;
use super::schedule::{Look, Pace, Schedule};
use super::served::{Found, Served};
use super::telemetry;
use super::totals::Totals;
use super::wake_ups::WakeUps;
use crate::error::Error;
use crate::ids::TaskId;
use crate::run::{Options, Outcome, Pause, StepExecution, Stop, run_started};
use crate::time::{Micros, Timestamp};
use sqlx::postgres::PgConnectOptions;
use std::collections::{BTreeSet, HashMap};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument;

/// A look that costs a statement waits until so many runs are over, or so long.
const BATCH: usize = 4;
const BATCH_WAIT: Micros = Micros(20_000);
/// Looks that find nothing between two checks that no tasks stand beyond the window of a look.
const LOOKS_A_CHECK: u32 = 4;

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
    connections: Connections,
    served: Served,
    executor: Arc<Executor>,
    options: WorkerOptions,
    wake_ups: WakeUps,
    /// A worker that is dropped lets go of its lock, so that others recover its claims.
    keeper: Option<(LockHolder, AbortOnDropHandle<()>, CancellationToken)>,
    schedule: Schedule,
    origin: Instant,
    runs: JoinSet<Result<Outcome, Error>>,
    running: HashMap<Id, TaskId>,
    /// Whether the last look found as many tasks as it was to find.
    more: bool,
    freed_at: Option<Timestamp>,
    above: Option<TaskId>,
    fruitless: u32,
    stop: Stop,
    given_up: CancellationToken,
    totals: Totals,
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

    fn now(&self) -> Timestamp {
        since(self.origin)
    }

    fn free(&self) -> usize {
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

    async fn look(&mut self) {
        if self.connections.take_doubt() && !self.end_own_claims().await {
            return;
        }
        let began = self.now();
        let Some(look) = self.schedule.take(began) else { return };
        if look.among.is_none() && self.fruitless >= LOOKS_A_CHECK {
            return self.move_window(look).await;
        }
        let most = self.free();
        let metadata =
            self.keeper.as_ref().map_or_else(|| "{}".into(), |(holder, ..)| holder.claim_metadata());
        let session = &mut self.connections.impatient();
        let above = self.above.filter(|_| look.among.is_none());
        let found =
            self.served.start(session, &look, above, most, &metadata, crate::transitions::now()).await;
        match found {
            Ok(found) => {
                let now = self.now();
                let took = Micros(now.0 - began.0);
                self.schedule.looked(&look, took, most, found.len(), now);
                self.more = found.len() >= most;
                self.freed_at = None;
                self.totals.looks += 1;
                self.totals.started += found.len() as u64;
                if look.among.is_none() {
                    self.fruitless = if found.is_empty() { self.fruitless + 1 } else { 0 };
                }
                telemetry::looked(found.len(), self.runs.len() + found.len());
                found.into_iter().for_each(|found| self.begin(found, &metadata));
            }
            Err(error) => self.look_failed(look, &error),
        }
    }

    fn look_failed(&mut self, look: Look, error: &Error) {
        tracing::error!(%error, "tasks could not be looked for; the worker looks again");
        // It may have started tasks all the same.
        self.connections.doubt();
        let now = self.now();
        self.schedule.failed(look, now);
    }

    /// Looks at tasks beyond the window of a look, where there are such, and from the first ones again after the last.
    async fn move_window(&mut self, look: Look) {
        self.fruitless = 0;
        let session = &mut self.connections.impatient();
        match self.served.end_of_window(session, &look, self.above).await {
            Ok(end) => {
                self.fruitless = if end.is_some() { LOOKS_A_CHECK - 1 } else { 0 };
                self.above = end;
                let now = self.now();
                self.schedule.looked(&look, Micros(0), usize::MAX, 0, now);
            }
            Err(error) => self.look_failed(look, &error),
        }
    }

    /// Ends claims of this worker of which no run has read. No look is on its way meanwhile, which might claim tasks.
    async fn end_own_claims(&mut self) -> bool {
        let Some((holder, ..)) = &self.keeper else { return true };
        let running: BTreeSet<TaskId> = self.running.values().copied().collect();
        match end_own_claims(&self.connections, holder.key(), &running).await {
            Ok(report) => {
                telemetry::recovered(&report);
                report.continued().for_each(|task| self.schedule.wake_task(task));
                true
            }
            Err(error) => {
                tracing::error!(%error, "recovery: claims of this worker could not be looked at");
                self.connections.doubt();
                let now = self.now();
                self.schedule.failed(Look { among: None, except: Vec::new() }, now);
                false
            }
        }
    }

    fn begin(&mut self, found: Found, metadata: &Arc<str>) {
        let Found { started, kind } = found;
        let task = started.task;
        let run = Run {
            executor: Arc::clone(&self.executor),
            connections: self.connections.clone(),
            kind,
            config: self.options.config.snapshot(),
        };
        let options = Options {
            slots: NonZeroU32::new(self.options.steps_of_a_task).unwrap_or(NonZeroU32::MIN),
            claim_metadata: Arc::clone(metadata),
            stop: self.stop.clone(),
            ..Options::default()
        };
        let handle = self.runs.spawn(async move { run.run(started, options).await });
        self.running.insert(handle.id(), task);
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

/// What a run of a task needs.
struct Run {
    executor: Arc<Executor>,
    connections: Connections,
    kind: usize,
    config: Arc<crate::config::Config>,
}

impl Run {
    async fn run(self, started: crate::run::StartedTask, options: Options) -> Result<Outcome, Error> {
        let task = started.task;
        let kind = self.executor.kind(self.kind);
        let span = telemetry::task_span(task, kind);
        // The compiler does not see that the future of an async closure that borrows is Send.
        let (executor, place, config) = (Arc::clone(&self.executor), self.kind, self.config);
        let handler = move |execution: StepExecution| {
            let (executor, config) = (Arc::clone(&executor), Arc::clone(&config));
            async move { executor.execute(place, execution, config).await }
        };
        let session = &mut self.connections.session();
        let outcome = run_started(session, started, options, handler).instrument(span.clone()).await;
        telemetry::ran(&span, kind, &outcome);
        if let Ok(Outcome::Pending { pause: Pause::OtherSteps, .. }) = outcome {
            notify(session, [task]).await?;
        }
        outcome
    }
}
