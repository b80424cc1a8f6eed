//! How far a task has come, step by step, without asking again.
//!
//! ```
//! # use tasker_core::records::Edge;
//! # use tasker_core::graph::csr::{CsrGraph, GraphVersion};
//! # use tasker_core::ids::{StepId, TaskId};
//! # let version = GraphVersion { steps: 2, steps_checksum: 17, edges: 1, edges_checksum: 4 };
//! # let edge = Edge { from: StepId(10), to: StepId(11) };
//! # let graph = CsrGraph::new(TaskId(7), version, vec![StepId(10), StepId(11)], [edge]).unwrap();
//! use tasker_core::graph::frontier::Frontier;
//!
//! // The second of two steps waits for the first.
//! let mut frontier = Frontier::new(&graph, []);
//! assert_eq!(frontier.open().collect::<Vec<_>>(), [0]);
//! assert_eq!(frontier.complete(&graph, StepId(10)), [StepId(11)]);
//! assert_eq!((frontier.unfinished(), frontier.undone().collect::<Vec<_>>()), (1, vec![1]));
//! ```

use super::csr::CsrGraph;
use crate::ids::StepId;
use std::collections::BTreeMap;

/// Counts for each step of a graph the edges that it still waits for.
///
/// That a step is done is final, so the counts only fall. They are advice: others may do steps meanwhile, and the claim of a step
/// looks at the database.
#[derive(Clone, Debug)]
pub struct Frontier {
    waiting_for: Vec<u32>,
    done: Vec<bool>,
    unfinished: usize,
}

impl Frontier {
    /// The frontier of a graph, some of whose steps are done already; steps of other tasks among them are left out. O(V + E)
    pub fn new(graph: &CsrGraph, done: impl IntoIterator<Item = StepId>) -> Self {
        let steps = graph.steps().len();
        let mut frontier = Frontier {
            waiting_for: (0..steps).map(|index| graph.parents(index).len() as u32).collect(),
            done: vec![false; steps],
            unfinished: steps,
        };
        for step in done {
            if let Some(index) = graph.index(step) {
                frontier.mark(graph, index);
            }
        }
        frontier
    }

    /// The indexes of the steps that are not done and wait for nothing, in ascending order. O(V)
    pub fn open(&self) -> impl Iterator<Item = usize> + '_ {
        self.waiting_for
            .iter()
            .zip(&self.done)
            .enumerate()
            .filter_map(|(index, (&waiting, &done))| (waiting == 0 && !done).then_some(index))
    }

    /// Takes down that a step is done and returns the steps that waited for it last. O(children)
    ///
    /// Empty if it was done before, or is not a step of this task.
    pub fn complete(&mut self, graph: &CsrGraph, step: StepId) -> Vec<StepId> {
        let Some(index) = graph.index(step).filter(|&index| !self.done[index]) else {
            return Vec::new();
        };
        self.mark(graph, index);
        let mut freed: Vec<StepId> = graph
            .children(index)
            .filter(|&child| self.waiting_for[child] == 0 && !self.done[child])
            .map(|child| graph.steps()[child])
            .collect();
        // Two edges between the same steps free the child once.
        freed.sort_unstable();
        freed.dedup();
        freed
    }

    /// The steps that would wait for nothing if a step were done, in ascending order. O(children · log)
    pub fn freed_by(&self, graph: &CsrGraph, step: StepId) -> Vec<StepId> {
        let Some(index) = graph.index(step).filter(|&index| !self.done[index]) else {
            return Vec::new();
        };
        // An edge that stands there twice counts twice.
        let mut edges: BTreeMap<usize, u32> = BTreeMap::new();
        for child in graph.children(index) {
            *edges.entry(child).or_default() += 1;
        }
        edges
            .into_iter()
            .filter(|&(child, edges)| self.waiting_for[child] == edges && !self.done[child])
            .map(|(child, _)| graph.steps()[child])
            .collect()
    }

    /// Steps that are not done.
    pub fn unfinished(&self) -> usize {
        self.unfinished
    }

    #[doc(hidden)]
    #[deprecated = "use `unfinished`"]
    pub fn left(&self) -> usize {
        self.unfinished()
    }

    /// The indexes of the steps that are not done, in ascending order. O(V)
    pub fn undone(&self) -> impl Iterator<Item = usize> + '_ {
        self.done.iter().enumerate().filter_map(|(index, &done)| (!done).then_some(index))
    }

    fn mark(&mut self, graph: &CsrGraph, index: usize) {
        if std::mem::replace(&mut self.done[index], true) {
            return;
        }
        self.unfinished -= 1;
        for child in graph.children(index) {
            self.waiting_for[child] -= 1;
        }
    }
}
