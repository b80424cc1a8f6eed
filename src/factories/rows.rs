//! Rows of each table as columns, one array a column, and the statements that insert them.

use super::condition::StepValues;
use super::insert::CHUNK;
use super::{FactoryError, StepSpec, WorkflowFactory};
use crate::ids::{StepId, TaskId};
use crate::state::State;
use crate::time::{Micros, Timestamp};
use crate::transitions::TaskState;
use serde_json::Value;
use sqlx::PgConnection;

/// Microseconds as a `timestamp`.
macro_rules! instant {
    ($micros:literal) => {
        concat!("timestamp 'epoch' + ", $micros, " * interval '1 microsecond'")
    };
}

macro_rules! insert_transitions {
    ($table:literal, $owner:literal) => {
        concat!(
            "insert into ",
            $table,
            " (",
            $owner,
            ", to_state, sort_key, most_recent, metadata, created_at, updated_at)
             select owner, to_state, sort_key, most_recent, '{}', ",
            instant!("created_at"),
            ", ",
            instant!("created_at"),
            "
             from unnest($1::bigint[], $2::text[], $3::integer[], $4::boolean[], $5::bigint[])
                    t(owner, to_state, sort_key, most_recent, created_at)"
        )
    };
}

#[derive(Default)]
pub(super) struct TaskRows {
    ids: Vec<i64>,
    named_tasks: Vec<i32>,
    complete: Vec<bool>,
    initiators: Vec<String>,
    source_systems: Vec<String>,
    reasons: Vec<String>,
    bypassed: Vec<String>,
    tags: Vec<String>,
    contexts: Vec<String>,
    identities: Vec<String>,
    created_at: Vec<i64>,
}

impl TaskRows {
    pub(super) fn push(
        &mut self,
        factory: &WorkflowFactory,
        task: TaskId,
        named_task: i32,
        created_at: Timestamp,
    ) {
        self.ids.push(task.0);
        self.named_tasks.push(named_task);
        self.complete.push(factory.task_state == TaskState::Complete);
        self.initiators.push(factory.initiator.clone());
        self.source_systems.push(factory.source_system.clone());
        self.reasons.push(factory.reason.clone());
        self.bypassed.push(Value::from(factory.bypassed.clone()).to_string());
        self.tags.push(factory.tags.to_string());
        self.contexts.push(factory.context.to_string());
        let identity = || format!("factory-{}-{task}", factory.seed);
        self.identities.push(factory.identity.clone().unwrap_or_else(identity));
        self.created_at.push(created_at.0);
    }

    pub(super) async fn insert(self, connection: &mut PgConnection) -> Result<(), FactoryError> {
        if self.ids.is_empty() {
            return Ok(());
        }
        sqlx::query(concat!(
            "insert into tasker_tasks (task_id, named_task_id, complete, requested_at, initiator, source_system, reason,
                                       bypass_steps, tags, context, identity_hash, created_at, updated_at)
             select id, named_task, complete, created, initiator, source_system, reason, bypassed::json, tags::jsonb, context::jsonb,
                    identity, created, created
             from (select *, ",
            instant!("created_at"),
            " as created
                   from unnest($1::bigint[], $2::integer[], $3::boolean[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                               $9::text[], $10::text[], $11::bigint[])
                          t(id, named_task, complete, initiator, source_system, reason, bypassed, tags, context, identity, created_at)) t"
        ))
        .bind(self.ids)
        .bind(self.named_tasks)
        .bind(self.complete)
        .bind(self.initiators)
        .bind(self.source_systems)
        .bind(self.reasons)
        .bind(self.bypassed)
        .bind(self.tags)
        .bind(self.contexts)
        .bind(self.identities)
        .bind(self.created_at)
        .execute(connection)
        .await?;
        Ok(())
    }
}

#[derive(Default)]
pub(super) struct StepRows {
    ids: Vec<i64>,
    tasks: Vec<i64>,
    named_steps: Vec<i32>,
    retryable: Vec<bool>,
    retry_limits: Vec<Option<i32>>,
    skippable: Vec<bool>,
    attempts: Vec<Option<i32>>,
    last_attempted_at: Vec<Option<i64>>,
    processed_at: Vec<Option<i64>>,
    backoffs: Vec<Option<i32>>,
    results: Vec<Option<String>>,
    created_at: Vec<i64>,
}

impl StepRows {
    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    pub(super) fn push(
        &mut self,
        id: StepId,
        task: TaskId,
        named_step: i32,
        spec: &StepSpec,
        values: StepValues,
        created_at: Timestamp,
    ) {
        self.ids.push(id.0);
        self.tasks.push(task.0);
        self.named_steps.push(named_step);
        self.retryable.push(spec.retryable && values.may_be_retried);
        self.retry_limits.push(spec.retry_limit);
        self.skippable.push(spec.skippable);
        self.attempts.push(values.attempts);
        self.last_attempted_at.push(values.last_attempted_at.map(|at| at.0));
        self.processed_at.push(values.processed_at.map(|at| at.0));
        self.backoffs.push(values.backoff_request_seconds);
        self.results.push(values.results.map(|results| results.to_string()));
        self.created_at.push(created_at.0);
    }

    pub(super) async fn insert(self, connection: &mut PgConnection) -> Result<(), FactoryError> {
        if self.ids.is_empty() {
            return Ok(());
        }
        sqlx::query(concat!(
            "insert into tasker_workflow_steps (workflow_step_id, task_id, named_step_id, retryable, retry_limit, skippable, attempts,
                                                last_attempted_at, processed, processed_at, backoff_request_seconds, results,
                                                created_at, updated_at)
             select id, task, named_step, retryable, retry_limit, skippable, attempts, ",
            instant!("last_attempted_at"),
            ", processed_at is not null, ",
            instant!("processed_at"),
            ", backoff, results::jsonb, ",
            instant!("created_at"),
            ", ",
            instant!("created_at"),
            "
             from unnest($1::bigint[], $2::bigint[], $3::integer[], $4::boolean[], $5::integer[], $6::boolean[], $7::integer[],
                         $8::bigint[], $9::bigint[], $10::integer[], $11::text[], $12::bigint[])
                    s(id, task, named_step, retryable, retry_limit, skippable, attempts, last_attempted_at, processed_at, backoff, results,
                      created_at)"
        ))
        .bind(self.ids)
        .bind(self.tasks)
        .bind(self.named_steps)
        .bind(self.retryable)
        .bind(self.retry_limits)
        .bind(self.skippable)
        .bind(self.attempts)
        .bind(self.last_attempted_at)
        .bind(self.processed_at)
        .bind(self.backoffs)
        .bind(self.results)
        .bind(self.created_at)
        .execute(connection)
        .await?;
        Ok(())
    }
}

/// Rows of either transition table.
#[derive(Default)]
pub(super) struct TransitionRows {
    owners: Vec<i64>,
    states: Vec<String>,
    sort_keys: Vec<i32>,
    most_recent: Vec<bool>,
    created_at: Vec<i64>,
}

impl TransitionRows {
    /// The states of one owner, a second between them, the last at `since`; sort keys by tens, as the engine counts.
    pub(super) fn push(&mut self, owner: i64, history: &[State], since: Timestamp) {
        for (state, number) in history.iter().zip(1i32..) {
            let left = history.len() - number.unsigned_abs() as usize;
            self.owners.push(owner);
            self.states.push(state.as_str().to_owned());
            self.sort_keys.push(number * 10);
            self.most_recent.push(left == 0);
            self.created_at.push((since + Micros::from_seconds(-(left as i64))).0);
        }
    }

    pub(super) async fn insert_for_tasks(self, connection: &mut PgConnection) -> Result<(), FactoryError> {
        self.insert(insert_transitions!("tasker_task_transitions", "task_id"), connection).await
    }

    pub(super) async fn insert_for_steps(self, connection: &mut PgConnection) -> Result<(), FactoryError> {
        self.insert(insert_transitions!("tasker_workflow_step_transitions", "workflow_step_id"), connection)
            .await
    }

    async fn insert(self, sql: &'static str, connection: &mut PgConnection) -> Result<(), FactoryError> {
        let mut from = 0;
        while from < self.owners.len() {
            let chunk = from..self.owners.len().min(from + CHUNK);
            sqlx::query(sql)
                .bind(&self.owners[chunk.clone()])
                .bind(&self.states[chunk.clone()])
                .bind(&self.sort_keys[chunk.clone()])
                .bind(&self.most_recent[chunk.clone()])
                .bind(&self.created_at[chunk.clone()])
                .execute(&mut *connection)
                .await?;
            from = chunk.end;
        }
        Ok(())
    }
}

/// The name is the one that the engine gives to the edges of its templates.
pub(super) async fn insert_edges(
    edges: &[(StepId, StepId)],
    connection: &mut PgConnection,
) -> Result<(), FactoryError> {
    for chunk in edges.chunks(CHUNK) {
        sqlx::query(
            "insert into tasker_workflow_step_edges (from_step_id, to_step_id, name, created_at, updated_at)
             select from_step, to_step, 'provides', localtimestamp, localtimestamp
             from unnest($1::bigint[], $2::bigint[]) e(from_step, to_step)",
        )
        .bind(chunk.iter().map(|edge| edge.0.0).collect::<Vec<_>>())
        .bind(chunk.iter().map(|edge| edge.1.0).collect::<Vec<_>>())
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}
