//! The engine's nine SQL functions as typed calls, and beside each the crate's own answer.
//!
//! [`Functions`] calls the functions that the engine's migrations have installed in PostgreSQL. [`Native`] has the same methods and computes
//! the same rows from the tables, without any function. Both run on the caller's session, inside its transaction if one is open.
//!
//! | method | PostgreSQL function |
//! | --- | --- |
//! | [`step_readiness`](Functions::step_readiness) | `get_step_readiness_status` |
//! | [`step_readiness_batch`](Functions::step_readiness_batch) | `get_step_readiness_status_batch` |
//! | [`task_execution_context`](Functions::task_execution_context) | `get_task_execution_context` |
//! | [`task_execution_contexts_batch`](Functions::task_execution_contexts_batch) | `get_task_execution_contexts_batch` |
//! | [`dependency_levels`](Functions::dependency_levels) | `calculate_dependency_levels` |
//! | [`system_health_counts`](Functions::system_health_counts) | `get_system_health_counts_v01` |
//! | [`analytics_metrics`](Functions::analytics_metrics) | `get_analytics_metrics_v01` |
//! | [`slowest_steps`](Functions::slowest_steps) | `get_slowest_steps_v01` |
//! | [`slowest_tasks`](Functions::slowest_tasks) | `get_slowest_tasks_v01` |
//!
//! A database that [`store::migrate`](crate::store) has prepared has no functions. There every method of [`Functions`] fails with
//! [`Error::MissingFunction`](crate::Error::MissingFunction) before it runs anything, so the caller's transaction stays usable, and [`Native`] answers.

mod advice;
mod decode;
mod executor;
mod native;
mod rows;

pub use advice::{Backoff, BlockingReason, NextAction, RetryStatus, Urgency};
pub use executor::Functions;
pub use native::Native;
pub use rows::{AnalyticsMetrics, SystemHealthCounts, SystemRecommendation};

/// One of the engine's SQL functions.
///
/// ```
/// use tasker_core::functions::Function;
///
/// assert_eq!(Function::DependencyLevels.signature(), "calculate_dependency_levels(bigint)");
/// assert_eq!(Function::ALL.len(), 9);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Function {
    /// `get_step_readiness_status`
    StepReadiness,
    /// `get_step_readiness_status_batch`
    StepReadinessBatch,
    /// `get_task_execution_context`
    TaskExecutionContext,
    /// `get_task_execution_contexts_batch`
    TaskExecutionContextsBatch,
    /// `calculate_dependency_levels`
    DependencyLevels,
    /// `get_system_health_counts_v01`
    SystemHealthCounts,
    /// `get_analytics_metrics_v01`
    AnalyticsMetrics,
    /// `get_slowest_steps_v01`
    SlowestSteps,
    /// `get_slowest_tasks_v01`
    SlowestTasks,
}

impl Function {
    /// All nine, in the order of the table above.
    pub const ALL: [Function; 9] = [
        Function::StepReadiness,
        Function::StepReadinessBatch,
        Function::TaskExecutionContext,
        Function::TaskExecutionContextsBatch,
        Function::DependencyLevels,
        Function::SystemHealthCounts,
        Function::AnalyticsMetrics,
        Function::SlowestSteps,
        Function::SlowestTasks,
    ];

    /// Name and argument types, as PostgreSQL's `regprocedure` reads them.
    pub const fn signature(self) -> &'static str {
        match self {
            Function::StepReadiness => "get_step_readiness_status(bigint, bigint[])",
            Function::StepReadinessBatch => "get_step_readiness_status_batch(bigint[])",
            Function::TaskExecutionContext => "get_task_execution_context(bigint)",
            Function::TaskExecutionContextsBatch => "get_task_execution_contexts_batch(bigint[])",
            Function::DependencyLevels => "calculate_dependency_levels(bigint)",
            Function::SystemHealthCounts => "get_system_health_counts_v01()",
            Function::AnalyticsMetrics => "get_analytics_metrics_v01(timestamp with time zone)",
            Function::SlowestSteps => {
                "get_slowest_steps_v01(timestamp with time zone, integer, text, text, text)"
            }
            Function::SlowestTasks => {
                "get_slowest_tasks_v01(timestamp with time zone, integer, text, text, text)"
            }
        }
    }
}
