//! One attempt at a step: what it begins with, how it ends.

use crate::error::Error;
use crate::ids::{StepId, TaskId, TransitionId};
use crate::operations::execution::{Attempt, Changes, Ending};
use crate::operations::moves::{Move, move_steps};
use crate::operations::transition::Outcome as MoveOutcome;
use crate::session::{Row, Rows, Session, Value};
use crate::sql::run as sql;
use crate::state::State;
use crate::time::Timestamp;
use std::sync::Arc;

/// An attempt at a step that is claimed already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepExecution {
    /// Its task.
    pub task: TaskId,
    /// The step.
    pub step: StepId,
    /// The name of its definition.
    pub name: Box<str>,
    /// The inputs that it was created with, as JSON text.
    pub inputs: Option<Box<str>>,
    /// The results of earlier attempts, as JSON text.
    pub results: Option<Box<str>>,
    /// Attempts before this one.
    pub attempts: i32,
    /// Attempts allowed.
    pub retry_limit: i32,
    /// The token of the claim.
    pub claim: TransitionId,
    /// The step to claim with the end of this one. A host that no longer waits for the step withdraws the permission by `None`.
    pub successor: Option<StepId>,
    /// The run's claim of the task.
    pub(super) task_claim: TransitionId,
    pub(super) claim_metadata: Arc<str>,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepResult {
    /// The handler succeeded.
    Complete {
        /// The results to keep, as JSON text; `None` leaves those of the row.
        results: Option<Box<str>>,
    },
    /// The handler failed.
    Failed(StepFailure),
}

/// The failure of an attempt, kept in the step's results under the engine's keys `error`, `error_class` and `backtrace`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepFailure {
    /// The message.
    pub error: String,
    /// The kind of error.
    pub error_class: String,
    /// Where it came from; empty where that is unknown.
    pub backtrace: String,
    /// Whether no other attempt may be made.
    pub is_permanent: bool,
    /// The wait in seconds that the handler asks for. The step waits for the longer of this and the one after its failure.
    pub backoff_seconds: Option<u16>,
}

impl StepFailure {
    /// A failure that may be retried.
    pub fn new(error: impl ToString) -> Self {
        StepFailure {
            error: error.to_string(),
            error_class: "StepFailure".to_owned(),
            ..StepFailure::default()
        }
    }

    fn to_json(&self) -> String {
        serde_json::json!({ "error": self.error, "error_class": self.error_class, "backtrace": self.backtrace }).to_string()
    }
}

/// What became of an attempt, for [`Reply::Ended`](super::Reply::Ended).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepEnd {
    /// The step.
    pub step: StepId,
    /// What became of it.
    pub ended: StepEnded,
}

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepEnded {
    /// The step is complete.
    Complete {
        /// The successor, where it was claimed with it.
        successor: Option<Box<StepExecution>>,
    },
    /// The step is in error.
    Failed,
    /// The claim was lost, and nothing was written.
    ClaimLost,
    /// The host no longer waits for it: it may end later.
    Abandoned,
}

/// The results of a step for which another one waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParentResults {
    /// The parent.
    pub step: StepId,
    /// The name of its definition.
    pub name: Box<str>,
    /// Its results, as JSON text.
    pub results: Option<Box<str>>,
}

impl StepExecution {
    /// The results of the steps that this one waits for, by id. One statement, O(parents).
    ///
    /// # Errors
    ///
    /// Those of the session, and [`Error::Decode`] for an answer that does not fit.
    pub async fn parents<S: Session>(&self, session: &mut S) -> Result<Vec<ParentResults>, Error> {
        let query = sql::parents(Value::Int(self.step.0));
        let name = query.name;
        let rows = session.rows(query).await?;
        let parent = |row: Row<'_>| {
            Ok(ParentResults {
                step: StepId(row.int(0)?),
                name: row.text(1)?.into(),
                results: row.optional_text(2)?.map(Box::from),
            })
        };
        rows.iter(name).map(parent).collect()
    }

    /// Reads one column of a claim's statements.
    pub(super) fn decode(
        row: Row<'_>,
        column: usize,
        task: TaskId,
        task_claim: TransitionId,
        claim_metadata: &Arc<str>,
    ) -> Result<Self, Error> {
        row.unpacked_column(column, |cells| {
            Ok(StepExecution {
                task,
                step: StepId(cells.int(0)?),
                claim: TransitionId(cells.int(1)?),
                name: cells.text(2)?.into(),
                inputs: cells.optional_text(3)?.map(Box::from),
                results: cells.optional_text(4)?.map(Box::from),
                attempts: cells.optional_i32(5)?.unwrap_or(0),
                retry_limit: cells.optional_i32(6)?.unwrap_or(crate::readiness::DEFAULT_RETRY_LIMIT),
                successor: None,
                task_claim,
                claim_metadata: Arc::clone(claim_metadata),
            })
        })
    }

    async fn finish<S: Session>(
        &self,
        session: &mut S,
        result: &StepResult,
        at: Timestamp,
    ) -> Result<StepEnd, Error> {
        let query = sql::finish_and_claim(self.encode(result, at));
        let name = query.name;
        let rows = session.rows(query).await?;
        Ok(StepEnd { step: self.step, ended: self.ended(name, &rows)? })
    }

    fn encode(&self, result: &StepResult, at: Timestamp) -> sql::FinishAndClaim {
        let text = |text: Option<&str>| text.map_or(Value::Null, Value::text);
        let (to, results, failure) = match result {
            StepResult::Complete { results } => (State::Complete, text(results.as_deref()), None),
            StepResult::Failed(failure) => (State::Error, Value::text(failure.to_json()), Some(failure)),
        };
        let is_permanent = failure.is_some_and(|failure| failure.is_permanent);
        let backoff = failure.and_then(|failure| failure.backoff_seconds);
        sql::FinishAndClaim {
            step: Value::Int(self.step.0),
            claim: Value::Int(self.claim.0),
            to: Value::text(to.as_str()),
            results,
            retryable: if is_permanent { Value::Bool(false) } else { Value::Null },
            backoff: backoff.map_or(Value::Null, |seconds| Value::Int(seconds.into())),
            next: self.successor.map_or(Value::Null, |step| Value::Int(step.0)),
            metadata: Value::text(&*self.claim_metadata),
            at: Value::text(at.to_sql()),
            task_claim: Value::Int(self.task_claim.0),
        }
    }

    fn ended(&self, query: &'static str, rows: &Rows) -> Result<StepEnded, Error> {
        let mut ended = StepEnded::ClaimLost;
        let mut successor = None;
        for row in rows.iter(query) {
            match State::from(row.text(0)?) {
                State::Complete => ended = StepEnded::Complete { successor: None },
                State::Error => ended = StepEnded::Failed,
                State::InProgress => {
                    let next = Self::decode(row, 1, self.task, self.task_claim, &self.claim_metadata)?;
                    successor = Some(Box::new(next));
                }
                _ => return Err(row.unexpected(0, "complete, error or in_progress")),
            }
        }
        Ok(match ended {
            StepEnded::Complete { .. } => StepEnded::Complete { successor },
            other => other,
        })
    }

    /// The end of a successful attempt as one of many transitions.
    fn batched_end(&self, results: Option<&str>, at: Timestamp) -> Move {
        Move::end(&Attempt {
            step: self.step,
            ending: Ending::Complete,
            attempts: self.attempts + 1,
            last_attempted_at: at,
            changes: Changes {
                processed: Some(true),
                in_process: Some(false),
                processed_at: Some(at),
                results: results.map(|results| Some(results.into())),
            },
            distinct_to: None,
            claim: Some(self.claim),
            at,
        })
    }
}

/// Writes the ends of attempts, and says of each what became of it, in their order. One statement for a single one, which may claim the
/// successor, and for all of many that were successful; one more for each that failed.
///
/// # Errors
///
/// Those of the session. Results that are no JSON are the database's to refuse. The ends that were written before an error stay, unless
/// the host's transaction is rolled back.
pub async fn finish_steps<S: Session>(
    session: &mut S,
    attempts: &[(StepExecution, StepResult)],
    at: Timestamp,
) -> Result<Vec<StepEnd>, Error> {
    let mut batch = Vec::new();
    let mut moves = Vec::new();
    let mut ends: Vec<Option<StepEnd>> = vec![None; attempts.len()];
    for (index, (execution, result)) in attempts.iter().enumerate() {
        match result {
            StepResult::Complete { results } if attempts.len() > 1 => {
                batch.push(index);
                moves.push(execution.batched_end(results.as_deref(), at));
            }
            _ => ends[index] = Some(execution.finish(session, result, at).await?),
        }
    }
    for (index, outcome) in batch.into_iter().zip(move_steps(session, &moves, at).await?) {
        ends[index] = Some(StepEnd { step: attempts[index].0.step, ended: of_batch(&outcome) });
    }
    Ok(ends.into_iter().flatten().collect())
}

fn of_batch(outcome: &MoveOutcome) -> StepEnded {
    match outcome {
        Ok(_) => StepEnded::Complete { successor: None },
        Err(_) => StepEnded::ClaimLost,
    }
}
