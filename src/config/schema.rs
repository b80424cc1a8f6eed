//! The JSON Schema of a configuration, and its words in errors.

use super::Config;
use super::section::Registration;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value as Json, json};

/// The schema of the sections, merged from all layers.
pub(super) fn of_sections(registrations: &[Registration]) -> Json {
    let mut generator =
        SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true).into_generator();
    let mut schema = generator.root_schema_for::<Config>().to_value();
    for registration in registrations {
        let section = (registration.schema)(&mut generator).to_value();
        schema["properties"][registration.name] = section;
    }
    let definitions = generator.take_definitions(true);
    if !definitions.is_empty() {
        schema["$defs"] = Json::Object(definitions);
    }
    schema
}

/// The schema of a file: the sections, and the keys that say how files become a configuration.
pub(super) fn of_files(registrations: &[Registration]) -> Json {
    let mut sections = of_sections(registrations);
    let mut file = sections.clone();
    if let (Some(sections), Some(file)) = (sections.as_object_mut(), file.as_object_mut()) {
        let mut definitions = file.remove("$defs").and_then(into_object).unwrap_or_default();
        for key in ["$schema", "$defs", "title", "description"] {
            sections.remove(key);
        }
        definitions.insert("sections".to_owned(), Json::Object(std::mem::take(sections)));
        file.insert("$defs".to_owned(), Json::Object(definitions));
        let properties = file.entry("properties").or_insert_with(|| json!({}));
        let text_or_list = json!({ "type": ["string", "array"], "items": { "type": "string" } });
        let values = json!({ "type": "object", "description": "A value or a list of values by key; the key is `environment` or one of the context." });
        properties["version"] = json!({ "type": "integer", "minimum": 1, "description": "Version of the file; 1 where there is none." });
        properties["extends"] =
            with_description(text_or_list, "Files that this one inherits from, relative to it.");
        properties["environments"] = json!({
            "type": "object", "description": "Sections by environment.",
            "additionalProperties": { "$ref": "#/$defs/sections" },
        });
        properties["conditions"] = json!({
            "type": "array", "description": "Sections for certain environments and contexts.",
            "items": {
                "type": "object", "required": ["set"], "additionalProperties": false,
                "properties": { "when": values, "unless": values, "set": { "$ref": "#/$defs/sections" } },
            },
        });
    }
    file
}

fn into_object(value: Json) -> Option<Map<String, Json>> {
    match value {
        Json::Object(members) => Some(members),
        _ => None,
    }
}

fn with_description(mut schema: Json, text: &str) -> Json {
    schema["description"] = Json::from(text);
    schema
}

/// The schema of the value at a path, where there is one.
pub(super) fn at<'s, 'k>(schema: &'s Json, path: impl IntoIterator<Item = &'k str>) -> Option<&'s Json> {
    path.into_iter().try_fold(schema, |schema, key| {
        let member = schema.get("properties").and_then(|properties| properties.get(key));
        member.or_else(|| schema.get("additionalProperties")).or_else(|| schema.get("items"))
    })
}

/// The types that a schema names.
pub(super) fn types(schema: &Json) -> impl Iterator<Item = &str> {
    let (one, several) = match schema.get("type") {
        Some(Json::String(name)) => (Some(name.as_str()), None),
        Some(Json::Array(names)) => (None, Some(names)),
        _ => (None, None),
    };
    one.into_iter().chain(several.into_iter().flatten().filter_map(Json::as_str))
}

/// The values that a schema accepts, in words; `None` where the schema says neither type nor values.
pub(super) fn in_words(schema: &Json) -> Option<String> {
    let choices = choices(schema);
    if !choices.is_empty() {
        return Some(format!("one of {}", choices.join(", ")));
    }
    let kinds: Vec<&str> = types(schema)
        .map(|name| match name {
            "integer" => "an integer",
            "number" => "a number",
            "boolean" => "true or false",
            "string" => "a text",
            "array" => "a list",
            "object" => "a mapping",
            other => other,
        })
        .collect();
    let bound = |name: &str| schema.get(name).filter(|bound| bound.is_number());
    let range = match (bound("minimum"), bound("maximum"), bound("exclusiveMinimum")) {
        (Some(low), Some(high), _) => format!(" from {low} to {high}"),
        (Some(low), None, _) => format!(" of at least {low}"),
        (None, Some(high), _) => format!(" of at most {high}"),
        (None, None, Some(low)) => format!(" above {low}"),
        _ => String::new(),
    };
    (!kinds.is_empty()).then(|| kinds.join(" or ") + &range)
}

/// The values of `enum`, `const` and alternatives of such.
fn choices(schema: &Json) -> Vec<String> {
    let word = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let listed = schema.get("enum").and_then(Json::as_array).into_iter().flatten();
    let mut found: Vec<String> = listed.chain(schema.get("const")).map(word).collect();
    for alternatives in ["oneOf", "anyOf"] {
        let schemas = schema.get(alternatives).and_then(Json::as_array).into_iter().flatten();
        found.extend(schemas.flat_map(choices));
    }
    found
}
