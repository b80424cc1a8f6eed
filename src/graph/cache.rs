//! Graphs that are kept, up to a bound.
//!
//! ```
//! # use tasker_core::records::Edge;
//! # use tasker_core::graph::csr::{CsrGraph, GraphVersion};
//! # use tasker_core::ids::{StepId, TaskId};
//! # let version = GraphVersion { steps: 2, steps_checksum: 17, edges: 1, edges_checksum: 4 };
//! # let edge = Edge { from: StepId(10), to: StepId(11) };
//! # let graph = CsrGraph::new(TaskId(7), version, vec![StepId(10), StepId(11)], [edge]).unwrap();
//! use tasker_core::graph::cache::Graphs;
//!
//! let mut graphs = Graphs::new(100);
//! assert!(graphs.is_empty());
//! let size = graph.size();
//! graphs.insert(graph);
//! assert_eq!((graphs.len(), graphs.size()), (1, size));
//! assert!(graphs.get(TaskId(7)).is_some() && graphs.peek(TaskId(8)).is_none());
//! graphs.remove(TaskId(7));
//! assert!(graphs.is_empty());
//! ```

use super::csr::CsrGraph;
use crate::ids::TaskId;
use std::collections::{BTreeMap, HashMap};

/// A bounded store of [`CsrGraph`]s that lets go of the least recently used ones first.
///
/// A cached graph may be outdated: before use, compare its [`GraphVersion`](super::csr::GraphVersion) with the database's.
#[derive(Debug)]
pub struct Graphs {
    capacity: usize,
    size: usize,
    now: u64,
    kept: HashMap<TaskId, (u64, CsrGraph)>,
    by_use: BTreeMap<u64, TaskId>,
}

impl Graphs {
    /// An empty store for graphs whose [sizes](CsrGraph::size) add up to `capacity` at most; a unit takes 8 to 24 bytes.
    pub fn new(capacity: usize) -> Self {
        Graphs { capacity, size: 0, now: 0, kept: HashMap::new(), by_use: BTreeMap::new() }
    }

    /// How many graphs are kept.
    pub fn len(&self) -> usize {
        self.kept.len()
    }

    /// None at all?
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// The sizes of all graphs that are kept, added up; never more than the capacity.
    pub fn size(&self) -> usize {
        self.size
    }

    /// The graph of a task, if it is kept; counts as a use. O(log n)
    pub fn get(&mut self, task: TaskId) -> Option<&CsrGraph> {
        let (used, graph) = self.kept.get_mut(&task)?;
        self.by_use.remove(used);
        self.now += 1;
        *used = self.now;
        self.by_use.insert(self.now, task);
        Some(graph)
    }

    /// The graph of a task, if it is kept; does not count as a use.
    pub fn peek(&self, task: TaskId) -> Option<&CsrGraph> {
        self.kept.get(&task).map(|(_, graph)| graph)
    }

    /// Keeps a graph in place of an earlier one of its task. One that is larger than the capacity is not kept. O(log n), amortised.
    pub fn insert(&mut self, graph: CsrGraph) {
        self.remove(graph.task());
        if graph.size() > self.capacity {
            return;
        }
        while self.size + graph.size() > self.capacity {
            let Some((_, oldest)) = self.by_use.pop_first() else { break };
            if let Some((_, gone)) = self.kept.remove(&oldest) {
                self.size -= gone.size();
            }
        }
        self.now += 1;
        self.size += graph.size();
        self.by_use.insert(self.now, graph.task());
        self.kept.insert(graph.task(), (self.now, graph));
    }

    /// Lets go of a task's graph, if it is kept. O(log n)
    pub fn remove(&mut self, task: TaskId) {
        if let Some((used, graph)) = self.kept.remove(&task) {
            self.by_use.remove(&used);
            self.size -= graph.size();
        }
    }
}
