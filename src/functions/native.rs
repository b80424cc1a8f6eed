//! The answers of the engine's functions, computed from the tables.

use super::{AnalyticsMetrics, SystemHealthCounts};
use crate::error::Error;
use crate::graph::Level;
use crate::ids::{StepId, TaskId};
use crate::operations::analytics::activity;
use crate::operations::context::{task_execution_context, task_execution_contexts};
use crate::operations::levels::dependency_levels;
use crate::operations::readiness::{step_readiness, step_readiness_of_tasks};
use crate::operations::slowest::{self, Choice, SlowStep, SlowTask};
use crate::operations::statistics::system_load;
use crate::progress::ExecutionContext;
use crate::readiness::Readiness;
use crate::session::Session;
use crate::time::Timestamp;

/// The methods of [`Functions`](super::Functions), answered by [`operations`](crate::operations): one statement each, no function needed.
///
/// Every method fails with the errors of the session, and with [`Error::Decode`] for an answer that does not fit.
///
/// ```
/// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
/// # doctest::in_transaction(async |tx| {
/// use tasker_core::functions::Native;
/// use tasker_core::store::Connection;
///
/// let counts = Native::new(&mut Connection(tx)).system_health_counts().await?;
/// assert!(counts.complete_tasks <= counts.total_tasks);
/// # Ok(()) });
/// ```
///
/// ```
/// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
/// # doctest::in_transaction(async |tx| {
/// # use tasker_core::factories::{Pattern, workflow};
/// # let made = workflow(Pattern::Diamond).create(&mut *tx).await.unwrap();
/// # let task = made.task;
/// use tasker_core::functions::Native;
/// use tasker_core::operations::slowest::Choice;
///
/// let mut native = Native::new(&mut *tx);
/// assert_eq!(native.step_readiness(task, None).await?, native.step_readiness_batch(&[task]).await?);
/// let context = native.task_execution_context(task).await?;
/// assert_eq!(native.task_execution_contexts_batch(&[task]).await?.pop(), context);
/// assert_eq!(native.dependency_levels(task).await?.len(), 4);
/// assert!(native.analytics_metrics(None).await?.error_count >= 0);
/// let five = Choice { limit: Some(5), ..Choice::default() };
/// assert!(native.slowest_steps(&five).await?.len() <= 5 && native.slowest_tasks(&five).await?.len() <= 5);
/// # Ok(()) });
/// ```
pub struct Native<'s, S> {
    session: &'s mut S,
}

impl<'s, S: Session> Native<'s, S> {
    /// Answers on this session. Runs nothing yet.
    pub fn new(session: &'s mut S) -> Self {
        Native { session }
    }

    /// See [`step_readiness`]. O(steps + edges).
    pub async fn step_readiness(
        &mut self,
        task: TaskId,
        chosen: Option<&[StepId]>,
    ) -> Result<Vec<Readiness>, Error> {
        step_readiness(self.session, task, chosen).await
    }

    /// See [`step_readiness_of_tasks`]. O(steps + edges).
    pub async fn step_readiness_batch(&mut self, tasks: &[TaskId]) -> Result<Vec<Readiness>, Error> {
        step_readiness_of_tasks(self.session, tasks).await
    }

    /// See [`task_execution_context`]. O(steps + edges).
    pub async fn task_execution_context(&mut self, task: TaskId) -> Result<Option<ExecutionContext>, Error> {
        task_execution_context(self.session, task).await
    }

    /// See [`task_execution_contexts`]. O(steps + edges).
    pub async fn task_execution_contexts_batch(
        &mut self,
        tasks: &[TaskId],
    ) -> Result<Vec<ExecutionContext>, Error> {
        task_execution_contexts(self.session, tasks).await
    }

    /// See [`dependency_levels`]. O(steps · log steps + edges).
    ///
    /// # Errors
    ///
    /// [`Error::Cycle`] if a root leads into a cycle, besides those of every method.
    pub async fn dependency_levels(&mut self, task: TaskId) -> Result<Vec<Level>, Error> {
        dependency_levels(self.session, task).await
    }

    /// See [`system_load`]. O(tasks + steps).
    pub async fn system_health_counts(&mut self) -> Result<SystemHealthCounts, Error> {
        Ok(system_load(self.session).await?.into())
    }

    /// See [`activity`].
    pub async fn analytics_metrics(&mut self, since: Option<Timestamp>) -> Result<AnalyticsMetrics, Error> {
        Ok(activity(self.session, since).await?.into())
    }

    /// See [`slowest::slowest_steps`].
    pub async fn slowest_steps(&mut self, choice: &Choice) -> Result<Vec<SlowStep>, Error> {
        slowest::slowest_steps(self.session, choice).await
    }

    /// See [`slowest::slowest_tasks`]. Counts each step once, where the engine's function counts it once for every transition.
    pub async fn slowest_tasks(&mut self, choice: &Choice) -> Result<Vec<SlowTask>, Error> {
        slowest::slowest_tasks(self.session, choice).await
    }
}
