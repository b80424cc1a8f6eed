//! The ends of attempts.

use super::execution::StepExecution;
use super::result::{StepEnd, StepEnded, StepFailure, StepResult};
use crate::error::Error;
use crate::operations::batch_transitions::{StepTransition, transition_steps};
use crate::operations::execution::{Attempt, Changes, Ending};
use crate::operations::transition::Outcome as MoveOutcome;
use crate::session::{Rows, Session, Value};
use crate::sql::run as sql;
use crate::state::State;
use crate::time::Timestamp;

/// Writes the ends of attempts, and says of each what became of it, in their order. One statement for a single one, which may claim the
/// successor, and for all of many that are [`Complete`](StepResult::Complete); one more for each other, and for each that finds nothing to
/// write: it may be written already, by a try whose answer was lost.
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
    for (index, outcome) in batch.into_iter().zip(transition_steps(session, &moves, at).await?) {
        ends[index] = Some(StepEnd { step: attempts[index].0.step, ended: of_batch(&outcome) });
    }
    Ok(ends.into_iter().flatten().collect())
}

/// Writes the end of an attempt that may be written already, since an earlier try was answered by an error that does not say: a connection
/// that was lost, a timeout. The result and the instant have to be those of the first try; the answer is what that should have been. One
/// statement if the end was not written, two if it was.
///
/// An end is found again by the claim, the state and the instant that it records.
///
/// # Errors
///
/// Those of [`finish_steps`].
///
/// ```
/// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
/// # doctest::in_transaction(async |tx| {
/// # use tasker_core::factories::{Pattern, workflow};
/// # use tasker_core::run::{Options, Reply, Request, WorkflowRun};
/// # use tasker_core::session::Session;
/// use tasker_core::run::{StepEnded, StepResult, finish_again, finish_steps};
/// use tasker_core::time::Timestamp;
///
/// # let at = Timestamp(1_750_000_000_000_000);
/// # let task = workflow(Pattern::Linear(1)).create(&mut *tx).await.unwrap().task;
/// # let mut run = WorkflowRun::start(task, Options::default());
/// # let Request::Query(start) = run.next(Reply::Continue, at)? else { unreachable!() };
/// # let rows = tx.rows(start).await?;
/// # let Request::Execute(steps) = run.next(Reply::Rows(rows), at)? else { unreachable!() };
/// # let step = steps[0].clone();
/// let (result, at) = (StepResult::Complete { results: None }, Timestamp(1_750_000_000_000_000));
/// let ends = finish_steps(&mut *tx, &[(step.clone(), result.clone())], at).await?;
/// // Suppose that this answer was lost.
/// let again = finish_again(&mut *tx, &step, &result, at).await?;
/// assert_eq!((&again, &again.ended), (&ends[0], &StepEnded::Complete { successor: None }));
/// # Ok(()) });
/// ```
pub async fn finish_again<S: Session>(
    session: &mut S,
    execution: &StepExecution,
    result: &StepResult,
    at: Timestamp,
) -> Result<StepEnd, Error> {
    execution.finish(session, result, at).await
}

fn of_batch(outcome: &MoveOutcome) -> StepEnded {
    match outcome {
        Ok(_) => StepEnded::Complete { successor: None },
        Err(_) => StepEnded::ClaimLost,
    }
}

impl StepExecution {
    async fn finish<S: Session>(
        &self,
        session: &mut S,
        result: &StepResult,
        at: Timestamp,
    ) -> Result<StepEnd, Error> {
        // In this order: an earlier try may still be under way on the server, and this one then waits for it.
        for query in [sql::finish_and_claim, sql::written_end] {
            let query = query(self.encode(result, at));
            let name = query.name;
            let rows = session.rows(query).await?;
            if !rows.is_empty() {
                return Ok(StepEnd { step: self.step, ended: self.ended(name, &rows)? });
            }
        }
        Ok(StepEnd { step: self.step, ended: StepEnded::ClaimLost })
    }

    fn encode(&self, result: &StepResult, at: Timestamp) -> sql::FinishAndClaim {
        let (to, results, columns) = match result {
            StepResult::Complete { results } => {
                let columns = serde_json::json!({
                    "processed": true, "in_process": false, "processed_at": at.to_sql(), "last_attempted_at": at.to_sql(),
                });
                (
                    State::Complete,
                    results.as_deref().map_or(Value::Null, Value::text),
                    columns.to_string().into(),
                )
            }
            StepResult::Failed(failure) => {
                (State::Error, Value::text(failure.to_json()), failed(failure, at))
            }
            StepResult::Saved { ending, columns } => (ending.state(), Value::Null, columns.clone()),
        };
        sql::FinishAndClaim {
            step: Value::Int(self.step.0),
            claim: Value::Int(self.claim.0),
            to: Value::text(to.as_str()),
            results,
            columns: Value::Text(columns),
            next: self.successor.map_or(Value::Null, |step| Value::Int(step.0)),
            metadata: self.claimant.metadata(),
            at: Value::text(at.to_sql()),
            task_claim: self.claimant.task_claim(),
            records: Value::Bool(self.claimant.records),
            task_version: self.claimant.task_version(),
            distinct_to: self.claimant.names.distinct_to(),
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
                    let next = Self::decode(row, 1, &self.claimant)?;
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
    fn batched_end(&self, results: Option<&str>, at: Timestamp) -> StepTransition {
        StepTransition::end(&Attempt {
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

/// The columns of a step whose handler has failed.
fn failed(failure: &StepFailure, at: Timestamp) -> Box<str> {
    let mut columns = serde_json::json!({
        "processed": false, "in_process": false, "last_attempted_at": at.to_sql(),
    });
    if failure.is_permanent {
        columns["retryable"] = false.into();
    }
    if let Some(seconds) = failure.backoff_seconds {
        columns["backoff_request_seconds"] = seconds.into();
    }
    columns.to_string().into()
}
