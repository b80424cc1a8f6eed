//! YAML as Ruby reads it (YAML 1.1 words, symbols, merge keys), with the line of each value.

use super::problem::Problem;
use config::{Map, Value, ValueKind};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use yaml_rust2::parser::{Event, Parser};
use yaml_rust2::scanner::{Marker, ScanError, TScalarStyle};

/// Mappings and sequences within each other.
const MAX_DEPTH: usize = 64;
/// Values of a file, those of repeated aliases included.
const MAX_VALUES: usize = 100_000;

/// Reads the only document of a text. O(size)
///
/// An empty text is `Nil`.
pub(super) fn read(text: &str, source: &str) -> Result<Value, Problem> {
    let parser = Parser::new_from_str(text).keep_tags(true);
    let mut reader = Reader { parser, source, anchors: HashMap::new(), values: 0 };
    reader.document()
}

/// Reads a scalar or a flow collection, such as the value of an environment variable.
pub(super) fn read_value(text: &str, source: &str) -> Result<Value, Problem> {
    let value = read(text, source)?;
    Ok(with_origin(value, source))
}

/// The same value with another origin, at every depth.
pub(super) fn with_origin(value: Value, source: &str) -> Value {
    let kind = match value.kind {
        ValueKind::Table(members) => ValueKind::Table(
            members.into_iter().map(|(key, value)| (key, with_origin(value, source))).collect(),
        ),
        ValueKind::Array(items) => {
            ValueKind::Array(items.into_iter().map(|item| with_origin(item, source)).collect())
        }
        kind => kind,
    };
    Value::new(Some(&source.to_owned()), kind)
}

struct Reader<'t> {
    parser: Parser<std::str::Chars<'t>>,
    source: &'t str,
    anchors: HashMap<usize, Value>,
    values: usize,
}

impl Reader<'_> {
    fn document(&mut self) -> Result<Value, Problem> {
        loop {
            match self.next()? {
                (Event::StreamStart | Event::DocumentStart | Event::Nothing, _) => {}
                (Event::StreamEnd, _) => return Ok(Value::new(None, ValueKind::Nil)),
                (event, mark) => {
                    let value = self.node(event, mark, 0)?;
                    return self.end().map(|()| value);
                }
            }
        }
    }

    fn end(&mut self) -> Result<(), Problem> {
        loop {
            match self.next()? {
                (Event::StreamEnd, _) => return Ok(()),
                (Event::DocumentStart, mark) => {
                    return Err(self.problem(mark, "one YAML document", "another one"));
                }
                _ => {}
            }
        }
    }

    fn next(&mut self) -> Result<(Event, Marker), Problem> {
        self.parser.next_token().map_err(|error: ScanError| {
            let mark = *error.marker();
            self.problem(mark, "YAML", format!("an error: {}", error.info()))
        })
    }

    fn node(&mut self, event: Event, mark: Marker, depth: usize) -> Result<Value, Problem> {
        if depth > MAX_DEPTH {
            return Err(self.problem(mark, format!("at most {MAX_DEPTH} levels"), "more"));
        }
        let (kind, anchor) = match event {
            Event::Alias(anchor) => return self.alias(anchor, mark),
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == TScalarStyle::Plain;
                let kind = match tag {
                    None if plain => scalar(text),
                    None => ValueKind::String(text),
                    Some(tag) if tag.suffix == "str" || tag.handle == "!" && tag.suffix.is_empty() => {
                        ValueKind::String(text)
                    }
                    Some(tag) => return Err(self.problem(mark, "a value without a tag", tag.suffix)),
                };
                (kind, anchor)
            }
            Event::SequenceStart(_, Some(tag)) | Event::MappingStart(_, Some(tag)) => {
                return Err(self.problem(mark, "a value without a tag", tag.suffix));
            }
            Event::SequenceStart(anchor, None) => (ValueKind::Array(self.sequence(depth)?), anchor),
            Event::MappingStart(anchor, None) => (ValueKind::Table(self.mapping(depth)?), anchor),
            other => return Err(self.problem(mark, "a value", format!("{other:?}"))),
        };
        self.count(mark, 1)?;
        let value = Value::new(Some(&self.origin(mark)), kind);
        if anchor > 0 {
            self.anchors.insert(anchor, value.clone());
        }
        Ok(value)
    }

    fn alias(&mut self, anchor: usize, mark: Marker) -> Result<Value, Problem> {
        let Some(value) = self.anchors.get(&anchor).cloned() else {
            return Err(self.problem(mark, "an alias of an anchor above", "one of an anchor around it"));
        };
        self.count(mark, size(&value))?;
        Ok(value)
    }

    fn sequence(&mut self, depth: usize) -> Result<Vec<Value>, Problem> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(items),
                (event, mark) => items.push(self.node(event, mark, depth + 1)?),
            }
        }
    }

    fn mapping(&mut self, depth: usize) -> Result<Map<String, Value>, Problem> {
        let (mut members, mut inherited) = (Map::new(), Vec::new());
        loop {
            let (key, plain) = match self.next()? {
                (Event::MappingEnd, _) => break,
                (Event::Scalar(key, style, ..), mark) => ((key, mark), style == TScalarStyle::Plain),
                (_, mark) => return Err(self.problem(mark, "a text as key", "a collection")),
            };
            let (event, mark) = self.next()?;
            let value = self.node(event, mark, depth + 1)?;
            let (key, mark) = key;
            if key == "<<" && plain {
                inherited.push((value, mark));
                continue;
            }
            match members.entry(key) {
                Entry::Vacant(place) => {
                    place.insert(value);
                }
                Entry::Occupied(place) => {
                    return Err(self.problem(mark, "each key once", format!("{} again", place.key())));
                }
            }
        }
        for (value, mark) in inherited {
            self.inherit(&mut members, value, mark)?;
        }
        Ok(members)
    }

    /// A merge key: the members of other mappings, where the mapping has none of its own.
    fn inherit(&self, members: &mut Map<String, Value>, from: Value, mark: Marker) -> Result<(), Problem> {
        match from.kind {
            ValueKind::Table(inherited) => {
                for (key, value) in inherited {
                    members.entry(key).or_insert(value);
                }
                Ok(())
            }
            ValueKind::Array(mappings) => {
                mappings.into_iter().try_for_each(|mapping| self.inherit(members, mapping, mark))
            }
            _ => Err(self.problem(mark, "a mapping after <<", "another value")),
        }
    }

    fn count(&mut self, mark: Marker, values: usize) -> Result<(), Problem> {
        self.values += values;
        if self.values > MAX_VALUES {
            return Err(self.problem(mark, format!("at most {MAX_VALUES} values"), "more"));
        }
        Ok(())
    }

    fn origin(&self, mark: Marker) -> String {
        format!("{}, line {}", self.source, mark.line())
    }

    fn problem(&self, mark: Marker, expected: impl Into<String>, got: impl Into<String>) -> Problem {
        Problem::new(&self.origin(mark), "", expected, got)
    }
}

fn size(value: &Value) -> usize {
    1 + match &value.kind {
        ValueKind::Table(members) => members.values().map(size).sum(),
        ValueKind::Array(items) => items.iter().map(size).sum(),
        _ => 0,
    }
}

/// A plain scalar, as Psych reads it.
fn scalar(text: String) -> ValueKind {
    match text.as_str() {
        "" | "~" | "null" | "Null" | "NULL" => ValueKind::Nil,
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => ValueKind::Boolean(true),
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => ValueKind::Boolean(false),
        _ => number(&text).unwrap_or_else(|| {
            let symbol = text.strip_prefix(':').filter(|name| name.starts_with(char::is_alphabetic));
            ValueKind::String(symbol.map_or(text.clone(), str::to_owned))
        }),
    }
}

fn number(text: &str) -> Option<ValueKind> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !digits.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return None;
    }
    let plain = text.replace('_', "");
    let radix = |prefix: &str, radix| {
        let digits = digits.strip_prefix(prefix).filter(|digits| !digits.is_empty())?;
        let value = i64::from_str_radix(&digits.replace('_', ""), radix).ok()?;
        Some(ValueKind::I64(if text.starts_with('-') { -value } else { value }))
    };
    if let Some(value) = radix("0x", 16).or_else(|| radix("0b", 2)).or_else(|| radix("0", 8)) {
        return Some(value);
    }
    if digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_') {
        return plain.parse().ok().map(ValueKind::I64);
    }
    let float = digits.contains(['.', 'e', 'E'])
        && digits.bytes().all(|byte| byte.is_ascii_digit() || b"._eE+-".contains(&byte));
    float.then(|| plain.parse().ok().map(ValueKind::Float)).flatten()
}
