//! The engine's nine sections, an option a field, with the engine's names, types and defaults.
//!
//! The documentation of a field becomes its description in the [JSON Schema](super::Loader::json_schema), and its default the one there.

/// A struct of options: each field with its documentation, type and default.
macro_rules! options {
    (
        $(#[$about:meta])*
        pub struct $name:ident {
            $($(#[$field_about:meta])* $field:ident: $kind:ty = $default:expr,)*
        }
    ) => {
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(default)]
        $(#[$about])*
        pub struct $name {
            $($(#[$field_about])* pub $field: $kind,)*
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default,)* }
            }
        }
    };
}

mod auth;
mod backoff;
mod cache;
mod database;
mod dependency_graph;
mod engine;
mod execution;
mod health;
mod json_limits;
mod telemetry;

pub use auth::Auth;
pub use backoff::{Backoff, ReenqueueDelays};
pub use cache::Cache;
pub use database::Database;
pub use dependency_graph::{
    DependencyGraph, DurationEstimates, ImpactMultipliers, PenaltyConstants, SeverityMultipliers,
    SeverityThresholds,
};
pub use engine::{Engine, IdentityStrategy};
pub use execution::{ConnectionPressureFactors, Execution};
pub use health::Health;
pub use json_limits::JsonLimits;
pub use telemetry::{Prometheus, Telemetry, TelemetryProcessing};
