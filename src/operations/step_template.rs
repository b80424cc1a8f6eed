//! What a handler declares about a step.

/// A step as its task's handler declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
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
