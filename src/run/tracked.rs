//! The graph of the task that runs, and which of its steps are done.

use crate::graph::frontier::Frontier;
use crate::graph::known::KnownGraph;
use crate::ids::StepId;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A task's graph as of its start and the steps that are done, other workers' aside. Advice only: each claim looks at the database.
#[derive(Clone, Debug)]
pub(super) struct TrackedTask {
    graph: Arc<KnownGraph>,
    frontier: Frontier,
    /// Steps that are not done and wait for nothing: pending, in progress or failed.
    open: BTreeSet<StepId>,
}

impl TrackedTask {
    pub(super) fn new(graph: KnownGraph, done: Vec<StepId>) -> Self {
        let frontier = Frontier::new(&graph, done);
        let open = frontier.open().map(|place| graph.steps()[place]).collect();
        TrackedTask { graph: Arc::new(graph), frontier, open }
    }

    /// O(children · log)
    pub(super) fn complete(&mut self, step: StepId) {
        let freed = self.frontier.complete(&self.graph, step);
        self.open.remove(&step);
        self.open.extend(freed);
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

    pub(super) fn is_done(&self) -> bool {
        self.frontier.left() == 0
    }
}
