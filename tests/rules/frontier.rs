//! Known graphs, how far a task has come along one, and the store that keeps them.

use crate::support::cases;
use proptest::prelude::*;
use std::collections::BTreeSet;
use tasker_core::graph::cache::Graphs;
use tasker_core::graph::csr::{CsrGraph, GraphVersion};
use tasker_core::graph::frontier::Frontier;
use tasker_core::ids::{StepId, TaskId};
use tasker_core::records::Edge;

const VERSION: GraphVersion = GraphVersion { steps: 0, steps_checksum: 0, edges: 0, edges_checksum: 0 };

fn graph(task: i64, steps: &[i64], edges: &[(i64, i64)]) -> Option<CsrGraph> {
    let edges = edges.iter().map(|&(from, to)| Edge { from: StepId(from), to: StepId(to) });
    CsrGraph::new(TaskId(task), VERSION, steps.iter().copied().map(StepId).collect(), edges)
}

/// Steps with gaps between their ids, and edges that point forward, some of them twice.
fn shape() -> impl Strategy<Value = (Vec<i64>, Vec<(i64, i64)>)> {
    proptest::collection::btree_set(1i64..60, 1..14).prop_flat_map(|ids| {
        let ids: Vec<i64> = ids.into_iter().collect();
        let count = ids.len();
        proptest::collection::vec((0..count, 0..count), 0..30).prop_map(move |pairs| {
            let forward = pairs.iter().filter(|(a, b)| a != b);
            let edges = forward.map(|&(a, b)| (ids[a.min(b)], ids[a.max(b)])).collect();
            (ids.clone(), edges)
        })
    })
}

fn waiting_for_nothing(steps: &[i64], edges: &[(i64, i64)], done: &BTreeSet<i64>) -> Vec<i64> {
    let open = steps.iter().copied().filter(|step| !done.contains(step));
    open.filter(|step| edges.iter().all(|(from, to)| to != step || done.contains(from))).collect()
}

fn indexes(graph: &CsrGraph, frontier: &Frontier) -> Vec<i64> {
    frontier.open().map(|index| graph.steps()[index].0).collect()
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn a_frontier_follows_a_task_to_its_end((steps, edges) in shape(), first in 0usize..4) {
        let graph = graph(1, &steps, &edges).unwrap();
        let mut done: BTreeSet<i64> = steps.iter().copied().take(first).collect();
        let mut frontier = Frontier::new(&graph, done.iter().copied().map(StepId));
        loop {
            let open = indexes(&graph, &frontier);
            prop_assert_eq!(&open, &waiting_for_nothing(&steps, &edges, &done));
            prop_assert_eq!(frontier.unfinished(), steps.len() - done.len());
            let Some(&step) = open.last() else { break };
            let freed = frontier.complete(&graph, StepId(step));
            done.insert(step);
            let now = waiting_for_nothing(&steps, &edges, &done);
            let expected: Vec<StepId> = now.into_iter().filter(|step| !open.contains(step)).map(StepId).collect();
            prop_assert_eq!(freed, expected);
            prop_assert_eq!(frontier.complete(&graph, StepId(step)), vec![]);
        }
        prop_assert_eq!(frontier.unfinished(), 0);
        prop_assert_eq!(frontier.undone().count(), 0);
    }

    #[test]
    fn neighbours_are_those_of_the_edges((steps, edges) in shape()) {
        let graph = graph(1, &steps, &edges).unwrap();
        for (index, step) in graph.steps().iter().enumerate() {
            prop_assert_eq!(graph.index(*step), Some(index));
            let named = |indexes: Vec<usize>| -> Vec<i64> {
                let mut ids: Vec<i64> = indexes.into_iter().map(|index| graph.steps()[index].0).collect();
                ids.sort_unstable();
                ids
            };
            let sorted = |mut ids: Vec<i64>| { ids.sort_unstable(); ids };
            let parents = edges.iter().filter(|edge| edge.1 == step.0).map(|edge| edge.0).collect();
            let children = edges.iter().filter(|edge| edge.0 == step.0).map(|edge| edge.1).collect();
            prop_assert_eq!(named(graph.parents(index).collect()), sorted(parents));
            prop_assert_eq!(named(graph.children(index).collect()), sorted(children));
        }
        prop_assert_eq!(graph.index(StepId(0)), None);
        prop_assert_eq!(graph.index(StepId(i64::MAX)), None);
        prop_assert_eq!(graph.index(StepId(i64::MIN)), None);
    }
}

#[test]
fn a_parent_in_another_task_makes_no_known_graph() {
    assert_eq!(graph(1, &[1, 2], &[(9, 2)]), None);
    let known = graph(1, &[1, 2], &[(1, 2), (1, 9)]).unwrap();
    assert_eq!(known.size(), 30 + 2 + 1, "an edge that ends elsewhere is not this task's");
}

#[test]
fn what_is_not_done_is_told_in_order() {
    let graph = graph(1, &[10, 20, 30, 40], &[]).unwrap();
    let mut frontier = Frontier::new(&graph, [StepId(10), StepId(99)]);
    assert_eq!(frontier.undone().collect::<Vec<_>>(), [1, 2, 3]);
    frontier.complete(&graph, StepId(30));
    assert_eq!(frontier.undone().collect::<Vec<_>>(), [1, 3]);
}

#[test]
fn the_least_recently_used_graphs_go_first() {
    let of = |task: i64| graph(task, &[task * 10, task * 10 + 1], &[(task * 10, task * 10 + 1)]).unwrap();
    let mut graphs = Graphs::new(99);
    assert!(graphs.is_empty());
    for task in 1..=3 {
        graphs.insert(of(task));
    }
    assert_eq!((graphs.len(), graphs.size()), (3, 99));
    assert!(graphs.get(TaskId(1)).is_some());
    graphs.insert(of(4));
    assert_eq!((graphs.len(), graphs.size()), (3, 99));
    assert!(graphs.peek(TaskId(2)).is_none(), "it was used longest ago");
    assert!([1, 3, 4].iter().all(|&task| graphs.peek(TaskId(task)).is_some()));

    graphs.insert(of(4));
    assert_eq!((graphs.len(), graphs.size()), (3, 99), "an earlier one of the same task makes room");
    graphs.remove(TaskId(4));
    graphs.remove(TaskId(4));
    assert_eq!((graphs.len(), graphs.size()), (2, 66));
    graphs.insert(graph(5, &(1..=70).collect::<Vec<_>>(), &[]).unwrap());
    assert_eq!((graphs.len(), graphs.size()), (2, 66), "one that is too large evicts none");
    graphs.insert(graph(6, &(1..=69).collect::<Vec<_>>(), &[]).unwrap());
    assert_eq!((graphs.len(), graphs.size()), (1, 99));
}
