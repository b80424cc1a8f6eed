//! What a handler declares about a step.

use serde::{Deserialize, Serialize};

/// A step as its task's handler declares it.
///
/// ```
/// use tasker_core::operations::sequence::Template;
///
/// let pay = Template {
///     system: "bank".into(),
///     name: "pay".into(),
///     retryable: true,
///     retry_limit: 3,
///     skippable: false,
///     depends_on: vec!["reserve".into()],
/// };
/// assert_eq!(pay.depends_on.len(), 1);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// Name of the system it works with.
    pub system: Box<str>,
    /// Its name, unique within the task.
    pub name: Box<str>,
    /// May it be run?
    pub retryable: bool,
    /// Attempts it is allowed.
    pub retry_limit: i32,
    /// May it be skipped?
    pub skippable: bool,
    /// Names of the steps it waits for, each once.
    pub depends_on: Vec<Box<str>>,
}
