//! Paths through the graph of a task, and what is behind its steps, next to the same with every path followed.

use crate::support::cases;
use proptest::prelude::*;
use std::collections::{BTreeSet, HashSet};
use tasker_core::Error;
use tasker_core::analysis::paths::{CriticalPaths, Limits, StepCondition, Weights, critical_paths};
use tasker_core::analysis::task_graph::{Downstream, TaskGraph};
use tasker_core::ids::StepId;
use tasker_core::records::Edge;
use tasker_core::state::State;

const WEIGHTS: Weights = Weights {
    length: 10.0,
    completed: 15.0,
    blocked: 25.0,
    error: 30.0,
    retry: 10.0,
    step_seconds: 30.0,
    error_seconds: 60.0,
    attempt_seconds: 30.0,
    trouble: 1.5,
};

fn edge(&(from, to): &(i64, i64)) -> Edge {
    Edge { from: StepId(from), to: StepId(to) }
}

fn graph(steps: i64, edges: &[(i64, i64)]) -> TaskGraph {
    let steps = (0..steps).map(|id| (StepId(id), format!("step {id}").into())).collect();
    TaskGraph::new(steps, edges.iter().map(edge).collect(), vec![]).unwrap().unwrap()
}

fn behind(graph: &TaskGraph, step: i64) -> Vec<i64> {
    graph.downstream(StepId(step)).unwrap().into_iter().map(|step| step.0).collect()
}

fn paths(graph: &TaskGraph, conditions: &[StepCondition], most: usize) -> CriticalPaths {
    critical_paths(graph, conditions, &WEIGHTS, Limits { listed: 0, most }).unwrap()
}

#[test]
fn what_is_behind_a_step_comes_depth_first() {
    let graph = graph(6, &[(0, 2), (0, 1), (1, 3), (2, 4), (4, 3), (0, 4)]);
    assert_eq!(behind(&graph, 0), [2, 4, 3, 1]);
    assert_eq!(behind(&graph, 3), [0; 0]);
    assert_eq!(graph.downstream(StepId(6)), None);
}

#[test]
fn names_levels_and_neighbours() {
    let graph = graph(3, &[(0, 2), (0, 2), (1, 2)]);
    assert_eq!(graph.name(StepId(2)), Some("step 2"));
    assert_eq!(graph.name(StepId(9)), None);
    let parents: Vec<Vec<i64>> = graph.neighbours(true).map(|of| of.1.map(|step| step.0).collect()).collect();
    assert_eq!(parents, [vec![], vec![], vec![0, 0, 1]]);
    let children: Vec<Vec<i64>> =
        graph.neighbours(false).map(|of| of.1.map(|step| step.0).collect()).collect();
    assert_eq!(children, [vec![2, 2], vec![2], vec![]]);
    assert_eq!(graph.levels().iter().map(|level| level.level).collect::<Vec<_>>(), [0, 0, 1]);
}

#[test]
fn an_edge_out_of_the_task_leaves_no_graph() {
    let steps = || vec![(StepId(1), "a".into())];
    assert!(TaskGraph::new(steps(), vec![edge(&(1, 2))], vec![]).unwrap().is_none());
    let inwards = TaskGraph::new(steps(), vec![], vec![edge(&(2, 1))]).unwrap().unwrap();
    assert!(inwards.levels().is_empty() && inwards.edges().is_empty());
}

#[test]
fn a_cycle_is_told_where_a_root_leads_into_it() {
    let steps = || (0..4).map(|id| (StepId(id), "a".into())).collect();
    let round = [(0, 1), (1, 2), (2, 1), (2, 3)].iter().map(edge).collect();
    assert!(matches!(TaskGraph::new(steps(), round, vec![]), Err(Error::Cycle(_))));
    let elsewhere = vec![edge(&(9, 0))];
    let round = [(0, 1), (1, 2), (2, 1), (2, 3)].iter().map(edge).collect();
    let graph = TaskGraph::new(steps(), round, elsewhere).unwrap().unwrap();
    assert_eq!(behind(&graph, 2), [1, 2, 3]);
    assert!(critical_paths(&graph, &[], &WEIGHTS, Limits::default()).is_none());
    let counts = graph.downstream_counts(&HashSet::from([StepId(2)]));
    assert_eq!(counts[1], (StepId(1), Downstream { total: 3, blocked: 1 }));
}

#[test]
fn paths_are_counted_beyond_all_numbers() {
    let edges: Vec<(i64, i64)> = (0..600).flat_map(|step| [(step, step + 1), (step, step + 1)]).collect();
    let found = paths(&graph(601, &edges), &[], 5);
    assert_eq!(found.total, num_bigint::BigUint::from(2_u8).pow(600));
    assert!(found.paths.len() == 5 && found.paths.iter().all(|path| path.len() == 601));
}

#[test]
fn a_step_by_itself_is_a_path() {
    let found = paths(&graph(2, &[]), &[], 5);
    assert_eq!(found.paths, [[StepId(0)], [StepId(1)]]);
    assert_eq!((found.roots, found.leaves), (vec![StepId(0), StepId(1)], vec![StepId(0), StepId(1)]));
    assert_eq!(paths(&graph(0, &[]), &[], 5).total, num_bigint::BigUint::ZERO);
}

/// Every path, and what it is worth by the engine's own formulas, which are about paths as a whole.
fn followed(
    graph: &TaskGraph,
    steps: i64,
    edges: &[(i64, i64)],
    conditions: &[StepCondition],
) -> Vec<(f64, Vec<StepId>)> {
    let mut all = Vec::new();
    let mut open: Vec<Vec<i64>> =
        (0..steps).filter(|step| edges.iter().all(|edge| edge.1 != *step)).map(|root| vec![root]).collect();
    while let Some(path) = open.pop() {
        let onwards = edges.iter().filter(|edge| Some(&edge.0) == path.last());
        let longer: Vec<Vec<i64>> =
            onwards.map(|edge| path.iter().copied().chain([edge.1]).collect()).collect();
        if longer.is_empty() {
            all.push((score(&path, conditions), path.into_iter().map(StepId).collect()));
        }
        open.extend(longer);
    }
    assert_eq!(graph.steps().len(), steps as usize);
    all.sort_by(|one: &(f64, Vec<StepId>), other| other.0.total_cmp(&one.0));
    all
}

/// The paths onwards to one leaf, depth first.
fn between(edges: &[(i64, i64)], path: &mut Vec<i64>, leaf: i64, all: &mut Vec<Vec<StepId>>) {
    let last = path[path.len() - 1];
    if last == leaf {
        all.push(path.iter().copied().map(StepId).collect());
    }
    for &(_, to) in edges.iter().filter(|edge| edge.0 == last) {
        path.push(to);
        between(edges, path, leaf, all);
        path.pop();
    }
}

fn score(path: &[i64], conditions: &[StepCondition]) -> f64 {
    let steps: Vec<&StepCondition> =
        path.iter().filter_map(|id| conditions.iter().find(|step| step.id.0 == *id)).collect();
    let count = |is_one: fn(&StepCondition) -> bool| steps.iter().filter(|step| is_one(step)).count() as f64;
    let errors = count(|step| step.state == State::Error);
    let attempts: i64 = steps.iter().map(|step| step.attempts).sum();
    let duration = steps.len() as f64 * 30.0 + errors * 60.0 + attempts as f64 * 30.0;
    path.len() as f64 * 10.0
        - count(|step| matches!(step.state, State::Complete | State::ResolvedManually)) * 15.0
        + count(|step| !step.dependencies_satisfied) * 25.0 * 1.5
        + errors * 30.0 * 1.5
        + count(|step| step.state == State::Error && step.attempts > 0) * 10.0
        + (duration / 60.0) * 2.0
}

/// Some steps are not known of.
fn conditions(steps: i64) -> impl Strategy<Value = Vec<StepCondition>> {
    let state = prop::sample::select(State::ALL.to_vec());
    let condition = (state, prop::bool::ANY, 0i64..4, prop::bool::weighted(0.9));
    prop::collection::vec(condition, steps as usize).prop_map(|drawn| {
        let known = drawn.into_iter().enumerate().filter(|(_, drawn)| drawn.3);
        known
            .map(|(id, (state, dependencies_satisfied, attempts, _))| StepCondition {
                id: StepId(id as i64),
                state,
                dependencies_satisfied,
                attempts,
            })
            .collect()
    })
}

fn acyclic() -> impl Strategy<Value = (i64, Vec<(i64, i64)>, Vec<StepCondition>)> {
    (2i64..12).prop_flat_map(|steps| {
        let edges = prop::collection::vec((0..steps, 0..steps), 0..=18).prop_map(|drawn| {
            let ordered = drawn.into_iter().map(|(one, other)| (one.min(other), one.max(other)));
            ordered.filter(|edge| edge.0 != edge.1).collect::<Vec<_>>()
        });
        (Just(steps), edges, conditions(steps))
    })
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn the_best_paths_are_those_that_following_all_would_find((steps, edges, conditions) in acyclic(), most in 1usize..8) {
        let graph = graph(steps, &edges);
        let found = paths(&graph, &conditions, most);
        let all = followed(&graph, steps, &edges, &conditions);
        prop_assert_eq!(found.total, num_bigint::BigUint::from(all.len()));
        prop_assert_eq!(found.paths.len(), all.len().min(most));
        for (path, best) in found.paths.iter().zip(&all) {
            let ids: Vec<i64> = path.iter().map(|step| step.0).collect();
            prop_assert!((score(&ids, &conditions) - best.0).abs() < 1e-6);
            prop_assert!(all.iter().any(|other| other.1 == *path));
        }
    }

    #[test]
    fn few_paths_are_listed_as_the_engine_lists_them((steps, edges, conditions) in acyclic()) {
        let graph = graph(steps, &edges);
        let listed = critical_paths(&graph, &conditions, &WEIGHTS, Limits { listed: u64::MAX, most: 1 }).unwrap();
        let mut all = Vec::new();
        for &root in &listed.roots {
            for &leaf in &listed.leaves {
                between(&edges, &mut vec![root.0], leaf.0, &mut all);
            }
        }
        prop_assert_eq!(listed.paths, all);
    }

    #[test]
    fn counts_are_those_of_the_lists(steps in 1i64..200, drawn in prop::collection::vec((0i64..200, 0i64..200), 0..300)) {
        let ordered = drawn.into_iter().map(|(one, other)| ((one % steps).min(other % steps), (one % steps).max(other % steps)));
        let edges: Vec<(i64, i64)> = ordered.filter(|edge| edge.0 != edge.1).collect();
        let graph = graph(steps, &edges);
        let blocked: HashSet<StepId> = (0..steps).filter(|step| step % 3 == 0).map(StepId).collect();
        for (step, count) in graph.downstream_counts(&blocked) {
            let list = behind(&graph, step.0);
            prop_assert_eq!(list.iter().collect::<BTreeSet<_>>().len(), list.len());
            prop_assert_eq!(count.total, list.len());
            prop_assert_eq!(count.blocked, list.iter().filter(|id| *id % 3 == 0).count());
        }
    }
}
