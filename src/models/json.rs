//! JSON as Rails writes it.

use serde_json::Value;

/// The text of a value.
pub(crate) fn text(value: &Value) -> String {
    value.to_string()
}

/// ActiveSupport's `blank?`
pub(crate) fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) | Value::Number(_) => false,
        Value::String(text) => text.chars().all(char::is_whitespace),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
    }
}
