//! The names of the engine's events.

use crate::machine::{Machine, Owner};
use crate::state::State;
use serde::{Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

macro_rules! names {
    ($($variant:ident => $name:literal),+ $(,)?) => {
        /// The name of an event that the engine registers with its publisher: 55 names of 56 constants, two of which are `test.event`.
        ///
        /// ```
        /// use tasker_core::events::EventName;
        ///
        /// assert_eq!(EventName::ALL.len(), 55);
        /// assert_eq!(EventName::StepCompleted.as_str(), "step.completed");
        /// assert_eq!("task.failed".parse(), Ok(EventName::TaskFailed));
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum EventName {
            $(#[doc = concat!("`", $name, "`")] $variant),+
        }

        impl EventName {
            /// All names, in the engine's order.
            pub const ALL: &'static [EventName] = &[$(EventName::$variant),+];

            /// The engine's name.
            ///
            /// ```
            /// use tasker_core::events::EventName;
            ///
            /// assert_eq!(EventName::NoViableSteps.as_str(), "workflow.no_viable_steps");
            /// ```
            pub const fn as_str(self) -> &'static str {
                match self { $(EventName::$variant => $name),+ }
            }
        }
    };
}

names!(
    TaskInitializeRequested => "task.initialize_requested",
    TaskStartRequested => "task.start_requested",
    TaskCompleted => "task.completed",
    TaskFailed => "task.failed",
    TaskRetryRequested => "task.retry_requested",
    TaskCancelled => "task.cancelled",
    TaskResolvedManually => "task.resolved_manually",
    TaskBeforeTransition => "task.before_transition",
    StepInitializeRequested => "step.initialize_requested",
    StepExecutionRequested => "step.execution_requested",
    StepBeforeHandle => "step.before_handle",
    StepHandle => "step.handle",
    StepCompleted => "step.completed",
    StepFailed => "step.failed",
    StepRetryRequested => "step.retry_requested",
    StepCancelled => "step.cancelled",
    StepResolvedManually => "step.resolved_manually",
    StepBeforeTransition => "step.before_transition",
    WorkflowTaskStarted => "workflow.task_started",
    WorkflowTaskCompleted => "workflow.task_completed",
    WorkflowTaskFailed => "workflow.task_failed",
    WorkflowStepCompleted => "workflow.step_completed",
    WorkflowStepFailed => "workflow.step_failed",
    ViableStepsDiscovered => "workflow.viable_steps_discovered",
    NoViableSteps => "workflow.no_viable_steps",
    OrchestrationRequested => "workflow.orchestration_requested",
    TaskFinalizationStarted => "workflow.task_finalization_started",
    TaskFinalizationCompleted => "workflow.task_finalization_completed",
    TaskReenqueueStarted => "workflow.task_reenqueue_started",
    TaskReenqueueRequested => "workflow.task_reenqueue_requested",
    TaskReenqueueFailed => "workflow.task_reenqueue_failed",
    TaskReenqueueDelayed => "workflow.task_reenqueue_delayed",
    TaskStateUnclear => "workflow.task_state_unclear",
    StepExecutionFailed => "workflow.step_execution_failed",
    ViableStepsBatchReady => "workflow.viable_steps_batch_ready",
    StepsExecutionStarted => "workflow.steps_execution_started",
    StepsExecutionCompleted => "workflow.steps_execution_completed",
    ObservedTaskHandle => "observability.task.handle",
    ObservedTaskEnqueue => "observability.task.enqueue",
    ObservedTaskFinalize => "observability.task.finalize",
    ObservedStepHandle => "observability.step.handle",
    ObservedStepFindViable => "observability.step.find_viable",
    ObservedStepBackoff => "observability.step.backoff",
    ObservedStepSkip => "observability.step.skip",
    ObservedStepMaxRetriesReached => "observability.step.max_retries_reached",
    TelemetryCacheSynced => "tasker.telemetry.cache_synced",
    TelemetryExportRequested => "tasker.telemetry.export_requested",
    TelemetryExportCompleted => "tasker.telemetry.export_completed",
    TelemetryExportFailed => "tasker.telemetry.export_failed",
    TelemetryPluginRegistered => "tasker.telemetry.plugin_registered",
    TelemetryPluginUnregistered => "tasker.telemetry.plugin_unregistered",
    TestEvent => "test.event",
    SlowEvent => "slow.event",
    CustomEvent => "custom.event",
    TestDotEvent => "Test.Event",
);

impl EventName {
    /// The event that announces the arrival in a state; none for a word outside of the machine, of which the engine publishes nothing either.
    ///
    /// ```
    /// use tasker_core::events::EventName;
    /// use tasker_core::machine::Owner;
    /// use tasker_core::state::State;
    ///
    /// assert_eq!(EventName::of_transition(Owner::Step, &State::Error), Some(EventName::StepFailed));
    /// assert_eq!(EventName::of_transition(Owner::Task, &State::from("on hold")), None);
    /// ```
    pub fn of_transition(owner: Owner, to: &State) -> Option<EventName> {
        Machine::of(owner).event(to).and_then(|name| name.parse().ok())
    }
}

/// A name that is none of the engine's.
///
/// ```
/// use tasker_core::events::{EventName, UnknownEvent};
///
/// let refused: UnknownEvent = "step.done".parse::<EventName>().unwrap_err();
/// assert_eq!(refused.to_string(), "expected the name of an event of the engine, such as step.completed, got \"step.done\"");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected the name of an event of the engine, such as step.completed, got {name:?}")]
pub struct UnknownEvent {
    /// The name.
    pub name: String,
}

impl FromStr for EventName {
    type Err = UnknownEvent;

    fn from_str(name: &str) -> Result<Self, UnknownEvent> {
        let found = EventName::ALL.iter().copied().find(|event| event.as_str() == name);
        found.ok_or_else(|| UnknownEvent { name: name.to_owned() })
    }
}

impl fmt::Display for EventName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for EventName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
