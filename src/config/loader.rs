//! From layers to a configuration.

use super::Config;
use super::database_layer::DatabaseLayer;
use super::file::{FileLayers, FileReader, known_sections};
use super::layer::Layer;
use super::migration::{Migration, put};
use super::problem::{ConfigError, Problem};
use super::schema;
use super::secret::is_secret;
use super::section::{Registration, Section};
use super::validation::Validation;
use super::value::{from_json, origin_at, table_to_json};
use super::variables;
use config::{Map, Source, Value};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
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
    files: Vec<FileSource>,
    pub(super) environment: Option<String>,
    pub(super) context: BTreeMap<String, String>,
    variables: Vec<(String, String)>,
    database: Option<DatabaseLayer>,
    runtime: Vec<(String, Json)>,
    registrations: Vec<Registration>,
    pub(super) migrations: Vec<Migration>,
}

#[derive(Clone)]
enum FileSource {
    File(PathBuf),
    Text { name: String, text: String },
}

/// An option of a configuration with the place of its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// The key with dots.
    pub key: String,
    /// The value.
    pub value: Json,
    /// A file with its line, an environment variable, `database`, `runtime` or `defaults`.
    pub source: String,
}

impl Setting {
    /// A value that is to be shown nowhere, by its name: a password, a token, a key.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        is_secret(&self.key)
    }
}

/// The values of all layers, merged and not yet checked.
struct Merged {
    values: Map<String, Value>,
    problems: Vec<Problem>,
    schema: Json,
}

impl Loader {
    /// A loader of the defaults alone.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file. It must exist when the configuration is loaded.
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

    /// Adds a section of the application's own.
    #[must_use]
    pub fn section<T: Section>(mut self) -> Self {
        self.registrations.push(Registration::of::<T>());
        self
    }

    /// Adds the migration to the next version of the application's files. The first one leads from version 1 to 2.
    #[must_use]
    pub fn migration(mut self, migration: Migration) -> Self {
        self.migrations.push(migration);
        self
    }

    /// Loads the configuration. It reads files and nothing else.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] with every problem: files that cannot be read, unknown keys, wrong types, refused values.
    pub fn load(&self) -> Result<Config, ConfigError> {
        self.load_merged().map(|(config, _)| config)
    }

    /// Loads the configuration, and returns every option with its source.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load).
    pub fn load_settings(&self) -> Result<(Config, Vec<Setting>), ConfigError> {
        let (config, merged) = self.load_merged()?;
        let mut settings = Vec::new();
        let Json::Object(sections) = config.to_json() else { return Ok((config, settings)) };
        for (section, options) in sections {
            let Json::Object(options) = options else { continue };
            for (option, value) in options {
                add_settings(&merged.values, format!("{section}.{option}"), value, &mut settings);
            }
        }
        Ok((config, settings))
    }

    /// The JSON Schema (2020-12) of configuration files, for editors. It has the sections that were added, too.
    #[must_use]
    pub fn json_schema(&self) -> Json {
        schema::of_files(&self.registrations)
    }

    /// The files that the configuration is read from, inherited ones included.
    pub(super) fn files(&self) -> BTreeSet<PathBuf> {
        self.read_files(&self.names()).layers.files
    }

    fn names(&self) -> Vec<&'static str> {
        Config::SECTIONS.into_iter().chain(self.registrations.iter().map(|section| section.name)).collect()
    }

    fn load_merged(&self) -> Result<(Config, Merged), ConfigError> {
        let mut merged = self.merge();
        let document = table_to_json(&merged.values);
        let validation = Validation {
            schema: &merged.schema,
            document: &document,
            values: &merged.values,
            source: "defaults",
        };
        let mut problems = validation.problems();
        problems.append(&mut merged.problems);
        let config = if problems.is_empty() { self.parse(&validation, &mut problems) } else { None };
        match config {
            Some(config) if problems.is_empty() => Ok((config, merged)),
            _ => Err(ConfigError::of(problems)),
        }
    }

    fn merge(&self) -> Merged {
        let names = self.names();
        let schema = schema::of_sections(&self.registrations);
        let (defaults, mut problems) = self.defaults(&names);
        let mut reader = self.read_files(&names);
        problems.append(&mut reader.problems);
        let FileLayers { plain, environment, conditional, .. } = reader.layers;

        let variables = variables::sections(&self.variables, &schema, &mut problems);
        let rows = self.database.iter().flat_map(DatabaseLayer::rows);
        let upper = [
            ("variables", variables),
            ("database", nested(rows, "database")),
            ("runtime", nested(self.runtime.iter().map(|(key, value)| (key.as_str(), value)), "runtime")),
        ];
        let upper = upper.map(|(source, values)| known_sections(values, &names, source, "", &mut problems));

        let lower = [defaults].into_iter().chain(plain).chain(environment).chain(conditional);
        let builder =
            lower.chain(upper).fold(config::Config::builder(), |builder, layer| builder.add_source(layer));
        let values = builder.build().and_then(|merged| merged.collect()).unwrap_or_else(|error| {
            problems.push(Problem::new("layers", "", "layers that can be merged", error.to_string()));
            Map::new()
        });
        Merged { values, problems, schema }
    }

    fn defaults(&self, names: &[&'static str]) -> (Layer, Vec<Problem>) {
        let mut problems = Vec::new();
        let mut sections = match from_json(&Config::default().to_json(), "defaults").into_table() {
            Ok(sections) => sections,
            Err(error) => {
                problems.push(Problem::new("defaults", "", "a mapping of sections", error.to_string()));
                Map::new()
            }
        };
        for registration in &self.registrations {
            let name = registration.name;
            if names.iter().filter(|other| **other == name).count() > 1 {
                problems.push(Problem::new("sections", name, "a name for each section", "the name twice"));
            }
            match (registration.defaults)() {
                Ok(defaults) => drop(sections.insert(name.to_owned(), from_json(&defaults, "defaults"))),
                Err(error) => {
                    problems.push(Problem::new(
                        "defaults",
                        name,
                        "defaults that JSON can say",
                        error.to_string(),
                    ));
                }
            }
        }
        (Layer(sections), problems)
    }

    fn read_files<'l>(&'l self, names: &'l [&'static str]) -> FileReader<'l> {
        let layers = FileLayers::default();
        let mut reader =
            FileReader { loader: self, names, layers, problems: Vec::new(), reading: Vec::new() };
        for file in &self.files {
            match file {
                FileSource::File(path) => reader.file(path),
                FileSource::Text { name, text } => reader.text(text, name, None),
            }
        }
        reader
    }

    /// The typed sections of a document that fits the schema.
    fn parse(&self, validation: &Validation<'_>, problems: &mut Vec<Problem>) -> Option<Config> {
        let Json::Object(mut sections) = validation.document.clone() else { return None };
        let mut added = BTreeMap::new();
        for registration in &self.registrations {
            let document = sections.remove(registration.name).unwrap_or(Json::Null);
            match (registration.parse)(document) {
                Ok((section, violations)) => {
                    added.insert(registration.name, section);
                    let name = registration.name;
                    problems
                        .extend(violations.into_iter().map(|violation| refused(validation, name, violation)));
                }
                Err(error) => {
                    problems.push(validation.problem(
                        &[registration.name],
                        "a valid section",
                        error.to_string(),
                    ));
                }
            }
        }
        match serde_json::from_value::<Config>(Json::Object(sections)) {
            Ok(config) => {
                let violations = config.violations();
                problems.extend(
                    violations.into_iter().map(|(name, violation)| refused(validation, name, violation)),
                );
                Some(config.with_sections(added))
            }
            Err(error) => {
                problems.push(validation.problem(&[], "valid sections", error.to_string()));
                None
            }
        }
    }
}

fn refused(validation: &Validation<'_>, section: &str, violation: super::Violation) -> Problem {
    let path: Vec<&str> = [section].into_iter().chain(violation.key.split('.')).collect();
    validation.problem(&path, violation.expected, violation.got)
}

fn nested<'v>(values: impl Iterator<Item = (&'v str, &'v Json)>, source: &str) -> Map<String, Value> {
    let mut sections = Map::new();
    for (key, value) in values {
        put(&mut sections, key, from_json(value, source));
    }
    sections
}

/// An option, or the members of one that is a mapping.
fn add_settings(values: &Map<String, Value>, key: String, value: Json, settings: &mut Vec<Setting>) {
    match value {
        Json::Object(members) if !members.is_empty() => {
            for (name, value) in members {
                add_settings(values, format!("{key}.{name}"), value, settings);
            }
        }
        value => {
            let source = origin_at(values, key.split('.')).unwrap_or_else(|| "defaults".to_owned());
            settings.push(Setting { key, value, source });
        }
    }
}
