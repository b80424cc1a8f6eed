//! The graph of the task that runs, and which of its steps are done.

use crate::graph::csr::CsrGraph;
use crate::graph::frontier::Frontier;
use crate::ids::StepId;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Fewer steps are looked at as a whole as fast as in part.
const FEW: usize = 16;
/// Everything is looked at again as soon as one in so many steps was done since.
const SHARE: usize = 4;

/// A task's graph as of its start and the steps that are done, as far as the run knows. Advice only: each claim looks at the database.
#[derive(Clone, Debug)]
pub(super) struct TrackedTask {
    graph: Arc<CsrGraph>,
    frontier: Frontier,
    /// Steps that are not done and wait for nothing: pending, in progress or failed.
    open: BTreeSet<StepId>,
    /// Steps that were done since everything was looked at.
    done_since: usize,
}

impl TrackedTask {
    pub(super) fn new(graph: CsrGraph, done: Vec<StepId>) -> Self {
        let frontier = Frontier::new(&graph, done);
        let open = frontier.open().map(|index| graph.steps()[index]).collect();
        TrackedTask { graph: Arc::new(graph), frontier, open, done_since: 0 }
    }

    /// O(children · log)
    pub(super) fn complete(&mut self, step: StepId) {
        let freed = self.frontier.complete(&self.graph, step);
        self.open.remove(&step);
        self.open.extend(freed);
        self.done_since += 1;
    }

    /// The step that is the whole next wave once `step` is done. O(children · log)
    pub(super) fn only_successor(&self, step: StepId) -> Option<StepId> {
        if self.open.len() != 1 || !self.open.contains(&step) {
            return None;
        }
        match self.frontier.freed_by(&self.graph, step)[..] {
            [next] => Some(next),
            _ => None,
        }
    }

    /// The steps that may be ready, where looking at them saves looking at everything. What others do to the steps behind them is seen
    /// when everything is looked at again: whenever none of these is ready, and as soon as a quarter of all steps was done.
    pub(super) fn candidates(&self) -> Option<&BTreeSet<StepId>> {
        let steps = self.graph.steps().len();
        let saves = steps >= FEW && self.open.len() * 2 < steps && self.done_since * SHARE < steps;
        (saves && !self.open.is_empty()).then_some(&self.open)
    }

    /// Takes down which steps were found ready by a look at everything: what waits for nothing by others' doing as well.
    pub(super) fn looked_at_everything(&mut self, ready: impl IntoIterator<Item = StepId>) {
        self.done_since = 0;
        self.open.extend(ready);
    }

    pub(super) fn is_done(&self) -> bool {
        self.frontier.unfinished() == 0
    }

    /// How many steps are not done, as far as the run knows.
    pub(super) fn unfinished(&self) -> usize {
        self.frontier.unfinished()
    }

    /// How many steps there are.
    pub(super) fn size(&self) -> usize {
        self.graph.steps().len()
    }
}
