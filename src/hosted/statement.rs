//! A query in a form that every driver sends unchanged.

use crate::session::{Access, Query, Value};
use std::collections::HashMap;
use std::sync::{LazyLock, PoisonError, RwLock};

/// A statement with its parameters, each of which is text or null.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// A short name for logs and errors.
    pub name: &'static str,
    /// PostgreSQL text with `$1`, `$2` …, each of them text that is cast to its type. No two columns of its rows have the same name. It does
    /// not depend on the time zone of the session.
    pub sql: &'static str,
    /// The parameters in order.
    pub binds: Vec<Option<Box<str>>>,
    /// Whether rows are changed.
    pub access: Access,
}

impl From<Query> for Statement {
    fn from(query: Query) -> Self {
        Statement {
            name: query.name,
            sql: text_of(query.sql),
            binds: query.binds.into_iter().map(bind).collect(),
            access: query.access,
        }
    }
}

fn bind(value: Value) -> Option<Box<str>> {
    match value {
        Value::Null => None,
        Value::Bool(value) => Some(if value { "true" } else { "false" }.into()),
        Value::Int(value) => Some(value.to_string().into_boxed_str()),
        Value::Text(value) => Some(value),
    }
}

/// The texts that were made, by the place of their source. There are as many as the core has statements, so they are kept for good.
static TEXTS: LazyLock<RwLock<HashMap<(usize, usize), &'static str>>> = LazyLock::new(RwLock::default);

fn text_of(sql: &'static str) -> &'static str {
    let key = (sql.as_ptr().addr(), sql.len());
    if let Some(text) = TEXTS.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
        return text;
    }
    let mut texts = TEXTS.write().unwrap_or_else(PoisonError::into_inner);
    texts.entry(key).or_insert_with(|| Box::leak(independent(sql).into_boxed_str()))
}

/// The clock and the conversions that depend on the session's time zone, and what stands for them. Casts of parameters are not among them:
/// a parameter is the text of a timestamp without zone.
const ZONED: [(&str, &str); 3] = [
    ("localtimestamp", "(now() at time zone 'UTC')"),
    ("::timestamptz", " at time zone 'UTC'"),
    ("::timestamp", " at time zone 'UTC'"),
];

/// The format in which the core prints instants with their zone, as it follows the instant.
const PRINTED: (&str, &str) =
    (", 'YYYY-MM-DD HH24:MI:SS TZHTZM'", " at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS \"+0000\"'");

/// `sql` with parameters that are text and with UTC for the session's time zone.
fn independent(sql: &str) -> String {
    let mut text = String::with_capacity(sql.len() + 128);
    let mut rest = sql;
    while let Some(next) = rest.chars().next() {
        let replaced = ZONED.iter().chain([&PRINTED]).find(|(from, _)| rest.starts_with(from));
        let taken = if let Some((from, to)) = replaced {
            text.push_str(to);
            from.len()
        } else if next == '$' {
            let (parameter, cast) = parameter(rest);
            text.push_str(&rest[..parameter]);
            text.push_str("::text");
            text.push_str(&rest[parameter..cast]);
            cast
        } else {
            let taken = literal(rest).unwrap_or(next.len_utf8());
            text.push_str(&rest[..taken]);
            taken
        };
        rest = &rest[taken..];
    }
    text
}

/// Where a parameter such as `$1` ends, and where the cast that follows it ends.
fn parameter(rest: &str) -> (usize, usize) {
    let end = |from: usize, part: fn(char) -> bool| {
        rest[from..].find(|char| !part(char)).map_or(rest.len(), |length| from + length)
    };
    let parameter = end(1, |char| char.is_ascii_digit());
    match rest[parameter..].starts_with("::") {
        true => (parameter, end(parameter + 2, |char| char.is_ascii_alphanumeric() || "[]_".contains(char))),
        false => (parameter, parameter),
    }
}

/// The length of the string literal with which `rest` begins, if it does; a quote within one stands there twice, which makes two literals.
fn literal(rest: &str) -> Option<usize> {
    Some(rest.strip_prefix('\'')?.find('\'')? + 2)
}
