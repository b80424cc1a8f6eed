//! Section `dependency_graph`.
//!
//! ```
//! use tasker_core::config::Loader;
//! use tasker_core::config::sections::{
//!     DependencyGraph, DurationEstimates, ImpactMultipliers, PenaltyConstants, SeverityMultipliers, SeverityThresholds,
//! };
//!
//! let config = Loader::new().set("dependency_graph.impact_multipliers.blocked_weight", 20).load()?;
//! let expected = DependencyGraph {
//!     impact_multipliers: ImpactMultipliers { blocked_weight: 20, ..ImpactMultipliers::default() },
//!     severity_multipliers: SeverityMultipliers::default(),
//!     penalty_constants: PenaltyConstants::default(),
//!     severity_thresholds: SeverityThresholds::default(),
//!     duration_estimates: DurationEstimates::default(),
//! };
//! assert_eq!(config.dependency_graph, expected);
//! # Ok::<(), tasker_core::config::ConfigError>(())
//! ```

options! {
    /// Weights of the engine's graph analysis.
    #[serde(deny_unknown_fields)]
    pub struct DependencyGraph {
        /// Weights of the impact score of a bottleneck.
        impact_multipliers: ImpactMultipliers = ImpactMultipliers::default(),
        /// Factors of the severity of a step's state.
        severity_multipliers: SeverityMultipliers = SeverityMultipliers::default(),
        /// Points added to the impact score.
        penalty_constants: PenaltyConstants = PenaltyConstants::default(),
        /// Impact scores from which a severity applies.
        severity_thresholds: SeverityThresholds = SeverityThresholds::default(),
        /// Estimates of how long steps take.
        duration_estimates: DurationEstimates = DurationEstimates::default(),
    }
}

options! {
    /// Weights of the impact score of a bottleneck.
    #[serde(deny_unknown_fields)]
    pub struct ImpactMultipliers {
        /// Points a downstream step.
        downstream_weight: i64 = 5,
        /// Points a blocked step.
        blocked_weight: i64 = 15,
        /// Points a step on the path.
        path_length_weight: i64 = 10,
        /// Points off a completed step.
        completed_penalty: i64 = 15,
        /// Points a blocked step of a path.
        blocked_penalty: i64 = 25,
        /// Points a step in error.
        error_penalty: i64 = 30,
        /// Points a retry.
        retry_penalty: i64 = 10,
    }
}

options! {
    /// Factors of the severity of a step's state.
    #[serde(deny_unknown_fields)]
    pub struct SeverityMultipliers {
        /// Factor of a step in error.
        error_state: f64 = 2.0,
        /// Added for a step without retries left.
        exhausted_retry_bonus: f64 = 0.5,
        /// Factor of a step that waits for others.
        dependency_issue: f64 = 1.2,
    }
}

options! {
    /// Points added to the impact score.
    #[serde(deny_unknown_fields)]
    pub struct PenaltyConstants {
        /// Points an attempt of an unstable step.
        retry_instability: i64 = 3,
        /// Points of a step that may not be retried.
        non_retryable: i64 = 10,
        /// Points of a step without retries left.
        exhausted_retry: i64 = 20,
    }
}

options! {
    /// Impact scores from which a severity applies.
    #[serde(deny_unknown_fields)]
    pub struct SeverityThresholds {
        /// Critical from here.
        critical: i64 = 100,
        /// High from here.
        high: i64 = 50,
        /// Medium from here.
        medium: i64 = 20,
    }
}

options! {
    /// Estimates of how long steps take.
    #[serde(deny_unknown_fields)]
    pub struct DurationEstimates {
        /// Seconds of a step.
        base_step_seconds: i64 = 30,
        /// Seconds more of a step in error.
        error_penalty_seconds: i64 = 60,
        /// Seconds more a retry.
        retry_penalty_seconds: i64 = 30,
    }
}
