//! Ends of claims that their worker does not end: ordinary transitions, as the gem writes them.

use super::report::RecoveryReport;
use crate::error::Error;
use crate::ids::{StepId, TaskId, TransitionId};
use crate::operations::recovery::{Claims, StepClaim, TaskClaim};
use crate::operations::transition;
use crate::transitions::{Change, Metadata, StepState, TaskState, TransitionError, Transitions};
use serde_json::json;
use sqlx::{Acquire, PgConnection, Postgres, Transaction};
use std::collections::BTreeSet;

/// The class of the error in a step's results, the same as the gem's.
const ERROR_CLASS: &str = "TaskerCore::Recovery::WorkerLost";

/// Ends claims inside the transaction that is open: a step goes to error, with the reason and the attempt counted, a task to pending. A claim that
/// has ended meanwhile is left alone; so is a task of which a step is claimed by another worker.
pub(super) async fn end(
    connection: &mut PgConnection,
    claims: &Claims,
    reason: &str,
) -> Result<RecoveryReport, Error> {
    let mut report = RecoveryReport::default();
    let mut of_steps = BTreeSet::new();
    for claim in &claims.steps {
        let mut savepoint = connection.begin().await?;
        let ended = end_step(&mut savepoint, claim, reason).await;
        if settled(savepoint, ended, &format!("step {}", claim.step), &mut report).await? {
            report.steps.push(claim.step);
            of_steps.insert(claim.task);
            tracing::warn!(
                step = claim.step.0,
                task = claim.task.0,
                "recovery: the step is in error: {reason}"
            );
        }
    }
    for claim in claims.tasks.iter().filter(|claim| !claim.shared) {
        let mut savepoint = connection.begin().await?;
        let ended = end_task(&mut savepoint, claim, reason).await;
        if settled(savepoint, ended, &format!("task {}", claim.task), &mut report).await? {
            report.tasks.push(claim.task);
            tracing::warn!(task = claim.task.0, "recovery: the task is pending: {reason}");
        }
    }
    report.pending = of_steps.into_iter().filter(|task| !report.tasks.contains(task)).collect();
    Ok(report)
}

/// What fails, fails alone. Errors of the connection end everything.
async fn settled(
    savepoint: Transaction<'_, Postgres>,
    ended: Result<bool, TransitionError>,
    what: &str,
    report: &mut RecoveryReport,
) -> Result<bool, Error> {
    match ended {
        Ok(ended) => {
            savepoint.commit().await?;
            Ok(ended)
        }
        Err(TransitionError::Database(error)) if crate::worker::connections::is_away(&error) => Err(error),
        Err(error) => {
            savepoint.rollback().await?;
            tracing::error!("recovery: {what}: {error}");
            report.failed.push(format!("{what}: {error}"));
            Ok(false)
        }
    }
}

fn own(token: TransitionId) -> transition::Claims {
    transition::Claims { own: Some(token), task: None }
}

fn metadata(value: serde_json::Value) -> Metadata {
    let mut metadata = Metadata::new();
    metadata.insert("tasker_core".to_owned(), value);
    metadata
}

/// Whether the claim stood and was ended.
fn stood<T>(moved: Result<T, TransitionError>) -> Result<bool, TransitionError> {
    match moved {
        Ok(_) => Ok(true),
        Err(
            TransitionError::ClaimLost { .. }
            | TransitionError::Invalid { .. }
            | TransitionError::NotFound { .. },
        ) => Ok(false),
        Err(error) => Err(error),
    }
}

async fn end_step(
    connection: &mut PgConnection,
    claim: &StepClaim,
    reason: &str,
) -> Result<bool, TransitionError> {
    let change = Change::to(StepState::Error).from(StepState::InProgress).claimed_by(own(claim.token));
    let change = change.metadata(metadata(json!({ "reason": reason })));
    if !stood(claim.step.transition_to(change, connection).await)? {
        return Ok(false);
    }
    let error = format!("The attempt was interrupted: {reason}");
    let results = json!({ "error": error, "error_class": ERROR_CLASS, "backtrace": "" });
    count_attempt(connection, claim.step, &results.to_string()).await?;
    Ok(true)
}

async fn count_attempt(connection: &mut PgConnection, step: StepId, results: &str) -> Result<(), Error> {
    sqlx::query(
        "update tasker_workflow_steps s
         set attempts = coalesce(s.attempts, 0) + 1, last_attempted_at = $2::timestamp, in_process = false, processed = false,
             updated_at = $2::timestamp,
             results = case when jsonb_typeof(s.results) = 'object' then s.results
                            when s.results is null or jsonb_typeof(s.results) = 'null' then '{}'::jsonb
                            else jsonb_build_object('results', s.results) end || $3::jsonb
         where s.workflow_step_id = $1",
    )
    .bind(step.0)
    .bind(crate::transitions::now().to_sql())
    .bind(results)
    .execute(connection)
    .await?;
    Ok(())
}

async fn end_task(
    connection: &mut PgConnection,
    claim: &TaskClaim,
    reason: &str,
) -> Result<bool, TransitionError> {
    let recoveries = recoveries(connection, claim.task).await?;
    let change = Change::to(TaskState::Pending).from(TaskState::InProgress).claimed_by(own(claim.token));
    let recovered = json!({ "reason": reason, "recoveries": recoveries, "handover": true });
    stood(claim.task.transition_to(change.metadata(metadata(recovered)), connection).await)
}

/// How often the task was recovered since a step of it was completed, this time included.
async fn recoveries(connection: &mut PgConnection, task: TaskId) -> Result<i32, Error> {
    let before: Option<i32> = sqlx::query_scalar(
        "select case
           when last.recoveries ~ '^[0-9]{1,6}$' and not exists (
             select from tasker_workflow_steps s
             join tasker_workflow_step_transitions c on c.workflow_step_id = s.workflow_step_id
             where s.task_id = $1 and c.to_state = 'complete' and c.created_at >= last.created_at
           ) then last.recoveries::integer
         end
         from (
           select t.metadata #>> '{tasker_core,recoveries}' as recoveries, t.created_at
           from tasker_task_transitions t where t.task_id = $1 and t.to_state = 'pending'
           order by t.sort_key desc limit 1
         ) last",
    )
    .bind(task.0)
    .fetch_optional(connection)
    .await?
    .flatten();
    Ok(before.unwrap_or(0) + 1)
}
