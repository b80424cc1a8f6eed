//! Section `engine`.
//!
//! ```
//! use tasker_core::config::Loader;
//! use tasker_core::config::sections::{Engine, IdentityStrategy};
//!
//! let config = Loader::new().set("engine.identity_strategy", "hash").load()?;
//! assert_eq!(config.engine, Engine { identity_strategy: IdentityStrategy::Hash, ..Engine::default() });
//! assert!(Loader::new().set("engine.identity_strategy", "custom").load().is_err(), "without a class");
//! # Ok::<(), tasker_core::config::ConfigError>(())
//! ```

use super::super::violation::Violation;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

options! {
    /// Where the engine finds its definitions, and how tasks are identified.
    #[serde(deny_unknown_fields)]
    pub struct Engine {
        /// Directory of task handlers below `app/`.
        task_handler_directory: String = "tasks".to_owned(),
        /// Directory of task files below `config/`.
        task_config_directory: String = "tasker/tasks".to_owned(),
        /// Ruby module of handlers that name none.
        default_module_namespace: Option<String> = None,
        /// How the identity hash of a task is made.
        identity_strategy: IdentityStrategy = IdentityStrategy::Default,
        /// Ruby class that makes identity hashes; needed by the strategy `custom`.
        identity_strategy_class: Option<String> = None,
        /// Directories of event files below the application's root.
        custom_events_directories: Vec<String> = vec!["config/tasker/events".to_owned()],
    }
}

/// How the identity hash of a task is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum IdentityStrategy {
    /// A random UUID: every request makes a task.
    #[default]
    Default,
    /// A SHA-256 of the request: equal requests are one task.
    Hash,
    /// The application's own class.
    Custom,
}

impl Engine {
    pub(crate) fn violations(&self, found: &mut Vec<Violation>) {
        if self.identity_strategy == IdentityStrategy::Custom && self.identity_strategy_class.is_none() {
            found.push(Violation::new(
                "identity_strategy_class",
                "the name of a class, since identity_strategy is custom",
                "null",
            ));
        }
    }
}
