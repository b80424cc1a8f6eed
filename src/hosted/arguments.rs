//! Arguments that only hosts have, and what is said of wrong ones.

use crate::operations::slowest;
use crate::time::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value as Json};
use std::fmt::Display;

/// An operation that cannot be started.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StartError {
    /// No operation has this name.
    #[error("unknown operation `{0}`; hosted::OPERATIONS lists the {count}", count = super::OPERATIONS.len())]
    UnknownOperation(String),
    /// The arguments do not fit.
    #[error("{operation}: {}{problem}", argument.as_ref().map(|path| format!("argument `{path}`: ")).unwrap_or_default())]
    Argument {
        /// The operation.
        operation: &'static str,
        /// The path of the argument, such as `tasks[0]`; `None` where an argument is unknown or missing, which the problem then names.
        argument: Option<String>,
        /// Expected and got.
        problem: String,
    },
}

impl StartError {
    pub(super) fn unknown_operation(name: &str) -> Self {
        StartError::UnknownOperation(name.to_owned())
    }

    /// The error for an argument that `operation`, whose arguments are `names`, does not have.
    ///
    /// ```
    /// use tasker_core::hosted::StartError;
    ///
    /// let refused = StartError::unknown_argument("next_wait", "steps", &["task"]);
    /// assert_eq!(refused.to_string(), "next_wait: argument `steps`: unknown field `steps`, expected `task`");
    /// ```
    #[must_use]
    pub fn unknown_argument(operation: &'static str, name: &str, names: &[&str]) -> Self {
        let problem = format!("unknown field `{name}`, {}", expected(names));
        StartError::Argument { operation, argument: Some(name.to_owned()), problem }
    }
}

/// The arguments of one call, in whatever a host has for values. They are read one by one, so that each type is parsed by one piece of code,
/// not by one for each operation. [`start`](super::start) reads them from any deserializer, [`start_with`](super::start_with) from here.
///
/// ```
/// use serde::de::DeserializeOwned;
/// use tasker_core::hosted::{Arguments, StartError, parse_argument, start_with};
/// use tasker_core::time::Timestamp;
///
/// struct OneTask(i64);
///
/// impl Arguments for OneTask {
///     fn open(&mut self, operation: &'static str, names: &'static [&'static str]) -> Result<(), StartError> {
///         if names == ["task"] { Ok(()) } else { Err(StartError::unknown_argument(operation, "task", names)) }
///     }
///
///     fn take<T: DeserializeOwned>(&mut self, name: &'static str) -> Result<T, StartError> {
///         parse_argument("next_wait", name, Some(serde_json::json!(self.0)))
///     }
/// }
///
/// let mut coroutine = start_with("next_wait", &mut OneTask(7), Timestamp(0))?;
/// assert!(coroutine.resume(None)?.is_some());
/// assert!(start_with("system_load", &mut OneTask(7), Timestamp(0)).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Arguments {
    /// Looks at the arguments of `operation`, which may have these `names`, in this order.
    ///
    /// # Errors
    ///
    /// [`StartError::Argument`] where there are others, for which [`StartError::unknown_argument`] has the words.
    fn open(&mut self, operation: &'static str, names: &'static [&'static str]) -> Result<(), StartError>;

    /// Takes the argument of this name. One that is an `Option` may be left out. See [`parse_argument`].
    ///
    /// # Errors
    ///
    /// [`StartError::Argument`] where it is missing, or of another type.
    fn take<T: DeserializeOwned>(&mut self, name: &'static str) -> Result<T, StartError>;
}

/// Parses the argument `name` of `operation`; `None` is an argument that was left out.
///
/// # Errors
///
/// [`StartError::Argument`] with the path of the value that does not fit, or where the argument is missing.
///
/// ```
/// use tasker_core::hosted::parse_argument;
///
/// let refused = parse_argument::<Vec<i64>, _>("count", "tasks", Some(serde_json::json!([1, "2"]))).unwrap_err();
/// assert_eq!(refused.to_string(), "count: argument `tasks[1]`: invalid type: string \"2\", expected i64");
/// let missing = parse_argument::<Vec<i64>, serde_json::Value>("count", "tasks", None).unwrap_err();
/// assert_eq!(missing.to_string(), "count: missing field `tasks`");
/// ```
pub fn parse_argument<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    operation: &'static str,
    name: &str,
    value: Option<D>,
) -> Result<T, StartError> {
    match value {
        Some(value) => {
            serde_path_to_error::deserialize(value).map_err(|error| wrong(operation, name, &error))
        }
        None => T::deserialize(Json::Null).map_err(|_| StartError::Argument {
            operation,
            argument: None,
            problem: format!("missing field `{name}`"),
        }),
    }
}

/// Arguments out of a deserializer: an object of them, or an array of them in order.
pub(super) struct JsonArguments<D> {
    source: Option<D>,
    operation: &'static str,
    values: Map<String, Json>,
}

impl<D> JsonArguments<D> {
    pub(super) fn new(source: D) -> Self {
        JsonArguments { source: Some(source), operation: "", values: Map::new() }
    }
}

impl<'de, D: Deserializer<'de>> Arguments for JsonArguments<D> {
    fn open(&mut self, operation: &'static str, names: &'static [&'static str]) -> Result<(), StartError> {
        self.operation = operation;
        let Some(source) = self.source.take() else { return Ok(()) };
        let arguments: Json =
            serde_path_to_error::deserialize(source).map_err(|error| wrong(operation, "", &error))?;
        self.values = match arguments {
            Json::Object(values) => values,
            Json::Array(values) if values.len() <= names.len() => {
                let mut named = Map::new();
                for (name, value) in names.iter().zip(values) {
                    named.insert((*name).to_owned(), value);
                }
                named
            }
            other => {
                let expected = format!(
                    "expected an object of arguments, or at most {} in order, got {other}",
                    names.len()
                );
                return Err(StartError::Argument { operation, argument: None, problem: expected });
            }
        };
        match self.values.keys().find(|name| !names.contains(&name.as_str())) {
            None => Ok(()),
            Some(name) => Err(StartError::unknown_argument(operation, name, names)),
        }
    }

    fn take<T: DeserializeOwned>(&mut self, name: &'static str) -> Result<T, StartError> {
        parse_argument(self.operation, name, self.values.remove(name))
    }
}

/// The error for a value within the argument `name`, or within all arguments where that is empty.
fn wrong<E: Display>(
    operation: &'static str,
    name: &str,
    error: &serde_path_to_error::Error<E>,
) -> StartError {
    let within = error.path().to_string();
    let argument = match within.as_str() {
        "." => name.to_owned(),
        _ if name.is_empty() || within.starts_with('[') => format!("{name}{within}"),
        _ => format!("{name}.{within}"),
    };
    let argument = (!argument.is_empty()).then_some(argument);
    StartError::Argument { operation, argument, problem: error.inner().to_string() }
}

fn expected(names: &[&str]) -> String {
    match names {
        [] => "there are no fields".to_owned(),
        [name] => format!("expected `{name}`"),
        [first, second] => format!("expected `{first}` or `{second}`"),
        _ => format!("expected one of `{}`", names.join("`, `")),
    }
}

/// The metadata of a transition: a JSON object.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Metadata(pub Map<String, Json>);

impl Metadata {
    pub(super) fn text(metadata: Option<Metadata>) -> Box<str> {
        Json::Object(metadata.unwrap_or_default().0).to_string().into_boxed_str()
    }
}

/// Limits a list of the slowest steps or tasks; what is left out does not limit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Tasks made since then, in microseconds since 1970 (UTC); within the last 24 hours where it is left out.
    pub since: Option<Timestamp>,
    /// How many; 10 where it is left out.
    pub limit: Option<u32>,
    /// Of this namespace.
    pub namespace: Option<Box<str>>,
    /// Of this name.
    pub task_name: Option<Box<str>>,
    /// Of this version.
    pub version: Option<Box<str>>,
}

impl From<Choice> for slowest::Choice {
    fn from(choice: Choice) -> Self {
        let Choice { since, limit, namespace, task_name, version } = choice;
        slowest::Choice { since, limit, namespace, task_name, version }
    }
}
