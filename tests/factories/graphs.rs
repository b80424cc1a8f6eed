//! Patterns and random graphs, before they are rows.

use crate::cases;
use proptest::prelude::*;
use std::collections::HashSet;
use tasker_core::factories::strategies::{graph, pattern};
use tasker_core::factories::{FactoryError, Pattern, StepSpec, WorkflowGraph};

/// The steps of each pattern, its edges, its roots and its leaves.
#[test]
fn each_pattern_has_its_shape() {
    let cases = [
        (Pattern::Linear(5), 5, 4, 1, 1),
        (Pattern::Linear(0), 0, 0, 0, 0),
        (Pattern::Diamond, 4, 4, 1, 1),
        (Pattern::ParallelMerge(3), 4, 3, 3, 1),
        (Pattern::Tree { depth: 3, fan_out: 2 }, 15, 14, 1, 8),
        (Pattern::Tree { depth: 0, fan_out: 9 }, 1, 0, 1, 1),
        (Pattern::MixedDag, 7, 9, 1, 1),
        (Pattern::ApiIntegration, 5, 4, 2, 1),
        (Pattern::DummyTask, 4, 2, 2, 2),
        (Pattern::Etl { sources: 3 }, 8, 7, 3, 1),
        (Pattern::Batch { chunks: 6 }, 8, 12, 1, 1),
        (Pattern::LongRunning { stages: 9 }, 9, 8, 1, 1),
        (Pattern::MultiSystem { systems: 3 }, 9, 12, 1, 1),
    ];
    for (pattern, steps, edges, roots, leaves) in cases {
        let graph = pattern.graph(1).unwrap();
        let to: HashSet<usize> = graph.edges().iter().map(|edge| edge.1).collect();
        let from: HashSet<usize> = graph.edges().iter().map(|edge| edge.0).collect();
        let found = (graph.steps().len(), graph.edges().len(), steps - to.len(), steps - from.len());
        assert_eq!(found, (steps, edges, roots, leaves), "{pattern:?}");
    }
}

#[test]
fn systems_and_limits_belong_to_the_pattern() {
    let systems = |pattern: Pattern| -> HashSet<String> {
        pattern.graph(0).unwrap().steps().iter().map(|step| step.system.clone()).collect()
    };
    assert_eq!(systems(Pattern::DummyTask), HashSet::from(["dummy-system".to_owned()]));
    assert_eq!(systems(Pattern::ApiIntegration).len(), 3);
    assert_eq!(systems(Pattern::MultiSystem { systems: 4 }).len(), 5, "four and that of the coordinator");
    let patient = Pattern::LongRunning { stages: 3 }.graph(0).unwrap();
    assert!(patient.steps().iter().all(|step| step.retry_limit == Some(10)));
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn graphs_are_acyclic_and_their_order_puts_parents_first(pattern in pattern(40), seed in any::<u64>()) {
        let graph = pattern.graph(seed).unwrap();
        let mut place = vec![usize::MAX; graph.steps().len()];
        for (index, &step) in graph.order().iter().enumerate() {
            place[step] = index;
        }
        prop_assert!(place.iter().all(|&place| place < graph.steps().len()), "each step once");
        prop_assert!(graph.edges().iter().all(|&(from, to)| place[from] < place[to]));
        let names: HashSet<&str> = graph.steps().iter().map(|step| step.name.as_str()).collect();
        prop_assert_eq!(names.len(), graph.steps().len());
        prop_assert_eq!(pattern.graph(seed).unwrap(), graph);
    }

    #[test]
    fn a_random_graph_has_exactly_its_share_of_the_edges(steps in 0usize..60, density in 0.0..=1.0f64, seed in any::<u64>()) {
        let graph = Pattern::Random { steps, density }.graph(seed).unwrap();
        let possible = steps * steps.saturating_sub(1) / 2;
        prop_assert_eq!(graph.edges().len(), (possible as f64 * density).round() as usize);
        let pairs: HashSet<_> = graph.edges().iter().map(|&(a, b)| (a.min(b), a.max(b))).collect();
        prop_assert_eq!(pairs.len(), graph.edges().len(), "no pair twice");
    }

    #[test]
    fn an_edge_back_makes_a_cycle_that_is_named(graph in graph(20), ends in any::<(prop::sample::Index, prop::sample::Index)>()) {
        let order = graph.order();
        let (a, b) = (ends.0.index(order.len()), ends.1.index(order.len()));
        // A path from `first` to `last`, and an edge back.
        let (first, last) = (order[a.min(b)], order[a.max(b)]);
        let mut edges = graph.edges().to_vec();
        if first != last {
            edges.push((first, last));
        }
        edges.push((last, first));
        match WorkflowGraph::new("loop", graph.steps().to_vec(), edges.clone()).unwrap_err() {
            FactoryError::Cycle { workflow, steps } => {
                prop_assert_eq!(workflow, "loop");
                let places: Vec<usize> = steps.iter().map(|name| graph.place(name).unwrap()).collect();
                let next = places.iter().cycle().skip(1);
                prop_assert!(places.iter().zip(next).all(|(&from, &to)| edges.contains(&(from, to))), "{steps:?}");
            }
            error => panic!("{error:?}"),
        }
    }
}

#[test]
fn random_graphs_differ_by_seed() {
    let random = Pattern::Random { steps: 12, density: 0.3 };
    assert_ne!(random.graph(1).unwrap(), random.graph(2).unwrap());
}

#[test]
fn what_is_no_graph_is_refused() {
    let steps = || ["a", "b"].map(StepSpec::new).to_vec();
    let message = |edges| WorkflowGraph::new("w", steps(), edges).unwrap_err().to_string();
    assert_eq!(
        message(vec![(0, 0)]),
        r#"the edges of workflow "w" form a cycle through a: expected a directed acyclic graph"#
    );
    assert_eq!(
        message(vec![(0, 2)]),
        "an end of an edge is (0, 2) of 2 steps: expected the place of a step, counted from 0"
    );
    let twice = ["a", "b", "a"].map(StepSpec::new).to_vec();
    let error = WorkflowGraph::new("w", twice, vec![]).unwrap_err();
    assert_eq!(error.to_string(), r#"workflow "w" has two steps "a": expected names that differ"#);
    for density in [-0.1, 1.1, f64::NAN] {
        let error = Pattern::Random { steps: 3, density }.graph(0).unwrap_err();
        assert!(matches!(error, FactoryError::OutOfRange { .. }));
    }
    assert!(Pattern::Tree { depth: 40, fan_out: 2 }.graph(0).is_err());
    let error = Pattern::Diamond.graph(0).unwrap().place("middle").unwrap_err();
    assert_eq!(
        error.to_string(),
        r#"workflow "diamond" has no step "middle": expected one of start, left, right, finish"#
    );
}
