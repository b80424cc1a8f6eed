//! What a validation says.

use std::fmt;

/// One refused value, in ActiveRecord's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The column or association, or `base` for the record as a whole.
    pub field: &'static str,
    /// The reason, such as `has already been taken`.
    pub message: String,
}

impl fmt::Display for FieldError {
    /// As Rails writes it: the field with a capital and without underscores or `_id`, then the reason.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.field == "base" {
            return f.write_str(&self.message);
        }
        let words = self.field.strip_suffix("_id").unwrap_or(self.field).replace('_', " ");
        let mut letters = words.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        write!(f, "{}{} {}", first.unwrap_or_default(), letters.as_str(), self.message)
    }
}

/// A record that may not be written as it is. Nothing has been written.
///
/// ```
/// use tasker_core::models::{FieldError, Invalid};
///
/// let error = FieldError { field: "task_namespace", message: "must exist".into() };
/// let invalid = Invalid { model: "NamedTask", errors: vec![error] };
/// assert_eq!(invalid.to_string(), "NamedTask is invalid: Task namespace must exist");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{model} is invalid: {}", full_messages(errors))]
pub struct Invalid {
    /// The model, such as `Task`.
    pub model: &'static str,
    /// All reasons, in the order in which ActiveRecord finds them.
    pub errors: Vec<FieldError>,
}

impl Invalid {
    /// The reasons that concern a field.
    ///
    /// ```
    /// use tasker_core::models::{FieldError, Invalid};
    ///
    /// let error = FieldError { field: "name", message: "can't be blank".into() };
    /// let invalid = Invalid { model: "NamedTask", errors: vec![error] };
    /// assert_eq!(invalid.on("name").collect::<Vec<_>>(), ["can't be blank"]);
    /// assert_eq!(invalid.on("version").count(), 0);
    /// ```
    pub fn on(&self, field: &str) -> impl Iterator<Item = &str> {
        self.errors.iter().filter(move |error| error.field == field).map(|error| error.message.as_str())
    }
}

fn full_messages(errors: &[FieldError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
