//! Section `backoff`.
//!
//! ```
//! use tasker_core::config::Loader;
//! use tasker_core::config::sections::{Backoff, ReenqueueDelays};
//!
//! let config = Loader::new().set("backoff.reenqueue_delays.processing", 20).load()?;
//! let reenqueue_delays = ReenqueueDelays { processing: 20, ..ReenqueueDelays::default() };
//! assert_eq!(config.backoff, Backoff { reenqueue_delays, ..Backoff::default() });
//! # Ok::<(), tasker_core::config::ConfigError>(())
//! ```

options! {
    /// When failed steps are retried and unfinished tasks enqueued again.
    #[serde(deny_unknown_fields)]
    pub struct Backoff {
        /// Seconds before a retry, by attempt.
        default_backoff_seconds: Vec<i64> = vec![1, 2, 4, 8, 16, 32],
        /// Seconds before a retry at most.
        max_backoff_seconds: i64 = 300,
        /// Exponent of the attempts beyond `default_backoff_seconds`.
        backoff_multiplier: f64 = 2.0,
        /// Vary the seconds at random.
        jitter_enabled: bool = true,
        /// The variation at most, as a part of the seconds.
        jitter_max_percentage: f64 = 0.1,
        /// Seconds before an unfinished task is enqueued again, by its status.
        reenqueue_delays: ReenqueueDelays = ReenqueueDelays::default(),
        /// Seconds before a task of another status is enqueued again.
        default_reenqueue_delay: i64 = 30,
        /// Seconds added to the end of a step's backoff.
        buffer_seconds: i64 = 5,
    }
}

options! {
    /// Seconds before an unfinished task is enqueued again, by its status.
    #[serde(deny_unknown_fields)]
    pub struct ReenqueueDelays {
        /// A task with steps to run.
        has_ready_steps: i64 = 0,
        /// A task whose steps wait for others.
        waiting_for_dependencies: i64 = 45,
        /// A task with steps in progress.
        processing: i64 = 10,
    }
}
