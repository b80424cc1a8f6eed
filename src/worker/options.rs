//! Settings of a worker.

use super::error::WorkerError;
use crate::config::{Config, Live};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Where the configuration of runs comes from.
///
/// ```
/// use std::sync::Arc;
/// use tasker_core::config::{Live, Loader};
/// use tasker_core::worker::{ConfigSource, WorkerOptions};
///
/// let live = Arc::new(Live::start(Loader::new())?);
/// let options = WorkerOptions { config: ConfigSource::Live(live), ..WorkerOptions::default() };
/// # let _ = options;
/// # Ok::<(), tasker_core::config::ConfigError>(())
/// ```
#[derive(Clone, Default)]
pub enum ConfigSource {
    /// The defaults.
    #[default]
    Defaults,
    /// One that never changes.
    Fixed(Arc<Config>),
    /// One that follows its files: each run keeps what is current when it begins.
    Live(Arc<Live>),
}

impl ConfigSource {
    pub(super) fn snapshot(&self) -> Arc<Config> {
        match self {
            ConfigSource::Defaults => Arc::default(),
            ConfigSource::Fixed(config) => Arc::clone(config),
            ConfigSource::Live(live) => live.current(),
        }
    }
}

impl fmt::Debug for ConfigSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ConfigSource::Defaults => "Defaults",
            ConfigSource::Fixed(_) => "Fixed",
            ConfigSource::Live(_) => "Live",
        })
    }
}

/// Settings of a worker.
///
/// ```
/// use std::time::Duration;
/// use tasker_core::worker::WorkerOptions;
///
/// let options = WorkerOptions { tasks: 50, attempts: 100, timeout: Duration::from_secs(60), ..WorkerOptions::default() };
/// assert_eq!(options.connections, 4);
/// ```
#[derive(Clone, Debug)]
pub struct WorkerOptions {
    /// Tasks that run at the same time. 16, unless changed.
    pub tasks: usize,
    /// Steps of one task that are claimed at the same time. 4, unless changed.
    pub steps_of_a_task: u32,
    /// Attempts at steps at the same time, of all tasks. 16, unless changed. A step that is claimed waits for its turn.
    pub attempts: usize,
    /// Connections for statements; one more holds the worker's lock. 4, unless changed. A handler that runs occupies none.
    pub connections: usize,
    /// An attempt fails that takes longer, unless its handler has a timeout of its own. One hour, unless changed.
    pub timeout: Duration,
    /// The pause between looks for tasks that find some, without wake-ups. One second, unless changed; at least one.
    pub look_every: Duration,
    /// The pause that follows looks that find nothing, again and again. Five seconds, unless changed.
    pub look_at_least_every: Duration,
    /// How long the worker waits for attempts when it is stopped, before they fail. 25 seconds, unless changed: process supervisors often
    /// wait for 30.
    pub drain: Duration,
    /// A worker is dead whose lock is missing for so long. 30 seconds, unless changed, as with the gem's `config.recovery_grace`. `None`
    /// turns recovery off: the claims of this worker are not recovered by others, and it recovers none.
    pub recovery: Option<Duration>,
    /// The configuration that handlers see.
    pub config: ConfigSource,
}

impl Default for WorkerOptions {
    fn default() -> Self {
        WorkerOptions {
            tasks: 16,
            steps_of_a_task: 4,
            attempts: 16,
            connections: 4,
            timeout: Duration::from_secs(3_600),
            look_every: Duration::from_secs(1),
            look_at_least_every: Duration::from_secs(5),
            drain: Duration::from_secs(25),
            recovery: Some(Duration::from_secs(30)),
            config: ConfigSource::Defaults,
        }
    }
}

impl WorkerOptions {
    pub(super) fn check(&self) -> Result<(), WorkerError> {
        let numbers = [self.tasks, self.steps_of_a_task as usize, self.attempts, self.connections];
        if numbers.contains(&0) {
            let expected = "tasks, steps_of_a_task, attempts and connections of one at least";
            return Err(WorkerError::Options { expected, got: format!("{numbers:?}") });
        }
        if self.look_every < Duration::from_secs(1) || self.look_at_least_every < self.look_every {
            return Err(WorkerError::Options {
                expected: "look_every of one second at least, and look_at_least_every no shorter",
                got: format!("{:?} and {:?}", self.look_every, self.look_at_least_every),
            });
        }
        if self.recovery.is_some_and(|grace| grace.is_zero()) {
            return Err(WorkerError::Options { expected: "a grace period above zero", got: "0s".to_owned() });
        }
        Ok(())
    }
}
