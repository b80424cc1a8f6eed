//! Which handlers execute the steps of which tasks.

use super::error::WorkerError;
use super::handler::StepHandler;
use crate::operations::task_kinds::TaskKind;
use crate::templates::TaskTemplate;
use std::collections::BTreeMap;

/// The handlers of a kind of task, by the names of its steps. Steps without a handler here are left to other workers, such as those of a
/// Rails application.
///
/// ```
/// use serde_json::json;
/// use tasker_core::templates::{StepTemplate, TaskTemplate};
/// use tasker_core::worker::{Step, StepHandler, TaskHandlers};
///
/// let template = TaskTemplate::new("settle").step(StepTemplate::new("bank", "reserve")).step(StepTemplate::new("bank", "pay").after("reserve"));
/// let settle = TaskHandlers::of(&template)
///     .step("reserve", StepHandler::new(|_: Step| async { Ok(json!({ "amount": 120 })) }))
///     .step("pay", StepHandler::blocking(|_: Step| Ok(json!({ "paid": true }))));
/// assert_eq!(settle.kind().to_string(), "default/settle 0.1.0");
/// assert_eq!(settle.steps().collect::<Vec<_>>(), ["pay", "reserve"]);
/// ```
#[derive(Clone, Debug)]
pub struct TaskHandlers {
    kind: TaskKind,
    /// The names of the template's steps, where there is one.
    known: Option<Vec<String>>,
    handlers: BTreeMap<String, StepHandler>,
    repeated: Vec<String>,
}

impl TaskHandlers {
    /// Handlers for tasks of a template.
    pub fn of(template: &TaskTemplate) -> Self {
        let kind = TaskKind {
            namespace: template.namespace.clone(),
            name: template.name.clone(),
            version: template.version.clone(),
        };
        let known = template.steps.iter().map(|step| step.name.clone()).collect();
        TaskHandlers { known: Some(known), ..Self::new(kind) }
    }

    /// Handlers for tasks that another program creates.
    ///
    /// ```
    /// use tasker_core::worker::{TaskHandlers, TaskKind};
    ///
    /// let kind = TaskKind { namespace: "payments".into(), name: "settle".into(), version: "1.0.0".into() };
    /// assert_eq!(TaskHandlers::new(kind).steps().count(), 0);
    /// ```
    pub fn new(kind: TaskKind) -> Self {
        TaskHandlers { kind, known: None, handlers: BTreeMap::new(), repeated: Vec::new() }
    }

    /// Executes the step of that name.
    #[must_use]
    pub fn step(mut self, name: impl Into<String>, handler: StepHandler) -> Self {
        let name = name.into();
        if self.handlers.insert(name.clone(), handler).is_some() {
            self.repeated.push(name);
        }
        self
    }

    /// The kind of task.
    pub fn kind(&self) -> &TaskKind {
        &self.kind
    }

    /// The names of the steps that have a handler.
    pub fn steps(&self) -> impl Iterator<Item = &str> {
        self.handlers.keys().map(String::as_str)
    }

    pub(super) fn handlers(&self) -> impl Iterator<Item = (&String, &StepHandler)> {
        self.handlers.iter()
    }

    fn check(&self) -> Result<(), WorkerError> {
        let refused = |expected: String, got: String| {
            WorkerError::Registry(format!("handlers of {}: expected {expected}, got {got}", self.kind))
        };
        if let Some(step) = self.repeated.first() {
            return Err(refused(format!("one handler for {step:?}"), "two".to_owned()));
        }
        if self.handlers.is_empty() {
            return Err(refused("a handler for one step at least".to_owned(), "none".to_owned()));
        }
        let Some(known) = &self.known else { return Ok(()) };
        match self.handlers.keys().find(|name| !known.contains(name)) {
            Some(step) => Err(refused(format!("a step of the template, {known:?}"), format!("{step:?}"))),
            None => Ok(()),
        }
    }
}

/// The handlers of all kinds of task that a worker serves.
///
/// ```
/// use tasker_core::templates::{StepTemplate, TaskTemplate};
/// use tasker_core::worker::{Registry, Step, StepHandler, TaskHandlers};
///
/// let template = TaskTemplate::new("settle").step(StepTemplate::new("bank", "pay"));
/// let handlers = TaskHandlers::of(&template).step("pay", StepHandler::blocking(|_: Step| Ok(serde_json::json!({}))));
/// let registry = Registry::new([handlers.clone()])?;
/// assert_eq!(registry.kinds().count(), 1);
///
/// let twice = Registry::new([handlers.clone(), handlers]).unwrap_err();
/// assert_eq!(twice.to_string(), "handlers of default/settle 0.1.0: expected one set, got two");
/// # Ok::<(), tasker_core::worker::WorkerError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Registry(Vec<TaskHandlers>);

impl Registry {
    /// Handlers of different kinds of task.
    ///
    /// # Errors
    ///
    /// [`WorkerError::Registry`] where there are none, for a kind that is there twice, a kind without handlers, a step with two, and a handler
    /// for a step that the template does not have.
    pub fn new(handlers: impl IntoIterator<Item = TaskHandlers>) -> Result<Self, WorkerError> {
        let handlers: Vec<TaskHandlers> = handlers.into_iter().collect();
        if handlers.is_empty() {
            return Err(WorkerError::Registry(
                "a worker: expected handlers for one kind of task at least, got none".to_owned(),
            ));
        }
        for (place, set) in handlers.iter().enumerate() {
            set.check()?;
            if handlers[..place].iter().any(|other| other.kind == set.kind) {
                return Err(WorkerError::Registry(format!(
                    "handlers of {}: expected one set, got two",
                    set.kind
                )));
            }
        }
        Ok(Registry(handlers))
    }

    /// The kinds of task.
    pub fn kinds(&self) -> impl Iterator<Item = &TaskKind> {
        self.0.iter().map(TaskHandlers::kind)
    }

    pub(super) fn sets(&self) -> &[TaskHandlers] {
        &self.0
    }
}
