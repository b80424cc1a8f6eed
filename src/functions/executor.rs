//! Calls of PostgreSQL's functions.

use super::{AnalyticsMetrics, Function, Native, SystemHealthCounts, decode};
use crate::error::Error;
use crate::graph::Level;
use crate::ids::{StepId, TaskId};
use crate::operations::slowest::{Choice, SlowStep, SlowTask};
use crate::operations::{ask, chosen_steps};
use crate::progress::ExecutionContext;
use crate::readiness::Readiness;
use crate::session::{Query, Row, Session, Value};
use crate::sql::functions as sql;
use crate::time::Timestamp;

/// Calls the engine's SQL functions on a session.
///
/// The first call of a value looks up which functions exist, in one statement of its own; each call is one statement. Every method fails with
/// [`Error::MissingFunction`] where its function is not in the session's `search_path`, with the error of the session where the function
/// itself fails, and with [`Error::Decode`] where it returns other columns than the engine's.
///
/// ```
/// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
/// # doctest::in_transaction(async |tx| {
/// use tasker_core::functions::Functions;
/// use tasker_core::ids::TaskId;
/// use tasker_core::store::Connection;
///
/// let mut session = Connection(tx);
/// let mut functions = Functions::new(&mut session);
/// let installed = functions.missing().await?.is_empty();
/// let ready = if installed {
///     functions.step_readiness(TaskId(1), None).await?
/// } else {
///     functions.native().step_readiness(TaskId(1), None).await?
/// };
/// assert!(ready.iter().all(|step| step.task_id == TaskId(1)));
/// # Ok(()) });
/// ```
pub struct Functions<'s, S> {
    session: &'s mut S,
    missing: Option<Vec<Function>>,
}

impl<'s, S: Session> Functions<'s, S> {
    /// Calls on this session. Runs nothing yet.
    pub fn new(session: &'s mut S) -> Self {
        Functions { session, missing: None }
    }

    /// The same methods without any function, on the same session.
    pub fn native(&mut self) -> Native<'_, S> {
        Native::new(self.session)
    }

    /// The functions that the session's `search_path` does not lead to. One statement the first time.
    ///
    /// # Errors
    ///
    /// Those of the session, and [`Error::Decode`] for an answer that does not fit.
    pub async fn missing(&mut self) -> Result<&[Function], Error> {
        let missing = match self.missing.take() {
            Some(missing) => missing,
            None => {
                let installed = |row: Row<'_>| row.bool_array(0);
                let signatures = Value::text_array(Function::ALL.map(Function::signature));
                let installed = ask(self.session, sql::installed(signatures), installed).await?;
                let installed = installed.unwrap_or_default().into_iter().chain(std::iter::repeat(false));
                Function::ALL.into_iter().zip(installed).filter(|(_, there)| !there).map(|(f, _)| f).collect()
            }
        };
        Ok(self.missing.insert(missing))
    }

    async fn rows<T>(
        &mut self,
        function: Function,
        query: Query,
        decode: impl FnMut(Row<'_>) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        if self.missing().await?.contains(&function) {
            return Err(Error::MissingFunction(function.signature()));
        }
        let name = query.name;
        let rows = self.session.rows(query).await?;
        rows.iter(name).map(decode).collect()
    }

    /// `get_step_readiness_status`: the readiness of a task's steps, or of those among `chosen`, ordered by step id.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// # use tasker_core::factories::{Pattern, workflow};
    /// use tasker_core::functions::Functions;
    ///
    /// let made = workflow(Pattern::Diamond).progressed(1).create(&mut *tx).await.unwrap();
    /// let steps = Functions::new(&mut *tx).step_readiness(made.task, Some(&made.steps[..2])).await?;
    /// assert_eq!(steps.iter().map(|step| step.ready_for_execution).collect::<Vec<_>>(), [false, true]);
    /// # Ok(()) });
    /// ```
    pub async fn step_readiness(
        &mut self,
        task: TaskId,
        chosen: Option<&[StepId]>,
    ) -> Result<Vec<Readiness>, Error> {
        let query = sql::step_readiness(Value::Int(task.0), chosen_steps(chosen));
        self.rows(Function::StepReadiness, query, decode::readiness).await
    }

    /// `get_step_readiness_status_batch`: the readiness of all steps of many tasks, ordered by task id and step id.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// # use tasker_core::factories::{Pattern, workflow};
    /// use tasker_core::functions::Functions;
    ///
    /// let made = workflow(Pattern::Diamond).progressed(1).create(&mut *tx).await.unwrap();
    /// assert_eq!(Functions::new(&mut *tx).step_readiness_batch(&[made.task]).await?.len(), 4);
    /// # Ok(()) });
    /// ```
    pub async fn step_readiness_batch(&mut self, tasks: &[TaskId]) -> Result<Vec<Readiness>, Error> {
        let query = sql::step_readiness_batch(ids(tasks));
        self.rows(Function::StepReadinessBatch, query, decode::readiness).await
    }

    /// `get_task_execution_context`: how far a task has come; `None` for an unknown task.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// # use tasker_core::factories::{Pattern, workflow};
    /// use tasker_core::functions::Functions;
    ///
    /// let made = workflow(Pattern::Diamond).progressed(1).create(&mut *tx).await.unwrap();
    /// let context = Functions::new(&mut *tx).task_execution_context(made.task).await?;
    /// assert_eq!(context.map(|context| context.ready_steps), Some(2));
    /// # Ok(()) });
    /// ```
    pub async fn task_execution_context(&mut self, task: TaskId) -> Result<Option<ExecutionContext>, Error> {
        let query = sql::task_execution_context(Value::Int(task.0));
        Ok(self.rows(Function::TaskExecutionContext, query, decode::context).await?.pop())
    }

    /// `get_task_execution_contexts_batch`: ordered by task id; a task named twice has two rows, an unknown one none.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// # use tasker_core::factories::{Pattern, workflow};
    /// use tasker_core::functions::Functions;
    ///
    /// let made = workflow(Pattern::Diamond).progressed(1).create(&mut *tx).await.unwrap();
    /// let contexts = Functions::new(&mut *tx).task_execution_contexts_batch(&[made.task]).await?;
    /// assert_eq!(contexts[0].completion_percentage.to_string(), "25.00");
    /// # Ok(()) });
    /// ```
    pub async fn task_execution_contexts_batch(
        &mut self,
        tasks: &[TaskId],
    ) -> Result<Vec<ExecutionContext>, Error> {
        let query = sql::task_execution_contexts_batch(ids(tasks));
        self.rows(Function::TaskExecutionContextsBatch, query, decode::context).await
    }

    /// `calculate_dependency_levels`: the longest distance of each step from a root, ordered by level and step id.
    ///
    /// The function walks every path from a root and never ends where a root leads into a cycle; [`Native::dependency_levels`] is linear
    /// and reports the cycle.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// # use tasker_core::factories::{Pattern, workflow};
    /// use tasker_core::functions::Functions;
    ///
    /// let made = workflow(Pattern::Diamond).progressed(1).create(&mut *tx).await.unwrap();
    /// let levels = Functions::new(&mut *tx).dependency_levels(made.task).await?;
    /// assert_eq!(levels.iter().map(|level| level.level).collect::<Vec<_>>(), [0, 1, 1, 2]);
    /// # Ok(()) });
    /// ```
    pub async fn dependency_levels(&mut self, task: TaskId) -> Result<Vec<Level>, Error> {
        let query = sql::dependency_levels(Value::Int(task.0));
        self.rows(Function::DependencyLevels, query, decode::level).await
    }

    /// `get_system_health_counts_v01`: counts over all tasks, steps and connections.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// # use tasker_core::factories::{Pattern, workflow};
    /// use tasker_core::functions::Functions;
    ///
    /// let made = workflow(Pattern::Diamond).progressed(1).create(&mut *tx).await.unwrap();
    /// let counts = Functions::new(&mut *tx).system_health_counts().await?;
    /// assert!(counts.total_steps >= made.steps.len() as i64);
    /// # Ok(()) });
    /// ```
    pub async fn system_health_counts(&mut self) -> Result<SystemHealthCounts, Error> {
        let rows =
            self.rows(Function::SystemHealthCounts, sql::system_health_counts(), decode::health_counts);
        Ok(rows.await?.pop().unwrap_or_default())
    }

    /// `get_analytics_metrics_v01`: activity since an instant on the clock of the columns, or within the last hour.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// # use tasker_core::factories::{Pattern, workflow};
    /// use tasker_core::functions::Functions;
    ///
    /// let made = workflow(Pattern::Diamond).progressed(1).create(&mut *tx).await.unwrap();
    /// let metrics = Functions::new(&mut *tx).analytics_metrics(None).await?;
    /// assert!(metrics.task_throughput >= 1 && made.steps.len() == 4);
    /// # Ok(()) });
    /// ```
    pub async fn analytics_metrics(&mut self, since: Option<Timestamp>) -> Result<AnalyticsMetrics, Error> {
        let since = since.map_or(Value::Null, |since| Value::text(since.to_sql()));
        let query = sql::analytics_metrics(since);
        Ok(self.rows(Function::AnalyticsMetrics, query, decode::metrics).await?.pop().unwrap_or_default())
    }

    /// `get_slowest_steps_v01`: the steps that took longest, the longest first.
    ///
    /// The function as the engine's 0.1.0 installs it fails on every call ("structure of query does not match function result type"), and a
    /// failed statement aborts the caller's transaction. [`Native::slowest_steps`] returns what it is meant to return.
    ///
    /// ```
    /// use tasker_core::Error;
    /// use tasker_core::functions::Functions;
    /// use tasker_core::operations::slowest::Choice;
    ///
    /// // For an engine with corrected functions.
    /// async fn print_slowest(connection: &mut sqlx::PgConnection) -> Result<(), Error> {
    ///     let mut functions = Functions::new(connection);
    ///     for step in functions.slowest_steps(&Choice::default()).await? {
    ///         println!("{}: {} s", step.name, step.seconds);
    ///     }
    ///     for task in functions.slowest_tasks(&Choice::default()).await? {
    ///         println!("{}: {} s", task.definition.task_name, task.seconds);
    ///     }
    ///     Ok(())
    /// }
    /// ```
    pub async fn slowest_steps(&mut self, choice: &Choice) -> Result<Vec<SlowStep>, Error> {
        self.rows(Function::SlowestSteps, sql::slowest_steps(choice.binds()), decode::slow_step).await
    }

    /// `get_slowest_tasks_v01`: the tasks that took longest, the longest first. It fails like [`Functions::slowest_steps`].
    pub async fn slowest_tasks(&mut self, choice: &Choice) -> Result<Vec<SlowTask>, Error> {
        self.rows(Function::SlowestTasks, sql::slowest_tasks(choice.binds()), decode::slow_task).await
    }
}

fn ids(tasks: &[TaskId]) -> Value {
    Value::int_array(tasks.iter().map(|task| task.0))
}
