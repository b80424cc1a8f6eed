//! From layers to a configuration.

use super::Config;
use super::database_layer::DatabaseLayer;
use super::file::{FileLayers, FileReader, known_sections};
use super::layer::Layer;
use super::loader::{FileSource, Loader};
use super::migration::put;
use super::problem::{ConfigError, Problem};
use super::schema;
use super::validation::Validation;
use super::value::{from_json, table_to_json};
use super::variables;
use super::violation::Violation;
use config::{Map, Source, Value};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// The values of all layers, merged and not yet checked.
pub(super) struct Merged {
    pub(super) values: Map<String, Value>,
    problems: Vec<Problem>,
    schema: Json,
}

impl Loader {
    /// Loads the configuration. It reads files and nothing else.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] with every problem: files that cannot be read, unknown keys, wrong types, refused values.
    ///
    /// ```
    /// use tasker_core::config::Loader;
    ///
    /// let error = Loader::new().yaml("tasker_core.yml", "cache:\n  default_ttl: soon").load().unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "the configuration is refused:\n  tasker_core.yml, line 2: cache.default_ttl: expected an integer of at least 1, got \"soon\""
    /// );
    /// ```
    pub fn load(&self) -> Result<Config, ConfigError> {
        self.load_merged().map(|(config, _)| config)
    }

    /// The JSON Schema (2020-12) of configuration files, for editors. It has the sections that were added, too.
    ///
    /// ```
    /// use tasker_core::config::Loader;
    ///
    /// let schema = Loader::new().json_schema();
    /// assert!(schema["properties"]["backoff"].is_object());
    /// ```
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

    pub(super) fn load_merged(&self) -> Result<(Config, Merged), ConfigError> {
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

fn refused(validation: &Validation<'_>, section: &str, violation: Violation) -> Problem {
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
