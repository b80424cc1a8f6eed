//! A task that is followed, and what a question about it brings back.

use super::id_ranges::spans;
use crate::graph::csr::KnownGraph;
use crate::graph::frontier::Frontier;
use crate::ids::StepId;
use crate::records::StepSnapshot;

/// A task that is followed: its graph, and how far it has come as far as is known here.
///
/// ```
/// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
/// # doctest::in_transaction(async |tx| {
/// # use tasker_core::factories::{Pattern, workflow};
/// # let made = workflow(Pattern::Diamond).create(&mut *tx).await.unwrap();
/// # let task = made.task;
/// use tasker_core::graph::cache::Graphs;
/// use tasker_core::operations::ready::{Followed, follow};
///
/// let mut followed: Followed = follow(&mut *tx, &mut Graphs::new(1_000), task).await?.expect("a task that exists");
/// assert_eq!((followed.graph().task(), followed.left()), (task, 4));
/// let first = followed.candidates()[0];
/// assert_eq!(followed.complete(first).len(), 2);
/// # Ok(()) });
/// ```
#[derive(Clone, Debug)]
pub struct Followed {
    graph: KnownGraph,
    frontier: Frontier,
}

impl Followed {
    /// A task of this graph, of which these steps are done.
    pub(super) fn new(graph: KnownGraph, done: Vec<StepId>) -> Self {
        let frontier = Frontier::new(&graph, done);
        Followed { graph, frontier }
    }

    /// The graph by which it is followed.
    pub fn graph(&self) -> &KnownGraph {
        &self.graph
    }

    /// Takes down that a step is done, and returns the steps that waited for it last. No statement, O(children).
    pub fn complete(&mut self, step: StepId) -> Vec<StepId> {
        self.frontier.complete(&self.graph, step)
    }

    /// Steps that are not known to be done.
    pub fn left(&self) -> usize {
        self.frontier.left()
    }

    /// The first step that is not known to be done. O(steps)
    pub(super) fn first_left(&self) -> Option<StepId> {
        self.frontier.undone().next().map(|place| self.graph.steps()[place])
    }

    /// The steps that are not known to be done and wait for nothing that is not, in ascending order. No statement, O(steps).
    pub fn candidates(&self) -> Vec<StepId> {
        self.frontier.open().map(|place| self.graph.steps()[place]).collect()
    }

    /// Where to look for steps that are done: where those stand that are not known to be, and the parents of `candidates`. O(steps)
    pub(super) fn spans(&self, candidates: &[StepId]) -> Vec<(i64, i64)> {
        let places = candidates.iter().filter_map(|&step| self.graph.place(step));
        let mut places: Vec<usize> = places.flat_map(|place| self.graph.parents(place)).collect();
        places.extend(self.frontier.undone());
        places.sort_unstable();
        spans(places.into_iter().map(|place| self.graph.steps()[place].0))
    }
}

/// What has become of tasks and of their candidates.
pub(super) struct Told {
    /// The candidates that wait for nothing.
    pub(super) open: StepSnapshot,
    /// The last step of each task that was asked about, in their order.
    pub(super) last: Vec<Option<StepId>>,
    /// Steps that are done, each with the place of the task in whose range it stands.
    pub(super) done: Vec<(usize, StepId)>,
}
