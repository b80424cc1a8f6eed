//! JSON as Rails writes it: ActiveSupport's escapes, the json gem's numbers, and of two members of one name the last one, in the
//! place of the first.

use super::float;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::fmt;

/// How deep Ruby's parser goes.
const DEEPEST: usize = 100;

/// The text that Rails writes for a value.
pub(crate) fn text(value: &Value) -> String {
    let text = value.to_string();
    rewrite(&text).unwrap_or(text)
}

/// A JSON text as Rails writes it again after it has read it. O(size × depth)
///
/// `None` where Ruby reads nothing: values more than 100 deep, and strings that are no Unicode text.
pub(crate) fn rewrite(json: &str) -> Option<String> {
    let mut out = String::with_capacity(json.len());
    write(json.trim(), 0, &mut out)?;
    Some(out)
}

fn write(json: &str, depth: usize, out: &mut String) -> Option<()> {
    match json.as_bytes().first()? {
        b'{' | b'[' if depth == DEEPEST => return None,
        b'{' => {
            let members = members(json)?;
            out.push('{');
            for (index, (name, value)) in members.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                string(name, out);
                out.push(':');
                write(value.get(), depth + 1, out)?;
            }
            out.push('}');
        }
        b'[' => {
            let items: Vec<&RawValue> = serde_json::from_str(json).ok()?;
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(item.get(), depth + 1, out)?;
            }
            out.push(']');
        }
        b'"' => string(&serde_json::from_str::<String>(json).ok()?, out),
        b't' | b'f' | b'n' => out.push_str(json),
        _ => number(json, out)?,
    }
    Some(())
}

/// The members of an object, each name once.
fn members(json: &str) -> Option<Vec<(String, &RawValue)>> {
    struct Members;

    impl<'de> Visitor<'de> for Members {
        type Value = Vec<(String, &'de RawValue)>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut members: Self::Value = Vec::new();
            let mut places: HashMap<String, usize> = HashMap::new();
            while let Some((name, value)) = map.next_entry::<String, &RawValue>()? {
                match places.get(&name) {
                    Some(&place) => members[place].1 = value,
                    None => {
                        places.insert(name.clone(), members.len());
                        members.push((name, value));
                    }
                }
            }
            Ok(members)
        }
    }

    serde_json::Deserializer::from_str(json).deserialize_map(Members).ok()
}

/// A string between quotes.
pub(crate) fn string(text: &str, out: &mut String) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{c}' => out.push_str("\\f"),
            '\u{8}' => out.push_str("\\b"),
            '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(letter)));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

/// Integers of any size stay as they are; what is written with a point or an exponent is a float, and infinite ones are null.
fn number(literal: &str, out: &mut String) -> Option<()> {
    if literal.bytes().all(|byte| byte == b'-' || byte.is_ascii_digit()) {
        out.push_str(if literal == "-0" { "0" } else { literal });
        return Some(());
    }
    let value: f64 = literal.parse().ok()?;
    if value.is_finite() {
        out.push_str(&float::text(value))
    } else {
        out.push_str("null")
    }
    Some(())
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
