//! The catalog of a database as a list of named definitions, and the list that the crate expects.

use super::{Difference, Kind};
use crate::error::Error;
use sqlx::PgConnection;

/// One table, column, constraint, index, view or function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Object {
    pub kind: Kind,
    pub name: String,
    pub definition: String,
}

impl Object {
    pub(super) fn key(&self) -> (Kind, &str) {
        (self.kind, &self.name)
    }

    /// The table that it belongs to; none for views and functions.
    pub(super) fn table(&self) -> Option<&str> {
        match self.kind {
            Kind::View | Kind::Function => None,
            _ => self.name.split(['.', ' ']).next(),
        }
    }

    /// A column that refuses rows that do not name it.
    pub(super) fn needs_a_value(&self) -> bool {
        self.kind == Kind::Column && self.definition.ends_with(" not null")
    }

    pub(super) fn difference(&self, expected: Option<&String>, found: Option<&String>) -> Difference {
        Difference {
            kind: self.kind,
            name: self.name.clone(),
            expected: expected.cloned(),
            found: found.cloned(),
        }
    }
}

/// One line an object: kind, name and definition between tabs. `tests/schema` compares it with the engine's own database and says how it is
/// written anew.
const EXPECTED: &str = include_str!("expected.tsv");

pub(super) fn expected() -> Vec<Object> {
    EXPECTED.lines().filter_map(parse).collect()
}

fn parse(line: &str) -> Option<Object> {
    let mut fields = line.split('\t');
    object(fields.next()?, fields.next()?, fields.next()?)
}

fn object(kind: &str, name: &str, definition: &str) -> Option<Object> {
    let kinds = [
        Kind::Table,
        Kind::Column,
        Kind::Constraint,
        Kind::UniqueIndex,
        Kind::Index,
        Kind::View,
        Kind::Function,
    ];
    let kind = kinds.into_iter().find(|candidate| candidate.to_string() == kind)?;
    Some(Object { kind, name: name.to_owned(), definition: definition.to_owned() })
}

/// Reads the engine's objects that the session's `search_path` leads to.
pub(super) async fn found(connection: &mut PgConnection) -> Result<Vec<Object>, Error> {
    let rows: Vec<(String, String, String)> =
        sqlx::query_as(include_str!("catalog.sql")).fetch_all(connection).await?;
    Ok(rows.iter().filter_map(|(kind, name, definition)| object(kind, name, definition)).collect())
}
