//! Running a step: before its handler and after it.

use super::transition::Recorded;
use crate::error::Error;
use crate::ids::{StepId, TransitionId};
use crate::machine::{Machine, Owner};
use crate::session::{Session, Value};
use crate::sql::execution as sql;
use crate::state::State;
use crate::time::Timestamp;

/// A step about to be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prospect {
    /// The state it is in.
    pub state: State,
    /// The steps it waited for, in the order of their edges; one that two edges come from stands here twice.
    pub parents: Vec<StepId>,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The handler succeeded at this instant.
    Complete(Timestamp),
    /// The handler failed.
    Error,
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
    /// JSON text, kept as it is.
    pub results: Option<Box<str>>,
    /// The instant to record.
    pub at: Timestamp,
}

/// The state and the parents of a step, or `None` if it is unknown. One statement.
pub async fn prospect<S: Session>(session: &mut S, step: StepId) -> Result<Option<Prospect>, Error> {
    let query = sql::prospect(Value::Int(step.0));
    let name = query.name;
    let rows = session.rows(query).await?;
    let Some(row) = rows.first(name) else {
        return Ok(None);
    };
    let recorded = row.optional_text(0)?.map(State::from);
    Ok(Some(Prospect {
        state: Machine::of(Owner::Step).current(recorded),
        parents: row.int_array(1)?.into_iter().map(StepId).collect(),
    }))
}

/// Writes the end of an attempt: the step's row and its transition to complete or error, together. One statement.
///
/// `None`, and nothing is written, if the step is not in progress, or if the engine's validations would refuse it.
pub async fn finish<S: Session>(session: &mut S, attempt: &Attempt) -> Result<Option<Recorded>, Error> {
    let (to, processed_at) = match attempt.ending {
        Ending::Complete(at) => (State::Complete, Value::text(at.to_string())),
        Ending::Error => (State::Error, Value::Null),
    };
    let query = sql::finish(sql::Finish {
        id: Value::Int(attempt.step.0),
        to: Value::text(to.as_str()),
        processed: Value::Bool(to == State::Complete),
        processed_at,
        attempts: Value::Int(attempt.attempts.into()),
        last_attempted_at: Value::text(attempt.last_attempted_at.to_string()),
        results: attempt.results.clone().map_or(Value::Null, Value::Text),
        at: Value::text(attempt.at.to_string()),
    });
    let name = query.name;
    let rows = session.rows(query).await?;
    let Some(row) = rows.first(name) else {
        return Ok(None);
    };
    Ok(Some(Recorded { id: TransitionId(row.int(0)?), sort_key: row.int(1)?, from: State::InProgress }))
}
