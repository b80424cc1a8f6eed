//! Settings of a run.

use super::event::EventKind;
use super::resume::Stop;
use crate::time::Micros;
use std::num::NonZeroU32;
use std::sync::Arc;

/// Settings of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The number of steps that are claimed and executed at the same time. Three, unless changed: the engine's least.
    pub slots: NonZeroU32,
    /// The kinds of event for which the host has listeners; others are not published.
    pub listeners: Vec<EventKind>,
    /// Metadata of all claims, as the text of a JSON object. `{}`, unless changed; the marker of a worker that recovers claims stands here.
    pub claim_metadata: Arc<str>,
    /// Metadata of the claim of the task, where it differs from that of steps. The engine's own is added to it.
    pub task_metadata: Option<Arc<str>>,
    /// Whether claims bring the whole rows of the task, of the claimed steps and of their parents: [`StepExecution::records`]. No, unless changed.
    ///
    /// [`StepExecution::records`]: super::StepExecution::records
    pub records: bool,
    /// Whether the start of the task claims its first steps, in one statement. It does, unless changed, where no listener expects an event between
    /// the two.
    pub claims_with_start: bool,
    /// Whether failed steps are tried again once their wait is over. They are, unless changed.
    pub retries: bool,
    /// Whether the run decides what becomes of the task. It does, unless changed; otherwise it is over with
    /// [`Outcome::NothingReady`](super::Outcome::NothingReady) as soon as no step is ready.
    pub ends_task: bool,
    /// When to come back to a task whose steps another worker executes. Ten seconds, unless changed.
    pub processing_delay: Micros,
    /// When to come back to a task whose ready steps could not be claimed. Thirty seconds, unless changed.
    pub stall_delay: Micros,
    /// Ends the run early. Not set, unless changed.
    pub stop: Stop,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            slots: NonZeroU32::MIN.saturating_add(2),
            listeners: Vec::new(),
            claim_metadata: "{}".into(),
            task_metadata: None,
            records: false,
            claims_with_start: true,
            retries: true,
            ends_task: true,
            processing_delay: Micros::from_seconds(10),
            stall_delay: Micros::from_seconds(30),
            stop: Stop::default(),
        }
    }
}

impl Options {
    /// Whether the host has listeners to events of this kind.
    pub fn listens_to(&self, kind: EventKind) -> bool {
        self.listeners.contains(&kind)
    }

    /// Whether an event stands between the end of a step and the claim of its successor.
    pub(super) fn listens_between_steps(&self) -> bool {
        [
            EventKind::StepsDiscovered,
            EventKind::StepRequested,
            EventKind::StepCompleted,
            EventKind::StepFailed,
        ]
        .into_iter()
        .any(|kind| self.listens_to(kind))
    }

    /// Whether the start of the task may claim steps.
    pub(super) fn joins_start(&self) -> bool {
        let between = [EventKind::TaskStarted, EventKind::StepsDiscovered, EventKind::StepRequested];
        self.claims_with_start
            && !between.into_iter().any(|kind| self.listens_to(kind))
            && !self.stop.is_set()
    }

    /// Whether an event stands between the look at ready steps and the claim of each.
    pub(super) fn listens_before_claims(&self) -> bool {
        self.listens_to(EventKind::StepRequested)
    }
}
