//! Errors of a configuration.

use std::fmt;

/// One reason why a configuration is refused.
///
/// ```
/// use tasker_core::config::Problem;
///
/// let problem = Problem {
///     source: "config/tasker_core.yml, line 3".to_owned(),
///     key: "backoff.max_backoff_seconds".to_owned(),
///     expected: "an integer".to_owned(),
///     got: "\"five\"".to_owned(),
/// };
/// assert_eq!(
///     problem.to_string(),
///     "config/tasker_core.yml, line 3: backoff.max_backoff_seconds: expected an integer, got \"five\""
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The key with dots, such as `backoff.reenqueue_delays.processing`; empty for a source as a whole.
    pub key: String,
    /// The place of the value: a file with its line, an environment variable, `database`, `runtime` or `defaults`.
    pub source: String,
    /// The values that are accepted.
    pub expected: String,
    /// The value that was there; secrets are filtered.
    pub got: String,
}

impl Problem {
    pub(crate) fn new(source: &str, key: &str, expected: impl Into<String>, got: impl Into<String>) -> Self {
        Self { key: key.to_owned(), source: source.to_owned(), expected: expected.into(), got: got.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.source)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        write!(f, "expected {}, got {}", self.expected, self.got)
    }
}

/// A configuration that is refused, with all reasons, ordered by key.
///
/// ```
/// use tasker_core::config::{ConfigError, Loader};
///
/// let refused = Loader::new().set("cache.default_ttl", "soon").set("backoff.speed", 3).load();
/// let error: ConfigError = refused.unwrap_err();
/// let keys: Vec<&str> = error.problems.iter().map(|problem| problem.key.as_str()).collect();
/// assert_eq!(keys, ["backoff.speed", "cache.default_ttl"]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The reasons; never empty.
    pub problems: Vec<Problem>,
}

impl ConfigError {
    pub(crate) fn of(mut problems: Vec<Problem>) -> Self {
        problems.sort();
        problems.dedup();
        Self { problems }
    }
}

impl From<Problem> for ConfigError {
    fn from(problem: Problem) -> Self {
        Self { problems: vec![problem] }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration is refused:")?;
        self.problems.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}

impl std::error::Error for ConfigError {}
