//! What a handler gets.

use super::connections::Connections;
use crate::config::Config;
use crate::ids::{StepId, TaskId};
use crate::run::{StepExecution, StepFailure};
use crate::session::{Session, Value as Cell};
use crate::sql;
use serde_json::Value;
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

/// One attempt at a step, for its handler.
#[derive(Debug)]
#[non_exhaustive]
pub struct Step {
    /// Its task.
    pub task: TaskId,
    /// The step.
    pub id: StepId,
    /// Its name.
    pub name: Box<str>,
    /// The inputs that it was created with; null where there are none.
    pub inputs: Value,
    /// The results of an earlier attempt; null where there are none.
    pub results: Value,
    /// Attempts before this one.
    pub attempts: i32,
    /// Attempts allowed.
    pub retry_limit: i32,
    /// The configuration when the task's run began. It stays the same for all steps of the run.
    pub config: Arc<Config>,
    /// Cancelled where the worker no longer waits for the attempt: after its timeout, and when the worker stops and its patience is over.
    pub cancelled: CancellationToken,
    execution: StepExecution,
    connections: Connections,
}

impl Step {
    pub(super) fn new(
        execution: StepExecution,
        config: Arc<Config>,
        cancelled: CancellationToken,
        connections: Connections,
    ) -> Self {
        let json = |text: &Option<Box<str>>| {
            text.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
        };
        Step {
            task: execution.task,
            id: execution.step,
            name: execution.name.clone(),
            inputs: json(&execution.inputs),
            results: json(&execution.results),
            attempts: execution.attempts,
            retry_limit: execution.retry_limit,
            config,
            cancelled,
            execution,
            connections,
        }
    }

    /// A text that is the same for all attempts at this step and no other step's, for systems that ignore what they have done already.
    ///
    /// ```no_run
    /// use tasker_core::worker::{HandlerResult, Step};
    ///
    /// async fn pay(step: Step) -> HandlerResult {
    ///     let order = step.parents().await?.results("reserve")?["order"].clone();
    ///     // bank.pay(order, step.idempotency_key()).await
    ///     Ok(serde_json::json!({ "paid": order, "by": step.idempotency_key() }))
    /// }
    /// ```
    pub fn idempotency_key(&self) -> String {
        format!("{}-{}", self.id, self.name)
    }

    /// The results of the steps for which this one has waited. One statement, O(parents).
    ///
    /// # Errors
    ///
    /// A failure that may be retried, where the database does not answer.
    pub async fn parents(&self) -> Result<Parents, StepFailure> {
        let parents = self.execution.parents(&mut self.connections.session()).await;
        let parents = parents.map_err(|error| unreadable("results of parents", &error))?;
        let json = |text: Option<Box<str>>| {
            text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
        };
        let named = parents.into_iter().map(|parent| (parent.name, json(parent.results)));
        Ok(Parents(named.collect()))
    }

    /// The same for a handler that blocks.
    ///
    /// # Errors
    ///
    /// As [`parents`](Self::parents).
    ///
    /// ```no_run
    /// use tasker_core::worker::{HandlerResult, Step};
    ///
    /// fn sum(step: Step) -> HandlerResult {
    ///     let total: i64 = step.parents_blocking()?.iter().filter_map(|(_, results)| results["amount"].as_i64()).sum();
    ///     Ok(serde_json::json!({ "total": total, "of": step.context_blocking()?["order"] }))
    /// }
    /// ```
    pub fn parents_blocking(&self) -> Result<Parents, StepFailure> {
        self.runtime().block_on(self.parents())
    }

    /// The context of the task. One statement.
    ///
    /// # Errors
    ///
    /// As [`parents`](Self::parents).
    ///
    /// ```no_run
    /// use tasker_core::worker::{HandlerResult, Step};
    ///
    /// async fn ship(step: Step) -> HandlerResult {
    ///     Ok(serde_json::json!({ "shipped": step.context().await?["order"] }))
    /// }
    /// ```
    pub async fn context(&self) -> Result<Value, StepFailure> {
        let query = sql::worker::task_context(Cell::Int(self.task.0));
        let name = query.name;
        let read = async {
            let rows = self.connections.session().rows(query).await?;
            rows.first(name).map(|row| row.optional_text(0).map(|text| text.map(str::to_owned))).transpose()
        };
        let text = read.await.map_err(|error| unreadable("context of the task", &error))?.flatten();
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
    }

    /// The same for a handler that blocks.
    ///
    /// # Errors
    ///
    /// As [`parents`](Self::parents).
    pub fn context_blocking(&self) -> Result<Value, StepFailure> {
        self.runtime().block_on(self.context())
    }

    fn runtime(&self) -> &Handle {
        self.connections.runtime()
    }
}

fn unreadable(what: &str, error: &crate::Error) -> StepFailure {
    StepFailure::new(format!("the {what} could not be read: {error}"))
}

/// The results of the steps for which a step has waited, by name.
///
/// ```no_run
/// use tasker_core::worker::{HandlerResult, Parents, Step};
///
/// async fn book(step: Step) -> HandlerResult {
///     let parents: Parents = step.parents().await?;
///     let names: Vec<&str> = parents.iter().map(|(name, _)| name).collect();
///     Ok(serde_json::json!({ "booked": parents.results("pay")?["amount"], "after": names }))
/// }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Parents(Vec<(Box<str>, Value)>);

impl Parents {
    /// The results of the parent of that name.
    ///
    /// # Errors
    ///
    /// A failure that no retry can fix, where there is no such parent.
    pub fn results(&self, name: &str) -> Result<&Value, StepFailure> {
        let found = self.0.iter().find(|(parent, _)| **parent == *name).map(|(_, results)| results);
        found.ok_or_else(|| {
            let names: Vec<&str> = self.0.iter().map(|(name, _)| &**name).collect();
            let error = format!("expected a parent {name:?}, got {names:?}");
            StepFailure { is_permanent: true, ..StepFailure::new(error) }
        })
    }

    /// Names and results, in the order of the steps' ids.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, results)| (&**name, results))
    }
}
