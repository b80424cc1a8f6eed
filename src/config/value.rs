//! Values between YAML, JSON and the layers.

use super::secret::is_secret;
use config::{Map, Value, ValueKind};
use serde_json::{Number, Value as Json};

/// A value as JSON. Numbers that JSON lacks, such as NaN, are texts.
pub(super) fn to_json(value: &Value) -> Json {
    match &value.kind {
        ValueKind::Nil => Json::Null,
        ValueKind::Boolean(truth) => Json::Bool(*truth),
        ValueKind::I64(number) => Json::from(*number),
        ValueKind::U64(number) => Json::from(*number),
        ValueKind::Float(number) => {
            Number::from_f64(*number).map_or_else(|| Json::from(number.to_string()), Json::Number)
        }
        ValueKind::I128(number) => Json::from(number.to_string()),
        ValueKind::U128(number) => Json::from(number.to_string()),
        ValueKind::String(text) => Json::from(text.as_str()),
        ValueKind::Table(members) => table_to_json(members),
        ValueKind::Array(items) => Json::Array(items.iter().map(to_json).collect()),
    }
}

/// A table as a JSON object.
pub(super) fn table_to_json(members: &Map<String, Value>) -> Json {
    Json::Object(members.iter().map(|(key, value)| (key.clone(), to_json(value))).collect())
}

/// JSON as a value of a source.
pub(super) fn from_json(json: &Json, source: &str) -> Value {
    let kind = match json {
        Json::Null => ValueKind::Nil,
        Json::Bool(truth) => ValueKind::Boolean(*truth),
        Json::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => ValueKind::I64(number),
            (None, Some(number)) => ValueKind::U64(number),
            _ => number.as_f64().map_or(ValueKind::Nil, ValueKind::Float),
        },
        Json::String(text) => ValueKind::String(text.clone()),
        Json::Array(items) => ValueKind::Array(items.iter().map(|item| from_json(item, source)).collect()),
        Json::Object(members) => ValueKind::Table(
            members.iter().map(|(key, value)| (key.clone(), from_json(value, source))).collect(),
        ),
    };
    Value::new(Some(&source.to_owned()), kind)
}

/// A value in an error: short, and filtered where the key is that of a secret.
pub(super) fn shown(key: &str, value: &Json) -> String {
    if is_secret(key) && !value.is_null() {
        return "[FILTERED]".to_owned();
    }
    let text = match value {
        Json::Object(_) => return "a mapping".to_owned(),
        value => value.to_string(),
    };
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// The origin of a value, or of the first value within it.
pub(super) fn origin(value: &Value) -> Option<String> {
    if let Some(origin) = value.origin() {
        return Some(origin.to_owned());
    }
    match &value.kind {
        ValueKind::Table(members) => members.values().filter_map(origin).min(),
        ValueKind::Array(items) => items.iter().find_map(origin),
        _ => None,
    }
}

/// The origin of the value at a path, or of the deepest value on the way to it.
pub(super) fn origin_at<'k>(
    members: &Map<String, Value>,
    path: impl Iterator<Item = &'k str>,
) -> Option<String> {
    let (mut members, mut found) = (members, None);
    for key in path {
        let Some(value) = members.get(key) else { break };
        found = origin(value).or(found);
        let ValueKind::Table(inner) = &value.kind else { break };
        members = inner;
    }
    found
}
