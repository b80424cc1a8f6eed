//! Siblings, and steps among their neighbours.

use crate::support::cases;
use proptest::prelude::*;
use std::collections::BTreeMap;
use tasker_core::ids::{EdgeId, NamedStepId, StepId, TaskId};
use tasker_core::records::{Edge, EdgeRow, StepIdentity};
use tasker_core::relationships::{DEEPEST, Neighborhood, relationships, sibling_edges};
use tasker_core::time::Timestamp;

fn edge((from, to): (i64, i64)) -> Edge {
    Edge { from: StepId(from), to: StepId(to) }
}

fn rows(edges: &[(i64, i64)]) -> Vec<EdgeRow> {
    let row = |(index, &ends): (usize, &(i64, i64))| EdgeRow {
        id: EdgeId(index as i64),
        edge: edge(ends),
        name: "provides".into(),
        created_at: Timestamp(0),
        updated_at: Timestamp(0),
    };
    edges.iter().enumerate().map(row).collect()
}

fn siblings(parents: &[i64], edges: &[(i64, i64)]) -> Vec<i64> {
    let parents = parents.iter().copied().map(StepId).collect();
    sibling_edges(parents, rows(edges)).into_iter().map(|row| row.id.0).collect()
}

#[test]
fn siblings_wait_for_exactly_the_same() {
    let edges = [(2, 10), (1, 10), (1, 11), (1, 12), (2, 12), (3, 12), (2, 13), (1, 13), (1, 13)];
    assert_eq!(siblings(&[1, 2], &edges), [0, 1]);
    assert_eq!(siblings(&[2, 1, 1], &edges), [6, 7, 8]);
    assert_eq!(siblings(&[1], &edges), [2]);
    assert_eq!(siblings(&[4], &edges), [0; 0]);
    assert_eq!(siblings(&[], &edges), [0; 0]);
}

/// The row of one step: parents, children, depth.
type Found = (Vec<i64>, Vec<i64>, Option<u32>);

fn found(asked: &[i64], edges: &[(i64, i64)]) -> Vec<Found> {
    let step =
        |&id: &i64| StepIdentity { id: StepId(id), task_id: TaskId(1), named_step_id: NamedStepId(id + 1) };
    let edges: Vec<Edge> = edges.iter().copied().map(edge).collect();
    let below = edges.iter().copied().filter(|edge| asked.contains(&edge.from.0)).collect();
    let kin = Neighborhood { steps: asked.iter().map(step).collect(), above: edges, below };
    let ids = |steps: Vec<StepId>| steps.into_iter().map(|step| step.0).collect();
    relationships(kin).into_iter().map(|of| (ids(of.parents), ids(of.children), of.depth)).collect()
}

#[test]
fn neighbours_are_in_order_and_once_for_each_edge() {
    let edges = [(3, 4), (1, 4), (3, 4), (4, 9), (4, 7)];
    assert_eq!(found(&[4], &edges), [(vec![1, 3, 3], vec![7, 9], Some(1))]);
    assert_eq!(found(&[1], &edges[..0]), [(vec![], vec![], Some(0))]);
    assert_eq!(found(&[], &[]), []);
}

#[test]
fn depth_is_the_shortest_way_from_any_root() {
    let edges = [(1, 2), (2, 3), (3, 4), (1, 4), (9, 3)];
    let depths: Vec<_> = found(&[1, 2, 3, 4], &edges).into_iter().map(|row| row.2).collect();
    assert_eq!(depths, [Some(0), Some(1), Some(1), Some(1)]);
}

#[test]
fn there_is_no_depth_in_a_circle_without_a_way_in() {
    let depths =
        |edges: &[(i64, i64)]| found(&[1, 2, 3], edges).into_iter().map(|row| row.2).collect::<Vec<_>>();
    assert_eq!(depths(&[(1, 2), (2, 1), (2, 3)]), [None, None, None]);
    assert_eq!(depths(&[(1, 2), (2, 1), (3, 2)]), [Some(2), Some(1), Some(0)]);
    assert_eq!(depths(&[(2, 2)]), [Some(0), None, Some(0)]);
}

#[test]
fn there_is_no_depth_below_the_deepest() {
    let edges: Vec<(i64, i64)> = (0..60).map(|step| (step, step + 1)).collect();
    let asked: Vec<i64> = (0..=60).collect();
    for (step, row) in found(&asked, &edges).into_iter().enumerate() {
        assert_eq!(row.2, u32::try_from(step).ok().filter(|&depth| depth <= DEEPEST), "step {step}");
    }
}

/// Shortest distances by pushing them along single edges until nothing changes.
fn distances(steps: i64, edges: &[(i64, i64)]) -> BTreeMap<i64, u32> {
    let mut known: BTreeMap<i64, u32> =
        (0..steps).filter(|step| edges.iter().all(|edge| edge.1 != *step)).map(|root| (root, 0)).collect();
    loop {
        let mut changed = false;
        for (from, to) in edges {
            let Some(through) = known.get(from).map(|distance| distance + 1) else { continue };
            if known.get(to).is_none_or(|&distance| distance > through) {
                known.insert(*to, through);
                changed = true;
            }
        }
        if !changed {
            return known;
        }
    }
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn of_any_graph(steps in 1i64..60, drawn in prop::collection::vec((0i64..60, 0i64..60), 0..120)) {
        let edges: Vec<(i64, i64)> = drawn.into_iter().map(|(from, to)| (from % steps, to % steps)).collect();
        let asked: Vec<i64> = (0..steps).collect();
        let known = distances(steps, &edges);
        for (step, (parents, children, depth)) in found(&asked, &edges).into_iter().enumerate() {
            let step = step as i64;
            prop_assert!(parents.is_sorted() && children.is_sorted());
            prop_assert_eq!(parents.len(), edges.iter().filter(|edge| edge.1 == step).count());
            prop_assert_eq!(children.len(), edges.iter().filter(|edge| edge.0 == step).count());
            prop_assert_eq!(depth, known.get(&step).copied().filter(|&depth| depth <= DEEPEST));
        }
    }
}
