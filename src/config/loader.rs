//! The layers of a configuration.

use super::database_layer::DatabaseLayer;
use super::migration::Migration;
use super::section::{Registration, Section};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Reads a configuration from its layers. Later layers win, option by option:
///
/// 1. the engine's defaults,
/// 2. files, in the order in which they were added, each after those that it extends,
/// 3. their parts for the environment,
/// 4. their parts with conditions that are met,
/// 5. environment variables,
/// 6. the database,
/// 7. values set at run time.
///
/// Mappings are merged; lists are replaced as a whole.
///
/// ```
/// use tasker_core::config::Loader;
///
/// let config = Loader::new()
///     .yaml("config/tasker_core.yml", "
/// backoff:
///   max_backoff_seconds: 600
/// environments:
///   production:
///     backoff: { default_backoff_seconds: [5, 30, 120] }
/// ")
///     .environment("production")
///     .variables([("TASKER__EXECUTION__MIN_CONCURRENT_STEPS", "2")])
///     .set("cache.default_ttl", 60)
///     .load()?;
/// assert_eq!(config.backoff.max_backoff_seconds, 600);
/// assert_eq!(config.backoff.default_backoff_seconds, [5, 30, 120]);
/// assert_eq!(config.execution.min_concurrent_steps, 2);
/// assert_eq!(config.cache.default_ttl, 60);
/// # Ok::<(), tasker_core::config::ConfigError>(())
/// ```
#[derive(Clone, Default)]
pub struct Loader {
    pub(super) files: Vec<FileSource>,
    pub(super) environment: Option<String>,
    pub(super) context: BTreeMap<String, String>,
    pub(super) variables: Vec<(String, String)>,
    pub(super) database: Option<DatabaseLayer>,
    pub(super) runtime: Vec<(String, Json)>,
    pub(super) registrations: Vec<Registration>,
    pub(super) migrations: Vec<Migration>,
}

#[derive(Clone)]
pub(super) enum FileSource {
    File(PathBuf),
    Text { name: String, text: String },
}

impl Loader {
    /// A loader of the defaults alone.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file. It must exist when the configuration is loaded.
    ///
    /// ```
    /// use tasker_core::config::Loader;
    ///
    /// let error = Loader::new().file("/no/such/tasker_core.yml").load().unwrap_err();
    /// assert_eq!(error.problems[0].source, "/no/such/tasker_core.yml");
    /// ```
    #[must_use]
    pub fn file(mut self, path: impl AsRef<Path>) -> Self {
        self.files.push(FileSource::File(path.as_ref().to_owned()));
        self
    }

    /// Adds YAML under a name for errors, as if it were a file of that name.
    #[must_use]
    pub fn yaml(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.files.push(FileSource::Text { name: name.into(), text: text.into() });
        self
    }

    /// Sets the environment, such as `production`, for the parts under `environments` and for conditions.
    #[must_use]
    pub fn environment(mut self, name: impl Into<String>) -> Self {
        self.environment = Some(name.into());
        self
    }

    /// Sets a value that conditions compare with, such as `region`.
    ///
    /// ```
    /// use tasker_core::config::Loader;
    ///
    /// let loader = Loader::new().yaml("tasker_core.yml", "
    /// conditions:
    ///   - when: { region: eu }
    ///     set: { cache: { default_ttl: 60 } }
    /// ");
    /// assert_eq!(loader.clone().load()?.cache.default_ttl, 300);
    /// assert_eq!(loader.context("region", "eu").load()?.cache.default_ttl, 60);
    /// # Ok::<(), tasker_core::config::ConfigError>(())
    /// ```
    #[must_use]
    pub fn context(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.context.insert(key.into(), value.into());
        self
    }

    /// Adds environment variables, such as those of [`std::env::vars`]. Those that begin with `TASKER__` are options.
    #[must_use]
    pub fn variables<K: Into<String>, V: Into<String>>(
        mut self,
        variables: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        self.variables.extend(variables.into_iter().map(|(name, value)| (name.into(), value.into())));
        self
    }

    /// Sets the layer of the database, in place of an earlier one.
    ///
    /// ```
    /// use tasker_core::config::{DatabaseLayer, Loader};
    ///
    /// let layer = DatabaseLayer::from_iter([("cache.default_ttl", 60)]);
    /// assert_eq!(Loader::new().database(layer).load()?.cache.default_ttl, 60);
    /// # Ok::<(), tasker_core::config::ConfigError>(())
    /// ```
    #[must_use]
    pub fn database(mut self, layer: DatabaseLayer) -> Self {
        self.database = Some(layer);
        self
    }

    /// Sets an option, over all other layers.
    #[must_use]
    pub fn set(mut self, key: impl Into<String>, value: impl Into<Json>) -> Self {
        self.runtime.push((key.into(), value.into()));
        self
    }

    /// Adds a section of the application's own; [`Section`] has an example.
    #[must_use]
    pub fn section<T: Section>(mut self) -> Self {
        self.registrations.push(Registration::of::<T>());
        self
    }

    /// Adds the migration to the next version of the application's files. The first one leads from version 1 to 2.
    ///
    /// ```
    /// use schemars::JsonSchema;
    /// use serde::{Deserialize, Serialize};
    /// use tasker_core::config::{Loader, Migration, Section};
    ///
    /// #[derive(Default, Serialize, Deserialize, JsonSchema)]
    /// #[serde(default)]
    /// struct Payments {
    ///     retries: u32,
    /// }
    ///
    /// impl Section for Payments {
    ///     const NAME: &'static str = "payments";
    /// }
    ///
    /// let loader = Loader::new()
    ///     .section::<Payments>()
    ///     .migration(Migration::new().rename("payments.attempts", "payments.retries"))
    ///     .yaml("old.yml", "payments: { attempts: 3 }");
    /// assert_eq!(loader.load()?.section::<Payments>().map(|payments| payments.retries), Some(3));
    /// # Ok::<(), tasker_core::config::ConfigError>(())
    /// ```
    #[must_use]
    pub fn migration(mut self, migration: Migration) -> Self {
        self.migrations.push(migration);
        self
    }
}
