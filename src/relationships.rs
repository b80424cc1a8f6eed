//! Relationships of steps: siblings, and the rows of the engine's view `tasker_step_dag_relationships`.
//!
//! ```
//! use tasker_core::records::{Edge, EdgeRow, StepIdentity};
//! use tasker_core::ids::{EdgeId, NamedStepId, StepId, TaskId};
//! use tasker_core::relationships::{Neighborhood, Relationship, relationships, sibling_edges};
//! use tasker_core::time::Timestamp;
//!
//! let edge = Edge { from: StepId(1), to: StepId(2) };
//! let step = StepIdentity { id: StepId(2), task_id: TaskId(7), named_step_id: NamedStepId(3) };
//! let neighborhood = Neighborhood { steps: vec![step], above: vec![edge], below: vec![] };
//! let Relationship { parents, children, depth, .. } = relationships(neighborhood).remove(0);
//! assert_eq!((parents, children, depth), (vec![StepId(1)], vec![], Some(1)));
//!
//! let at = Timestamp(0);
//! let row = EdgeRow { id: EdgeId(1), edge, name: "provides".into(), created_at: at, updated_at: at };
//! assert_eq!(sibling_edges(vec![StepId(1)], vec![row.clone()]), [row]);
//! ```

use crate::ids::StepId;
use crate::records::{Edge, EdgeRow, StepIdentity};
use serde::Serialize;
use std::collections::{HashMap, HashSet};

/// The engine's view follows edges this far down from a root; steps below have no depth.
pub const DEEPEST: u32 = 50;

/// Of the edges `others`, those that end at steps which wait for exactly what the step with these `parents` waits for.
///
/// `others` must be all incoming edges of the steps that are compared. Edges are compared, not steps: one that is there twice counts
/// twice. A step without parents has no siblings. O(E log E). Source: the engine's `WorkflowStepEdge.sibling_sql`.
pub fn sibling_edges(mut parents: Vec<StepId>, others: Vec<EdgeRow>) -> Vec<EdgeRow> {
    parents.sort_unstable();
    let mut parents_of = grouped(others.iter().map(|row| (row.edge.to, row.edge.from)));
    parents_of.retain(|_, theirs| *theirs == parents);
    others.into_iter().filter(|row| parents_of.contains_key(&row.edge.to)).collect()
}

/// A step among its neighbours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Relationship {
    /// The step.
    pub step: StepIdentity,
    /// Where its incoming edges begin, in ascending order; a step once for each edge.
    pub parents: Vec<StepId>,
    /// Where its outgoing edges end, likewise.
    pub children: Vec<StepId>,
    /// Edges on the shortest path from a root; `None` beyond [`DEEPEST`], and where no root leads.
    pub depth: Option<u32>,
}

/// Steps with the edges around them: the input of [`relationships`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Neighborhood {
    /// The requested steps.
    pub steps: Vec<StepIdentity>,
    /// Every edge that ends at one of them or at an ancestor of one, of whatever task.
    pub above: Vec<Edge>,
    /// Every edge that begins at one of them.
    pub below: Vec<Edge>,
}

/// The relationships of the requested steps, in their order.
///
/// A root is a step at which no edge ends, whatever task it belongs to. O(V + E log E); the engine's view walks every path of every task
/// in the database.
pub fn relationships(neighborhood: Neighborhood) -> Vec<Relationship> {
    let depths = depths(&neighborhood);
    let mut parents = grouped(neighborhood.above.iter().map(|edge| (edge.to, edge.from)));
    let mut children = grouped(neighborhood.below.iter().map(|edge| (edge.from, edge.to)));
    let relationship = |step: StepIdentity| Relationship {
        parents: parents.remove(&step.id).unwrap_or_default(),
        children: children.remove(&step.id).unwrap_or_default(),
        depth: depths.get(&step.id).copied(),
        step,
    };
    neighborhood.steps.into_iter().map(relationship).collect()
}

fn grouped(pairs: impl Iterator<Item = (StepId, StepId)>) -> HashMap<StepId, Vec<StepId>> {
    let mut groups: HashMap<StepId, Vec<StepId>> = HashMap::new();
    for (of, step) in pairs {
        groups.entry(of).or_default().push(step);
    }
    groups.values_mut().for_each(|group| group.sort_unstable());
    groups
}

/// Breadth first from all roots at once, so that the first visit is the shortest path.
fn depths(neighborhood: &Neighborhood) -> HashMap<StepId, u32> {
    let waiting: HashSet<StepId> = neighborhood.above.iter().map(|edge| edge.to).collect();
    let children = grouped(neighborhood.above.iter().map(|edge| (edge.from, edge.to)));
    let all_steps =
        neighborhood.steps.iter().map(|step| step.id).chain(neighborhood.above.iter().map(|edge| edge.from));
    let mut frontier: Vec<StepId> = all_steps.filter(|step| !waiting.contains(step)).collect();
    let mut depths: HashMap<StepId, u32> = frontier.iter().map(|&root| (root, 0)).collect();
    for depth in 1..=DEEPEST {
        let reached = frontier.iter().flat_map(|step| children.get(step)).flatten();
        let mut next = Vec::new();
        for &step in reached {
            depths.entry(step).or_insert_with(|| {
                next.push(step);
                depth
            });
        }
        frontier = next;
    }
    depths
}
