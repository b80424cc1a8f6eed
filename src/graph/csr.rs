//! The dependency graph of a task in compressed sparse row form, for caches.
//!
//! ```
//! use tasker_core::records::Edge;
//! use tasker_core::graph::csr::{CsrGraph, GraphVersion};
//! use tasker_core::ids::{StepId, TaskId};
//!
//! let version = GraphVersion { steps: 2, steps_checksum: 17, edges: 1, edges_checksum: 4 };
//! let edge = Edge { from: StepId(10), to: StepId(11) };
//! let graph = CsrGraph::new(TaskId(7), version, vec![StepId(10), StepId(11)], [edge]).expect("an edge of this task");
//! assert_eq!((graph.task(), graph.version(), graph.steps().len(), graph.size()), (TaskId(7), version, 2, 33));
//! let index = graph.index(StepId(11)).expect("a step of this task");
//! assert_eq!(graph.parents(index).collect::<Vec<_>>(), [0]);
//! assert_eq!(graph.children(0).collect::<Vec<_>>(), [index]);
//! ```

use crate::ids::{StepId, TaskId};
use crate::records::Edge;

/// Distinguishes one version of a task's graph from another, as the database computes it.
///
/// Graphs that differ in a step or an edge differ here, but for a collision of the two checksums of 64 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct GraphVersion {
    /// How many steps the task has.
    pub steps: i64,
    /// A checksum over their ids.
    pub steps_checksum: i64,
    /// How many edges end at them.
    pub edges: i64,
    /// A checksum over these edges.
    pub edges_checksum: i64,
}

/// The steps of one task and what each of them waits for, as of one [`GraphVersion`].
///
/// Its size is about 20 bytes a step and 8 bytes an edge. All of its steps wait for steps of their own task; a task where one waits for
/// another task's step has no such graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsrGraph {
    task: TaskId,
    version: GraphVersion,
    steps: Vec<StepId>,
    parents: Neighbours,
    children: Neighbours,
}

/// Neighbours of each step by index: those of index `p` are `items[starts[p]..starts[p + 1]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Neighbours {
    starts: Vec<u32>,
    items: Vec<u32>,
}

/// The size of a graph without steps: some 250 bytes, of its own, of its lists and in the [`Graphs`](super::cache::Graphs).
const ITSELF: usize = 30;

impl CsrGraph {
    /// The graph of `steps` and the edges that end at them; an edge that stands there twice counts twice, as in the engine.
    /// O(V log V + E log V).
    ///
    /// `None` if an edge comes from a step of another task.
    pub fn new(
        task: TaskId,
        version: GraphVersion,
        mut steps: Vec<StepId>,
        edges: impl IntoIterator<Item = Edge>,
    ) -> Option<Self> {
        steps.sort_unstable();
        steps.dedup();
        let mut pairs = Vec::new();
        for Edge { from, to } in edges {
            let Some(to) = index(&steps, to) else { continue };
            pairs.push((index(&steps, from)?, to));
        }
        let parents = Neighbours::new(steps.len(), pairs.iter().map(|&(from, to)| (to, from)));
        let children = Neighbours::new(steps.len(), pairs.iter().copied());
        Some(CsrGraph { task, version, steps, parents, children })
    }

    /// Its task.
    pub fn task(&self) -> TaskId {
        self.task
    }

    /// Its version when it was read.
    pub fn version(&self) -> GraphVersion {
        self.version
    }

    /// Its steps in ascending order; an *index* is a position in them.
    pub fn steps(&self) -> &[StepId] {
        &self.steps
    }

    /// The size of the graph in a cache: its steps and edges, and a constant of thirty for the graph itself.
    pub fn size(&self) -> usize {
        ITSELF + self.steps.len() + self.parents.items.len()
    }

    /// The index of a step, if it is one of this task's. O(log V)
    pub fn index(&self, step: StepId) -> Option<usize> {
        // Ids of a task mostly stand together, so the distance from the first is mostly the index.
        let guess = usize::try_from(step.0.checked_sub(self.steps.first()?.0)?).ok()?;
        if self.steps.get(guess) == Some(&step) {
            return Some(guess);
        }
        index(&self.steps, step).map(|index| index as usize)
    }

    #[doc(hidden)]
    #[deprecated = "use `index`"]
    pub fn place(&self, step: StepId) -> Option<usize> {
        self.index(step)
    }

    /// The indexes of the steps that the one at `index` waits for.
    pub fn parents(&self, index: usize) -> impl ExactSizeIterator<Item = usize> + '_ {
        self.parents.of(index)
    }

    /// The indexes of the steps that wait for the one at `index`.
    pub fn children(&self, index: usize) -> impl ExactSizeIterator<Item = usize> + '_ {
        self.children.of(index)
    }
}

impl Neighbours {
    fn new(steps: usize, pairs: impl Iterator<Item = (u32, u32)> + Clone) -> Self {
        let mut starts = vec![0u32; steps + 1];
        for (of, _) in pairs.clone() {
            starts[of as usize + 1] += 1;
        }
        for index in 0..steps {
            starts[index + 1] += starts[index];
        }
        let mut next = starts.clone();
        let mut items = vec![0u32; starts[steps] as usize];
        for (of, item) in pairs {
            let at = &mut next[of as usize];
            items[*at as usize] = item;
            *at += 1;
        }
        Neighbours { starts, items }
    }

    fn of(&self, index: usize) -> impl ExactSizeIterator<Item = usize> + '_ {
        let range = self.starts[index] as usize..self.starts[index + 1] as usize;
        self.items[range].iter().map(|&item| item as usize)
    }
}

fn index(steps: &[StepId], step: StepId) -> Option<u32> {
    steps.binary_search(&step).ok().map(|index| index as u32)
}
