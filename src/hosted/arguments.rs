//! Arguments that only hosts have, and what is said of wrong ones.

use crate::operations::slowest;
use crate::time::Timestamp;
use serde::{Deserialize, Deserializer};

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

/// Reads the arguments of an operation.
pub(super) fn parse<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    operation: &'static str,
    arguments: D,
) -> Result<T, StartError> {
    serde_path_to_error::deserialize(arguments).map_err(|error| {
        let path = error.path().to_string();
        StartError::Argument {
            operation,
            argument: (path != ".").then_some(path),
            problem: error.inner().to_string(),
        }
    })
}

/// The metadata of a transition: a JSON object.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Metadata(pub serde_json::Map<String, serde_json::Value>);

impl Metadata {
    pub(super) fn text(metadata: Option<Metadata>) -> Box<str> {
        serde_json::Value::Object(metadata.unwrap_or_default().0).to_string().into_boxed_str()
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
