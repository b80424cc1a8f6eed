//! Running a step: what is left after its handler.

use super::ask;
use super::transition::{Recorded, claim_id};
use crate::error::Error;
use crate::ids::{StepId, TaskId, TransitionId};
use crate::session::{Row, Session, Value};
use crate::sql::execution as sql;
use crate::state::State;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The handler succeeded.
    Complete,
    /// The handler failed.
    Error,
}

impl Ending {
    /// The state that the step is in then.
    pub fn state(self) -> State {
        match self {
            Ending::Complete => State::Complete,
            Ending::Error => State::Error,
        }
    }
}

/// The end of one attempt of a step in progress, with what is to be kept of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The step.
    pub step: StepId,
    /// How it ended.
    pub ending: Ending,
    /// Attempts made, this one included.
    pub attempts: i32,
    /// When this one ended.
    pub last_attempted_at: Timestamp,
    /// What else changes in the step's row.
    pub changes: Changes,
    /// The steps of its task up to this one are known to have names of their own ([`Established::distinct_to`]), so that [`finish`] looks at
    /// later ones only. `None` where nothing is known: it looks at all of them then, O(steps).
    ///
    /// [`Established::distinct_to`]: super::sequence::Established::distinct_to
    pub distinct_to: Option<StepId>,
    /// The claim that ends: the transition with which the attempt began. `None` ends whichever there is.
    pub claim: Option<TransitionId>,
    /// The instant to record.
    pub at: Timestamp,
}

/// Changes to the row of a step; what is `None` stays as others may have left it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Whether a handler has ended well.
    pub processed: Option<bool>,
    /// Whether a worker claims the step.
    pub in_process: Option<bool>,
    /// When a handler ended well.
    pub processed_at: Option<Timestamp>,
    /// Its results as JSON text, kept as it is; `Some(None)` makes them null.
    pub results: Option<Option<Box<str>>>,
}

/// Writes the end of an attempt: the step's row and its transition to complete or error, together. One statement. Where the names of the
/// task's steps are known to differ it looks at none of them, if PostgreSQL takes one of the indexes of task and step, as it does where tasks
/// are large; O(steps) otherwise.
///
/// `None`, and nothing is written, if the step is not in progress by this claim, or if another step of its task bears the same name, which the engine's
/// validations refuse.
///
/// # Errors
///
/// Those of the session; results that are no JSON are the database's to refuse.
///
/// ```
/// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
/// # doctest::in_transaction(async |tx| {
/// # use tasker_core::factories::{Pattern, workflow};
/// # let made = workflow(Pattern::Diamond).create(&mut *tx).await.unwrap();
/// # let task = made.task;
/// use tasker_core::operations::execution::{Attempt, Changes, Ending, finish, finish_task};
/// use tasker_core::operations::batch_transitions::{StepTransition, transition_steps};
/// use tasker_core::state::State;
/// use tasker_core::time::Timestamp;
///
/// let (step, at) = (made.steps[0], Timestamp(1_750_000_000_000_000));
/// let begun = transition_steps(&mut *tx, &[StepTransition::begin(step)], at).await?.remove(0).expect("a step that may begin");
/// let attempt = Attempt {
///     step,
///     ending: Ending::Complete,
///     attempts: 1,
///     last_attempted_at: at,
///     changes: Changes { processed: Some(true), processed_at: Some(at), ..Changes::default() },
///     claim: Some(begun.id),
///     distinct_to: None,
///     at,
/// };
/// assert_eq!(attempt.ending.state(), State::Complete);
/// assert!(finish(&mut *tx, &attempt).await?.is_some());
/// // It is not in progress any more.
/// assert_eq!(finish(&mut *tx, &attempt).await?, None);
/// // Its task has other steps to do.
/// assert_eq!(finish_task(&mut *tx, task, None, at).await?, None);
/// # Ok(()) });
/// ```
pub async fn finish<S: Session>(session: &mut S, attempt: &Attempt) -> Result<Option<Recorded>, Error> {
    let Changes { processed, in_process, processed_at, results } = &attempt.changes;
    let query = sql::finish(sql::Finish {
        id: Value::Int(attempt.step.0),
        to: Value::text(attempt.ending.state().as_str()),
        processed: processed.map_or(Value::Null, Value::Bool),
        in_process: in_process.map_or(Value::Null, Value::Bool),
        processed_at: processed_at.map_or(Value::Null, |at| Value::text(at.to_sql())),
        attempts: Value::Int(attempt.attempts.into()),
        last_attempted_at: Value::text(attempt.last_attempted_at.to_sql()),
        changes_results: Value::Bool(results.is_some()),
        results: results.clone().flatten().map_or(Value::Null, Value::Text),
        at: Value::text(attempt.at.to_sql()),
        distinct_to: attempt.distinct_to.map_or(Value::Null, |step| Value::Int(step.0)),
        claim: claim_id(attempt.claim),
    });
    ask(session, query, ended).await
}

/// Closes a task all of whose steps are done: marks it complete and records its transition, in one statement.
///
/// `None`, and nothing is written, unless the task is in progress by `claim` (by any, where that is `None`) and every step is complete or
/// resolved manually.
///
/// # Errors
///
/// Those of the session.
pub async fn finish_task<S: Session>(
    session: &mut S,
    task: TaskId,
    claim: Option<TransitionId>,
    at: Timestamp,
) -> Result<Option<Recorded>, Error> {
    let query = sql::finish_task(Value::Int(task.0), Value::text(at.to_sql()), claim_id(claim));
    ask(session, query, ended).await
}

fn ended(row: Row<'_>) -> Result<Recorded, Error> {
    Ok(Recorded { id: TransitionId(row.int(0)?), sort_key: row.int(1)?, from: State::InProgress })
}
