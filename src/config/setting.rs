//! The options of a configuration with their sources.

use super::Config;
use super::loader::Loader;
use super::problem::ConfigError;
use super::secret::is_secret;
use super::value::origin_at;
use config::{Map, Value};
use serde_json::Value as Json;

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

impl Loader {
    /// Loads the configuration, and returns every option with its source.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load).
    ///
    /// ```
    /// use tasker_core::config::{Loader, Setting};
    ///
    /// let (_, settings) = Loader::new().set("cache.default_ttl", 60).load_settings()?;
    /// let setting: &Setting = settings.iter().find(|setting| setting.key == "cache.default_ttl").unwrap();
    /// assert_eq!((&setting.value, setting.source.as_str()), (&60.into(), "runtime"));
    /// let password = settings.iter().find(|setting| setting.key == "telemetry.prometheus.password").unwrap();
    /// assert!(password.is_secret() && !setting.is_secret());
    /// # Ok::<(), tasker_core::config::ConfigError>(())
    /// ```
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
