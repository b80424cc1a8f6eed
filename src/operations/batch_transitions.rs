//! Moving many steps at once: the end of one wave and the beginning of the next, of one task or of many.
//!
//! What holds of a single [transition](super::transition) holds of each move: the owner's row is locked, its state compared, the guard
//! looked at, and "not made" is never the answer. A batch costs one commit and one round trip, whatever its size.

use super::ask;
use super::execution::{Attempt, Changes};
use super::transition::{
    Claims, MAX_LOST_RACES, Outcome, Recorded, Refusal, Standing, Subject, contended, expected_states,
};
use crate::error::Error;
use crate::ids::{StepId, TransitionId};
use crate::machine::{Machine, Owner};
use crate::session::{Row, Session, Value};
use crate::sql::batch_transitions as sql;
use crate::state::State;
use crate::time::Timestamp;
use std::collections::{HashMap, HashSet};

/// A requested transition of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepTransition {
    /// The step.
    pub step: StepId,
    /// Whereto.
    pub to: State,
    /// A JSON object, kept as it is.
    pub metadata: Box<str>,
    /// What is to be kept of the attempt that ends with it, if one does.
    pub attempt: Option<AttemptRecord>,
    /// The claims on whose behalf it moves: at the end of an attempt the one with which it began.
    pub claims: Claims,
}

/// What is kept of an attempt in the row of its step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptRecord {
    /// Attempts made, this one included.
    pub attempts: i32,
    /// When it ended.
    pub last_attempted_at: Timestamp,
    /// What else changes.
    pub changes: Changes,
}

impl StepTransition {
    fn subject(&self) -> Subject {
        Subject { owner: Owner::Step, id: self.step.0 }
    }

    /// The beginning of an attempt. The id of the transition that is recorded is the attempt's claim.
    pub fn begin(step: StepId) -> Self {
        StepTransition {
            step,
            to: State::InProgress,
            metadata: "{}".into(),
            attempt: None,
            claims: Claims::default(),
        }
    }

    /// The end of an attempt. (Its instant is the one of the whole batch.)
    pub fn end(attempt: &Attempt) -> Self {
        let Attempt { attempts, last_attempted_at, claim, ref changes, .. } = *attempt;
        let kept = AttemptRecord { attempts, last_attempted_at, changes: changes.clone() };
        StepTransition {
            step: attempt.step,
            to: attempt.ending.state(),
            metadata: "{}".into(),
            attempt: Some(kept),
            claims: Claims { own: claim, task: None },
        }
    }
}

/// Makes moves of many steps, of one task or of many, and says of each what became of it, in their order.
///
/// One statement if nothing stands against any of them; two more for each round of lost races. A step may begin in the same batch in which
/// its last parent ends, if the parent's end is its first move in the batch. If it cannot begin since another session is about to end
/// another parent, or was faster in moving this one, the answer is that its guard failed: who ends a step asks afterwards what may run
/// next, and one of the two will find it. Of several moves of one step the later ones come in a later statement.
///
/// Names of steps are not compared, unlike in [`finish`](super::execution::finish): the engine's models do that on saving, and no
/// model saves here.
///
/// # Errors
///
/// [`Error::Contended`] after a move has lost sixteen races; what was moved until then stays moved, unless the caller's transaction is
/// rolled back. Metadata and results that are no JSON are the database's to refuse.
///
/// # Complexity
///
/// O(moves + edges that end at the steps that are to begin), and O(moves · log) in indexes.
///
/// ```
/// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
/// # doctest::in_transaction(async |tx| {
/// # use tasker_core::factories::{Pattern, workflow};
/// # let made = workflow(Pattern::Diamond).create(&mut *tx).await.unwrap();
/// # let task = made.task;
/// use tasker_core::operations::execution::{Attempt, Changes, Ending};
/// use tasker_core::operations::batch_transitions::{AttemptRecord, StepTransition, transition_steps};
/// use tasker_core::operations::transition::Claims;
/// use tasker_core::state::State;
/// use tasker_core::time::Timestamp;
///
/// let (step, at) = (made.steps[0], Timestamp(1_750_000_000_000_000));
/// let begun = transition_steps(&mut *tx, &[StepTransition::begin(step)], at).await?.remove(0).expect("a step that may begin");
/// let failed = Attempt {
///     step,
///     ending: Ending::Error,
///     attempts: 1,
///     last_attempted_at: at,
///     changes: Changes::default(),
///     claim: Some(begun.id),
///     distinct_to: None,
///     at,
/// };
/// let end = StepTransition::end(&failed);
/// let kept: &AttemptRecord = end.attempt.as_ref().expect("an end keeps its attempt");
/// assert_eq!((kept.attempts, &end.to, end.claims), (1, &State::Error, Claims { own: Some(begun.id), task: None }));
/// let ended = transition_steps(&mut *tx, &[end], at).await?.remove(0).expect("a step in progress");
/// assert_eq!(ended.from, State::InProgress);
/// # Ok(()) });
/// ```
pub async fn transition_steps<S: Session>(
    session: &mut S,
    moves: &[StepTransition],
    at: Timestamp,
) -> Result<Vec<Outcome>, Error> {
    let mut outcomes: Vec<Option<Outcome>> = vec![None; moves.len()];
    let mut lost = vec![0u32; moves.len()];
    loop {
        let batch = next_batch(moves, &outcomes);
        if batch.is_empty() {
            return Ok(outcomes.into_iter().flatten().collect());
        }
        let made = make(session, moves, &batch, at).await?;
        let mut missing = Vec::new();
        for &index in &batch {
            match made.get(&moves[index].step) {
                Some(recorded) => outcomes[index] = Some(Ok(recorded.clone())),
                None => missing.push(index),
            }
        }
        if missing.is_empty() {
            continue;
        }
        let standings = standings(session, moves, &missing).await?;
        for index in missing {
            outcomes[index] = refusal(&moves[index], standings.get(&moves[index].step)).map(Err);
            lost[index] += 1;
            if outcomes[index].is_none() && lost[index] == MAX_LOST_RACES {
                return Err(contended(moves[index].subject(), &moves[index].to));
            }
        }
    }
}

/// The first move of each step that is not decided yet.
fn next_batch(moves: &[StepTransition], outcomes: &[Option<Outcome>]) -> Vec<usize> {
    let mut steps = HashSet::with_capacity(moves.len());
    (0..moves.len()).filter(|&index| outcomes[index].is_none() && steps.insert(moves[index].step)).collect()
}

async fn make<S: Session>(
    session: &mut S,
    moves: &[StepTransition],
    batch: &[usize],
    at: Timestamp,
) -> Result<HashMap<StepId, Recorded>, Error> {
    let query = sql::moves(encode(batch.iter().map(|&index| &moves[index]), at));
    Ok(ask(session, query, recorded).await?.unwrap_or_default())
}

fn encode<'a>(moves: impl Iterator<Item = &'a StepTransition> + Clone, at: Timestamp) -> sql::Moves {
    let machine = Machine::of(Owner::Step);
    let kept = moves.clone().map(|step| step.attempt.as_ref());
    let changes = kept.clone().map(|kept| kept.map(|kept| &kept.changes));
    let flags = |of: fn(&Changes) -> Option<bool>| {
        Value::bool_array(changes.clone().map(|changes| changes.and_then(of)))
    };
    let instant = |at: Timestamp| at.to_sql();
    let ids = |of: fn(&Claims) -> Option<TransitionId>| {
        Value::optional_text_array(moves.clone().map(|step| of(&step.claims).map(|claim| claim.to_string())))
    };
    sql::Moves {
        steps: Value::int_array(moves.clone().map(|step| step.step.0)),
        to: Value::text_array(moves.clone().map(|step| step.to.as_str())),
        from: Value::optional_text_array(
            moves.clone().map(|step| Some(expected_states(machine, &step.to, None))),
        ),
        guarded: Value::bool_array(moves.clone().map(|step| Some(machine.guard(&step.to).is_some()))),
        metadata: Value::text_array(moves.clone().map(|step| &*step.metadata)),
        processed: flags(|changes| changes.processed),
        in_process: flags(|changes| changes.in_process),
        processed_at: Value::optional_text_array(
            changes.clone().map(|changes| changes.and_then(|changes| changes.processed_at).map(instant)),
        ),
        attempts: Value::optional_text_array(
            kept.clone().map(|kept| kept.map(|kept| kept.attempts.to_string())),
        ),
        last_attempted_at: Value::optional_text_array(
            kept.clone().map(|kept| kept.map(|kept| instant(kept.last_attempted_at))),
        ),
        changes_results: flags(|changes| Some(changes.results.is_some())),
        results: Value::optional_text_array(
            changes.map(|changes| changes.and_then(|changes| changes.results.as_ref()?.as_deref())),
        ),
        at: Value::text(instant(at)),
        claims: ids(|claims| claims.own),
        task_claims: ids(|claims| claims.task),
    }
}

/// Reads the columns of [`sql::moves`].
fn recorded(row: Row<'_>) -> Result<HashMap<StepId, Recorded>, Error> {
    let machine = Machine::of(Owner::Step);
    let (moved, was) = (row.int_array(0)?, row.text_array(1)?);
    let (steps, ids, sort_keys) = (row.int_array(2)?, row.int_array(3)?, row.int_array(4)?);
    if moved.len() != was.len() || steps.len() != ids.len() || steps.len() != sort_keys.len() {
        return Err(row.unexpected(0, "two arrays of one length, then three of one length"));
    }
    let mut was: HashMap<i64, State> =
        moved.into_iter().zip(was).filter_map(|(step, was)| Some((step, State::from(was?)))).collect();
    let made = steps.into_iter().zip(ids).zip(sort_keys);
    Ok(made
        .map(|((step, id), sort_key)| {
            let from = machine.current(was.remove(&step));
            (StepId(step), Recorded { id: TransitionId(id), sort_key, from })
        })
        .collect())
}

/// Where the steps of these moves stand.
async fn standings<S: Session>(
    session: &mut S,
    moves: &[StepTransition],
    missing: &[usize],
) -> Result<HashMap<StepId, Standing>, Error> {
    let query = sql::standings(Value::int_array(missing.iter().map(|&index| moves[index].step.0)));
    Ok(ask(session, query, standing).await?.unwrap_or_default())
}

fn standing(row: Row<'_>) -> Result<HashMap<StepId, Standing>, Error> {
    let machine = Machine::of(Owner::Step);
    let (steps, states, free) = (row.int_array(0)?, row.text_array(1)?, row.bool_array(2)?);
    let (transitions, task_claims) = (row.optional_int_array(3)?, row.optional_int_array(4)?);
    if [states.len(), free.len(), transitions.len(), task_claims.len()]
        .iter()
        .any(|&length| length != steps.len())
    {
        return Err(row.unexpected(1, "arrays of one element a step"));
    }
    let rows = steps.into_iter().zip(states).zip(free).zip(transitions).zip(task_claims);
    Ok(rows
        .map(|((((step, state), guard_holds), transition), task_claim)| {
            let state = machine.current(state.map(State::from));
            let (transition, task_claim) = (transition.map(TransitionId), task_claim.map(TransitionId));
            (StepId(step), Standing { state, guard_holds, transition, task_claim })
        })
        .collect())
}

/// Why a move is not possible; `None` if it is.
fn refusal(wanted: &StepTransition, standing: Option<&Standing>) -> Option<Refusal> {
    match standing {
        None => Some(Refusal::UnknownSubject),
        Some(standing) => standing.permits(Machine::of(Owner::Step), &wanted.to, wanted.claims).err(),
    }
}
