//! JSON as Rails writes it.

/// The text of a value.
pub(crate) fn text(value: &serde_json::Value) -> String {
    value.to_string()
}
