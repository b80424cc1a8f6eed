//! All problems of a document at once.

use super::problem::Problem;
use super::schema;
use super::value::{origin_at, shown};
use config::{Map, Value};
use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value as Json;

/// A document, its schema, and where its values are from.
pub(super) struct Validation<'d> {
    pub(super) schema: &'d Json,
    pub(super) document: &'d Json,
    pub(super) values: &'d Map<String, Value>,
    /// The source of values that have none of their own.
    pub(super) source: &'d str,
}

impl Validation<'_> {
    pub(super) fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        match jsonschema::validator_for(self.schema) {
            Ok(validator) => {
                for error in validator.iter_errors(self.document) {
                    self.add(&error, &mut problems);
                }
            }
            Err(error) => problems.push(self.problem(&[], "a valid JSON Schema", error.to_string())),
        }
        self.floats(self.document, &mut Vec::new(), &mut problems);
        problems
    }

    /// A problem of the value at a path.
    pub(super) fn problem(
        &self,
        path: &[&str],
        expected: impl Into<String>,
        got: impl Into<String>,
    ) -> Problem {
        let source = origin_at(self.values, path.iter().copied());
        Problem::new(source.as_deref().unwrap_or(self.source), &path.join("."), expected, got)
    }

    fn add(&self, error: &ValidationError<'_>, problems: &mut Vec<Problem>) {
        let pointer = error.instance_path().to_string();
        let segments: Vec<String> =
            pointer.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~")).collect();
        let path: Vec<&str> = segments.iter().map(String::as_str).collect();
        let place = error.schema_path().to_string();
        let parent = place.rsplit_once('/').and_then(|(parent, _)| self.schema.pointer(parent));
        let got = shown(&path.join("."), error.instance());
        match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected }
            | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
                for key in unexpected {
                    let full: Vec<&str> = path.iter().copied().chain([key.as_str()]).collect();
                    problems.push(self.problem(
                        &full,
                        known_keys(parent, key),
                        format!("the unknown key {key}"),
                    ));
                }
            }
            ValidationErrorKind::Required { property } => {
                let name = property.as_str().unwrap_or_default();
                problems.push(self.problem(&path, format!("the key {name}"), got));
            }
            _ => {
                let expected = parent.and_then(schema::in_words);
                let expected = expected.unwrap_or_else(|| format!("another value: {}", error.masked()));
                problems.push(self.problem(&path, expected, got));
            }
        }
    }

    /// JSON Schema takes 5.0 for an integer, which Ruby and Rust do not.
    fn floats<'v>(&self, value: &'v Json, path: &mut Vec<&'v str>, problems: &mut Vec<Problem>) {
        match value {
            Json::Object(members) => {
                for (key, value) in members {
                    path.push(key);
                    self.floats(value, path, problems);
                    path.pop();
                }
            }
            Json::Array(items) => {
                for item in items {
                    path.push("items");
                    self.floats(item, path, problems);
                    path.pop();
                }
            }
            Json::Number(number) if number.is_f64() => self.float(value, path, problems),
            _ => {}
        }
    }

    fn float(&self, value: &Json, path: &[&str], problems: &mut Vec<Problem>) {
        let whole = value.as_f64().is_some_and(|number| number.fract() == 0.0);
        let Some(place) = schema::at(self.schema, path.iter().copied()).filter(|_| whole) else { return };
        let (mut integer, mut number) = (false, false);
        for kind in schema::types(place) {
            integer |= kind == "integer";
            number |= kind == "number";
        }
        if integer && !number {
            let expected = schema::in_words(place).unwrap_or_default();
            problems.push(self.problem(path, expected, value.to_string()));
        }
    }
}

/// The keys of a mapping, the one that may have been meant first.
pub(super) fn known_keys(schema: Option<&Json>, key: &str) -> String {
    let properties = schema.and_then(|schema| schema.get("properties")).and_then(Json::as_object);
    let names: Vec<&str> = properties.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    nearest(&names, key)
}

/// One of these names, the one that may have been meant first.
pub(super) fn nearest(names: &[&str], key: &str) -> String {
    let likely = names.iter().map(|name| (strsim::damerau_levenshtein(name, key), *name)).min();
    match likely {
        Some((distance, name)) if distance <= 2 || distance * 3 <= key.len() => format!("the key {name}"),
        _ => format!("one of {}", names.join(", ")),
    }
}
