//! Which events a subscriber receives.

use super::event::Event;
use super::name::EventName;
use crate::ids::TaskId;
use crate::state::State;

/// Which events a subscriber receives: those that match every list, of which an empty one matches all.
///
/// ```
/// use tasker_core::events::{EventName, Filter};
/// use tasker_core::ids::TaskId;
/// use tasker_core::state::State;
///
/// let failures = Filter::new().name(EventName::StepFailed).name(EventName::TaskFailed).namespace("payments");
/// assert_eq!(failures.names.len(), 2);
/// let one_task = Filter::new().task(TaskId(7)).task_name("settle").state(State::Complete);
/// assert_eq!((one_task.tasks.len(), one_task.states.len()), (1, 1));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Names of events.
    pub names: Vec<EventName>,
    /// Namespaces of task definitions.
    pub namespaces: Vec<Box<str>>,
    /// Names of task definitions.
    pub task_names: Vec<Box<str>>,
    /// Tasks.
    pub tasks: Vec<TaskId>,
    /// States that were reached. Events that are no transitions have none and do not match.
    pub states: Vec<State>,
}

impl Filter {
    /// Every event.
    pub fn new() -> Self {
        Filter::default()
    }

    /// Adds a name of an event.
    #[must_use]
    pub fn name(mut self, name: EventName) -> Self {
        self.names.push(name);
        self
    }

    /// Adds a namespace.
    #[must_use]
    pub fn namespace(mut self, namespace: impl Into<Box<str>>) -> Self {
        self.namespaces.push(namespace.into());
        self
    }

    /// Adds a name of a task definition.
    #[must_use]
    pub fn task_name(mut self, name: impl Into<Box<str>>) -> Self {
        self.task_names.push(name.into());
        self
    }

    /// Adds a task.
    #[must_use]
    pub fn task(mut self, task: TaskId) -> Self {
        self.tasks.push(task);
        self
    }

    /// Adds a state that was reached.
    #[must_use]
    pub fn state(mut self, state: State) -> Self {
        self.states.push(state);
        self
    }

    /// Whether a subscriber with this filter receives the event. O(items of the filter).
    ///
    /// ```
    /// use serde_json::Map;
    /// use tasker_core::events::{Event, EventName, Filter};
    /// use tasker_core::ids::TaskId;
    /// use tasker_core::time::Timestamp;
    ///
    /// let event = Event {
    ///     name: EventName::NoViableSteps,
    ///     task: TaskId(7),
    ///     step: None,
    ///     namespace: "payments".into(),
    ///     task_name: "settle".into(),
    ///     task_version: "1.0.0".into(),
    ///     state: None,
    ///     transition: None,
    ///     at: Timestamp(0),
    ///     payload: Map::new(),
    /// };
    /// assert!(Filter::new().matches(&event));
    /// assert!(!Filter::new().namespace("payments").task(TaskId(8)).matches(&event));
    /// ```
    pub fn matches(&self, event: &Event) -> bool {
        fn admits<T: PartialEq>(list: &[T], item: &T) -> bool {
            list.is_empty() || list.contains(item)
        }
        admits(&self.names, &event.name)
            && admits(&self.tasks, &event.task)
            && admits(&self.namespaces, &event.namespace)
            && admits(&self.task_names, &event.task_name)
            && (self.states.is_empty()
                || event.state.as_ref().is_some_and(|state| self.states.contains(state)))
    }

    /// Whether it may match events of this name.
    pub(super) fn admits(&self, name: EventName) -> bool {
        self.names.is_empty() || self.names.contains(&name)
    }
}
