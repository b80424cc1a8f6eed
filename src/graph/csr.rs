//! The dependency graph of a task in the form in which it is kept and asked again and again.
//!
//! ```
//! use tasker_core::records::Edge;
//! use tasker_core::graph::csr::{KnownGraph, Version};
//! use tasker_core::ids::{StepId, TaskId};
//!
//! let version = Version { steps: 2, steps_checksum: 17, edges: 1, edges_checksum: 4 };
//! let edge = Edge { from: StepId(10), to: StepId(11) };
//! let graph = KnownGraph::new(TaskId(7), version, vec![StepId(10), StepId(11)], [edge]).expect("an edge of this task");
//! assert_eq!((graph.task(), graph.version(), graph.steps().len(), graph.size()), (TaskId(7), version, 2, 33));
//! let place = graph.place(StepId(11)).expect("a step of this task");
//! assert_eq!(graph.parents(place).collect::<Vec<_>>(), [0]);
//! assert_eq!(graph.children(0).collect::<Vec<_>>(), [place]);
//! ```

use crate::ids::{StepId, TaskId};
use crate::records::Edge;

/// What tells one version of a task's graph from another, as the database computes it.
///
/// Graphs that differ in a step or an edge differ here, but for a collision of the two checksums of 64 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Version {
    /// How many steps the task has.
    pub steps: i64,
    /// A checksum over their ids.
    pub steps_checksum: i64,
    /// How many edges end at them.
    pub edges: i64,
    /// A checksum over these edges.
    pub edges_checksum: i64,
}

/// The steps of one task and what each of them waits for, as of one [`Version`].
///
/// Its size is about 20 bytes a step and 8 bytes an edge. All of its steps wait for steps of their own task; a task where one waits for
/// another task's step has no such graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownGraph {
    task: TaskId,
    version: Version,
    steps: Vec<StepId>,
    parents: Neighbours,
    children: Neighbours,
}

/// Neighbours of each step by place: those of place `p` are `items[starts[p]..starts[p + 1]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Neighbours {
    starts: Vec<u32>,
    items: Vec<u32>,
}

/// What a graph takes without any step: some 250 bytes in all, of its own, of its lists and in the [`Graphs`](super::cache::Graphs).
const ITSELF: usize = 30;

impl KnownGraph {
    /// The graph of `steps` and the edges that end at them; an edge that stands there twice counts twice, as in the engine.
    /// O(V log V + E log V).
    ///
    /// `None` if an edge comes from a step of another task.
    pub fn new(
        task: TaskId,
        version: Version,
        mut steps: Vec<StepId>,
        edges: impl IntoIterator<Item = Edge>,
    ) -> Option<Self> {
        steps.sort_unstable();
        steps.dedup();
        let mut pairs = Vec::new();
        for Edge { from, to } in edges {
            let Some(to) = place(&steps, to) else { continue };
            pairs.push((place(&steps, from)?, to));
        }
        let parents = Neighbours::new(steps.len(), pairs.iter().map(|&(from, to)| (to, from)));
        let children = Neighbours::new(steps.len(), pairs.iter().copied());
        Some(KnownGraph { task, version, steps, parents, children })
    }

    /// Its task.
    pub fn task(&self) -> TaskId {
        self.task
    }

    /// What it was when it was read.
    pub fn version(&self) -> Version {
        self.version
    }

    /// Its steps in ascending order; a *place* is an index into them.
    pub fn steps(&self) -> &[StepId] {
        &self.steps
    }

    /// The measure of what it takes to keep it: its steps and edges, and as much for the graph itself as some thirty of them take.
    pub fn size(&self) -> usize {
        ITSELF + self.steps.len() + self.parents.items.len()
    }

    /// The place of a step, if it is one of this task's. O(log V)
    pub fn place(&self, step: StepId) -> Option<usize> {
        // Ids of a task mostly stand together, so the distance from the first is mostly the place.
        let guess = usize::try_from(step.0.checked_sub(self.steps.first()?.0)?).ok()?;
        if self.steps.get(guess) == Some(&step) {
            return Some(guess);
        }
        place(&self.steps, step).map(|place| place as usize)
    }

    /// The places of the steps that the one at `place` waits for.
    pub fn parents(&self, place: usize) -> impl ExactSizeIterator<Item = usize> + '_ {
        self.parents.of(place)
    }

    /// The places of the steps that wait for the one at `place`.
    pub fn children(&self, place: usize) -> impl ExactSizeIterator<Item = usize> + '_ {
        self.children.of(place)
    }
}

impl Neighbours {
    fn new(steps: usize, pairs: impl Iterator<Item = (u32, u32)> + Clone) -> Self {
        let mut starts = vec![0u32; steps + 1];
        for (of, _) in pairs.clone() {
            starts[of as usize + 1] += 1;
        }
        for place in 0..steps {
            starts[place + 1] += starts[place];
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

    fn of(&self, place: usize) -> impl ExactSizeIterator<Item = usize> + '_ {
        let range = self.starts[place] as usize..self.starts[place + 1] as usize;
        self.items[range].iter().map(|&item| item as usize)
    }
}

fn place(steps: &[StepId], step: StepId) -> Option<u32> {
    steps.binary_search(&step).ok().map(|place| place as u32)
}
