//! Section `execution`.
//!
//! ```
//! use tasker_core::config::Loader;
//! use tasker_core::config::sections::{ConnectionPressureFactors, Execution};
//!
//! let config = Loader::new().set("execution.max_concurrent_steps_limit", 24).load()?;
//! let expected = Execution {
//!     max_concurrent_steps_limit: 24,
//!     connection_pressure_factors: ConnectionPressureFactors::default(),
//!     ..Execution::default()
//! };
//! assert_eq!(config.execution, expected);
//! # Ok::<(), tasker_core::config::ConfigError>(())
//! ```

use super::super::violation::Violation;
use std::collections::BTreeMap;

options! {
    /// Concurrency and time limits of steps that run together.
    #[serde(deny_unknown_fields)]
    pub struct Execution {
        /// Steps that run together at least.
        #[schemars(range(min = 1))]
        min_concurrent_steps: i64 = 3,
        /// Steps that run together at most.
        #[schemars(range(min = 1))]
        max_concurrent_steps_limit: i64 = 12,
        /// Seconds for which a concurrency limit is cached.
        concurrency_cache_duration: i64 = 30,
        /// Seconds that a batch may take without its steps.
        #[schemars(range(min = 1))]
        batch_timeout_base_seconds: i64 = 30,
        /// Seconds that a batch may take for each step.
        #[schemars(range(min = 1))]
        batch_timeout_per_step_seconds: i64 = 5,
        /// Seconds that a batch may take at most.
        max_batch_timeout_seconds: i64 = 120,
        /// Part of the free connections that steps may use, by the pressure on the pool.
        connection_pressure_factors: ConnectionPressureFactors = ConnectionPressureFactors::default(),
        /// Seconds for which an assessment of the pool is cached.
        #[schemars(range(min = 1))]
        health_assessment_cache_duration: i64 = 30,
        /// Level of log lines about the pool.
        #[schemars(extend("enum" = ["debug", "info", "warn", "error", "fatal"]))]
        connection_health_log_level: String = "debug".to_owned(),
    }
}

options! {
    /// Part of the free connections that steps may use, by the pressure on the pool.
    pub struct ConnectionPressureFactors {
        /// Little pressure.
        #[schemars(range(min = 0.0, max = 1.0))]
        low: f64 = 0.8,
        /// Some pressure.
        #[schemars(range(min = 0.0, max = 1.0))]
        moderate: f64 = 0.6,
        /// Much pressure.
        #[schemars(range(min = 0.0, max = 1.0))]
        high: f64 = 0.4,
        /// Hardly a free connection.
        #[schemars(range(min = 0.0, max = 1.0))]
        critical: f64 = 0.2,
        /// Levels of the application's own: the engine accepts any key here.
        #[serde(flatten)]
        additional: BTreeMap<String, f64> = BTreeMap::new(),
    }
}

impl Execution {
    /// Seconds that a batch of so many steps may take. O(1).
    ///
    /// ```
    /// use tasker_core::config::sections::Execution;
    ///
    /// let execution = Execution::default();
    /// assert_eq!(execution.batch_timeout(4), 50);
    /// assert_eq!(execution.batch_timeout(1_000), 120);
    /// ```
    #[must_use]
    pub fn batch_timeout(&self, steps: i64) -> i64 {
        let wanted = steps
            .saturating_mul(self.batch_timeout_per_step_seconds)
            .saturating_add(self.batch_timeout_base_seconds);
        wanted.min(self.max_batch_timeout_seconds)
    }

    pub(crate) fn violations(&self, found: &mut Vec<Violation>) {
        if self.min_concurrent_steps > self.max_concurrent_steps_limit {
            let expected = format!("at most max_concurrent_steps_limit, {}", self.max_concurrent_steps_limit);
            found.push(Violation::new("min_concurrent_steps", expected, self.min_concurrent_steps));
        }
        if self.max_batch_timeout_seconds <= self.batch_timeout_base_seconds {
            let expected = format!("above batch_timeout_base_seconds, {}", self.batch_timeout_base_seconds);
            found.push(Violation::new("max_batch_timeout_seconds", expected, self.max_batch_timeout_seconds));
        }
        for (level, factor) in &self.connection_pressure_factors.additional {
            if !(0.0..=1.0).contains(factor) {
                let key = format!("connection_pressure_factors.{level}");
                found.push(Violation::new(key, "a number from 0 to 1", factor));
            }
        }
    }
}
