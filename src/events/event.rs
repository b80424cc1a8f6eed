//! An event, as subscribers receive it.

use super::name::EventName;
use crate::ids::{StepId, TaskId, TransitionId};
use crate::state::State;
use crate::time::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

/// Something that has happened to a task or a step, and is committed.
///
/// As JSON it is one object: the fields below, with the engine's payload under `payload`.
///
/// ```
/// use serde_json::{Map, json};
/// use tasker_core::events::{Event, EventName};
/// use tasker_core::ids::{StepId, TaskId};
/// use tasker_core::time::Timestamp;
///
/// let event = Event {
///     name: EventName::StepCompleted,
///     task: TaskId(7),
///     step: Some(StepId(9)),
///     namespace: "payments".into(),
///     task_name: "settle".into(),
///     task_version: "1.0.0".into(),
///     state: None,
///     transition: None,
///     at: Timestamp(0),
///     payload: Map::new(),
/// };
/// assert_eq!(json!(event)["name"], "step.completed");
/// assert_eq!(json!(event)["at"], "1970-01-01T00:00:00.000Z");
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Event {
    /// Its name.
    pub name: EventName,
    /// The task.
    #[serde(rename = "task_id")]
    pub task: TaskId,
    /// The step, where it is an event of a step.
    #[serde(rename = "step_id")]
    pub step: Option<StepId>,
    /// The namespace of the task's definition.
    pub namespace: Box<str>,
    /// The name of the task's definition.
    pub task_name: Box<str>,
    /// The version of the task's definition.
    pub task_version: Box<str>,
    /// The state that a transition has reached.
    pub state: Option<State>,
    /// The id of the transition's row in the table of its kind.
    #[serde(rename = "transition_id")]
    pub transition: Option<TransitionId>,
    /// When it was recorded.
    #[serde(serialize_with = "as_iso8601")]
    pub at: Timestamp,
    /// The engine's payload, with the keys and types that its subscribers receive. Instants are texts in ISO 8601, in UTC.
    pub payload: Map<String, Value>,
}

fn as_iso8601<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&milliseconds(*at))
}

/// As Rails writes an instant into JSON.
pub(super) fn milliseconds(at: Timestamp) -> String {
    format(at, "%Y-%m-%dT%H:%M:%S%.3fZ")
}

/// As `iso8601` of an instant of Rails.
pub(super) fn seconds(at: Timestamp) -> String {
    format(at, "%Y-%m-%dT%H:%M:%SZ")
}

/// An instant outside of the calendar's range, such as `infinity`, stays as PostgreSQL writes it.
fn format(at: Timestamp, layout: &str) -> String {
    at.to_chrono().map_or_else(|| at.to_sql(), |date| date.format(layout).to_string())
}
