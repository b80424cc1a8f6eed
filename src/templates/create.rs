//! From a request and a template to the rows of a task.

use super::{StepTemplate, TaskRequest, TaskTemplate, schema};
use crate::error::Error;
use crate::ids::TaskId;
use crate::models::{
    Db, DependentSystem, IdentityOptions, IdentityStrategy, Invalid, Model, NamedStep, New,
    NewDependentSystem, NewNamedStep, NewNamedTask, NewNamedTasksNamedStep, NewTask, NewTaskNamespace,
    NewWorkflowStep, NewWorkflowStepEdge, RandomIdentity, Task, WorkflowStep, json, record,
};
use crate::operations::{definitions, sequence};
use crate::store::Connection;
use crate::time::Timestamp;
use serde_json::Value;
use sqlx::Connection as _;
use sqlx::postgres::PgConnection;
use std::collections::HashMap;

impl TaskTemplate {
    /// Creates a task with all of its steps and edges, and the definitions that are missing, in one transaction or savepoint. The rows
    /// are those that the engine's `initialize_task!` makes for the request with its default identity strategy; no task runner is notified.
    ///
    /// As in the engine, the named task is the one that the request names. Where all definitions exist, this takes four statements
    /// beside those of the transaction, whatever the number of steps.
    ///
    /// # Errors
    ///
    /// [`Error::Template`] for a template that is no graph, [`Error::Invalid`] for a task that Rails would refuse, [`Error::Database`].
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::templates::{StepTemplate, TaskRequest, TaskTemplate};
    ///
    /// let template = TaskTemplate::new("settle").step(StepTemplate::new("bank", "pay"));
    /// let empty = TaskRequest::new("settle", &serde_json::json!({}))?;
    /// let refused = template.create(&empty, &mut *tx).await.unwrap_err();
    /// assert_eq!(refused.to_string(), "Task is invalid: Context can't be blank");
    /// # Ok(()) });
    /// ```
    pub async fn create<'c>(&self, request: &TaskRequest, db: impl Db<'c>) -> Result<Task, Error> {
        self.create_identified(request, &RandomIdentity, db).await
    }

    /// As [`TaskTemplate::create`], with another identity strategy.
    ///
    /// # Errors
    ///
    /// As [`TaskTemplate::create`]. A task that is there already is invalid: its identity hash is taken.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::models::HashIdentity;
    /// use tasker_core::templates::{StepTemplate, TaskRequest, TaskTemplate};
    ///
    /// let template = TaskTemplate::new("settle").step(StepTemplate::new("bank", "pay"));
    /// let mut request = TaskRequest::new("settle", &serde_json::json!({ "payout_id": 7 }))?;
    /// request.requested_at = Some(chrono::DateTime::from_timestamp(1_700_000_000, 0).unwrap_or_default().naive_utc());
    ///
    /// template.create_identified(&request, &HashIdentity, &mut *tx).await?;
    /// let again = template.create_identified(&request, &HashIdentity, &mut *tx).await.unwrap_err();
    /// assert!(again.to_string().contains("identical to a request made in the last minute"));
    /// # Ok(()) });
    /// ```
    pub async fn create_identified<'c>(
        &self,
        request: &TaskRequest,
        identity: &impl IdentityStrategy,
        db: impl Db<'c>,
    ) -> Result<Task, Error> {
        self.check()?;
        if let Some(schema) = &self.schema {
            let context = json::rewrite(request.context.get());
            let errors = schema::errors(schema, &as_value(context.as_deref()))?;
            if !errors.is_empty() {
                return Err(Invalid { model: Task::NAME, errors }.into());
            }
        }
        let mut connection = db.acquire().await?;
        let mut transaction = connection.begin().await?;
        let task = create_task(request, identity, &mut transaction).await?;
        if !self.steps.is_empty() {
            let inputs = json::rewrite(request.context.get()).unwrap_or_default();
            Creation { template: self, task: &task, inputs: &inputs }.steps(&mut transaction).await?;
        }
        transaction.commit().await?;
        Ok(task)
    }
}

async fn create_task(
    request: &TaskRequest,
    identity: &impl IdentityStrategy,
    connection: &mut PgConnection,
) -> Result<Task, Error> {
    let words = |words: &[String]| Value::from(words);
    let context = json::rewrite(request.context.get());
    let now = record::now();
    let new = NewTask {
        requested_at: request.requested_at,
        initiator: Some(request.initiator.clone()),
        source_system: Some(request.source_system.clone()),
        reason: Some(request.reason.clone()),
        tags: Some(words(&request.tags)),
        bypass_steps: Some(words(&request.bypass_steps)),
        identity_hash: String::new(),
        ..NewTask::new(named_task(request, connection).await?, as_value(context.as_deref()))
    };
    let mut draft = new.draft(now);
    let options = IdentityOptions {
        name: request.name.clone(),
        initiator: draft.initiator.clone(),
        source_system: draft.source_system.clone(),
        context: context.clone().unwrap_or_default(),
        reason: draft.reason.clone(),
        bypass_steps: words(&request.bypass_steps).to_string(),
        requested_at: draft.requested_at,
    };
    draft.identity_hash = identity.identity_hash(&draft, &options);
    record::create(&draft, Some((Task::context.name(), context)), connection).await
}

fn as_value(context: Option<&str>) -> Value {
    context.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

async fn named_task(request: &TaskRequest, connection: &mut PgConnection) -> Result<i32, Error> {
    let (namespace, name, version) = (&request.namespace, &request.name, &request.version);
    let session = &mut Connection(&mut *connection);
    if let Some(found) = definitions::named_task(session, namespace, name, version).await? {
        return Ok(narrow(found.id.0)?);
    }
    let namespace = NewTaskNamespace::new(namespace).find_or_create(&mut *connection).await?;
    let new = NewNamedTask { version: version.clone(), ..NewNamedTask::new(name, namespace.key()) };
    Ok(new.find_or_create(connection).await?.key())
}

/// Ids of definitions are 32 bits wide in the tables.
fn narrow(id: i64) -> Result<i32, sqlx::Error> {
    i32::try_from(id).map_err(|error| sqlx::Error::Decode(error.into()))
}

/// The steps of a new task.
struct Creation<'a> {
    template: &'a TaskTemplate,
    task: &'a Task,
    /// The context of the task, as text.
    inputs: &'a str,
}

impl Creation<'_> {
    async fn steps(&self, connection: &mut PgConnection) -> Result<(), Error> {
        if self.at_once(connection).await? {
            return Ok(());
        }
        let named_steps = self.definitions(connection).await?;
        // Not where the named task has a step of the same name that works with another system: that one counts as the step's
        // definition, so that this one never belongs to the named task.
        if self.at_once(connection).await? {
            return Ok(());
        }
        self.one_by_one(&named_steps, connection).await
    }

    /// All by one statement, where all definitions are there.
    async fn at_once(&self, connection: &mut PgConnection) -> Result<bool, Error> {
        let templates: Vec<sequence::Template> = self.template.steps.iter().map(for_sequence).collect();
        let (task, at) = (TaskId(self.task.key()), Timestamp::from(self.task.created_at));
        let session = &mut Connection(connection);
        Ok(sequence::create_steps(session, task, &templates, self.inputs, at).await?.is_some())
    }

    /// Makes the definitions that are missing: those of the steps, in their order, and that they belong to the named task.
    async fn definitions(&self, connection: &mut PgConnection) -> Result<Vec<NamedStep>, Error> {
        let mut systems: HashMap<&str, DependentSystem> = HashMap::new();
        let mut named_steps = Vec::with_capacity(self.template.steps.len());
        for step in &self.template.steps {
            let system = match systems.get(step.dependent_system.as_str()) {
                Some(system) => system.key(),
                None => {
                    let new = NewDependentSystem::new(step.dependent_system.as_str());
                    let made = new.find_or_create(&mut *connection).await?;
                    systems.entry(&step.dependent_system).or_insert(made).key()
                }
            };
            let new = NewNamedStep::new(step.name.as_str(), system);
            named_steps.push(new.find_or_create(&mut *connection).await?);
        }
        let members = self.task.named_task(&mut *connection).await?.named_steps(&mut *connection).await?;
        for (step, named_step) in self.template.steps.iter().zip(&named_steps) {
            if members.iter().any(|member| member.name == step.name) {
                continue;
            }
            let new = NewNamedTasksNamedStep {
                skippable: step.skippable,
                default_retryable: step.default_retryable,
                default_retry_limit: step.default_retry_limit,
                ..NewNamedTasksNamedStep::new(self.task.named_task_id, named_step.key())
            };
            new.find_or_create(&mut *connection).await?;
        }
        Ok(named_steps)
    }

    async fn one_by_one(
        &self,
        named_steps: &[NamedStep],
        connection: &mut PgConnection,
    ) -> Result<(), Error> {
        let mut made: HashMap<&str, WorkflowStep> = HashMap::new();
        for (step, named_step) in self.template.steps.iter().zip(named_steps) {
            let new = NewWorkflowStep {
                retryable: step.default_retryable,
                retry_limit: Some(step.default_retry_limit),
                attempts: Some(0),
                results: Some(Value::Object(serde_json::Map::new())),
                skippable: step.skippable,
                created_at: Some(self.task.created_at),
                ..NewWorkflowStep::new(self.task.key(), named_step.key())
            };
            let draft = new.draft(self.task.created_at);
            let inputs = Some((WorkflowStep::inputs.name(), Some(self.inputs.to_owned())));
            made.insert(&step.name, record::create(&draft, inputs, connection).await?);
        }
        for step in &self.template.steps {
            for dependency in &step.depends_on {
                let edge = NewWorkflowStepEdge {
                    created_at: Some(self.task.created_at),
                    ..NewWorkflowStepEdge::new(
                        made[dependency.as_str()].key(),
                        made[step.name.as_str()].key(),
                    )
                };
                edge.create(&mut *connection).await?;
            }
        }
        Ok(())
    }
}

fn for_sequence(step: &StepTemplate) -> sequence::Template {
    sequence::Template {
        system: step.dependent_system.as_str().into(),
        name: step.name.as_str().into(),
        retryable: step.default_retryable,
        retry_limit: step.default_retry_limit,
        skippable: step.skippable,
        depends_on: step.depends_on.iter().map(|name| name.as_str().into()).collect(),
    }
}
