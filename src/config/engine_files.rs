//! The engine's YAML files beside task definitions: events and subscriptions.
//!
//! Task definitions are read by [`TaskTemplate::from_yaml`](crate::templates::TaskTemplate::from_yaml).

use super::problem::{ConfigError, Problem};
use super::validation::Validation;
use super::value::table_to_json;
use super::yaml;
use config::{Map, ValueKind};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// A file of events: `config/tasker/system_events.yml` of the engine, or one of an application's `custom_events_directories`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
pub struct EventDefinitions {
    /// Events by category and name, as the engine reads them.
    pub event_metadata: BTreeMap<String, BTreeMap<String, EventDefinition>>,
    /// Events by category and name, as the engine's generator writes them.
    pub events: BTreeMap<String, BTreeMap<String, EventDefinition>>,
    /// The transitions of the state machines, in the engine's own file.
    pub state_machine_mappings: Json,
}

/// The documentation of an event.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
pub struct EventDefinition {
    /// The name of the event, in files of applications.
    pub constant: Option<String>,
    /// The Ruby constant of the name, in the engine's own file.
    pub constant_ref: Option<String>,
    /// The occasion on which it is published.
    pub description: Option<String>,
    /// The members of the payload.
    #[serde(default)]
    pub payload_schema: BTreeMap<String, PayloadField>,
    /// The classes that publish it.
    #[serde(default)]
    pub fired_by: Vec<String>,
}

/// A member of a payload.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct PayloadField {
    /// The Ruby type, such as `Float`.
    pub r#type: String,
    /// A member of every payload.
    #[serde(default)]
    pub required: bool,
}

/// A file of `config/tasker/subscriptions/`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Subscriptions {
    /// The subscriptions by name.
    pub subscriptions: BTreeMap<String, Subscription>,
}

/// A subscriber, its events and its own settings.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
pub struct Subscription {
    /// The Ruby class.
    pub class: String,
    /// Is it subscribed at all?
    #[serde(default = "enabled")]
    pub enabled: bool,
    /// The names of the events; `*` is all.
    #[serde(default)]
    pub events: Vec<String>,
    /// The subscriber's own settings.
    #[serde(default)]
    pub config: Json,
}

fn enabled() -> bool {
    true
}

impl EventDefinitions {
    /// Reads a file of events; `source` names it in errors.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] with every problem.
    ///
    /// ```
    /// use tasker_core::config::{EventDefinition, EventDefinitions, PayloadField};
    ///
    /// let text = "
    /// events:
    ///   custom:
    ///     order_processed:
    ///       constant: order.processed
    ///       fired_by: [OrderService]
    ///       payload_schema: { amount: { type: Float, required: true } }
    /// ";
    /// let definitions = EventDefinitions::from_yaml(text, "order_events.yml")?;
    /// let event: &EventDefinition = &definitions.events["custom"]["order_processed"];
    /// assert_eq!(event.constant.as_deref(), Some("order.processed"));
    /// assert_eq!(event.payload_schema["amount"], PayloadField { r#type: "Float".to_owned(), required: true });
    /// # Ok::<(), tasker_core::config::ConfigError>(())
    /// ```
    pub fn from_yaml(text: &str, source: &str) -> Result<Self, ConfigError> {
        read(text, source)
    }
}

impl Subscriptions {
    /// Reads a file of subscriptions; `source` names it in errors.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] with every problem.
    ///
    /// ```
    /// use tasker_core::config::{Subscription, Subscriptions};
    ///
    /// let text = "subscriptions: { alerts: { class: PagerSubscriber, events: [task.failed] } }";
    /// let subscriptions = Subscriptions::from_yaml(text, "alerts.yml")?;
    /// let alerts: &Subscription = &subscriptions.subscriptions["alerts"];
    /// assert!(alerts.enabled);
    /// # Ok::<(), tasker_core::config::ConfigError>(())
    /// ```
    pub fn from_yaml(text: &str, source: &str) -> Result<Self, ConfigError> {
        read(text, source)
    }
}

fn read<T: DeserializeOwned + JsonSchema>(text: &str, source: &str) -> Result<T, ConfigError> {
    let values = match yaml::read(text, source)?.kind {
        ValueKind::Table(values) => values,
        ValueKind::Nil => Map::new(),
        _ => return Err(Problem::new(source, "", "a mapping", "another value").into()),
    };
    let document = table_to_json(&values);
    let mut generator =
        SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true).into_generator();
    let schema = generator.root_schema_for::<T>().to_value();
    let validation = Validation { schema: &schema, document: &document, values: &values, source };
    let problems = validation.problems();
    if !problems.is_empty() {
        return Err(ConfigError::of(problems));
    }
    serde_json::from_value(document.clone())
        .map_err(|error| Problem::new(source, "", "a file of the engine", error.to_string()).into())
}
