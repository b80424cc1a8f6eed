//! The loop of a host in Rust.

use super::event::Event;
use super::execution::StepExecution;
use super::finish::finish_steps;
use super::offer::StepOffer;
use super::options::Options;
use super::outcome::Outcome;
use super::request::{Reply, Request};
use super::result::{StepEnd, StepFailure, StepResult};
#[cfg(feature = "worker")]
use super::resume::StartedTask;
use super::resume::Stop;
use super::workflow_run::WorkflowRun;
use crate::error::{Error, panic_message};
use crate::ids::TaskId;
use crate::session::{Query, Rows, Session};
use crate::sql::run as sql;
use crate::transitions::now;
use futures_util::FutureExt;
use futures_util::stream::{FuturesUnordered, StreamExt};
use std::any::Any;
use std::panic::AssertUnwindSafe;

/// Runs a workflow from its start to its end: all statements on `session`, the handlers of up to [`Options::slots`] steps at the same time.
///
/// The handler is called once for each attempt. Its value becomes the step's results; a failure, and a panic, put the step into error, to be
/// tried again after its wait by another run. Ends of steps that arrive while a statement runs are written together by the next one.
///
/// Handlers are polled between the statements of the run; what computes for long belongs into a task of its own. A future that is
/// dropped before its end leaves its claims in progress, as a process that is killed does.
///
/// # Errors
///
/// Those of the session. A statement that PostgreSQL ends as a deadlock or a serialization failure is repeated, up to sixteen times; in an
/// open transaction, which such an error aborts, it is returned. Claims in progress at an error stay so.
///
/// ```
/// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
/// # doctest::in_transaction(async |tx| {
/// # use tasker_core::factories::{Pattern, workflow};
/// use serde_json::json;
/// use tasker_core::run::{Options, Outcome, run_workflow};
///
/// let task = workflow(Pattern::Diamond).create(&mut *tx).await.unwrap().task;
/// let outcome = run_workflow(&mut *tx, task, Options::default(), async |step| Ok(json!({ "step": step.name }))).await?;
/// assert_eq!(outcome, Outcome::Complete);
/// # Ok(()) });
/// ```
pub async fn run_workflow<S, H>(
    session: &mut S,
    task: TaskId,
    options: Options,
    handler: H,
) -> Result<Outcome, Error>
where
    S: Session + Send,
    H: AsyncFn(StepExecution) -> Result<serde_json::Value, StepFailure>,
{
    drive(session, WorkflowRun::start(task, options), |_| (), handler).await
}

/// [`run_workflow`] with a listener, which is called between two statements for each event of the kinds in [`Options::listeners`]. A listener
/// that takes long delays the run.
///
/// # Errors
///
/// As of [`run_workflow`].
///
/// ```
/// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
/// # doctest::in_transaction(async |tx| {
/// # use tasker_core::factories::{Pattern, workflow};
/// use serde_json::json;
/// use tasker_core::run::{Event, EventKind, Options, run_workflow_with_listener};
///
/// let task = workflow(Pattern::Diamond).create(&mut *tx).await.unwrap().task;
/// let options = Options { listeners: vec![EventKind::TaskStarted, EventKind::TaskCompleted], ..Options::default() };
/// let mut events = Vec::new();
/// run_workflow_with_listener(&mut *tx, task, options, |event| events.push(event), async |_| Ok(json!({}))).await?;
/// assert_eq!(events, [Event::TaskStarted, Event::TaskCompleted]);
/// # Ok(()) });
/// ```
pub async fn run_workflow_with_listener<S, H>(
    session: &mut S,
    task: TaskId,
    options: Options,
    listener: impl FnMut(Event),
    handler: H,
) -> Result<Outcome, Error>
where
    S: Session + Send,
    H: AsyncFn(StepExecution) -> Result<serde_json::Value, StepFailure>,
{
    drive(session, WorkflowRun::start(task, options), listener, handler).await
}

/// The same for a task that is claimed already.
#[cfg(feature = "worker")]
pub(crate) async fn run_started<S, H>(
    session: &mut S,
    started: StartedTask,
    options: Options,
    handler: H,
) -> Result<Outcome, Error>
where
    S: Session + Send,
    H: AsyncFn(StepExecution) -> Result<serde_json::Value, StepFailure>,
{
    drive(session, WorkflowRun::resume(started, options), |_| (), handler).await
}

async fn drive<S, H>(
    session: &mut S,
    mut run: WorkflowRun,
    mut listener: impl FnMut(Event),
    handler: H,
) -> Result<Outcome, Error>
where
    S: Session + Send,
    H: AsyncFn(StepExecution) -> Result<serde_json::Value, StepFailure>,
{
    let session = &mut Repeating(session);
    let stop = run.stop();
    let mut reply = Reply::Continue;
    loop {
        reply = match run.next(reply, now())? {
            Request::Query(query) => Reply::Rows(session.rows(query).await?),
            Request::Execute(steps) => Reply::Ended(execute(session, steps, &handler, &stop).await?),
            Request::Offer(offers) => {
                Reply::Ended(claim_and_execute(session, offers, &handler, &stop).await?)
            }
            Request::Publish(event) => {
                listener(event);
                Reply::Continue
            }
            Request::Done(outcome) => return Ok(outcome),
        };
    }
}

/// For a host with listeners to what precedes a claim.
async fn claim_and_execute<S, H>(
    session: &mut S,
    offers: Vec<StepOffer>,
    handler: &H,
    stop: &Stop,
) -> Result<Vec<StepEnd>, Error>
where
    S: Session + Send,
    H: AsyncFn(StepExecution) -> Result<serde_json::Value, StepFailure>,
{
    let (mut claimed, mut ends) = (Vec::new(), Vec::new());
    for offer in offers {
        match offer.claim(session, now()).await? {
            Some(execution) => claimed.push(execution),
            None => ends.push(offer.lost()),
        }
    }
    ends.extend(execute(session, claimed, handler, stop).await?);
    Ok(ends)
}

async fn execute<S, H>(
    session: &mut S,
    steps: Vec<StepExecution>,
    handler: &H,
    stop: &Stop,
) -> Result<Vec<StepEnd>, Error>
where
    S: Session + Send,
    H: AsyncFn(StepExecution) -> Result<serde_json::Value, StepFailure>,
{
    let slots = steps.len().max(1);
    let attempts: FuturesUnordered<_> = steps.into_iter().map(|step| attempt(step, handler)).collect();
    let mut ended = attempts.ready_chunks(slots);
    let mut ends = Vec::with_capacity(slots);
    while let Some(mut chunk) = ended.next().await {
        if stop.is_set() {
            chunk.iter_mut().for_each(|(step, _)| step.successor = None);
        }
        ends.extend(finish_steps(session, &chunk, now()).await?);
    }
    Ok(ends)
}

async fn attempt<H>(step: StepExecution, handler: &H) -> (StepExecution, StepResult)
where
    H: AsyncFn(StepExecution) -> Result<serde_json::Value, StepFailure>,
{
    let handled = AssertUnwindSafe(handler(step.clone())).catch_unwind().await;
    let result = match handled.unwrap_or_else(|panic| Err(of_panic(&*panic))) {
        Ok(results) => StepResult::Complete { results: Some(results.to_string().into()) },
        Err(failure) => StepResult::Failed(failure),
    };
    (step, result)
}

fn of_panic(panic: &(dyn Any + Send)) -> StepFailure {
    StepFailure {
        error: panic_message(panic).unwrap_or("the handler has panicked").to_owned(),
        error_class: "panic".to_owned(),
        ..StepFailure::default()
    }
}

/// A session that repeats statements that PostgreSQL ended in favour of another session.
struct Repeating<'s, S>(&'s mut S);

const MAX_REPETITIONS: u32 = 16;

impl<S: Session + Send> Session for Repeating<'_, S> {
    async fn rows(&mut self, query: Query) -> Result<Rows, Error> {
        let mut first = None;
        for _ in 0..MAX_REPETITIONS {
            match self.0.rows(query.clone()).await {
                Err(error) if sqlstate(&error).is_some_and(|code| lost_race(&query, &code)) => {
                    first.get_or_insert(error);
                }
                // In a transaction that the first error has aborted.
                Err(error) if sqlstate(&error).is_some_and(|code| code == "25P02") => {
                    return Err(first.unwrap_or(error));
                }
                answer => return answer,
            }
        }
        match first {
            Some(error) => Err(error),
            None => self.0.rows(query).await,
        }
    }
}

/// A deadlock or a serialization failure; or a step that another session has claimed since, which refuses the start with it.
fn lost_race(query: &Query, code: &str) -> bool {
    matches!(code, "40P01" | "40001") || (code == "23505" && query.name == sql::START_AND_CLAIM)
}

fn sqlstate(error: &Error) -> Option<String> {
    let Error::Database(error) = error else { return None };
    error.as_database_error()?.code().map(Into::into)
}
