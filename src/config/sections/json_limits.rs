//! Section `json_limits`: of this crate, beside the engine's nine.
//!
//! ```
//! use tasker_core::config::Loader;
//! use tasker_core::config::sections::JsonLimits;
//!
//! let config = Loader::new().set("json_limits.max_depth", 20).load()?;
//! assert_eq!(config.json_limits, JsonLimits { max_depth: 20, ..JsonLimits::default() });
//! # Ok::<(), tasker_core::config::ConfigError>(())
//! ```

options! {
    /// Limits of JSON that comes from outside: contexts of requests and results of steps.
    #[serde(deny_unknown_fields)]
    pub struct JsonLimits {
        /// Bytes of the text.
        #[schemars(range(min = 1))]
        max_bytes: u64 = 1_048_576,
        /// Arrays and objects within each other. Ruby's JSON parser accepts 100.
        #[schemars(range(min = 1, max = 100))]
        max_depth: u64 = 100,
        /// Members of all objects together.
        #[schemars(range(min = 1))]
        max_keys: u64 = 10_000,
        /// Bytes of a string or of the name of a member.
        #[schemars(range(min = 1))]
        max_string_bytes: u64 = 262_144,
    }
}
