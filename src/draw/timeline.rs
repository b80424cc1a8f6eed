//! Where the time of a task went: attempts, waits for a retry, waits for a worker.

use super::text;
use crate::ids::StepId;
use crate::operations::overview::{StepChange, TaskOverview};
use crate::state::State;
use crate::time::Timestamp;
use std::collections::HashMap;

/// The spans of a task's steps, one after the other.
///
/// ```
/// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
/// # doctest::in_transaction(async |tx| {
/// # use tasker_core::factories::{Pattern, workflow};
/// # let made = workflow(Pattern::Diamond).create(&mut *tx).await.unwrap();
/// # let task = made.task;
/// # let overview = tasker_core::operations::overview::task_overview(&mut *tx, task).await?.unwrap();
/// use tasker_core::draw::{Span, SpanKind, Timeline, Totals};
///
/// let timeline = Timeline::of_task(&overview);
/// let running = |span: &&Span| span.kind == SpanKind::Running;
/// assert_eq!(timeline.spans().iter().filter(running).count(), 0);
/// // Nothing has begun.
/// assert_eq!(timeline.totals(), Totals::default());
/// assert!(timeline.to_svg().starts_with("<svg"));
/// # Ok(()) });
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeline {
    pub(super) title: String,
    pub(super) steps: Vec<(StepId, String)>,
    pub(super) spans: Vec<Span>,
    pub(super) begin: Timestamp,
    pub(super) end: Timestamp,
}

/// What a step did, or waited for, for some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its place among the steps of the task, by id.
    pub step: usize,
    /// What went on.
    pub kind: SpanKind,
    /// When it began.
    pub from: Timestamp,
    /// When it ended; the moment of the overview for what goes on still. Never before [`Span::from`].
    pub to: Timestamp,
}

/// What went on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SpanKind {
    /// All parents were satisfied, and no worker had begun. For a step without parents from the first transition of any step on.
    Queued,
    /// An attempt that ended well.
    Completed,
    /// An attempt that failed.
    Failed,
    /// An attempt that has not ended, or that ended in another state.
    Running,
    /// Between a failed attempt and the next.
    RetryWait,
}

/// Microseconds of all steps together; steps that run side by side count each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// From the first transition to the last, or to now where a step is in progress or waits for a retry.
    pub elapsed: i64,
    /// In attempts.
    pub attempts: i64,
    /// In waits for a retry.
    pub retry_waits: i64,
    /// In waits for a worker.
    pub queued: i64,
}

impl Timeline {
    /// The timeline of a task, from the history of its steps. Instants of infinity are left out. O(steps + edges + transitions)
    pub fn of_task(task: &TaskOverview) -> Self {
        let steps = task.steps.iter().map(|step| (step.id, text::printable(&step.name))).collect();
        let mut timeline = Timeline {
            title: text::printable(&format!("{}/{} #{}: timeline", task.namespace, task.name, task.task)),
            steps,
            spans: Vec::new(),
            begin: task.now,
            end: task.now,
        };
        let finite = |change: &&StepChange| change.at.to_chrono().is_some();
        let history: Vec<&StepChange> = task.history.iter().filter(finite).collect();
        let Some(begin) = history.iter().map(|change| change.at).min() else {
            return timeline;
        };
        timeline.begin = begin;
        timeline.end = history.iter().map(|change| change.at).max().unwrap_or(begin);
        let of_step: HashMap<StepId, &[&StepChange]> = history
            .chunk_by(|one, other| one.step == other.step)
            .filter_map(|changes| Some((changes.first()?.step, changes)))
            .collect();
        let released = released(task, &of_step, begin);
        for (place, step) in task.steps.iter().enumerate() {
            let changes = of_step.get(&step.id).copied().unwrap_or_default();
            timeline.spans.extend(spans(place, released.get(&step.id).copied(), changes, task.now));
        }
        let last = timeline.spans.iter().map(|span| span.to).max().unwrap_or(begin);
        timeline.end = timeline.end.max(last);
        timeline
    }

    /// All spans, by step, then in the order of time.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// Where the time went.
    pub fn totals(&self) -> Totals {
        let mut totals = Totals { elapsed: self.end.0.saturating_sub(self.begin.0), ..Totals::default() };
        for span in &self.spans {
            let micros = span.to.0 - span.from.0;
            match span.kind {
                SpanKind::Queued => totals.queued += micros,
                SpanKind::RetryWait => totals.retry_waits += micros,
                SpanKind::Completed | SpanKind::Failed | SpanKind::Running => totals.attempts += micros,
            }
        }
        totals
    }

    /// For each step how long its attempts and retries took; the mean of these, or one, for a step without any.
    pub(super) fn step_weights(&self) -> Vec<u64> {
        let mut weights = vec![0_u64; self.steps.len()];
        for span in self.spans.iter().filter(|span| span.kind != SpanKind::Queued) {
            weights[span.step] += (span.to.0 - span.from.0).unsigned_abs();
        }
        let measured: Vec<u64> = weights.iter().copied().filter(|&weight| weight > 0).collect();
        let mean = measured.iter().sum::<u64>().checked_div(measured.len() as u64).unwrap_or(1).max(1);
        weights.into_iter().map(|weight| if weight > 0 { weight } else { mean }).collect()
    }
}

/// When each step could have begun: when the last of its parents was satisfied, or when the task began. Steps that wait for a parent have none.
fn released(
    task: &TaskOverview,
    of_step: &HashMap<StepId, &[&StepChange]>,
    begin: Timestamp,
) -> HashMap<StepId, Timestamp> {
    let satisfied = |step: StepId| {
        let changes = of_step.get(&step).copied().unwrap_or_default();
        changes.iter().find(|change| change.to.satisfies_dependents()).map(|change| change.at)
    };
    let mut released: HashMap<StepId, Option<Timestamp>> =
        task.steps.iter().map(|step| (step.id, Some(begin))).collect();
    for edge in &task.edges {
        if let Some(at) = released.get_mut(&edge.to) {
            *at = at.zip(satisfied(edge.from)).map(|(one, other)| one.max(other));
        }
    }
    released.into_iter().filter_map(|(step, at)| Some((step, at?))).collect()
}

/// The spans of one step, from its transitions in the order of its history.
fn spans(step: usize, released: Option<Timestamp>, changes: &[&StepChange], now: Timestamp) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut add = |kind: SpanKind, from: Timestamp, to: Timestamp| {
        spans.push(Span { step, kind, from, to: to.max(from) });
    };
    let begun = changes.iter().position(|change| change.to == State::InProgress);
    if let (Some(begun), Some(released)) = (begun, released) {
        add(SpanKind::Queued, released.min(changes[begun].at), changes[begun].at);
    }
    for (place, change) in changes.iter().enumerate() {
        let next = changes.get(place + 1);
        match (&change.to, next.map(|next| &next.to)) {
            (State::InProgress, Some(State::Complete)) => {
                add(SpanKind::Completed, change.at, next.map_or(now, |next| next.at))
            }
            (State::InProgress, Some(State::Error)) => {
                add(SpanKind::Failed, change.at, next.map_or(now, |next| next.at))
            }
            (State::InProgress, _) => add(SpanKind::Running, change.at, next.map_or(now, |next| next.at)),
            (State::Error, _) => {
                let again = changes[place..].iter().find(|change| change.to == State::InProgress);
                if let Some(again) = again {
                    add(SpanKind::RetryWait, change.at, again.at);
                }
            }
            _ => {}
        }
    }
    spans
}
