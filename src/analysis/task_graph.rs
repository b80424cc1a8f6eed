//! The graph of a task as its analysis sees it: with names, levels, and edges in the order in which they were made.
//!
//! ```
//! use std::collections::HashSet;
//! use tasker_core::analysis::task_graph::{Downstream, TaskGraph};
//! use tasker_core::records::Edge;
//! use tasker_core::ids::StepId;
//!
//! let steps = ["fetch", "check", "pay"].iter().zip(1..).map(|(name, id)| (StepId(id), Box::from(*name)));
//! let edges = vec![Edge { from: StepId(1), to: StepId(2) }, Edge { from: StepId(2), to: StepId(3) }];
//! let graph = TaskGraph::new(steps.collect(), edges, Vec::new())?.expect("no edge leads elsewhere");
//!
//! assert_eq!((graph.steps().len(), graph.edges().len(), graph.levels()[2].level), (3, 2, 2));
//! assert_eq!(graph.name(StepId(3)), Some("pay"));
//! let children: Vec<Vec<StepId>> = graph.neighbours(false).map(|(_, children)| children.collect()).collect();
//! assert_eq!(children, [vec![StepId(2)], vec![StepId(3)], vec![]]);
//! assert_eq!(graph.downstream(StepId(1)), Some(vec![StepId(2), StepId(3)]));
//! let waiting = HashSet::from([StepId(3)]);
//! assert_eq!(graph.downstream_counts(&waiting)[0], (StepId(1), Downstream { total: 2, blocked: 1 }));
//! # Ok::<(), tasker_core::Error>(())
//! ```

use crate::error::Error;
use crate::graph::{Dag, Level};
use crate::ids::StepId;
use crate::records::Edge;
use std::collections::{HashMap, HashSet};

/// Steps handled at once when counting what is downstream of them all: a bit each.
const LANES: usize = u64::BITS as usize;

/// A task's steps and the edges between them. Duplicate edges stay duplicates.
#[derive(Clone, Debug)]
pub struct TaskGraph {
    steps: Vec<(StepId, Box<str>)>,
    place: HashMap<StepId, usize>,
    edges: Vec<Edge>,
    children: Vec<Vec<usize>>,
    parents: Vec<Vec<usize>>,
    levels: Vec<Level>,
}

/// How many steps are behind a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Downstream {
    /// All of them.
    pub total: usize,
    /// Those that wait for a dependency.
    pub blocked: usize,
}

impl TaskGraph {
    /// Builds the graph of `steps` from the edges between them, and the steps at which edges of other tasks end, which are no roots when it
    /// comes to levels. `None` if an edge leads elsewhere. O(V log V + E)
    ///
    /// # Errors
    ///
    /// [`Error::Cycle`] if a root leads into a cycle; see [`Dag::levels`].
    pub fn new(
        steps: Vec<(StepId, Box<str>)>,
        edges: Vec<Edge>,
        from_elsewhere: Vec<Edge>,
    ) -> Result<Option<Self>, Error> {
        let place: HashMap<StepId, usize> =
            steps.iter().enumerate().map(|(place, step)| (step.0, place)).collect();
        let (mut children, mut parents) = (vec![Vec::new(); steps.len()], vec![Vec::new(); steps.len()]);
        for edge in &edges {
            let (Some(&from), Some(&to)) = (place.get(&edge.from), place.get(&edge.to)) else {
                return Ok(None);
            };
            children[from].push(to);
            parents[to].push(from);
        }
        let all = edges.iter().copied().chain(from_elsewhere);
        let levels = Dag::new(steps.iter().map(|step| step.0), all).levels()?;
        Ok(Some(TaskGraph { steps, place, edges, children, parents, levels }))
    }

    /// The steps with their names.
    pub fn steps(&self) -> &[(StepId, Box<str>)] {
        &self.steps
    }

    /// The edges.
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// The levels, as [`Dag::levels`] gives them.
    pub fn levels(&self) -> &[Level] {
        &self.levels
    }

    /// The name of a step of the task.
    pub fn name(&self, step: StepId) -> Option<&str> {
        self.place.get(&step).map(|&place| &*self.steps[place].1)
    }

    /// The neighbours of each step in the order of their edges: of each step its children, or its parents.
    pub fn neighbours(&self, parents: bool) -> impl Iterator<Item = (StepId, impl Iterator<Item = StepId>)> {
        let lists = if parents { &self.parents } else { &self.children };
        let of = self.steps.iter().zip(lists);
        of.map(|(step, list)| (step.0, list.iter().map(|&place| self.steps[place].0)))
    }

    pub(super) fn children(&self, place: usize) -> &[usize] {
        &self.children[place]
    }

    pub(super) fn is_root(&self, place: usize) -> bool {
        self.parents[place].is_empty()
    }

    pub(super) fn step(&self, place: usize) -> StepId {
        self.steps[place].0
    }

    pub(super) fn places(&self) -> std::ops::Range<usize> {
        0..self.steps.len()
    }

    /// Everything behind a step, once each, as a walk depth first meets it; `None` for a step of another task. A step in a cycle is behind
    /// itself. O(V + E)
    pub fn downstream(&self, step: StepId) -> Option<Vec<StepId>> {
        let start = *self.place.get(&step)?;
        Some(self.places_behind(start).into_iter().map(|place| self.step(place)).collect())
    }

    fn places_behind(&self, start: usize) -> Vec<usize> {
        let mut visited = vec![false; self.steps.len()];
        let mut walked = vec![false; self.steps.len()];
        let mut behind = Vec::new();
        walked[start] = true;
        let mut path = vec![(start, 0)];
        while let Some((place, turn)) = path.last_mut() {
            let Some(&child) = self.children[*place].get(*turn) else {
                path.pop();
                continue;
            };
            *turn += 1;
            if !std::mem::replace(&mut visited[child], true) {
                behind.push(child);
            }
            if !std::mem::replace(&mut walked[child], true) {
                path.push((child, 0));
            }
        }
        behind
    }

    /// How many steps are behind each step of the task, and how many of them are in `blocked`.
    ///
    /// O(V (V + E) / 64); with a cycle in the graph O(V (V + E)).
    pub fn downstream_counts(&self, blocked: &HashSet<StepId>) -> Vec<(StepId, Downstream)> {
        let blocked: Vec<bool> = self.steps.iter().map(|step| blocked.contains(&step.0)).collect();
        let counts = match self.children_first() {
            Some(order) => self.counts_by_lanes(&order, &blocked),
            None => self.places().map(|place| count(&self.places_behind(place), &blocked)).collect(),
        };
        self.steps.iter().map(|step| step.0).zip(counts).collect()
    }

    /// Asks of up to 64 steps at a time behind which steps they are.
    fn counts_by_lanes(&self, order: &[usize], blocked: &[bool]) -> Vec<Downstream> {
        let mut counts = vec![Downstream::default(); self.steps.len()];
        for targets in order.chunks(LANES) {
            let mut bit = vec![0_u64; self.steps.len()];
            let mut waiting = 0_u64;
            for (lane, &target) in targets.iter().enumerate() {
                bit[target] = 1 << lane;
                waiting |= u64::from(blocked[target]) << lane;
            }
            let mut behind = vec![0_u64; self.steps.len()];
            for &place in order {
                behind[place] =
                    self.children[place].iter().fold(0, |all, &child| all | behind[child] | bit[child]);
                counts[place].total += behind[place].count_ones() as usize;
                counts[place].blocked += (behind[place] & waiting).count_ones() as usize;
            }
        }
        counts
    }

    /// All steps, each behind its children; `None` if there is a cycle.
    fn children_first(&self) -> Option<Vec<usize>> {
        let mut open: Vec<usize> = self.children.iter().map(Vec::len).collect();
        let mut order: Vec<usize> = self.places().filter(|&place| open[place] == 0).collect();
        let mut done = 0;
        while let Some(&place) = order.get(done) {
            done += 1;
            for &parent in &self.parents[place] {
                open[parent] -= 1;
                if open[parent] == 0 {
                    order.push(parent);
                }
            }
        }
        (order.len() == self.steps.len()).then_some(order)
    }
}

fn count(behind: &[usize], blocked: &[bool]) -> Downstream {
    Downstream { total: behind.len(), blocked: behind.iter().filter(|&&place| blocked[place]).count() }
}
