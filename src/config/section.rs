//! Sections that an application adds to the engine's.

use super::violation::Violation;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// A section of an application's or plugin's own, with a type of its own.
///
/// Fields need `#[serde(default)]`, and `#[serde(deny_unknown_fields)]` where misspelt keys are to be refused.
///
/// ```
/// use schemars::JsonSchema;
/// use serde::{Deserialize, Serialize};
/// use tasker_core::config::{Loader, Section};
///
/// #[derive(Default, Serialize, Deserialize, JsonSchema)]
/// #[serde(default, deny_unknown_fields)]
/// struct Payments {
///     bank: Option<String>,
///     retries: u32,
/// }
///
/// impl Section for Payments {
///     const NAME: &'static str = "payments";
/// }
///
/// let config = Loader::new().section::<Payments>().set("payments.retries", 3).load()?;
/// assert_eq!(config.section::<Payments>().map(|payments| payments.retries), Some(3));
/// # Ok::<(), tasker_core::config::ConfigError>(())
/// ```
pub trait Section: Serialize + DeserializeOwned + JsonSchema + Default + Send + Sync + 'static {
    /// The key of the section.
    const NAME: &'static str;

    /// The rules between several options. Those of a single option belong into its schema.
    fn violations(&self) -> Vec<Violation> {
        Vec::new()
    }
}

/// A registered section: how its type is described and read.
#[derive(Clone, Copy)]
pub(super) struct Registration {
    pub(super) name: &'static str,
    pub(super) schema: fn(&mut SchemaGenerator) -> Schema,
    pub(super) defaults: fn() -> Result<Json, serde_json::Error>,
    pub(super) parse: Parse,
}

type Parse = fn(Json) -> Result<(AnySection, Vec<Violation>), serde_json::Error>;

impl Registration {
    pub(super) fn of<T: Section>() -> Self {
        Self {
            name: T::NAME,
            schema: T::json_schema,
            defaults: || serde_json::to_value(T::default()),
            parse: |document| {
                let section: T = serde_json::from_value(document.clone())?;
                let violations = section.violations();
                Ok((AnySection { value: Arc::new(section), document }, violations))
            },
        }
    }
}

/// A section with its type, and as JSON.
#[derive(Clone)]
pub(super) struct AnySection {
    value: Arc<dyn Any + Send + Sync>,
    document: Json,
}

/// The added sections of a configuration, by name.
#[derive(Clone, Default)]
pub(super) struct Sections(pub(super) BTreeMap<&'static str, AnySection>);

impl Sections {
    pub(super) fn get<T: Section>(&self) -> Option<&T> {
        self.0.get(T::NAME)?.value.downcast_ref()
    }

    pub(super) fn documents(&self) -> impl Iterator<Item = (&'static str, &Json)> {
        self.0.iter().map(|(name, section)| (*name, &section.document))
    }
}

impl fmt::Debug for Sections {
    /// The names alone: values may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl PartialEq for Sections {
    fn eq(&self, other: &Self) -> bool {
        self.documents().eq(other.documents())
    }
}
