//! Section `health`.
//!
//! ```
//! use tasker_core::config::Loader;
//! use tasker_core::config::sections::Health;
//!
//! let config = Loader::new().set("health.cache_duration_seconds", 30).load()?;
//! assert_eq!(config.health, Health { cache_duration_seconds: 30, ..Health::default() });
//! # Ok::<(), tasker_core::config::ConfigError>(())
//! ```

options! {
    /// The engine's health endpoints.
    #[serde(deny_unknown_fields)]
    pub struct Health {
        /// Authenticate requests of the status endpoint.
        status_endpoint_requires_auth: bool = true,
        /// Authenticate requests of the readiness endpoint.
        ready_requires_authentication: bool = false,
        /// Authenticate requests of the status endpoint.
        status_requires_authentication: bool = true,
        /// Seconds after which a readiness check fails.
        #[schemars(extend("exclusiveMinimum" = 0))]
        readiness_timeout_seconds: f64 = 5.0,
        /// Seconds for which a health answer is cached.
        #[schemars(range(min = 1))]
        cache_duration_seconds: i64 = 15,
    }
}
