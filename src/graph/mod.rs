//! The dependency graph of one task.
//!
//! [`Dag`] answers questions about any graph; [`csr`] is the compact form that is kept, [`cache`] keeps it, and [`frontier`] follows
//! a task along it.
//!
//! ```
//! use tasker_core::records::Edge;
//! use tasker_core::graph::{Dag, Level};
//! use tasker_core::ids::StepId;
//!
//! let edge = |from, to| Edge { from: StepId(from), to: StepId(to) };
//! let dag = Dag::new((1..=4).map(StepId), [edge(1, 2), edge(1, 3), edge(2, 4), edge(3, 4)]);
//! assert_eq!(dag.steps().count(), 4);
//! assert_eq!(dag.roots().collect::<Vec<_>>(), [StepId(1)]);
//! assert_eq!((dag.parents(StepId(4)).count(), dag.children(StepId(1)).count()), (2, 2));
//! assert_eq!(dag.levels()?.last(), Some(&Level { level: 2, step: StepId(4) }));
//!
//! let circle = Dag::new([StepId(1), StepId(2)], [edge(1, 2), edge(2, 1)]);
//! assert_eq!(circle.cycle(), Some(vec![StepId(1), StepId(2)]));
//! # Ok::<(), tasker_core::Error>(())
//! ```

pub mod cache;
pub mod csr;
pub mod frontier;

#[allow(deprecated)]
#[doc(hidden)]
pub use crate::deprecated::graph::*;
use crate::error::Error;
use crate::ids::StepId;
use crate::records::Edge;
use petgraph::Direction::{Incoming, Outgoing};
use petgraph::algo::kosaraju_scc;
use petgraph::prelude::DiGraphMap;
use serde::Serialize;
use std::collections::{HashMap, HashSet, VecDeque};

/// A task's steps and the edges that end at them.
///
/// Duplicate edges are one edge here. An edge may come from a step of another task: it makes its target wait, and so no
/// root, but no path is followed through it.
#[derive(Clone, Debug, Default)]
pub struct Dag {
    inner: DiGraphMap<StepId, ()>,
    awaited_outside: HashSet<StepId>,
}

/// The longest distance of a step from a root.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Level {
    /// Edges on the longest path from any root; 0 for roots.
    pub level: u32,
    /// The step.
    pub step: StepId,
}

impl Dag {
    /// Builds the graph of `steps` from the edges that end at them; edges that end elsewhere are left out. O(V + E).
    pub fn new(steps: impl IntoIterator<Item = StepId>, edges: impl IntoIterator<Item = Edge>) -> Self {
        let mut dag = Dag::default();
        for step in steps {
            dag.inner.add_node(step);
        }
        for Edge { from, to } in edges {
            if !dag.inner.contains_node(to) {
                continue;
            }
            if dag.inner.contains_node(from) {
                dag.inner.add_edge(from, to, ());
            } else {
                dag.awaited_outside.insert(to);
            }
        }
        dag
    }

    /// The steps, in the order given to [`Dag::new`].
    pub fn steps(&self) -> impl Iterator<Item = StepId> + '_ {
        self.inner.nodes()
    }

    /// Steps of this task that `step` waits for, each once.
    pub fn parents(&self, step: StepId) -> impl Iterator<Item = StepId> + '_ {
        self.inner.neighbors_directed(step, Incoming)
    }

    /// Steps that wait for `step`, each once.
    pub fn children(&self, step: StepId) -> impl Iterator<Item = StepId> + '_ {
        self.inner.neighbors_directed(step, Outgoing)
    }

    /// Steps that wait for nothing, neither here nor in another task.
    pub fn roots(&self) -> impl Iterator<Item = StepId> + '_ {
        self.steps()
            .filter(|&step| self.parents(step).next().is_none() && !self.awaited_outside.contains(&step))
    }

    /// Steps that wait for each other in a circle, or in several that share steps, in ascending order; `None` if there are none.
    ///
    /// O(V + E), and as much of the heap; the stack does not grow with the graph.
    pub fn cycle(&self) -> Option<Vec<StepId>> {
        kosaraju_scc(&self.inner)
            .into_iter()
            .find(|component| match component[..] {
                [step] => self.inner.contains_edge(step, step),
                _ => true,
            })
            .map(sorted)
    }

    /// The level of every step that a root leads to, ordered by level, then step.
    ///
    /// Steps that no root leads to have none: those waiting for a step of another task, and those behind them only.
    /// Source: the engine's SQL function `calculate_dependency_levels`, which walks every path; this walks every edge once.
    ///
    /// # Errors
    ///
    /// [`Error::Cycle`] if a root leads into a cycle. (The engine's function runs until the statement timeout there.)
    ///
    /// # Complexity
    ///
    /// O(V log V + E)
    pub fn levels(&self) -> Result<Vec<Level>, Error> {
        let reached = self.reached_from_roots();
        let mut waiting_for: HashMap<StepId, usize> = HashMap::with_capacity(reached.len());
        for &step in &reached {
            let parents = self.parents(step).filter(|parent| reached.contains(parent));
            waiting_for.insert(step, parents.count());
        }
        let mut queue: VecDeque<Level> = self.roots().map(|step| Level { level: 0, step }).collect();
        let mut deepest: HashMap<StepId, u32> = HashMap::new();
        let mut levels = Vec::with_capacity(reached.len());
        while let Some(done) = queue.pop_front() {
            levels.push(done);
            waiting_for.remove(&done.step);
            for child in self.children(done.step) {
                let level = deepest.entry(child).or_default();
                *level = (*level).max(done.level + 1);
                if let Some(left) = waiting_for.get_mut(&child) {
                    *left -= 1;
                    if *left == 0 {
                        queue.push_back(Level { level: *level, step: child });
                    }
                }
            }
        }
        if !waiting_for.is_empty() {
            return Err(Error::Cycle(self.cycle_among(&waiting_for)));
        }
        levels.sort_unstable();
        Ok(levels)
    }

    fn reached_from_roots(&self) -> HashSet<StepId> {
        let mut reached: HashSet<StepId> = self.roots().collect();
        let mut frontier: Vec<StepId> = reached.iter().copied().collect();
        while let Some(step) = frontier.pop() {
            frontier.extend(self.children(step).filter(|&child| reached.insert(child)));
        }
        reached
    }

    /// Kahn's algorithm leaves the cycles and everything behind them; name a cycle only.
    fn cycle_among(&self, left_over: &HashMap<StepId, usize>) -> Vec<StepId> {
        let inside = |step: &StepId| left_over.contains_key(step);
        let steps = self.steps().filter(inside);
        let edges = self
            .inner
            .all_edges()
            .filter(|(from, to, ())| inside(from) && inside(to))
            .map(|(from, to, ())| Edge { from, to });
        let remainder = Dag::new(steps, edges);
        remainder.cycle().unwrap_or_default()
    }
}

fn sorted(mut steps: Vec<StepId>) -> Vec<StepId> {
    steps.sort_unstable();
    steps
}
