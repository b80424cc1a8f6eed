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
}

/// The arguments of one call. They are read one by one, so that each type is parsed by one piece of code, not by one for each operation.
pub(super) struct Arguments {
    operation: &'static str,
    values: Map<String, Json>,
}

impl Arguments {
    /// Reads an object of arguments, or an array of them in the order of `names`.
    pub(super) fn read<'de, D: Deserializer<'de>>(
        operation: &'static str,
        names: &[&str],
        arguments: D,
    ) -> Result<Self, StartError> {
        let arguments: Json =
            serde_path_to_error::deserialize(arguments).map_err(|error| wrong(operation, "", &error))?;
        let values = match arguments {
            Json::Object(values) => values,
            Json::Array(values) if values.len() <= names.len() => {
                names.iter().map(|name| (*name).to_owned()).zip(values).collect()
            }
            other => {
                let expected = format!(
                    "expected an object of arguments, or at most {} in order, got {other}",
                    names.len()
                );
                return Err(StartError::Argument { operation, argument: None, problem: expected });
            }
        };
        match values.keys().find(|name| !names.contains(&name.as_str())) {
            None => Ok(Arguments { operation, values }),
            Some(name) => Err(StartError::Argument {
                operation,
                argument: Some(name.clone()),
                problem: format!("unknown field `{name}`, {}", expected(names)),
            }),
        }
    }

    /// Takes the argument of this name. One that is an `Option` may be left out.
    pub(super) fn take<T: DeserializeOwned>(&mut self, name: &str) -> Result<T, StartError> {
        match self.values.remove(name) {
            Some(value) => {
                serde_path_to_error::deserialize(value).map_err(|error| wrong(self.operation, name, &error))
            }
            None => T::deserialize(Json::Null).map_err(|_| StartError::Argument {
                operation: self.operation,
                argument: None,
                problem: format!("missing field `{name}`"),
            }),
        }
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
