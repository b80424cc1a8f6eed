//! A task with its steps and edges, to create.

use super::condition::StepCondition;
use super::distribution::apportion;
use super::insert;
use super::{FactoryError, Pattern, WorkflowGraph};
use crate::ids::{StepId, TaskId};
use crate::time::Timestamp;
use crate::transitions::TaskState;
use rand::SeedableRng;
use rand::rngs::SmallRng;
use rand::seq::SliceRandom;
use serde_json::{Value, json};
use sqlx::PgConnection;
use std::sync::Arc;

/// Begins a workflow of a pattern.
///
/// ```
/// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
/// # doctest::in_transaction(async |tx| {
/// use tasker_core::factories::{Pattern, StepCondition, workflow};
/// use tasker_core::operations::readiness::step_readiness;
/// use tasker_core::transitions::StepState;
///
/// let made = workflow(Pattern::Diamond)
///     .in_namespace("payments")
///     .step("start", StepState::Complete)
///     .step("left", StepCondition::Exhausted)
///     .seed(7)
///     .create(&mut *tx)
///     .await
///     .unwrap();
///
/// let steps = step_readiness(&mut *tx, made.task, None).await?;
/// let ready: Vec<&str> = steps.iter().filter(|step| step.ready_for_execution).map(|step| &*step.name).collect();
/// assert_eq!(ready, ["right"]);
/// # Ok(()) });
/// ```
pub fn workflow(pattern: impl Into<Pattern>) -> WorkflowFactory {
    WorkflowFactory::new(pattern.into())
}

/// A workflow to create: every method returns it with something said, as in the example of [`workflow`].
///
/// Names of steps are checked when it is created.
///
/// ```
/// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
/// # doctest::in_transaction(async |tx| {
/// use serde_json::json;
/// use tasker_core::factories::{Pattern, StepCondition, Workflow, WorkflowFactory, workflow};
/// use tasker_core::time::Timestamp;
/// use tasker_core::transitions::{StepState, TaskState};
///
/// let refund = workflow(Pattern::Linear(2)).named("refund").version("2.0.0");
/// let factory: WorkflowFactory = workflow(Pattern::Linear(5))
///     .in_namespace("payments")
///     .named("settle")
///     .version("1.2.0")
///     .tenant("acme")
///     .context(json!({ "order": 7 }))
///     .tags(["nightly"])
///     .identity("settle-7")
///     .bypass(["step_5"])
///     .skippable(["step_4"])
///     .retry_limit(5)
///     .steps_in(StepState::Pending)
///     .progressed(1)
///     .step("step_2", StepCondition::Failed { attempts: 2 })
///     .task_in(TaskState::InProgress)
///     .at(Timestamp(1_750_000_000_000_000))
///     .sub_workflow("step_1", refund)
///     .seed(7);
/// let made: Workflow = factory.create(&mut *tx).await.unwrap();
/// assert_eq!((made.steps.len(), made.edges().count(), made.sub_workflows.len()), (5, 4, 1));
/// assert_eq!(made.step("step_2"), Some(made.steps[1]));
///
/// // Half of the steps complete, the other half failed: which ones, the seed decides.
/// let halves = [(StepState::Complete.into(), 0.5), (StepState::Error.into(), 0.5)];
/// workflow(Pattern::Linear(6)).steps_by_share(halves).seed(3).create(&mut *tx).await.unwrap();
/// # Ok(()) });
/// ```
#[derive(Clone, Debug)]
pub struct WorkflowFactory {
    pub(super) pattern: Pattern,
    pub(super) namespace: String,
    pub(super) name: Option<String>,
    pub(super) version: String,
    pub(super) tenant: Option<String>,
    pub(super) context: Value,
    pub(super) tags: Value,
    pub(super) initiator: String,
    pub(super) source_system: String,
    pub(super) reason: String,
    pub(super) identity: Option<String>,
    pub(super) bypassed: Vec<String>,
    pub(super) task_state: TaskState,
    pub(super) at: Option<Timestamp>,
    pub(super) seed: u64,
    changes: Vec<Change>,
    pub(super) sub_workflows: Vec<(String, WorkflowFactory)>,
}

/// Something said of the steps, in the order in which it was said.
#[derive(Clone, Debug)]
enum Change {
    All(StepCondition),
    One(String, StepCondition),
    Shares(Vec<(StepCondition, f64)>),
    Progress(usize),
    RetryLimit(Option<i32>),
    Skippable(Vec<String>),
}

/// A workflow as it is to be written.
pub(super) struct Planned {
    pub graph: Arc<WorkflowGraph>,
    pub conditions: Vec<StepCondition>,
}

/// A workflow that was created.
#[derive(Clone, Debug, PartialEq)]
pub struct Workflow {
    /// The task.
    pub task: TaskId,
    /// The steps, in the order of [`WorkflowGraph::steps`].
    pub steps: Vec<StepId>,
    /// What it was created from.
    pub graph: Arc<WorkflowGraph>,
    /// The workflows of its steps: the step that creates it, and the workflow.
    pub sub_workflows: Vec<(StepId, Workflow)>,
}

impl Workflow {
    /// The step with this name. O(steps).
    pub fn step(&self, name: &str) -> Option<StepId> {
        let place = self.graph.place(name).ok()?;
        self.steps.get(place).copied()
    }

    /// The edges, each from the step that comes first. O(edges).
    pub fn edges(&self) -> impl Iterator<Item = (StepId, StepId)> + '_ {
        self.graph.edges().iter().map(|&(from, to)| (self.steps[from], self.steps[to]))
    }
}

impl WorkflowFactory {
    fn new(pattern: Pattern) -> Self {
        WorkflowFactory {
            pattern,
            namespace: "default".to_owned(),
            name: None,
            version: "0.1.0".to_owned(),
            tenant: None,
            context: json!({ "factory": true }),
            tags: json!([]),
            initiator: "factory".to_owned(),
            source_system: "factory".to_owned(),
            reason: "test".to_owned(),
            identity: None,
            bypassed: Vec::new(),
            task_state: TaskState::Pending,
            at: None,
            seed: 0,
            changes: Vec::new(),
            sub_workflows: Vec::new(),
        }
    }

    /// In the namespace with this name, which is created if needed; `default` unless said.
    pub fn in_namespace(mut self, name: impl Into<String>) -> Self {
        self.namespace = name.into();
        self
    }

    /// Of the named task with this name, which is created if needed; that of the pattern unless said.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Of this version of the named task; `0.1.0` unless said.
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = version.into();
        self
    }

    /// Apart from other tenants: its namespace and dependent systems are prefixed by this name, so no definition is shared, and its source
    /// system is this name.
    pub fn tenant(mut self, name: impl Into<String>) -> Self {
        let name = name.into();
        self.source_system = name.clone();
        self.tenant = Some(name);
        self
    }

    /// With this context; `{"factory": true}` unless said.
    pub fn context(mut self, context: Value) -> Self {
        self.context = context;
        self
    }

    /// With these tags; none unless said.
    pub fn tags<'a>(mut self, tags: impl IntoIterator<Item = &'a str>) -> Self {
        self.tags = tags.into_iter().collect();
        self
    }

    /// With this identity hash, so that [`WorkflowFactory::find_or_create`] finds it again; `factory-SEED-ID` unless said.
    pub fn identity(mut self, hash: impl Into<String>) -> Self {
        self.identity = Some(hash.into());
        self
    }

    /// Bypasses these steps: their names stand in the task's `bypass_steps`, and they are skippable.
    pub fn bypass<'a>(mut self, steps: impl IntoIterator<Item = &'a str>) -> Self {
        let steps: Vec<String> = steps.into_iter().map(str::to_owned).collect();
        self.bypassed.extend(steps.iter().cloned());
        self.changes.push(Change::Skippable(steps));
        self
    }

    /// Makes these steps skippable.
    pub fn skippable<'a>(mut self, steps: impl IntoIterator<Item = &'a str>) -> Self {
        self.changes.push(Change::Skippable(steps.into_iter().map(str::to_owned).collect()));
        self
    }

    /// Allows every step so many attempts; `None` leaves the column null.
    pub fn retry_limit(mut self, limit: impl Into<Option<i32>>) -> Self {
        self.changes.push(Change::RetryLimit(limit.into()));
        self
    }

    /// Every step in this condition or state. What is said later of some steps goes before it.
    pub fn steps_in(mut self, condition: impl Into<StepCondition>) -> Self {
        self.changes.push(Change::All(condition.into()));
        self
    }

    /// One step in this condition or state.
    pub fn step(mut self, name: impl Into<String>, condition: impl Into<StepCondition>) -> Self {
        self.changes.push(Change::One(name.into(), condition.into()));
        self
    }

    /// Steps in these conditions by their shares, exactly as [`apportion`] counts them; the seed decides which. Steps may then have gone on
    /// before their parents were done, as only hands could make them.
    pub fn steps_by_share(mut self, shares: impl IntoIterator<Item = (StepCondition, f64)>) -> Self {
        self.changes.push(Change::Shares(shares.into_iter().collect()));
        self
    }

    /// The first so many steps complete, each after its parents; the others as they are.
    pub fn progressed(mut self, complete: usize) -> Self {
        self.changes.push(Change::Progress(complete));
        self
    }

    /// The task in this state, which it reached by the engine's transitions; pending, without one, unless said.
    pub fn task_in(mut self, state: TaskState) -> Self {
        self.task_state = state;
        self
    }

    /// At this instant instead of now: created half an hour before, and all conditions relative to it.
    pub fn at(mut self, now: Timestamp) -> Self {
        self.at = Some(now);
        self
    }

    /// Decides what is random and a part of the identity hash; 0 unless said.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// A workflow that this step creates, as its handler would.
    ///
    /// The engine knows no parents of tasks. The link is an annotation of the new task, of the type `sub_workflow`:
    /// `{"parent_task_id": …, "parent_step_id": …}`.
    pub fn sub_workflow(mut self, step: impl Into<String>, workflow: WorkflowFactory) -> Self {
        self.sub_workflows.push((step.into(), workflow));
        self
    }

    /// Creates it, with its sub-workflows. Some ten statements, whatever its size, up to 10,000 steps; inside a transaction where the connection
    /// has one open, otherwise in one of its own.
    ///
    /// # Errors
    ///
    /// [`FactoryError`]; nothing is written then.
    pub async fn create(self, connection: &mut PgConnection) -> Result<Workflow, FactoryError> {
        let mut created = insert::create_all(std::iter::once(self), connection).await?;
        created.pop().ok_or_else(|| sqlx::Error::RowNotFound.into())
    }

    /// The workflow with this [`identity`](WorkflowFactory::identity), or a new one. Of an existing task the steps are found by their names;
    /// neither its states nor its sub-workflows are compared.
    ///
    /// # Errors
    ///
    /// [`FactoryError`], as where the existing task has not the steps of this workflow.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// # use tasker_core::factories::{Pattern, workflow};
    /// let order = workflow(Pattern::Diamond).identity("order-17");
    /// let first = order.clone().find_or_create(&mut *tx).await.unwrap();
    /// assert_eq!(order.find_or_create(&mut *tx).await.unwrap(), first);
    /// # Ok(()) });
    /// ```
    pub async fn find_or_create(self, connection: &mut PgConnection) -> Result<Workflow, FactoryError> {
        match insert::find(&self, connection).await? {
            Some(found) => Ok(found),
            None => self.create(connection).await,
        }
    }

    pub(super) fn plan(&self) -> Result<Planned, FactoryError> {
        let mut graph = self.pattern.graph(self.seed)?;
        let mut conditions = vec![StepCondition::Fresh; graph.steps().len()];
        for change in &self.changes {
            self.apply(change, &mut graph, &mut conditions)?;
        }
        for (step, _) in &self.sub_workflows {
            graph.place(step)?;
        }
        if let Some(tenant) = &self.tenant {
            graph.change_steps(|step| step.system = format!("{tenant}/{}", step.system));
        }
        Ok(Planned { graph: Arc::new(graph), conditions })
    }

    fn apply(
        &self,
        change: &Change,
        graph: &mut WorkflowGraph,
        conditions: &mut [StepCondition],
    ) -> Result<(), FactoryError> {
        match change {
            Change::All(condition) => conditions.fill(*condition),
            Change::One(name, condition) => conditions[graph.place(name)?] = *condition,
            Change::Shares(shares) => self.share_out(shares, conditions)?,
            Change::Progress(complete) => {
                for &place in graph.order().iter().take(*complete) {
                    conditions[place] = StepCondition::Complete;
                }
            }
            Change::RetryLimit(limit) => graph.change_steps(|step| step.retry_limit = *limit),
            Change::Skippable(names) => {
                for name in names {
                    let place = graph.place(name)?;
                    graph.change_step(place, |step| step.skippable = true);
                }
            }
        }
        Ok(())
    }

    fn share_out(
        &self,
        shares: &[(StepCondition, f64)],
        conditions: &mut [StepCondition],
    ) -> Result<(), FactoryError> {
        let weights: Vec<f64> = shares.iter().map(|(_, weight)| *weight).collect();
        let counts = apportion(conditions.len(), &weights)?;
        let repeated = shares
            .iter()
            .zip(counts)
            .flat_map(|((condition, _), count)| std::iter::repeat_n(*condition, count));
        for (place, condition) in conditions.iter_mut().zip(repeated) {
            *place = condition;
        }
        conditions.shuffle(&mut SmallRng::seed_from_u64(self.seed));
        Ok(())
    }
}
