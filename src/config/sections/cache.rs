//! Section `cache`.
//!
//! ```
//! use tasker_core::config::Loader;
//! use tasker_core::config::sections::Cache;
//!
//! let config = Loader::new().set("cache.default_ttl", 60).load()?;
//! assert_eq!(config.cache, Cache { default_ttl: 60, ..Cache::default() });
//! assert!(Loader::new().set("cache.min_adaptive_ttl", 9_999).load().is_err());
//! # Ok::<(), tasker_core::config::ConfigError>(())
//! ```

use super::super::violation::Violation;

options! {
    /// The engine's caches of analyses and dashboards.
    #[serde(deny_unknown_fields)]
    pub struct Cache {
        /// Seconds for which an answer is cached.
        #[schemars(range(min = 1))]
        default_ttl: i64 = 300,
        /// Adapt the seconds to how an answer is used.
        adaptive_ttl_enabled: bool = true,
        /// Measure hits and misses.
        performance_tracking_enabled: bool = true,
        /// Weight of earlier hit rates.
        #[schemars(range(min = 0.0, max = 1.0))]
        hit_rate_smoothing_factor: f64 = 0.9,
        /// Weight of earlier frequencies.
        #[schemars(range(min = 0.0, max = 1.0))]
        access_frequency_decay_rate: f64 = 0.95,
        /// Seconds at least where they adapt.
        #[schemars(range(min = 1))]
        min_adaptive_ttl: i64 = 30,
        /// Seconds at most where they adapt.
        #[schemars(range(min = 1))]
        max_adaptive_ttl: i64 = 3600,
        /// Seconds for which a dashboard is cached.
        #[schemars(range(min = 1))]
        dashboard_cache_ttl: i64 = 120,
        /// Utilization from which the cache is under pressure.
        #[schemars(range(min = 0.0, max = 1.0))]
        cache_pressure_threshold: f64 = 0.8,
        /// Seconds between two adaptations.
        #[schemars(range(min = 1))]
        adaptive_calculation_interval: i64 = 30,
    }
}

impl Cache {
    pub(crate) fn violations(&self, found: &mut Vec<Violation>) {
        if self.min_adaptive_ttl >= self.max_adaptive_ttl {
            let expected = format!("below max_adaptive_ttl, {}", self.max_adaptive_ttl);
            found.push(Violation::new("min_adaptive_ttl", expected, self.min_adaptive_ttl));
        }
    }
}
