//! State transitions.
//!
//! The owner's row is locked, the recorded state compared with the expected ones, the flag taken from the last transition and
//! the next one inserted: one statement, so that it holds alone as well as inside a transaction.
//!
//! One statement sees one snapshot. A transition that commits while ours waits for the lock makes ours find nothing, though
//! it may still be legal from the new state. "Nothing found" is therefore never the answer: the operation asks where the
//! owner stands now, and either says why the transition is refused or tries again.

use super::{ask, chosen_steps};
use crate::error::Error;
use crate::ids::{StepId, TransitionId};
use crate::machine::{Guard, Machine, Owner};
use crate::session::{Row, Session, Value};
use crate::sql::transition as sql;
use crate::state::State;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Each lost race means that another transition of the same owner was committed meanwhile, and machines are short; no caller
/// loses this often but by design.
pub(super) const MAX_LOST_RACES: u32 = 16;

/// Whose transition: a task or a step, with its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Subject {
    /// Task or step.
    pub owner: Owner,
    /// `task_id` or `workflow_step_id`.
    pub id: i64,
}

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.owner {
            Owner::Task => write!(f, "task {}", self.id),
            Owner::Step => write!(f, "step {}", self.id),
        }
    }
}

/// A requested transition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Who is to move.
    pub subject: Subject,
    /// Whereto.
    pub to: State,
    /// The only state it may come from, or any that the machine allows.
    pub from: Option<State>,
    /// A JSON object, kept as it is.
    pub metadata: Box<str>,
    /// The instant to record.
    pub at: Timestamp,
    /// The parents of a step where the caller already knows them; otherwise the edges tell.
    pub parents: Option<Vec<StepId>>,
    /// The claims on whose behalf it moves.
    pub claims: Claims,
}

/// The claims that a worker has. A claim is the transition to in progress that the worker wrote; its id distinguishes it from the claims of other
/// workers, before and after. A transition is refused where a claim that is given has been lost; `None` compares states only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Claims {
    /// The claim of the task or step that moves. A step moves from this claim only. A task moves unless it is in progress by another.
    pub own: Option<TransitionId>,
    /// The claim of the task to which the step belongs. The step moves unless the task is in progress by another.
    pub task: Option<TransitionId>,
}

/// A claim as a parameter.
pub(super) fn claim_id(claim: Option<TransitionId>) -> Value {
    claim.map_or(Value::Null, |claim| Value::Int(claim.0))
}

/// A transition that was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Recorded {
    /// Its row.
    pub id: TransitionId,
    /// Its place in the history.
    pub sort_key: i64,
    /// Where the owner came from.
    pub from: State,
}

/// Why a transition is not possible.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Refusal {
    /// The machine does not lead from where the owner is to where it should go.
    #[error("no transition leads there from '{from}'")]
    NoSuchTransition {
        /// The state the owner is in.
        from: State,
    },
    /// The machine allows it, the guard does not.
    #[error("the guard {guard:?} does not let it from '{from}'")]
    GuardFailed {
        /// The state the owner is in.
        from: State,
        /// The guard.
        guard: Guard,
    },
    /// The caller's claim of the task or step is over.
    #[error("the claim on whose behalf it moves has been lost; it is '{from}' since")]
    ClaimLost {
        /// The state the owner is in.
        from: State,
    },
    /// Another worker has claimed the task to which the step belongs.
    #[error("the task has been claimed by another worker")]
    TaskClaimLost {
        /// The state the step is in.
        from: State,
    },
    /// There is no such owner.
    #[error("there is no such task or step")]
    UnknownSubject,
}

/// What became of a request.
pub type Outcome = Result<Recorded, Refusal>;

/// The state that a task or step is in. One statement.
///
/// # Errors
///
/// Those of the session, and [`Error::Decode`] for an answer that does not fit.
pub async fn current_state<S: Session>(session: &mut S, subject: Subject) -> Result<State, Error> {
    let query = sql::current_state(subject.owner, Value::Int(subject.id));
    let recorded = ask(session, query, |row| row.text(0).map(State::from)).await?;
    Ok(Machine::of(subject.owner).current(recorded))
}

/// Would the transition to `to` be possible now, and from which state? One statement.
///
/// # Errors
///
/// Those of the session, and [`Error::Decode`] for an answer that does not fit.
pub async fn check<S: Session>(
    session: &mut S,
    subject: Subject,
    to: &State,
    parents: Option<&[StepId]>,
    claims: Claims,
) -> Result<Result<State, Refusal>, Error> {
    let machine = Machine::of(subject.owner);
    let guard = machine.guard(to);
    let Some(standing) = standing(session, subject, guard.is_some(), parents).await? else {
        return Ok(Err(Refusal::UnknownSubject));
    };
    Ok(standing.permits(machine, to, claims))
}

/// The state that a task or step is in and the states it may go to now, in the machine's order; `None` if it is unknown. One
/// statement.
///
/// # Errors
///
/// Those of the session, and [`Error::Decode`] for an answer that does not fit.
pub async fn allowed_transitions<S: Session>(
    session: &mut S,
    subject: Subject,
    parents: Option<&[StepId]>,
) -> Result<Option<(State, Vec<State>)>, Error> {
    let machine = Machine::of(subject.owner);
    let Some(standing) = standing(session, subject, true, parents).await? else {
        return Ok(None);
    };
    let allowed = machine.successors(&standing.state).iter();
    let permitted = |to: &&State| standing.permits(machine, to, Claims::default()).is_ok();
    let allowed = allowed.filter(permitted).cloned().collect();
    Ok(Some((standing.state, allowed)))
}

/// Moves a task or step, or says why not. One statement if nothing stands against it, two if something does.
///
/// # Errors
///
/// [`Error::Contended`] after losing a race sixteen times over.
///
/// ```
/// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
/// # doctest::in_transaction(async |tx| {
/// # use tasker_core::factories::{Pattern, workflow};
/// # let made = workflow(Pattern::Diamond).create(&mut *tx).await.unwrap();
/// # let task = made.task;
/// use tasker_core::machine::Owner;
/// use tasker_core::operations::transition::{Claims, Outcome, Recorded, Refusal, Request, Subject};
/// use tasker_core::operations::transition::{allowed_transitions, check, current_state, transition};
/// use tasker_core::state::State;
/// use tasker_core::time::Timestamp;
///
/// let subject = Subject { owner: Owner::Step, id: made.steps[0].0 };
/// assert_eq!(current_state(&mut *tx, subject).await?, State::Pending);
/// let (_, allowed) = allowed_transitions(&mut *tx, subject, None).await?.expect("a step that exists");
/// assert!(allowed.contains(&State::InProgress));
/// let from = check(&mut *tx, subject, &State::Complete, None, Claims::default()).await?;
/// assert_eq!(from, Err(Refusal::NoSuchTransition { from: State::Pending }));
///
/// let request = Request {
///     subject,
///     to: State::InProgress,
///     from: None,
///     metadata: "{}".into(),
///     at: Timestamp(1_750_000_000_000_000),
///     parents: None,
///     claims: Claims::default(),
/// };
/// let outcome: Outcome = transition(&mut *tx, &request).await?;
/// let recorded: Recorded = outcome.expect("a step that may begin");
/// assert_eq!((recorded.sort_key, recorded.from), (10, State::Pending));
/// # Ok(()) });
/// ```
pub async fn transition<S: Session>(session: &mut S, request: &Request) -> Result<Outcome, Error> {
    let machine = Machine::of(request.subject.owner);
    let guarded = machine.guard(&request.to).is_some();
    for _ in 0..MAX_LOST_RACES {
        if let Some(recorded) = write(session, machine, request).await? {
            return Ok(Ok(recorded));
        }
        let standing = standing(session, request.subject, guarded, request.parents.as_deref()).await?;
        let Some(standing) = standing else {
            return Ok(Err(Refusal::UnknownSubject));
        };
        if let Err(refusal) = standing.permits(machine, &request.to, request.claims) {
            return Ok(Err(refusal));
        }
        if request.from.as_ref().is_some_and(|from| *from != standing.state) {
            return Ok(Err(Refusal::NoSuchTransition { from: standing.state }));
        }
    }
    Err(contended(request.subject, &request.to))
}

/// Sixteen races were lost.
pub(super) fn contended(subject: Subject, to: &State) -> Error {
    Error::Contended { owner: subject.to_string(), to: to.to_string(), attempts: MAX_LOST_RACES }
}

/// Where an owner stands.
pub(super) struct Standing {
    pub(super) state: State,
    pub(super) guard_holds: bool,
    /// The most recent transition.
    pub(super) transition: Option<TransitionId>,
    /// Of a step, the claim of its task.
    pub(super) task_claim: Option<TransitionId>,
}

impl Standing {
    /// The state from which it may move there.
    pub(super) fn permits(&self, machine: &Machine, to: &State, claims: Claims) -> Result<State, Refusal> {
        let from = self.state.clone();
        if !machine.leads(&from, to) {
            return Err(Refusal::NoSuchTransition { from });
        }
        match machine.guard(to) {
            Some(guard) if !self.guard_holds => Err(Refusal::GuardFailed { from, guard }),
            _ if self.has_lost(machine.owner, claims.own) => Err(Refusal::ClaimLost { from }),
            _ if differ(self.task_claim, claims.task) => Err(Refusal::TaskClaimLost { from }),
            _ => Ok(from),
        }
    }

    /// A task that is not in progress may be claimed anew by its own worker, a step never.
    fn has_lost(&self, owner: Owner, claim: Option<TransitionId>) -> bool {
        let comparable = owner == Owner::Step || self.state == State::InProgress;
        comparable && claim.is_some() && self.transition != claim
    }
}

fn differ(found: Option<TransitionId>, expected: Option<TransitionId>) -> bool {
    found.is_some() && expected.is_some() && found != expected
}

async fn standing<S: Session>(
    session: &mut S,
    subject: Subject,
    guarded: bool,
    parents: Option<&[StepId]>,
) -> Result<Option<Standing>, Error> {
    let query = sql::standing(subject.owner, Value::Int(subject.id), guarded, chosen_steps(parents));
    let standing = |row: Row<'_>| {
        let recorded = row.optional_text(0)?.map(State::from);
        let state = Machine::of(subject.owner).current(recorded);
        Ok(Standing {
            state,
            guard_holds: row.bool(1)?,
            transition: row.optional_int(2)?.map(TransitionId),
            task_claim: row.optional_int(3)?.map(TransitionId),
        })
    };
    ask(session, query, standing).await
}

async fn write<S: Session>(
    session: &mut S,
    machine: &Machine,
    request: &Request,
) -> Result<Option<Recorded>, Error> {
    let query = sql::write(
        request.subject.owner,
        sql::Write {
            id: Value::Int(request.subject.id),
            to: Value::text(request.to.as_str()),
            from: Value::text(expected_states(machine, &request.to, request.from.as_ref())),
            metadata: Value::Text(request.metadata.clone()),
            at: Value::text(request.at.to_sql()),
            guarded: Value::Bool(machine.guard(&request.to).is_some()),
            parents: chosen_steps(request.parents.as_deref()),
            claim: claim_id(request.claims.own),
            task_claim: claim_id(request.claims.task),
        },
    );
    let recorded = |row: Row<'_>| {
        Ok(Recorded {
            id: TransitionId(row.int(0)?),
            sort_key: row.int(1)?,
            from: machine.current(row.optional_text(2)?.map(State::from)),
        })
    };
    ask(session, query, recorded).await
}

/// The states, as an array, from which a move to `to` leads; only `from`, where that is given, if it does.
pub(super) fn expected_states(machine: &Machine, to: &State, from: Option<&State>) -> String {
    let states = machine.predecessors(to).filter(|state| from.is_none_or(|from| from == *state));
    let words: Vec<&str> = states.map(State::as_str).collect();
    format!("{{{}}}", words.join(","))
}
