//! The schema of a request's context, as the engine applies it: draft 4 of JSON Schema by the json-schema gem, `strict` and with
//! defaults inserted. So each property that a schema names has to be there, unless it has a default, and no other may be.

use super::TemplateError;
use crate::models::FieldError;
use serde_json::{Map, Value};

/// Keywords that constrain values and are not checked here.
const UNSUPPORTED: [&str; 15] = [
    "$ref",
    "additionalItems",
    "allOf",
    "anyOf",
    "dependencies",
    "disallow",
    "extends",
    "maxProperties",
    "minProperties",
    "multipleOf",
    "not",
    "oneOf",
    "pattern",
    "patternProperties",
    "uniqueItems",
];
/// Formats that the gem checks; it ignores all others.
const FORMATS: [&str; 4] = ["date-time", "ipv4", "ipv6", "uri"];
const TYPES: [&str; 8] = ["any", "array", "boolean", "integer", "null", "number", "object", "string"];

/// What a context does not fulfil, none where it is well. O(size)
pub(super) fn errors(schema: &Value, context: &Value) -> Result<Vec<FieldError>, TemplateError> {
    supported(schema)?;
    let mut messages = Vec::new();
    check(schema, context, "#/", &mut messages);
    Ok(messages.into_iter().map(|message| FieldError { field: "context", message }).collect())
}

fn refuse(what: impl Into<String>) -> Result<(), TemplateError> {
    Err(TemplateError::UnsupportedSchema(what.into()))
}

fn supported(schema: &Value) -> Result<(), TemplateError> {
    let Some(schema) = schema.as_object() else { return refuse(schema.to_string()) };
    if let Some(keyword) = UNSUPPORTED.iter().find(|keyword| schema.contains_key(**keyword)) {
        return refuse(*keyword);
    }
    for (keyword, value) in schema {
        match (keyword.as_str(), value) {
            ("format", Value::String(format)) if FORMATS.contains(&format.as_str()) => {
                return refuse(format!("format {format}"));
            }
            ("type", value) => {
                let known = |name: &Value| name.as_str().is_some_and(|name| TYPES.contains(&name));
                if !value.as_array().map_or_else(|| known(value), |names| names.iter().all(known)) {
                    return refuse(format!("type {value}"));
                }
            }
            ("properties", Value::Object(properties)) => properties.values().try_for_each(supported)?,
            ("items", value) => supported(value)?,
            ("additionalProperties", Value::Bool(_)) => {}
            ("properties" | "additionalProperties", value) => return refuse(format!("{keyword} {value}")),
            _ => {}
        }
    }
    Ok(())
}

fn check(schema: &Value, data: &Value, place: &str, messages: &mut Vec<String>) {
    let Some(schema) = schema.as_object() else { return };
    let mut say = |what: String| messages.push(format!("The property '{place}' {what}"));
    if let Some(types) = schema.get("type") {
        let names = types.as_array().map_or(std::slice::from_ref(types), Vec::as_slice);
        if !names.iter().any(|name| is(data, name)) {
            say(format!("did not match the type: {types}"));
        }
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array)
        && !values.contains(data)
    {
        say(format!(
            "value {data} did not match one of the following values: {}",
            Value::from(values.clone())
        ));
    }
    limits(schema, data, &mut say);
    match data {
        Value::Object(members) => object(schema, members, place, messages),
        Value::Array(items) => {
            if let Some(each) = schema.get("items") {
                for (index, item) in items.iter().enumerate() {
                    check(each, item, &below(place, &index.to_string()), messages);
                }
            }
        }
        _ => {}
    }
}

fn below(place: &str, name: &str) -> String {
    if place == "#/" { format!("#/{name}") } else { format!("{place}/{name}") }
}

fn is(data: &Value, name: &Value) -> bool {
    match name.as_str().unwrap_or_default() {
        "array" => data.is_array(),
        "boolean" => data.is_boolean(),
        "integer" => data.is_i64() || data.is_u64(),
        "null" => data.is_null(),
        "number" => data.is_number(),
        "object" => data.is_object(),
        "string" => data.is_string(),
        _ => true,
    }
}

fn limits(schema: &Map<String, Value>, data: &Value, say: &mut impl FnMut(String)) {
    let size = match data {
        Value::String(text) => Some(("Length", text.chars().count())),
        Value::Array(items) => Some(("Items", items.len())),
        _ => None,
    };
    for (prefix, lower) in [("min", true), ("max", false)] {
        if let Some((kind, size)) = size {
            let keyword = format!("{prefix}{kind}");
            let limit = schema.get(&keyword).and_then(Value::as_u64);
            if limit.is_some_and(|limit| if lower { (size as u64) < limit } else { size as u64 > limit }) {
                say(format!("did not have the {keyword} of {}", schema[&keyword]));
            }
        }
        let keyword = if lower { "minimum" } else { "maximum" };
        let exclusive = schema.get(if lower { "exclusiveMinimum" } else { "exclusiveMaximum" });
        let exclusive = exclusive.is_some_and(|flag| !matches!(flag, Value::Null | Value::Bool(false)));
        if let (Some(number), Some(limit)) = (data.as_f64(), schema.get(keyword).and_then(Value::as_f64)) {
            let beyond = if lower { number < limit } else { number > limit };
            if beyond || (exclusive && number == limit) {
                let or = if exclusive { ", exclusively" } else { "" };
                say(format!("did not have a {keyword} value of {limit}{or}"));
            }
        }
    }
}

fn object(
    schema: &Map<String, Value>,
    members: &Map<String, Value>,
    place: &str,
    messages: &mut Vec<String>,
) {
    let properties = schema.get("properties").and_then(Value::as_object);
    let default = |name: &str| {
        let property = properties.and_then(|properties| properties.get(name))?;
        property
            .get("default")
            .filter(|_| !property.get("readonly").is_some_and(|flag| flag != &Value::Bool(false)))
    };
    let listed =
        schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let named = properties.into_iter().flat_map(Map::keys).map(String::as_str);
    let mut missing: Vec<&str> =
        listed.chain(named).filter(|name| !members.contains_key(*name) && default(name).is_none()).collect();
    missing.sort_unstable();
    missing.dedup();
    for name in missing {
        messages.push(format!("The property '{place}' did not contain a required property of '{name}'"));
    }
    for (name, property) in properties.into_iter().flatten() {
        if let Some(value) = members.get(name).or_else(|| default(name)) {
            check(property, value, &below(place, name), messages);
        }
    }
    let closed = match schema.get("additionalProperties") {
        None => properties.is_some(),
        Some(allowed) => allowed == &Value::Bool(false),
    };
    let known = |name: &str| properties.is_some_and(|properties| properties.contains_key(name));
    let others: Vec<&str> =
        members.keys().map(String::as_str).filter(|name| closed && !known(name)).collect();
    if !others.is_empty() {
        messages
            .push(format!("The property '{place}' contained undefined properties: '{}'", others.join(", ")));
    }
}
