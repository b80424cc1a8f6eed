//! The coroutine of a run.

use super::event::{Event, EventKind};
use super::execution::StepExecution;
use super::options::Options;
use super::outcome::{Outcome, Pause, StartRefusal};
use super::request::{Reply, Request};
use super::result::{StepEnd, StepEnded};
use super::resume::StartedTask;
use super::tracked::TrackedTask;
use crate::error::Error;
use crate::ids::{StepId, TaskId, TransitionId};
use crate::machine::{Machine, Owner};
use crate::operations::snapshot;
use crate::progress::{ExecutionStatus, execution_context};
use crate::readiness::{next_wait, readiness};
use crate::session::{Query, Row, Rows, Value};
use crate::sql;
use crate::state::State;
use crate::time::Timestamp;
use std::collections::{BTreeSet, VecDeque};

/// Where a run stands: what it waits for.
#[derive(Clone, Debug)]
pub(super) enum Stage {
    /// The first call.
    New,
    /// The first call of a run whose task is claimed.
    Resumed,
    /// The rows of *start*.
    Starting { lost_races: u32 },
    /// The state of the task that was not started.
    Refused { lost_races: u32 },
    /// The rows of *look and claim*.
    Looking,
    /// The ends of these steps.
    Executing(Vec<StepId>),
    /// All steps of the task, since none was claimed.
    Assessing,
    /// The row of *finish task*.
    Completing,
    /// The row of the task's transition to another state.
    Leaving(Outcome),
    /// The state of the task that could not be moved.
    Confirming { claim: TransitionId },
    /// Nothing.
    Over,
}

impl Stage {
    fn expected(&self) -> &'static str {
        match self {
            Stage::New | Stage::Resumed => "Reply::Continue",
            Stage::Executing(_) => "Reply::Ended with one end for each executed step",
            Stage::Over => "no call after the end of the run",
            _ => "Reply::Rows",
        }
    }
}

/// The metadata of a transition to pending by which another worker is asked to go on.
const HANDOVER: &str = r#"{"tasker_core": {"handover": true}}"#;

/// As in a single transition: nobody loses so many races but by design.
const MAX_LOST_RACES: u32 = 16;

/// One run of a task: a coroutine that asks for rows and for steps to be executed. See the [module](super).
///
/// ```
/// use tasker_core::ids::TaskId;
/// use tasker_core::run::{Options, Outcome, Reply, Request, StartRefusal, WorkflowRun};
/// use tasker_core::session::{Rows, Value};
/// use tasker_core::time::Timestamp;
///
/// let now = Timestamp(1_750_000_000_000_000);
/// let mut run = WorkflowRun::start(TaskId(7), Options::default());
/// let Request::Query(start) = run.next(Reply::Continue, now)? else { unreachable!("a run begins with a statement") };
/// assert_eq!((start.name, &start.binds[0]), ("start task", &Value::Int(7)));
///
/// // No row: the task was not started. The run asks why.
/// let Request::Query(state) = run.next(Reply::Rows(Rows::default()), now)? else { unreachable!() };
/// assert_eq!(state.name, "state of a task");
/// let complete = Rows::from(vec![vec![Value::Bool(true), Value::text("complete"), Value::Int(3)]]);
/// let end = run.next(Reply::Rows(complete), now)?;
/// assert_eq!(end, Request::Done(Outcome::Refused(StartRefusal::AlreadyComplete)));
/// # Ok::<(), tasker_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct WorkflowRun {
    task: TaskId,
    pub(super) options: Options,
    pub(super) stage: Stage,
    /// Events that precede `held`.
    events: VecDeque<Event>,
    held: Option<Request>,
    pub(super) claim: Option<TransitionId>,
    /// `None` before the start, and for a task of which a step waits for another task's step.
    pub(super) tracked: Option<TrackedTask>,
    /// The steps that this run may execute; `None` for all.
    pub(super) own: Option<BTreeSet<StepId>>,
    /// Ready steps of the last look that were not claimed yet.
    wave: Vec<StepId>,
    /// Whether the last look waited for locks.
    waited: bool,
}

impl WorkflowRun {
    /// A run of `task`, which has to be pending. Nothing happens before the first [`next`](Self::next).
    pub fn start(task: TaskId, options: Options) -> Self {
        WorkflowRun {
            task,
            options,
            stage: Stage::New,
            events: VecDeque::new(),
            held: None,
            claim: None,
            tracked: None,
            own: None,
            wave: Vec::new(),
            waited: false,
        }
    }

    /// The task.
    pub fn task(&self) -> TaskId {
        self.task
    }

    /// The token of the run's claim of its task; `None` before the start.
    pub fn claim(&self) -> Option<TransitionId> {
        self.claim
    }

    /// Takes the reply to the last request and makes the next one. `now` is the instant that statements record.
    ///
    /// # Errors
    ///
    /// [`Error::Decode`] for rows that do not fit, [`Error::OutOfTurn`] for a reply to another request, [`Error::Contended`] after losing
    /// sixteen races for the start. The run is over after an error.
    ///
    /// # Complexity
    ///
    /// O(steps + edges) at the start and where no step was claimed, O(claimed steps + children of the ended ones) in between.
    pub fn next(&mut self, reply: Reply, now: Timestamp) -> Result<Request, Error> {
        let request = match (self.held.take(), reply) {
            (Some(request), Reply::Continue) => request,
            (Some(_), reply) => {
                self.stage = Stage::Over;
                return Err(out_of_turn("Reply::Continue", &reply));
            }
            (None, reply) => self.advance(reply, now)?,
        };
        match self.events.pop_front() {
            None => Ok(request),
            Some(event) => {
                self.held = Some(request);
                Ok(Request::Publish(event))
            }
        }
    }

    fn advance(&mut self, reply: Reply, now: Timestamp) -> Result<Request, Error> {
        match (std::mem::replace(&mut self.stage, Stage::Over), reply) {
            (Stage::New, Reply::Continue) => Ok(self.ask_to_start(0, now)),
            (Stage::Resumed, Reply::Continue) => Ok(self.look(now)),
            (Stage::Starting { lost_races }, Reply::Rows(rows)) => self.started(&rows, lost_races, now),
            (Stage::Refused { lost_races }, Reply::Rows(rows)) => self.refused(&rows, lost_races, now),
            (Stage::Looking, Reply::Rows(rows)) => self.looked(&rows, now),
            (Stage::Executing(steps), Reply::Ended(ends)) => self.ended(&steps, ends, now),
            (Stage::Assessing, Reply::Rows(rows)) => self.assessed(&rows, now),
            (Stage::Completing, Reply::Rows(rows)) => Ok(self.left(Outcome::Complete, &rows)),
            (Stage::Leaving(outcome), Reply::Rows(rows)) => Ok(self.left(outcome, &rows)),
            (Stage::Confirming { claim }, Reply::Rows(rows)) => self.confirmed(claim, &rows, now),
            (stage, reply) => Err(out_of_turn(stage.expected(), &reply)),
        }
    }

    fn ask_to_start(&mut self, lost_races: u32, now: Timestamp) -> Request {
        let metadata = Value::text(&*self.options.claim_metadata);
        self.query(Stage::Starting { lost_races }, sql::run::start(self.task_id(), metadata, instant(now)))
    }

    fn started(&mut self, rows: &Rows, lost_races: u32, now: Timestamp) -> Result<Request, Error> {
        let Some(row) = rows.first("start task") else {
            return Ok(self.query(Stage::Refused { lost_races }, sql::run::task_state(self.task_id())));
        };
        self.accept(StartedTask::decode(row, 0, self.task)?);
        Ok(self.look(now))
    }

    fn refused(&mut self, rows: &Rows, lost_races: u32, now: Timestamp) -> Result<Request, Error> {
        let refusal = match TaskRow::first(rows)? {
            None => StartRefusal::UnknownTask,
            Some(TaskRow { complete: true, .. }) => StartRefusal::AlreadyComplete,
            Some(TaskRow { state: State::Pending, .. }) if lost_races + 1 < MAX_LOST_RACES => {
                return Ok(self.ask_to_start(lost_races + 1, now));
            }
            Some(TaskRow { state: State::Pending, .. }) => {
                return Err(Error::Contended {
                    owner: format!("task {}", self.task),
                    to: State::InProgress.to_string(),
                    attempts: MAX_LOST_RACES,
                });
            }
            Some(TaskRow { state, .. }) => StartRefusal::NotPending(state),
        };
        Ok(Request::Done(Outcome::Refused(refusal)))
    }

    /// Claims the next slice: out of the wave while there is one, otherwise of all steps that are ready.
    fn look(&mut self, now: Timestamp) -> Request {
        if self.options.stop.is_set() {
            return self.assess();
        }
        let among = match (&self.wave[..], &self.own) {
            ([], None) => Value::Null,
            ([], Some(own)) => Value::int_array(own.iter().map(|step| step.0)),
            (wave, _) => Value::int_array(wave.iter().map(|step| step.0)),
        };
        let given = sql::run::LookAndClaim {
            task: self.task_id(),
            slots: Value::Int(self.options.slots.get().into()),
            among,
            metadata: Value::text(&*self.options.claim_metadata),
            at: instant(now),
            task_claim: self.claim.map_or(Value::Null, |claim| Value::Int(claim.0)),
        };
        self.query(Stage::Looking, sql::run::look_and_claim(self.waited, given))
    }

    fn looked(&mut self, rows: &Rows, now: Timestamp) -> Result<Request, Error> {
        let within_wave = !self.wave.is_empty();
        let (claimed, ready) = self.claimed(rows)?;
        if claimed.is_empty() {
            self.wave.clear();
            if within_wave {
                return Ok(self.look(now));
            }
            return Ok(self.assess());
        }
        if !within_wave {
            self.wave = ready;
            let wave = &self.wave;
            if self.options.listens_to(EventKind::StepsDiscovered) {
                self.events.push_back(Event::StepsDiscovered(wave.clone()));
            }
        }
        self.wave.retain(|step| claimed.iter().all(|execution| execution.step != *step));
        self.waited = false;
        Ok(self.execute(claimed))
    }

    /// The steps that were claimed, and all that were ready.
    fn claimed(&self, rows: &Rows) -> Result<(Vec<StepExecution>, Vec<StepId>), Error> {
        let (mut claimed, mut ready) = (Vec::new(), Vec::new());
        for row in rows.iter("look and claim") {
            if State::from(row.text(0)?) != State::InProgress {
                continue;
            }
            claimed.push(self.execution(row)?);
            ready = row.int_array(2)?.into_iter().map(StepId).collect();
        }
        claimed.sort_unstable_by_key(|execution| execution.step);
        Ok((claimed, ready))
    }

    fn execution(&self, row: Row<'_>) -> Result<StepExecution, Error> {
        let claim = self.claim.ok_or_else(|| out_of_turn("a claim of the task", &Reply::Continue))?;
        StepExecution::decode(row, 1, self.task, claim, &self.options.claim_metadata)
    }

    fn execute(&mut self, mut steps: Vec<StepExecution>) -> Request {
        if let [step] = &mut steps[..] {
            step.successor = self.successor(step.step);
        }
        self.stage = Stage::Executing(steps.iter().map(|execution| execution.step).collect());
        Request::Execute(steps)
    }

    /// The step that may be claimed with the end of `step`: the whole next wave.
    fn successor(&self, step: StepId) -> Option<StepId> {
        if !self.wave.is_empty() || self.options.listens_between_steps() || self.options.stop.is_set() {
            return None;
        }
        self.tracked.as_ref()?.only_successor(step).filter(|next| self.is_own(*next))
    }

    fn ended(&mut self, steps: &[StepId], ends: Vec<StepEnd>, now: Timestamp) -> Result<Request, Error> {
        let mut reported: Vec<StepId> = ends.iter().map(|end| end.step).collect();
        reported.sort_unstable();
        if reported != steps {
            let expected = Stage::Executing(Vec::new()).expected();
            return Err(Error::OutOfTurn { expected, got: "ends of other steps" });
        }
        let mut next = Vec::new();
        for StepEnd { step, ended } in ends {
            match ended {
                StepEnded::Complete { successor } => {
                    if let Some(tracked) = &mut self.tracked {
                        tracked.complete(step);
                    }
                    self.publish(EventKind::StepCompleted, || Event::StepCompleted(step));
                    next.extend(successor.map(|execution| *execution));
                }
                StepEnded::Failed => self.publish(EventKind::StepFailed, || Event::StepFailed(step)),
                StepEnded::ClaimLost | StepEnded::Abandoned => {}
            }
        }
        if !next.is_empty() {
            return Ok(self.execute(next));
        }
        if self.wave.is_empty() && self.tracked.as_ref().is_some_and(TrackedTask::is_done) {
            self.publish(EventKind::NoStepsReady, || Event::NoStepsReady);
            return Ok(self.complete(now));
        }
        Ok(self.look(now))
    }

    fn complete(&mut self, now: Timestamp) -> Request {
        let claim = self.claim.map_or(Value::Null, |claim| Value::Int(claim.0));
        self.query(Stage::Completing, sql::execution::finish_task(self.task_id(), instant(now), claim))
    }

    /// Reads the whole task, since no step was claimed.
    fn assess(&mut self) -> Request {
        let tasks = Value::int_array([self.task.0]);
        self.query(Stage::Assessing, sql::facts::tasks_with_steps("task execution context", tasks))
    }

    fn assessed(&mut self, rows: &Rows, now: Timestamp) -> Result<Request, Error> {
        let Some(row) = rows.first("task execution context") else {
            return Ok(Request::Done(Outcome::Lost));
        };
        let steps = snapshot::steps(row)?;
        let Some(task) = snapshot::tasks(row)?.into_iter().next() else {
            return Ok(Request::Done(Outcome::Lost));
        };
        let status = execution_context(&task, &readiness(&steps)).execution_status;
        let divided = self.divided(&steps);
        let (stopped, steps) = (self.options.stop.is_set(), &divided.own);
        if divided.has_own_ready() && !self.waited && !stopped {
            // Steps that were locked, or became ready since the look.
            self.waited = true;
            return Ok(self.look(now));
        }
        self.publish(EventKind::NoStepsReady, || Event::NoStepsReady);
        let pending = |pause, come_back| Outcome::Pending { pause, come_back };
        Ok(match status {
            ExecutionStatus::AllComplete => self.complete(now),
            ExecutionStatus::BlockedByFailures => self.leave(State::Error, Outcome::Blocked, now),
            _ if divided.hands_over() => {
                self.leave(State::Pending, pending(Pause::OtherSteps, next_wait(steps)), now)
            }
            _ if stopped => self.leave(State::Pending, pending(Pause::Stopped, next_wait(steps)), now),
            ExecutionStatus::HasReadySteps => {
                let outcome = pending(Pause::Stalled, Some(self.options.stall_delay));
                self.leave(State::Pending, outcome, now)
            }
            ExecutionStatus::Processing => {
                let wait = next_wait(steps).unwrap_or(self.options.processing_delay);
                let outcome = pending(Pause::Processing, Some(wait.min(self.options.processing_delay)));
                self.leave(State::Pending, outcome, now)
            }
            ExecutionStatus::WaitingForDependencies => {
                self.leave(State::Pending, pending(Pause::Waiting, next_wait(steps)), now)
            }
        })
    }

    /// Moves the task to where it waits for somebody.
    fn leave(&mut self, to: State, outcome: Outcome, now: Timestamp) -> Request {
        let write = sql::transition::Write {
            id: self.task_id(),
            to: Value::text(to.as_str()),
            from: Value::text_array([State::InProgress.as_str()]),
            metadata: Value::text(match outcome {
                Outcome::Pending { pause: Pause::OtherSteps, .. } => HANDOVER,
                _ => "{}",
            }),
            at: instant(now),
            guarded: Value::Bool(false),
            parents: Value::Null,
            claim: self.claim.map_or(Value::Null, |claim| Value::Int(claim.0)),
            task_claim: Value::Null,
        };
        self.query(Stage::Leaving(outcome), sql::transition::write(Owner::Task, write))
    }

    fn left(&mut self, outcome: Outcome, rows: &Rows) -> Request {
        let Some(claim) = self.claim.filter(|_| rows.is_empty()) else {
            match outcome {
                Outcome::Complete => self.publish(EventKind::TaskCompleted, || Event::TaskCompleted),
                Outcome::Blocked => self.publish(EventKind::TaskFailed, || Event::TaskFailed),
                Outcome::Pending { .. } => self.publish(EventKind::TaskPending, || Event::TaskPending),
                Outcome::Refused(_) | Outcome::Lost => {}
            }
            return Request::Done(outcome);
        };
        self.query(Stage::Confirming { claim }, sql::run::task_state(self.task_id()))
    }

    /// A task that is still this run's was not complete: a step was added, or is no longer done.
    fn confirmed(&mut self, claim: TransitionId, rows: &Rows, now: Timestamp) -> Result<Request, Error> {
        let ours = TaskRow::first(rows)?.is_some_and(|task| task.transition == Some(claim));
        if !ours {
            return Ok(Request::Done(Outcome::Lost));
        }
        self.tracked = None;
        Ok(self.look(now))
    }

    fn query(&mut self, stage: Stage, query: Query) -> Request {
        self.stage = stage;
        Request::Query(query)
    }

    pub(super) fn publish(&mut self, kind: EventKind, event: impl FnOnce() -> Event) {
        if self.options.listens_to(kind) {
            self.events.push_back(event());
        }
    }

    fn task_id(&self) -> Value {
        Value::Int(self.task.0)
    }
}

/// The columns of [`sql::run::task_state`].
struct TaskRow {
    complete: bool,
    state: State,
    transition: Option<TransitionId>,
}

impl TaskRow {
    fn first(rows: &Rows) -> Result<Option<Self>, Error> {
        let decode = |row: Row<'_>| {
            let state = row.optional_text(1)?.map(State::from);
            Ok(TaskRow {
                complete: row.bool(0)?,
                state: Machine::of(Owner::Task).current(state),
                transition: row.optional_int(2)?.map(TransitionId),
            })
        };
        rows.first("state of a task").map(decode).transpose()
    }
}

fn instant(now: Timestamp) -> Value {
    Value::text(now.to_sql())
}

fn out_of_turn(expected: &'static str, got: &Reply) -> Error {
    Error::OutOfTurn { expected, got: got.describe() }
}
