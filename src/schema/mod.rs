//! Comparing a database with the tables, view and functions that the crate expects.
//!
//! In production the Rails application migrates the database that it shares with programs in Rust, so this crate changes nothing there:
//! [`check`] names every difference. A database without Rails is migrated by [`store::migrate`](crate::store::migrate).

mod catalog;

use crate::error::Error;
use catalog::Object;
use sqlx::PgConnection;
use std::collections::BTreeMap;
use std::fmt;

/// What kind of thing differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A table of the engine.
    Table,
    /// A column: its type, whether it may be null, its default.
    Column,
    /// A primary key, a foreign key, or another condition on rows.
    Constraint,
    /// An index that keeps rows unique.
    UniqueIndex,
    /// Another index.
    Index,
    /// A view of the engine, with its columns.
    View,
    /// A function of the engine, with its result and body.
    Function,
}

/// What a difference means to this crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Impact {
    /// Answers come from the native twins: see [`functions::Native`](crate::functions::Native).
    Fallback,
    /// Statements are slower.
    Slower,
    /// Statements fail, or rows that should be refused are accepted.
    Broken,
}

/// One difference between a database and what the crate expects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The kind of the thing.
    pub kind: Kind,
    /// Its name; of a column with its table, of constraints and indexes with their definition, since their own names do not matter.
    pub name: String,
    /// The definition that the crate expects; `None` where it expects no such thing.
    pub expected: Option<String>,
    /// The definition in the database; `None` where there is none.
    pub found: Option<String>,
}

impl Difference {
    /// What it means to this crate. O(1).
    ///
    /// ```
    /// use tasker_core::schema::{Difference, Impact, Kind};
    ///
    /// let name = "tasker_tasks.tags".to_owned();
    /// let missing = Difference { kind: Kind::Column, name, expected: Some("jsonb".to_owned()), found: None };
    /// assert_eq!(missing.impact(), Impact::Broken);
    /// assert_eq!(missing.to_string(), "column tasker_tasks.tags: expected jsonb, found none");
    /// ```
    pub fn impact(&self) -> Impact {
        match self.kind {
            Kind::Table | Kind::Column | Kind::Constraint | Kind::UniqueIndex => Impact::Broken,
            Kind::Index => Impact::Slower,
            Kind::View | Kind::Function => Impact::Fallback,
        }
    }
}

impl fmt::Display for Difference {
    /// `column tasker_tasks.tags: expected jsonb, found json`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |definition: &Option<String>| match definition.as_deref() {
            None => "none".to_owned(),
            Some("") => "one".to_owned(),
            Some(definition) => definition.to_owned(),
        };
        let (expected, found) = (text(&self.expected), text(&self.found));
        write!(f, "{} {}: expected {expected}, found {found}", self.kind, self.name)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Table => "table",
            Kind::Column => "column",
            Kind::Constraint => "constraint",
            Kind::UniqueIndex => "unique index",
            Kind::Index => "index",
            Kind::View => "view",
            Kind::Function => "function",
        })
    }
}

/// Every difference between the database and what the crate expects, ordered by kind and name. Reads the catalog in one statement, and
/// changes nothing.
///
/// Tables are looked for in the session's `search_path`. What an application has added is no difference, as long as the crate's statements
/// work with it: a column that needs a value is one. Names of constraints and indexes are not compared, nor how often an index is there. Of a
/// table that is missing only the table is named.
///
/// # Errors
///
/// [`Error::Database`].
///
/// ```
/// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
/// # doctest::in_transaction(async |tx| {
/// use tasker_core::schema::{self, Impact};
///
/// for difference in schema::check(&mut *tx).await? {
///     println!("{difference}");
///     assert!(difference.impact() < Impact::Broken, "this program cannot work with the database");
/// }
/// # Ok(()) });
/// ```
pub async fn check(connection: &mut PgConnection) -> Result<Vec<Difference>, Error> {
    Ok(differences(&catalog::expected(), &catalog::found(connection).await?))
}

fn differences(expected: &[Object], found: &[Object]) -> Vec<Difference> {
    let found_by_name = by_name(found);
    let expected_by_name = by_name(expected);
    let has_table = |object: &Object| {
        object.kind == Kind::Table
            || object.table().is_none_or(|table| found_by_name.contains_key(&(Kind::Table, table)))
    };
    let missing = expected.iter().filter(|object| has_table(object)).filter_map(|object| {
        let there = found_by_name.get(&object.key()).copied();
        (there != Some(&object.definition)).then(|| object.difference(Some(&object.definition), there))
    });
    let disturbing = found.iter().filter(|object| {
        let of_the_engine =
            object.table().is_some_and(|table| expected_by_name.contains_key(&(Kind::Table, table)));
        of_the_engine && object.needs_a_value() && !expected_by_name.contains_key(&object.key())
    });
    let disturbing = disturbing.map(|object| object.difference(None, Some(&object.definition)));
    let mut differences: Vec<Difference> = missing.chain(disturbing).collect();
    differences.sort_by(|a, b| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
    differences
}

fn by_name(objects: &[Object]) -> BTreeMap<(Kind, &str), &String> {
    objects.iter().map(|object| (object.key(), &object.definition)).collect()
}
