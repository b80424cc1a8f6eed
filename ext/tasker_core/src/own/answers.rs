//! Answers of the gem's own operations. Rows have the columns of their tables, in the tables' order, and instants in microseconds.

use serde::{Serialize, Serializer};
use tasker_core::ids::{StepId, TaskId, TransitionId};
use tasker_core::metrics::{Activity, Rates};
use tasker_core::operations::recovery::Claims;
use tasker_core::operations::statistics::CompletionStatistics;
use tasker_core::operations::task_snapshot::{TaskSnapshot, TaskSnapshotStep};
use tasker_core::operations::transition::{Outcome, Refusal};
use tasker_core::records::{StepDetails, StepRecord, TaskDetails};
use tasker_core::state::State;
use tasker_core::time::Timestamp;

/// A list that is made while it is written.
struct Each<F>(F);

impl<F: Fn() -> I, I: Iterator<Item: Serialize>> Serialize for Each<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

pub(super) struct SnapshotAnswer(Box<TaskSnapshot>);

impl From<TaskSnapshot> for SnapshotAnswer {
    fn from(snapshot: TaskSnapshot) -> Self {
        SnapshotAnswer(Box::new(snapshot))
    }
}

impl Serialize for SnapshotAnswer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let snapshot = &*self.0;
        let task = snapshot.task_details.as_ref().map(|details| task_row(snapshot, details));
        let steps = (
            (snapshot.state(), &snapshot.task_version, task),
            Each(|| snapshot.steps.iter().map(step)),
            Each(|| snapshot.edges.iter().map(|edge| edge.from)),
            Each(|| snapshot.edges.iter().map(|edge| edge.to)),
            Each(|| snapshot.ready()),
            snapshot.execution_context(),
            statistics(&snapshot.statistics()),
            &snapshot.row_triggers,
        );
        steps.serialize(serializer)
    }
}

fn step(snapshot_step: &TaskSnapshotStep) -> impl Serialize {
    let TaskSnapshotStep { facts: record, version, details } = snapshot_step;
    (record.id, snapshot_step.state(), version, details.as_ref().map(|details| step_row(record, details)))
}

/// The sixteen columns of a step.
fn step_row(record: &StepRecord, details: &StepDetails) -> impl Serialize {
    (
        record.id,
        record.task_id,
        record.named_step_id,
        record.retryable,
        record.retry_limit,
        record.in_process,
        record.processed,
        details.processed_at,
        record.attempts,
        record.last_attempted_at,
        record.backoff_request_seconds,
        details.inputs.as_deref(),
        details.results.as_deref(),
        details.created_at,
        details.updated_at,
        details.skippable,
    )
}

/// The thirteen columns of a task.
fn task_row(snapshot: &TaskSnapshot, details: &TaskDetails) -> impl Serialize {
    (
        snapshot.task.id,
        snapshot.task.named_task_id,
        details.complete,
        details.requested_at,
        details.initiator.as_deref(),
        details.source_system.as_deref(),
        details.reason.as_deref(),
        details.bypass_steps.as_deref(),
        details.tags.as_deref(),
        details.context.as_deref(),
        &*details.identity_hash,
        details.created_at,
        details.updated_at,
    )
}

pub(super) fn statistics(counts: &CompletionStatistics) -> (u32, u32, u32, u32, Option<Timestamp>, bool) {
    (
        counts.total,
        counts.completed,
        counts.failed,
        counts.pending(),
        counts.latest_completion,
        counts.all_complete(),
    )
}

/// What became of a transition; its names are Symbols.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Verdict {
    Permitted,
    Moved,
    NoSuchTransition,
    GuardFailed,
    ClaimLost,
    TaskClaimLost,
    UnknownSubject,
}

/// The reason and the state.
#[derive(Serialize)]
pub(super) struct Checked(Verdict, Option<State>);

impl From<Refusal> for Checked {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NoSuchTransition { from } => Checked(Verdict::NoSuchTransition, Some(from)),
            Refusal::GuardFailed { from, .. } => Checked(Verdict::GuardFailed, Some(from)),
            Refusal::ClaimLost { from } => Checked(Verdict::ClaimLost, Some(from)),
            Refusal::TaskClaimLost { from } => Checked(Verdict::TaskClaimLost, Some(from)),
            Refusal::UnknownSubject => Checked(Verdict::UnknownSubject, None),
        }
    }
}

pub(super) fn verdict(checked: Result<State, Refusal>) -> Checked {
    checked.map_or_else(Checked::from, |from| Checked(Verdict::Permitted, Some(from)))
}

#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Tried {
    Recorded(Verdict, State, TransitionId, i64),
    Refused(Checked),
}

pub(super) fn outcome(outcome: Outcome) -> Tried {
    match outcome {
        Ok(recorded) => Tried::Recorded(Verdict::Moved, recorded.from, recorded.id, recorded.sort_key),
        Err(refusal) => Tried::Refused(refusal.into()),
    }
}

pub(super) struct Metrics(pub(super) Activity);

impl Serialize for Metrics {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let activity = &self.0;
        let rates = Rates::of(activity);
        let metrics = (
            activity.active_tasks,
            activity.namespaces,
            activity.task_types,
            rates.health,
            activity.period.tasks,
            activity.period.completed_tasks,
            activity.period.failed_tasks,
            rates.completion,
            rates.failure,
            rates.task_seconds,
            rates.step_seconds,
            activity.period.steps,
            &*activity.since,
            &*activity.now,
        );
        metrics.serialize(serializer)
    }
}

type OfStep = (StepId, TransitionId, TaskId);
type OfTask = (TaskId, TransitionId, bool);

pub(super) fn claims(claims: Claims) -> (Vec<OfStep>, Vec<OfTask>) {
    let steps = claims.steps.into_iter().map(|claim| (claim.step, claim.token, claim.task));
    let tasks = claims.tasks.into_iter().map(|claim| (claim.task, claim.token, claim.shared));
    (steps.collect(), tasks.collect())
}
