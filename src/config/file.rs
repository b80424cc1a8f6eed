//! Files: their version, the files that they inherit from, their parts for environments and conditions.

use super::condition;
use super::layer::Layer;
use super::loader::Loader;
use super::problem::Problem;
use super::validation::nearest;
use super::value::{origin, shown, to_json};
use super::yaml;
use config::{Map, Value, ValueKind};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The layers of all files, each list in the order of the files, inherited ones before those that inherit.
#[derive(Default)]
pub(super) struct FileLayers {
    pub(super) plain: Vec<Layer>,
    pub(super) environment: Vec<Layer>,
    pub(super) conditional: Vec<Layer>,
    /// Files that were read or looked for.
    pub(super) files: BTreeSet<PathBuf>,
}

/// Reads files one after the other.
pub(super) struct FileReader<'l> {
    pub(super) loader: &'l Loader,
    /// The keys of all sections.
    pub(super) names: &'l [&'static str],
    pub(super) layers: FileLayers,
    pub(super) problems: Vec<Problem>,
    /// The files that are being read: one within itself is a cycle.
    pub(super) reading: Vec<PathBuf>,
}

impl FileReader<'_> {
    pub(super) fn file(&mut self, path: &Path) {
        let source = path.display().to_string();
        let identity = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        self.layers.files.insert(path.to_owned());
        if self.reading.contains(&identity) {
            self.problems.push(Problem::new(&source, "extends", "no cycle of files", "the file again"));
            return;
        }
        match fs::read_to_string(path) {
            Ok(text) => {
                self.reading.push(identity);
                self.text(&text, &source, path.parent());
                self.reading.pop();
            }
            Err(error) => {
                self.problems.push(Problem::new(&source, "", "a readable YAML file", error.to_string()));
            }
        }
    }

    pub(super) fn text(&mut self, text: &str, source: &str, directory: Option<&Path>) {
        match yaml::read(text, source) {
            Ok(Value { kind: ValueKind::Table(document), .. }) => self.document(document, source, directory),
            Ok(Value { kind: ValueKind::Nil, .. }) => {}
            Ok(value) => {
                let got = shown("", &to_json(&value));
                self.problems.push(Problem::new(source, "", "a mapping of sections", got));
            }
            Err(problem) => self.problems.push(problem),
        }
    }

    fn document(&mut self, mut document: Map<String, Value>, source: &str, directory: Option<&Path>) {
        let Some(version) = self.version(document.remove("version"), source) else { return };
        if let Some(parents) = document.remove("extends") {
            self.inherit(&parents, source, directory);
        }
        let environments = document.remove("environments");
        let conditions = document.remove("conditions");
        if let Some(layer) = self.sections(document, version, source, "") {
            self.layers.plain.push(layer);
        }
        if let Some(environments) = environments {
            self.environments(environments, version, source);
        }
        if let Some(conditions) = conditions {
            self.conditions(conditions, version, source);
        }
    }

    /// The version of a file; `None` for one that cannot be read.
    fn version(&mut self, value: Option<Value>, source: &str) -> Option<usize> {
        let newest = self.loader.migrations.len() + 1;
        let Some(value) = value else { return Some(1) };
        let version = match value.kind {
            ValueKind::I64(number) => {
                usize::try_from(number).ok().filter(|number| (1..=newest).contains(number))
            }
            _ => None,
        };
        if version.is_none() {
            let expected =
                if newest == 1 { "1".to_owned() } else { format!("an integer from 1 to {newest}") };
            self.refuse(&value, source, "version", expected);
        }
        version
    }

    fn inherit(&mut self, parents: &Value, source: &str, directory: Option<&Path>) {
        let one = std::slice::from_ref(parents);
        let list = match &parents.kind {
            ValueKind::Array(items) => items.as_slice(),
            _ => one,
        };
        for parent in list {
            match &parent.kind {
                ValueKind::String(name) => self.file(&directory.unwrap_or(Path::new("")).join(name)),
                _ => self.refuse(parent, source, "extends", "the path of a file"),
            }
        }
    }

    fn environments(&mut self, environments: Value, version: usize, source: &str) {
        let Value { kind: ValueKind::Table(environments), .. } = environments else {
            return self.refuse(&environments, source, "environments", "a mapping of environments");
        };
        for (name, value) in environments {
            let key = format!("environments.{name}");
            let sections = match value.kind {
                ValueKind::Table(sections) => sections,
                ValueKind::Nil => continue,
                _ => {
                    self.refuse(&value, source, &key, "a mapping of sections");
                    continue;
                }
            };
            // Those of other environments are read, too: a misspelt section is found where it is written, not where it is deployed.
            if let Some(layer) = self.sections(sections, version, source, &key)
                && self.loader.environment.as_ref() == Some(&name)
            {
                self.layers.environment.push(layer);
            }
        }
    }

    fn conditions(&mut self, conditions: Value, version: usize, source: &str) {
        let Value { kind: ValueKind::Array(conditions), .. } = conditions else {
            return self.refuse(&conditions, source, "conditions", "a list");
        };
        for (index, value) in conditions.into_iter().enumerate() {
            let key = format!("conditions.{index}");
            match condition::read(value, source, &key, self.loader) {
                Ok((applies, sections)) => {
                    let layer = self.sections(sections, version, source, &format!("{key}.set"));
                    if applies && let Some(layer) = layer {
                        self.layers.conditional.push(layer);
                    }
                }
                Err(problem) => self.problems.push(problem),
            }
        }
    }

    /// A mapping of sections, brought to the newest version.
    fn sections(
        &mut self,
        mut sections: Map<String, Value>,
        version: usize,
        source: &str,
        key: &str,
    ) -> Option<Layer> {
        for migration in &self.loader.migrations[version - 1..] {
            if let Err(problem) = migration.apply(&mut sections, source) {
                self.problems.push(problem);
                return None;
            }
        }
        Some(known_sections(sections, self.names, source, key, &mut self.problems))
    }

    fn refuse(&mut self, value: &Value, source: &str, key: &str, expected: impl Into<String>) {
        let source = origin(value).unwrap_or_else(|| source.to_owned());
        self.problems.push(Problem::new(&source, key, expected, shown(key, &to_json(value))));
    }
}

/// Removes the sections that are unknown and those without any value.
pub(super) fn known_sections(
    sections: Map<String, Value>,
    names: &[&'static str],
    source: &str,
    within: &str,
    problems: &mut Vec<Problem>,
) -> Layer {
    let mut known = Map::new();
    for (name, value) in sections {
        if names.contains(&name.as_str()) {
            if value.kind != ValueKind::Nil {
                known.insert(name, value);
            }
            continue;
        }
        let source = origin(&value).unwrap_or_else(|| source.to_owned());
        let key = if within.is_empty() { name.clone() } else { format!("{within}.{name}") };
        let got = format!("the unknown key {name}");
        problems.push(Problem::new(&source, &key, nearest(names, &name), got));
    }
    Layer(known)
}
