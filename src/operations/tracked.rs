//! A tracked task, and the changes that a query about it returns.

use super::id_ranges::id_ranges;
use crate::graph::csr::CsrGraph;
use crate::graph::frontier::Frontier;
use crate::ids::StepId;
use crate::records::StepSnapshot;

/// A tracked task: its graph and its completed steps, as far as the caller has read them.
///
/// ```
/// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
/// # doctest::in_transaction(async |tx| {
/// # use tasker_core::factories::{Pattern, workflow};
/// # let made = workflow(Pattern::Diamond).create(&mut *tx).await.unwrap();
/// # let task = made.task;
/// use tasker_core::graph::cache::Graphs;
/// use tasker_core::operations::ready::{TrackedTask, track};
///
/// let mut tracked: TrackedTask = track(&mut *tx, &mut Graphs::new(1_000), task).await?.expect("a task that exists");
/// assert_eq!((tracked.graph().task(), tracked.unfinished()), (task, 4));
/// let first = tracked.candidates()[0];
/// assert_eq!(tracked.complete(first).len(), 2);
/// # Ok(()) });
/// ```
#[derive(Clone, Debug)]
pub struct TrackedTask {
    graph: CsrGraph,
    frontier: Frontier,
}

impl TrackedTask {
    /// A task of this graph, of which these steps are done.
    pub(super) fn new(graph: CsrGraph, done: Vec<StepId>) -> Self {
        let frontier = Frontier::new(&graph, done);
        TrackedTask { graph, frontier }
    }

    /// Its graph.
    pub fn graph(&self) -> &CsrGraph {
        &self.graph
    }

    /// Marks a step as done, and returns the steps whose last open parent it was. No statement, O(children).
    pub fn complete(&mut self, step: StepId) -> Vec<StepId> {
        self.frontier.complete(&self.graph, step)
    }

    /// Steps that are not known to be done.
    pub fn unfinished(&self) -> usize {
        self.frontier.unfinished()
    }

    #[doc(hidden)]
    #[deprecated = "use `unfinished`"]
    pub fn left(&self) -> usize {
        self.unfinished()
    }

    /// The first step that is not known to be done. O(steps)
    pub(super) fn first_unfinished(&self) -> Option<StepId> {
        self.frontier.undone().next().map(|index| self.graph.steps()[index])
    }

    /// The steps that are not known to be done and wait for nothing that is not, in ascending order. No statement, O(steps).
    pub fn candidates(&self) -> Vec<StepId> {
        self.frontier.open().map(|index| self.graph.steps()[index]).collect()
    }

    /// Where to look for steps that are done: where those stand that are not known to be, and the parents of `candidates`. O(steps)
    pub(super) fn id_ranges(&self, candidates: &[StepId]) -> Vec<(i64, i64)> {
        let indexes = candidates.iter().filter_map(|&step| self.graph.index(step));
        let mut indexes: Vec<usize> = indexes.flat_map(|index| self.graph.parents(index)).collect();
        indexes.extend(self.frontier.undone());
        indexes.sort_unstable();
        id_ranges(indexes.into_iter().map(|index| self.graph.steps()[index].0))
    }
}

/// The changes of tasks and of their candidates.
pub(super) struct TrackedChanges {
    /// The candidates that wait for nothing.
    pub(super) open: StepSnapshot,
    /// The last step of each requested task, in their order.
    pub(super) last: Vec<Option<StepId>>,
    /// Steps that are done, each with the index of the task in whose range it stands.
    pub(super) done: Vec<(usize, StepId)>,
}
