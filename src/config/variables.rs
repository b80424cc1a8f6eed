//! The layer of environment variables.

use super::migration::put;
use super::problem::Problem;
use super::schema;
use super::yaml;
use config::{Map, Value, ValueKind};
use serde_json::Value as Json;

/// Variables that begin like this are options; two underscores separate the levels: `TASKER__BACKOFF__BUFFER_SECONDS`.
pub(super) const PREFIX: &str = "TASKER__";

/// The values of all variables with the prefix, by section.
pub(super) fn sections(
    variables: &[(String, String)],
    schema: &Json,
    problems: &mut Vec<Problem>,
) -> Map<String, Value> {
    let mut sections = Map::new();
    for (name, text) in variables {
        let Some(rest) = name.strip_prefix(PREFIX) else { continue };
        let key = rest.to_lowercase().replace("__", ".");
        let source = format!("variable {name}");
        match read(&key, text, &source, schema) {
            Ok(value) => put(&mut sections, &key, value),
            Err(problem) => problems.push(Problem { key, source, ..problem }),
        }
    }
    sections
}

/// The text itself for an option that is a text; otherwise a YAML value, so that lists and mappings can be written, too.
fn read(key: &str, text: &str, source: &str, schema: &Json) -> Result<Value, Problem> {
    let place = schema::at(schema, key.split('.'));
    let is_text = place.is_some_and(|place| {
        let mut types = schema::types(place).filter(|name| *name != "null");
        types.next() == Some("string") && types.next().is_none()
    });
    let value = yaml::read_value(text, source);
    match value {
        // An option without a value is set to null by an empty variable.
        Ok(value) if !is_text || value.kind == ValueKind::Nil && nullable(place) => Ok(value),
        _ if is_text => Ok(Value::new(Some(&source.to_owned()), ValueKind::String(text.to_owned()))),
        other => other,
    }
}

fn nullable(place: Option<&Json>) -> bool {
    place.is_some_and(|place| schema::types(place).any(|name| name == "null"))
}
