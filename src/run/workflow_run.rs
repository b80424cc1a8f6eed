//! The coroutine of a run.

use super::event::{Event, EventKind};
use super::execution::{Claimant, Names};
use super::options::Options;
use super::outcome::Outcome;
use super::request::{Reply, Request};
use super::rows::TaskRow;
use super::stage::Stage;
use super::tracked::TrackedTask;
use crate::error::Error;
use crate::ids::{StepId, TaskId, TransitionId};
use crate::progress::ExecutionContext;
use crate::session::{Query, Value};
use crate::time::Timestamp;
use std::collections::{BTreeSet, VecDeque};
use std::num::NonZeroU32;
use std::sync::Arc;

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
/// assert_eq!((start.name, &start.binds[0]), ("start and claim", &Value::Int(7)));
///
/// // No row: no step could be claimed. The run tries to start the task without one.
/// let Request::Query(start) = run.next(Reply::Rows(Rows::default()), now)? else { unreachable!() };
/// assert_eq!(start.name, "start task");
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
    pub(super) task: TaskId,
    pub(super) options: Options,
    pub(super) stage: Stage,
    /// Events that precede `held`.
    pub(super) events: VecDeque<Event>,
    held: Option<Request>,
    pub(super) claim: Option<TransitionId>,
    /// `None` before the start, and for a task of which a step waits for another task's step.
    pub(super) tracked: Option<TrackedTask>,
    /// The steps that this run may execute; `None` for all.
    pub(super) own: Option<BTreeSet<StepId>>,
    /// Waves so far.
    pub(super) waves: usize,
    /// The steps that were ready in the last wave.
    pub(super) ready: Vec<ReadyStep>,
    /// Those of them that were not claimed or offered yet.
    pub(super) wave: VecDeque<ReadyStep>,
    /// Whether the last look waited for locks.
    pub(super) waited: bool,
    pub(super) task_version: Option<Arc<str>>,
    /// The task's record for the next offers.
    pub(super) new_task: Option<Arc<TaskRow>>,
    pub(super) context: Option<ExecutionContext>,
    names: Names,
    /// Steps that the last statement may claim.
    pub(super) claims_at_most: usize,
}

/// A step that may be executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadyStep {
    /// The step.
    pub step: StepId,
    /// The name of its definition; empty where the run does not read it, since the host wants no records.
    pub name: Box<str>,
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
            waves: 0,
            ready: Vec::new(),
            wave: VecDeque::new(),
            waited: false,
            task_version: None,
            new_task: None,
            context: None,
            names: Names::default(),
            claims_at_most: 0,
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

    /// How often steps were found ready so far: the rounds of the engine's loop, the last one aside. Steps that are handed out one slice after
    /// the other belong to one round.
    pub fn waves(&self) -> usize {
        self.waves
    }

    /// The steps that were found ready in this round, by id.
    pub fn ready(&self) -> &[ReadyStep] {
        &self.ready
    }

    /// How far the task had come when its steps were read as a whole, since none was ready any more. `None` before that, and where they need
    /// not be read since all are complete.
    pub fn context(&self) -> Option<&ExecutionContext> {
        self.context.as_ref()
    }

    /// The number of its steps; `None` before the start, and where the run does not follow the task's graph, since a step waits for a step of
    /// another task.
    pub fn steps(&self) -> Option<usize> {
        self.tracked.as_ref().map(TrackedTask::size)
    }

    /// Has the ends of steps that are claimed from now on compare names.
    pub fn compare_names(&mut self, names: Names) {
        self.names = names;
    }

    /// How many steps the statement that was asked for last may claim: for hosts that make room for them before. 0 where it claims none.
    ///
    /// A step that is claimed with the end of another takes the other's place and does not count.
    pub fn claims_at_most(&self) -> usize {
        self.claims_at_most
    }

    /// Whether the statement that was asked for last waits for locks of other sessions before it claims steps: for hosts that must not wait
    /// where nothing can interrupt them. False where it claims none.
    pub fn claims_wait(&self) -> bool {
        self.claims_at_most > 0 && self.waited
    }

    /// The statement that was asked for last anew, with no more claims than `slots`: for a host that has found room for fewer. What is not
    /// claimed now is claimed later.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfTurn`] where the last request is not a statement that may claim steps.
    pub fn limit_claims(&mut self, slots: NonZeroU32, now: Timestamp) -> Result<Request, Error> {
        let slots = usize::try_from(slots.get()).unwrap_or(usize::MAX).min(self.claims_at_most);
        match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::StartingToClaim => Ok(self.ask_to_start_and_claim(slots, now)),
            Stage::Looking(sight) if slots > 0 => self.look_for(sight, slots, now),
            stage => Err(Error::OutOfTurn { expected: stage.expected(), got: "a limit of claims" }),
        }
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
        self.claims_at_most = 0;
        match (std::mem::replace(&mut self.stage, Stage::Over), reply) {
            (Stage::New, Reply::Continue) => Ok(self.begin(now)),
            (Stage::Resumed, Reply::Continue) => self.look(now),
            (Stage::StartingToClaim, Reply::Rows(rows)) => self.started_to_claim(&rows, now),
            (Stage::Starting { lost_races }, Reply::Rows(rows)) => self.started(&rows, lost_races, now),
            (Stage::Refused { lost_races }, Reply::Rows(rows)) => self.refused(&rows, lost_races, now),
            (Stage::Looking(sight), Reply::Rows(rows)) => self.looked(sight, &rows, now),
            (Stage::Executing(steps), Reply::Ended(ends)) => self.ended(&steps, ends, now),
            (Stage::Counting, Reply::Rows(rows)) => self.counted(&rows, now),
            (Stage::Assessing, Reply::Rows(rows)) => self.assessed(&rows, now),
            (Stage::Completing, Reply::Rows(rows)) => Ok(self.left(Outcome::Complete, &rows)),
            (Stage::Leaving(outcome), Reply::Rows(rows)) => Ok(self.left(outcome, &rows)),
            (Stage::Confirming { claim }, Reply::Rows(rows)) => self.confirmed(claim, &rows, now),
            (stage, reply) => Err(out_of_turn(stage.expected(), &reply)),
        }
    }

    pub(super) fn query(&mut self, stage: Stage, query: Query) -> Request {
        self.stage = stage;
        Request::Query(query)
    }

    /// A statement that may claim so many steps.
    pub(super) fn query_that_claims(&mut self, stage: Stage, query: Query, steps: usize) -> Request {
        self.claims_at_most = steps;
        self.query(stage, query)
    }

    /// Hands steps out.
    pub(super) fn hand_out(&mut self, steps: Vec<StepId>, request: Request) -> Request {
        self.stage = Stage::Executing(steps);
        request
    }

    pub(super) fn publish(&mut self, kind: EventKind, event: impl FnOnce() -> Event) {
        if self.options.listens_to(kind) {
            self.events.push_back(event());
        }
    }

    /// On whose behalf steps are claimed.
    pub(super) fn claimant(&self) -> Result<Claimant, Error> {
        let claim = self.claim.ok_or_else(|| out_of_turn("a claim of the task", &Reply::Continue))?;
        Ok(Claimant {
            task: self.task,
            task_claim: claim,
            metadata: Arc::clone(&self.options.claim_metadata),
            records: self.options.records,
            retries: self.options.retries,
            names: self.names,
            task_version: self.task_version.clone(),
        })
    }

    pub(super) fn task_id(&self) -> Value {
        Value::Int(self.task.0)
    }

    /// The claim of the task, as a parameter.
    pub(super) fn task_claim(&self) -> Value {
        self.claim.map_or(Value::Null, |claim| Value::Int(claim.0))
    }
}

pub(super) fn instant(now: Timestamp) -> Value {
    Value::text(now.to_sql())
}

pub(super) fn out_of_turn(expected: &'static str, got: &Reply) -> Error {
    Error::OutOfTurn { expected, got: got.describe() }
}
