//! The engine's settings for programs in Rust.
//!
//! A [`Loader`] merges layers into a [`Config`]: defaults, YAML files, their parts for an environment and for conditions, environment
//! variables, the database, values set at run time. A configuration that is refused says every reason at once, each with its
//! source, key, expected and got ([`Problem`]). [`Live`] keeps a configuration current and replaces it by valid ones only.
//!
//! The nine sections of the engine have its options, types and defaults. `rails tasker_core:config` prints those that a Rails application
//! has set, as a file for [`Loader::file`].
//!
//! ```
//! use tasker_core::config::{Config, Loader};
//!
//! let config: Config = Loader::new().set("execution.min_concurrent_steps", 2).load()?;
//! assert_eq!(config.execution.min_concurrent_steps, 2);
//! assert_eq!(config.to_json()["execution"]["min_concurrent_steps"], 2);
//! assert_eq!(config.backoff, Config::default().backoff);
//! # Ok::<(), tasker_core::config::ConfigError>(())
//! ```

mod condition;
mod database_layer;
mod engine_files;
mod file;
mod layer;
mod limits;
mod live;
mod loader;
mod loading;
mod migration;
mod problem;
mod schema;
mod secret;
mod section;
pub mod sections;
mod setting;
mod validation;
mod value;
mod variables;
mod violation;
mod yaml;

pub use database_layer::DatabaseLayer;
pub use engine_files::{EventDefinition, EventDefinitions, PayloadField, Subscription, Subscriptions};
pub use limits::LimitError;
pub use live::{Live, Reload};
pub use loader::Loader;
pub use migration::Migration;
pub use problem::{ConfigError, Problem};
pub use secret::Secret;
pub use section::Section;
pub use setting::Setting;
pub use violation::Violation;

use schemars::JsonSchema;
use section::{AnySection, Sections};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// A whole, valid configuration. It never changes; a reload makes another one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(
    title = "tasker-core configuration",
    description = "The engine's nine sections, and those beside them."
)]
pub struct Config {
    /// Authentication and authorization of the engine's controllers.
    pub auth: sections::Auth,
    /// The database of the engine's tables.
    pub database: sections::Database,
    /// Logs, metrics and events.
    pub telemetry: sections::Telemetry,
    /// Where the engine finds its definitions, and how tasks are identified.
    pub engine: sections::Engine,
    /// The engine's health endpoints.
    pub health: sections::Health,
    /// Weights of the engine's graph analysis.
    pub dependency_graph: sections::DependencyGraph,
    /// When failed steps are retried and unfinished tasks enqueued again.
    pub backoff: sections::Backoff,
    /// Concurrency and time limits of steps that run together.
    pub execution: sections::Execution,
    /// The engine's caches of analyses and dashboards.
    pub cache: sections::Cache,
    /// Limits of JSON from outside; the crate's own section.
    pub json_limits: sections::JsonLimits,
    #[serde(skip)]
    added: Sections,
}

impl Config {
    /// The keys of the sections: the engine's nine, then the crate's own.
    pub const SECTIONS: [&'static str; 10] = [
        "auth",
        "database",
        "telemetry",
        "engine",
        "health",
        "dependency_graph",
        "backoff",
        "execution",
        "cache",
        "json_limits",
    ];

    /// A section that the application has added to the loader. O(log n).
    ///
    /// ```
    /// use schemars::JsonSchema;
    /// use serde::{Deserialize, Serialize};
    /// use tasker_core::config::{Loader, Section};
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
    /// let config = Loader::new().section::<Payments>().set("payments.retries", 3).load()?;
    /// assert_eq!(config.section::<Payments>().map(|payments| payments.retries), Some(3));
    /// assert!(Loader::new().load()?.section::<Payments>().is_none());
    /// # Ok::<(), tasker_core::config::ConfigError>(())
    /// ```
    #[must_use]
    pub fn section<T: Section>(&self) -> Option<&T> {
        self.added.get()
    }

    /// Every section as JSON, secrets included.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let mut document = serde_json::to_value(self).unwrap_or_default();
        for (name, section) in self.added.documents() {
            document[name] = section.clone();
        }
        document
    }

    fn with_sections(mut self, sections: BTreeMap<&'static str, AnySection>) -> Self {
        self.added = Sections(sections);
        self
    }

    /// The rules between options, with the section of each violation.
    fn violations(&self) -> Vec<(&'static str, Violation)> {
        let mut all = Vec::new();
        let mut collect = |section: &'static str, check: &dyn Fn(&mut Vec<Violation>)| {
            let mut found = Vec::new();
            check(&mut found);
            all.extend(found.into_iter().map(|violation| (section, violation)));
        };
        collect("engine", &|found| self.engine.violations(found));
        collect("execution", &|found| self.execution.violations(found));
        collect("cache", &|found| self.cache.violations(found));
        all
    }
}
