//! Levels, cycles and neighbours of a task's graph.

use crate::support::cases;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use tasker_core::Error;
use tasker_core::graph::Dag;
use tasker_core::ids::StepId;
use tasker_core::records::Edge;

/// Steps and edges as a task may have them.
#[derive(Clone, Debug)]
struct Shape {
    steps: Vec<i64>,
    edges: Vec<(i64, i64)>,
}

impl Shape {
    fn dag(&self) -> Dag {
        let edges = self.edges.iter().map(|&(from, to)| Edge { from: StepId(from), to: StepId(to) });
        Dag::new(self.steps.iter().copied().map(StepId), edges)
    }

    fn roots(&self) -> BTreeSet<i64> {
        let waiting: BTreeSet<i64> = self.edges.iter().map(|edge| edge.1).collect();
        self.steps.iter().copied().filter(|step| !waiting.contains(step)).collect()
    }

    /// Edges between two steps of the task.
    fn inner(&self) -> impl Iterator<Item = (i64, i64)> {
        self.edges.iter().copied().filter(|(from, to)| self.steps.contains(from) && self.steps.contains(to))
    }

    /// Every pair `(a, b)` with a path of at least one edge from a to b.
    fn paths(&self) -> BTreeSet<(i64, i64)> {
        let mut paths: BTreeSet<(i64, i64)> = self.inner().collect();
        loop {
            let longer: Vec<(i64, i64)> = paths
                .iter()
                .flat_map(|&(from, via)| self.inner().filter(move |e| e.0 == via).map(move |e| (from, e.1)))
                .filter(|pair| !paths.contains(pair))
                .collect();
            if longer.is_empty() {
                return paths;
            }
            paths.extend(longer);
        }
    }

    /// Longest distances from the roots, pushed along single edges until nothing changes. Ends for acyclic shapes only.
    fn longest_distances(&self) -> BTreeMap<i64, u32> {
        let mut distance: BTreeMap<i64, u32> = self.roots().into_iter().map(|root| (root, 0)).collect();
        loop {
            let mut changed = false;
            for (from, to) in self.inner() {
                let Some(through) = distance.get(&from).map(|distance| distance + 1) else { continue };
                if distance.get(&to).is_none_or(|&known| known < through) {
                    distance.insert(to, through);
                    changed = true;
                }
            }
            if !changed {
                return distance;
            }
        }
    }
}

/// A numbering of `count` steps in which ids say nothing about the order of the graph.
fn ids(count: usize) -> impl Strategy<Value = Vec<i64>> {
    Just((0..count as i64).map(|index| index * 3 + 1).collect::<Vec<_>>()).prop_shuffle()
}

/// Edges go from earlier to later steps, some twice; some come from steps of another task, which have negative ids.
fn acyclic() -> impl Strategy<Value = Shape> {
    (0usize..=200, 0usize..=3).prop_flat_map(|(count, density)| {
        let pair = (0..count.max(1), 0..count.max(1));
        let edges = prop::collection::vec((pair, prop::bool::weighted(0.1)), 0..=count * density);
        let foreign = prop::collection::vec((1i64..5, 0..count.max(1)), 0..=count / 20);
        (ids(count), edges, foreign).prop_map(|(steps, drawn, foreign)| {
            let mut edges = Vec::new();
            for ((a, b), twice) in drawn.into_iter().filter(|((a, b), _)| a != b) {
                let edge = (steps[a.min(b)], steps[a.max(b)]);
                edges.extend(std::iter::repeat_n(edge, 1 + usize::from(twice)));
            }
            edges.extend(foreign.into_iter().filter_map(|(from, to)| Some((-from, *steps.get(to)?))));
            Shape { steps, edges }
        })
    })
}

/// Any edges at all, those from a step to itself included.
fn arbitrary() -> impl Strategy<Value = Shape> {
    (1usize..=12).prop_flat_map(|count| {
        let edges = prop::collection::vec((0..count, 0..count), 0..=count + 4);
        (ids(count), edges).prop_map(|(steps, edges)| Shape {
            edges: edges.into_iter().map(|(from, to)| (steps[from], steps[to])).collect(),
            steps,
        })
    })
}

proptest! {
    #![proptest_config(cases(120))]

    #[test]
    fn levels_are_the_longest_distances_from_the_roots(shape in acyclic()) {
        let levels = shape.dag().levels().unwrap();
        let found: BTreeMap<i64, u32> = levels.iter().map(|level| (level.step.0, level.level)).collect();
        prop_assert_eq!(found.len(), levels.len(), "a step has two levels");
        prop_assert_eq!(found, shape.longest_distances());
    }

    #[test]
    fn levels_are_ordered_by_level_then_step(shape in acyclic()) {
        let levels = shape.dag().levels().unwrap();
        prop_assert!(levels.is_sorted_by_key(|level| (level.level, level.step)));
    }

    #[test]
    fn the_order_of_steps_and_edges_does_not_matter(shape in acyclic()) {
        let mut turned = shape.clone();
        turned.steps.reverse();
        turned.edges.reverse();
        prop_assert_eq!(shape.dag().levels().unwrap(), turned.dag().levels().unwrap());
    }

    #[test]
    fn an_edge_given_twice_is_one_edge(shape in acyclic()) {
        let mut doubled = shape.clone();
        doubled.edges.extend_from_slice(&shape.edges);
        let (once, twice) = (shape.dag(), doubled.dag());
        prop_assert_eq!(once.levels().unwrap(), twice.levels().unwrap());
        for step in once.steps() {
            prop_assert_eq!(once.parents(step).count(), twice.parents(step).count());
        }
    }

    #[test]
    fn acyclic_graphs_have_no_cycle(shape in acyclic()) {
        prop_assert_eq!(shape.dag().cycle(), None);
    }

    #[test]
    fn neighbours_are_the_edges_between_the_steps(shape in acyclic()) {
        let dag = shape.dag();
        let edges: BTreeSet<(i64, i64)> = shape.inner().collect();
        let down: Vec<_> = dag.steps().flat_map(|s| dag.children(s).map(move |child| (s.0, child.0))).collect();
        let up: Vec<_> = dag.steps().flat_map(|s| dag.parents(s).map(move |parent| (parent.0, s.0))).collect();
        prop_assert_eq!((down.len(), up.len()), (edges.len(), edges.len()), "an edge is listed twice");
        prop_assert_eq!(down.into_iter().collect::<BTreeSet<_>>(), edges.clone());
        prop_assert_eq!(up.into_iter().collect::<BTreeSet<_>>(), edges);
        prop_assert_eq!(dag.roots().map(|root| root.0).collect::<BTreeSet<_>>(), shape.roots());
        prop_assert_eq!(dag.steps().map(|step| step.0).collect::<Vec<_>>(), shape.steps);
    }
}

proptest! {
    #![proptest_config(cases(1_000))]

    #[test]
    fn a_cycle_is_found_where_there_is_one(shape in arbitrary()) {
        let paths = shape.paths();
        let somewhere = shape.steps.iter().any(|&step| paths.contains(&(step, step)));
        let found = shape.dag().cycle();
        prop_assert_eq!(found.is_some(), somewhere);
        if let Some(cycle) = found {
            prop_assert!(cycle.is_sorted());
            for (a, b) in cycle.iter().flat_map(|a| cycle.iter().map(move |b| (a.0, b.0))) {
                prop_assert!(paths.contains(&(a, b)), "no way from {} to {}", a, b);
            }
        }
    }

    #[test]
    fn levels_refuse_only_cycles_that_a_root_leads_into(shape in arbitrary()) {
        let paths = shape.paths();
        let roots = shape.roots();
        let reached = |step: i64| roots.iter().any(|&root| paths.contains(&(root, step)));
        let led_into = shape.steps.iter().any(|&step| paths.contains(&(step, step)) && reached(step));
        match shape.dag().levels() {
            Ok(levels) => {
                prop_assert!(!led_into);
                let found: BTreeMap<i64, u32> = levels.iter().map(|l| (l.step.0, l.level)).collect();
                prop_assert_eq!(found, shape.longest_distances());
            }
            Err(Error::Cycle(cycle)) => {
                prop_assert!(led_into);
                prop_assert!(!cycle.is_empty());
                for step in cycle {
                    prop_assert!(paths.contains(&(step.0, step.0)) && reached(step.0));
                }
            }
            Err(other) => prop_assert!(false, "unexpected error: {}", other),
        }
    }
}

fn shape(steps: &[i64], edges: &[(i64, i64)]) -> Shape {
    Shape { steps: steps.to_vec(), edges: edges.to_vec() }
}

#[test]
fn a_graph_without_steps_has_no_levels() {
    assert_eq!(shape(&[], &[(1, 2)]).dag().levels().unwrap(), []);
}

#[test]
fn a_diamond_with_arms_of_unequal_length_counts_the_longer_one() {
    let levels = shape(&[1, 2, 3, 4], &[(1, 2), (2, 3), (3, 4), (1, 4)]).dag().levels().unwrap();
    assert_eq!(
        levels.iter().map(|l| (l.step.0, l.level)).collect::<Vec<_>>(),
        [(1, 0), (2, 1), (3, 2), (4, 3)]
    );
}

#[test]
fn a_step_that_waits_for_another_task_has_no_level_and_gives_none() {
    let dag = shape(&[1, 2, 3], &[(99, 1), (1, 2)]).dag();
    assert_eq!(dag.levels().unwrap().iter().map(|l| l.step.0).collect::<Vec<_>>(), [3]);
    assert_eq!(dag.roots().map(|root| root.0).collect::<Vec<_>>(), [3]);
}

#[test]
fn the_error_names_the_steps_of_the_cycle_and_not_those_behind_it() {
    let error =
        shape(&[1, 5, 4, 3, 9], &[(1, 5), (5, 4), (4, 3), (3, 5), (3, 9)]).dag().levels().unwrap_err();
    assert_eq!(error.to_string(), "the dependencies of steps 3, 4, 5 form a cycle");
}

#[test]
fn many_steps_in_a_row_need_no_deep_stack() {
    let long = || {
        let steps: Vec<i64> = (0..20_000).collect();
        let edges: Vec<(i64, i64)> = steps.windows(2).map(|pair| (pair[0], pair[1])).collect();
        let chain = Shape { steps: steps.clone(), edges: edges.clone() }.dag();
        assert_eq!(chain.levels().unwrap().last().map(|last| last.level), Some(19_999));
        assert_eq!(chain.cycle(), None);
        let circle = Shape { steps, edges: [edges, vec![(19_999, 1)]].concat() }.dag();
        assert_eq!(circle.cycle().map(|steps| steps.len()), Some(19_999));
        assert!(circle.levels().is_err(), "a root leads into it");
    };
    // That of a fiber in Ruby is no larger.
    std::thread::Builder::new().stack_size(128 * 1024).spawn(long).unwrap().join().unwrap();
}
