//! What the system-wide functions return.

use crate::metrics::{Activity, Rates};
use crate::operations::statistics::SystemLoad;

/// The row of `get_system_health_counts_v01`: its sixteen columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SystemHealthCounts {
    /// All tasks.
    pub total_tasks: i64,
    /// Tasks whose most recent transition leads to `pending`; a task without a transition counts in the total only.
    pub pending_tasks: i64,
    /// Tasks in progress.
    pub in_progress_tasks: i64,
    /// Complete tasks.
    pub complete_tasks: i64,
    /// Tasks in error.
    pub error_tasks: i64,
    /// Cancelled tasks.
    pub cancelled_tasks: i64,
    /// All steps.
    pub total_steps: i64,
    /// Steps whose most recent transition leads to `pending`.
    pub pending_steps: i64,
    /// Steps in progress.
    pub in_progress_steps: i64,
    /// Complete steps.
    pub complete_steps: i64,
    /// Steps in error.
    pub error_steps: i64,
    /// Steps in error with attempts left.
    pub retryable_error_steps: i64,
    /// Steps in error without an attempt left.
    pub exhausted_retry_steps: i64,
    /// Steps in error with attempts left that were attempted. The function compares no time: their wait may be over.
    pub in_backoff_steps: i64,
    /// Connections to this database that run a statement, this one included.
    pub active_connections: i64,
    /// Connections that the server allows.
    pub max_connections: i64,
}

/// What a person who operates the system should look at, by [`SystemHealthCounts::recommendations`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SystemRecommendation {
    /// Steps are in error and have no attempt left: only a person can move them on.
    ResolveExhaustedSteps,
    /// More tasks have failed than are complete.
    InvestigateFailures,
    /// More than four fifths of the server's connections run a statement.
    RaiseConnectionLimit,
    /// Steps wait for their retry; nothing needs to be done.
    AwaitRetries,
}

impl SystemHealthCounts {
    /// The share of complete tasks among the complete ones and those in error, 0 to 1; 1 where there is neither.
    ///
    /// The rule of the engine's `system_health_score`, over the tasks' own states and all time. O(1).
    ///
    /// ```
    /// use tasker_core::functions::SystemHealthCounts;
    ///
    /// let counts = SystemHealthCounts { complete_tasks: 3, error_tasks: 1, ..Default::default() };
    /// assert_eq!(counts.health_score(), 0.75);
    /// ```
    pub fn health_score(&self) -> f64 {
        share(self.complete_tasks, self.complete_tasks + self.error_tasks).unwrap_or(1.0)
    }

    /// The share of the server's connections that run a statement, 0 to 1. O(1).
    ///
    /// ```
    /// use tasker_core::functions::SystemHealthCounts;
    ///
    /// let counts = SystemHealthCounts { active_connections: 25, max_connections: 100, ..Default::default() };
    /// assert_eq!(counts.connection_utilization(), 0.25);
    /// ```
    pub fn connection_utilization(&self) -> f64 {
        share(self.active_connections, self.max_connections).unwrap_or(0.0)
    }

    /// What to look at, the most urgent first; empty where nothing stands out. O(1).
    ///
    /// ```
    /// use tasker_core::functions::{SystemHealthCounts, SystemRecommendation};
    ///
    /// let counts = SystemHealthCounts { exhausted_retry_steps: 2, ..Default::default() };
    /// assert_eq!(counts.recommendations(), [SystemRecommendation::ResolveExhaustedSteps]);
    /// ```
    pub fn recommendations(&self) -> Vec<SystemRecommendation> {
        [
            (self.exhausted_retry_steps > 0, SystemRecommendation::ResolveExhaustedSteps),
            (self.error_tasks > self.complete_tasks, SystemRecommendation::InvestigateFailures),
            (self.connection_utilization() > 0.8, SystemRecommendation::RaiseConnectionLimit),
            (self.in_backoff_steps > 0, SystemRecommendation::AwaitRetries),
        ]
        .into_iter()
        .filter_map(|(applies, recommendation)| applies.then_some(recommendation))
        .collect()
    }
}

fn share(part: i64, whole: i64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

impl From<SystemLoad> for SystemHealthCounts {
    fn from(load: SystemLoad) -> Self {
        let [pending_tasks, in_progress_tasks, complete_tasks, error_tasks, cancelled_tasks] =
            load.tasks_by_state;
        let [pending_steps, in_progress_steps, complete_steps, error_steps] = load.steps_by_state;
        SystemHealthCounts {
            total_tasks: load.tasks,
            pending_tasks,
            in_progress_tasks,
            complete_tasks,
            error_tasks,
            cancelled_tasks,
            total_steps: load.steps,
            pending_steps,
            in_progress_steps,
            complete_steps,
            error_steps,
            retryable_error_steps: load.retryable,
            exhausted_retry_steps: load.exhausted,
            in_backoff_steps: load.in_backoff,
            active_connections: load.active_connections,
            max_connections: load.max_connections,
        }
    }
}

/// The row of `get_analytics_metrics_v01`: its fourteen columns. "Since" is the beginning of the period.
///
/// ```
/// use tasker_core::functions::AnalyticsMetrics;
/// use tasker_core::metrics::{Activity, Period};
///
/// let period = Period { tasks: 4, completed_tasks: 3, ..Period::default() };
/// let metrics = AnalyticsMetrics::from(Activity { period, ..Activity::default() });
/// assert_eq!((metrics.task_throughput, metrics.completion_rate), (4, 75.0));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AnalyticsMetrics {
    /// Tasks with a step whose most recent transition leads neither to an end nor to an error; `cancelled` is no end here.
    pub active_tasks_count: i64,
    /// Names of namespaces that have a task.
    pub total_namespaces_count: i64,
    /// Names of named tasks that have a task.
    pub unique_task_types_count: i64,
    /// The share of complete tasks among those of the last hour that are complete or in error, to three digits; 1 if there is none.
    pub system_health_score: f64,
    /// Tasks created since.
    pub task_throughput: i64,
    /// Those of which a step is complete.
    pub completion_count: i64,
    /// Those of which a step is in error.
    pub error_count: i64,
    /// [`AnalyticsMetrics::completion_count`] as a percentage of the tasks created since, to two digits; 0 if there is none.
    pub completion_rate: f64,
    /// [`AnalyticsMetrics::error_count`], likewise.
    pub error_rate: f64,
    /// The mean over completed steps of the seconds from the creation of the task, to three digits.
    pub avg_task_duration: f64,
    /// The mean over completed steps of the seconds from the creation of the step, to three digits.
    pub avg_step_duration: f64,
    /// Steps of the tasks created since.
    pub step_throughput: i64,
    /// The beginning of the period, as text with the session's time zone.
    pub analysis_period_start: Box<str>,
    /// The beginning of the transaction, likewise.
    pub calculated_at: Box<str>,
}

impl From<Activity> for AnalyticsMetrics {
    fn from(activity: Activity) -> Self {
        let rates = Rates::of(&activity);
        AnalyticsMetrics {
            active_tasks_count: activity.active_tasks,
            total_namespaces_count: activity.namespaces,
            unique_task_types_count: activity.task_types,
            system_health_score: rates.health,
            task_throughput: activity.period.tasks,
            completion_count: activity.period.completed_tasks,
            error_count: activity.period.failed_tasks,
            completion_rate: rates.completion,
            error_rate: rates.failure,
            avg_task_duration: rates.task_seconds,
            avg_step_duration: rates.step_seconds,
            step_throughput: activity.period.steps,
            analysis_period_start: activity.since,
            calculated_at: activity.now,
        }
    }
}
