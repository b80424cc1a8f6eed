//! Tasks for the benches.

use tasker_core::graph::csr::{CsrGraph, GraphVersion};
use tasker_core::ids::{NamedStepId, StepId, TaskId};
use tasker_core::records::{Edge, ParentCount, StepRecord, StepSnapshot};
use tasker_core::state::State;
use tasker_core::time::Timestamp;

/// The instant at which everything is asked.
pub const NOW: Timestamp = Timestamp(1_800_000_000_000_000);

const WIDTH: usize = 10;

/// The steps' ids; they stand together, as those of a real task mostly do.
pub fn steps(count: usize) -> impl Iterator<Item = StepId> + Clone {
    (1..=count as i64).map(StepId)
}

/// Three parents for each step behind the first layer.
pub fn edges(count: usize) -> Vec<Edge> {
    let parents =
        |place: usize| (0..3).map(move |offset| (place / WIDTH - 1) * WIDTH + (place + offset) % WIDTH);
    let id = |place: usize| StepId(place as i64 + 1);
    (WIDTH..count)
        .flat_map(|place| parents(place).map(move |parent| Edge { from: id(parent), to: id(place) }))
        .collect()
}

/// The same in the form that is kept.
pub fn known(count: usize) -> CsrGraph {
    let edges = edges(count);
    let version =
        GraphVersion { steps: count as i64, steps_checksum: 0, edges: edges.len() as i64, edges_checksum: 0 };
    CsrGraph::new(TaskId(1), version, steps(count).collect(), edges).expect("no edge leads elsewhere")
}

/// The facts of a task that is half done; of the other half every seventh step has failed once.
pub fn half_done(count: usize) -> StepSnapshot {
    StepSnapshot { now: NOW, steps: (0..count).map(|place| facts(place, count)).collect() }
}

fn facts(place: usize, count: usize) -> StepRecord {
    let done = place < count / 2;
    let failed = !done && place.is_multiple_of(7);
    let parents = if place < WIDTH { 0 } else { 3 };
    StepRecord {
        id: StepId(place as i64 + 1),
        task_id: TaskId(1),
        named_step_id: NamedStepId(place as i64 + 1),
        name: format!("step {place}").into(),
        state: if done { Some(State::Complete) } else { failed.then_some(State::Error) },
        failed_at: failed.then_some(Timestamp(NOW.0 - 1_000_000)),
        processed: done,
        in_process: false,
        retryable: true,
        attempts: Some(i32::from(done || failed)),
        retry_limit: Some(3),
        backoff_request_seconds: None,
        last_attempted_at: (done || failed).then_some(NOW),
        parents: ParentCount {
            total: parents,
            completed: if place < count / 2 + WIDTH { parents } else { 0 },
        },
    }
}
