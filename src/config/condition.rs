//! Parts of a file that apply to certain environments and contexts.

use super::loader::Loader;
use super::problem::Problem;
use super::value::{origin, shown, to_json};
use config::{Map, Value, ValueKind};
use serde_json::Value as Json;

/// Reads `{ when: …, unless: …, set: … }`: does it apply, and the sections under `set`.
pub(super) fn read(
    value: Value,
    source: &str,
    key: &str,
    loader: &Loader,
) -> Result<(bool, Map<String, Value>), Problem> {
    let place = origin(&value).unwrap_or_else(|| source.to_owned());
    let refuse = |key: &str, expected: &str, got: &Value| {
        let place = origin(got).unwrap_or_else(|| place.clone());
        Problem::new(&place, key, expected, shown(key, &to_json(got)))
    };
    let Value { kind: ValueKind::Table(mut members), .. } = value else {
        return Err(refuse(key, "a mapping with when and set", &value));
    };
    let (when, unless) = (members.remove("when"), members.remove("unless"));
    let set = members.remove("set");
    if let Some((name, value)) = members.into_iter().next() {
        return Err(refuse(&format!("{key}.{name}"), "one of when, unless, set", &value));
    }
    let mut applies = true;
    for (name, condition, wanted) in [("when", when, true), ("unless", unless, false)] {
        let Some(condition) = condition else { continue };
        let ValueKind::Table(facts) = &condition.kind else {
            return Err(refuse(&format!("{key}.{name}"), "a mapping", &condition));
        };
        applies &= facts.iter().all(|(fact, accepted)| holds(loader, fact, accepted)) == wanted;
    }
    match set {
        Some(Value { kind: ValueKind::Table(sections), .. }) => Ok((applies, sections)),
        Some(other) => Err(refuse(&format!("{key}.set"), "a mapping of sections", &other)),
        None => Err(Problem::new(&place, key, "the key set", "none")),
    }
}

/// Is the environment, or the value of the context, the accepted one or one of those?
fn holds(loader: &Loader, fact: &str, accepted: &Value) -> bool {
    let actual = match fact {
        "environment" => loader.environment.as_deref(),
        name => loader.context.get(name).map(String::as_str),
    };
    let equals = |accepted: &Value| match to_json(accepted) {
        Json::Null => actual.is_none(),
        Json::String(text) => actual == Some(text.as_str()),
        other => actual == Some(other.to_string().as_str()),
    };
    match &accepted.kind {
        ValueKind::Array(choices) => choices.iter().any(equals),
        _ => equals(accepted),
    }
}
