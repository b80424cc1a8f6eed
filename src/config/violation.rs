//! A value that a rule of its section refuses.

use std::fmt;

/// A value that is of the right type and refused all the same, such as a minimum above its maximum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The key within its section, with dots.
    pub key: String,
    /// The values that are accepted.
    pub expected: String,
    /// The value that was there.
    pub got: String,
}

impl Violation {
    /// A violation of a key within a section.
    ///
    /// ```
    /// use tasker_core::config::Violation;
    ///
    /// let violation = Violation::new("min_concurrent_steps", "at most max_concurrent_steps_limit, 12", 20);
    /// assert_eq!(violation.got, "20");
    /// ```
    pub fn new(key: impl Into<String>, expected: impl Into<String>, got: impl fmt::Display) -> Self {
        Self { key: key.into(), expected: expected.into(), got: got.to_string() }
    }
}
