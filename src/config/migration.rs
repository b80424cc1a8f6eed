//! Files of older versions.

use super::problem::Problem;
use super::value::{from_json, to_json};
use config::{Map, Value, ValueKind};
use serde_json::Value as Json;

/// The change from one version of an application's files to the next.
///
/// A file without `version` has version 1; a loader with two migrations reads versions 1 to 3. The migration is applied to the sections of
/// the file, those of environments and conditions included.
///
/// ```
/// use tasker_core::config::{Loader, Migration};
///
/// let to_version_2 = Migration::new().rename("backoff.longest", "backoff.max_backoff_seconds");
/// let config = Loader::new()
///     .migration(to_version_2)
///     .yaml("old.yml", "backoff: { longest: 60 }")
///     .yaml("new.yml", "{ version: 2, backoff: { buffer_seconds: 7 } }")
///     .load()?;
/// assert_eq!(config.backoff.max_backoff_seconds, 60);
/// # Ok::<(), tasker_core::config::ConfigError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Migration(Vec<Change>);

#[derive(Clone, Debug)]
enum Change {
    Rename(String, String),
    Remove(String),
    Map(String, fn(Json) -> Json),
}

impl Migration {
    /// A migration that changes nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Moves the value of a key, with dots, to another one. A file with both keys is refused.
    #[must_use]
    pub fn rename(mut self, from: impl Into<String>, to: impl Into<String>) -> Self {
        self.0.push(Change::Rename(from.into(), to.into()));
        self
    }

    /// Drops a key that no longer exists.
    ///
    /// ```
    /// use tasker_core::config::{Loader, Migration};
    ///
    /// let to_version_2 = Migration::new().remove("cache.redis");
    /// let old = Loader::new().migration(to_version_2).yaml("old.yml", "cache: { redis: true }");
    /// assert!(old.load().is_ok());
    /// ```
    #[must_use]
    pub fn remove(mut self, key: impl Into<String>) -> Self {
        self.0.push(Change::Remove(key.into()));
        self
    }

    /// Converts the value of a key, for instance from minutes to seconds.
    ///
    /// ```
    /// use serde_json::json;
    /// use tasker_core::config::{Loader, Migration};
    ///
    /// let to_version_2 = Migration::new()
    ///     .rename("cache.minutes", "cache.default_ttl")
    ///     .map("cache.default_ttl", |minutes| minutes.as_i64().map_or(minutes, |minutes| json!(minutes * 60)));
    /// let old = Loader::new().migration(to_version_2).yaml("old.yml", "cache: { minutes: 2 }");
    /// assert_eq!(old.load()?.cache.default_ttl, 120);
    /// # Ok::<(), tasker_core::config::ConfigError>(())
    /// ```
    #[must_use]
    pub fn map(mut self, key: impl Into<String>, convert: fn(Json) -> Json) -> Self {
        self.0.push(Change::Map(key.into(), convert));
        self
    }

    pub(super) fn apply(&self, sections: &mut Map<String, Value>, source: &str) -> Result<(), Problem> {
        for change in &self.0 {
            match change {
                Change::Rename(from, to) => rename(sections, from, to, source)?,
                Change::Remove(key) => drop(take(sections, key)),
                Change::Map(key, convert) => {
                    if let Some(value) = take(sections, key) {
                        let origin = value.origin().unwrap_or(source).to_owned();
                        put(sections, key, from_json(&convert(to_json(&value)), &origin));
                    }
                }
            }
        }
        Ok(())
    }
}

fn rename(sections: &mut Map<String, Value>, from: &str, to: &str, source: &str) -> Result<(), Problem> {
    let Some(value) = take(sections, from) else { return Ok(()) };
    if take(sections, to).is_some() {
        let origin = value.origin().unwrap_or(source).to_owned();
        return Err(Problem::new(&origin, from, format!("only {to}, its new name"), "both"));
    }
    put(sections, to, value);
    Ok(())
}

fn take(sections: &mut Map<String, Value>, key: &str) -> Option<Value> {
    match key.split_once('.') {
        None => sections.remove(key),
        Some((first, rest)) => match &mut sections.get_mut(first)?.kind {
            ValueKind::Table(inner) => take(inner, rest),
            _ => None,
        },
    }
}

/// Sets the value at a key with dots, making the tables on the way.
pub(super) fn put(sections: &mut Map<String, Value>, key: &str, value: Value) {
    let Some((first, rest)) = key.split_once('.') else {
        sections.insert(key.to_owned(), value);
        return;
    };
    let table = sections.entry(first.to_owned()).or_insert_with(|| Map::<String, Value>::new().into());
    if !matches!(table.kind, ValueKind::Table(_)) {
        *table = Map::<String, Value>::new().into();
    }
    if let ValueKind::Table(inner) = &mut table.kind {
        put(inner, rest, value);
    }
}
