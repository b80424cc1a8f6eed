//! Events of a run.

use crate::ids::StepId;

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident => $name:literal),+ $(,)?) => {
        /// The kinds of event to which a host may have listeners.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum EventKind { $($(#[$doc])* $kind),+ }

        impl EventKind {
            /// All kinds.
            pub const ALL: &'static [EventKind] = &[$(EventKind::$kind),+];

            /// The engine's name of the event.
            pub const fn as_str(self) -> &'static str {
                match self { $(EventKind::$kind => $name),+ }
            }
        }
    };
}

kinds!(
    /// The task is in progress by this run's claim.
    TaskStarted => "task.start_requested",
    /// Ready steps were found; some of them are claimed.
    StepsDiscovered => "workflow.viable_steps_discovered",
    /// No step is ready.
    NoStepsReady => "workflow.no_viable_steps",
    /// A step is about to be claimed. The host publishes it, on the step's thread, for each step of a
    /// [`Request::Offer`](super::Request::Offer).
    StepRequested => "step.execution_requested",
    /// A step was completed.
    StepCompleted => "step.completed",
    /// An attempt at a step has failed.
    StepFailed => "step.failed",
    /// All steps are done, and the task is complete.
    TaskCompleted => "task.completed",
    /// A step has failed for good, and the task is in error.
    TaskFailed => "task.failed",
    /// The task is pending again.
    TaskPending => "task.initialize_requested",
);

/// Something that has happened and is committed, unless the host has a transaction open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// See [`EventKind::TaskStarted`].
    TaskStarted,
    /// See [`EventKind::StepsDiscovered`]: all ready steps by id.
    StepsDiscovered(Vec<StepId>),
    /// See [`EventKind::NoStepsReady`].
    NoStepsReady,
    /// See [`EventKind::StepCompleted`].
    StepCompleted(StepId),
    /// See [`EventKind::StepFailed`].
    StepFailed(StepId),
    /// See [`EventKind::TaskCompleted`].
    TaskCompleted,
    /// See [`EventKind::TaskFailed`].
    TaskFailed,
    /// See [`EventKind::TaskPending`].
    TaskPending,
}

impl Event {
    /// Its kind.
    pub fn kind(&self) -> EventKind {
        match self {
            Event::TaskStarted => EventKind::TaskStarted,
            Event::StepsDiscovered(_) => EventKind::StepsDiscovered,
            Event::NoStepsReady => EventKind::NoStepsReady,
            Event::StepCompleted(_) => EventKind::StepCompleted,
            Event::StepFailed(_) => EventKind::StepFailed,
            Event::TaskCompleted => EventKind::TaskCompleted,
            Event::TaskFailed => EventKind::TaskFailed,
            Event::TaskPending => EventKind::TaskPending,
        }
    }
}
