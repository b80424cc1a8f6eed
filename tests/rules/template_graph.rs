//! Graphs of templates.

use crate::support::cases;
use proptest::prelude::*;
use std::collections::BTreeSet;
use tasker_core::analysis::template::{TemplateAnalysis, TemplateGraph};

fn analysed(dependencies: &[&[usize]]) -> TemplateAnalysis {
    TemplateGraph::new(dependencies.iter().map(|list| list.to_vec()).collect()).unwrap().analyse()
}

#[test]
fn nothing_has_one_branch() {
    assert_eq!(analysed(&[]), TemplateAnalysis { width: 1, ..TemplateAnalysis::default() });
}

#[test]
fn a_diamond() {
    let diamond = analysed(&[&[1, 2], &[3], &[3], &[]]);
    let expected = TemplateAnalysis {
        cycles: vec![],
        topology: vec![3, 1, 2, 0],
        levels: vec![0, 1, 1, 2],
        roots: vec![3],
        leaves: vec![0],
        depth: 2,
        width: 2,
    };
    assert_eq!(diamond, expected);
}

#[test]
fn cycles_are_closed_and_leave_no_order() {
    let round = analysed(&[&[1], &[2], &[1], &[]]);
    assert_eq!(round.cycles, [[1, 2, 1]]);
    assert_eq!(
        (round.topology, round.levels, round.roots, round.leaves),
        (vec![], vec![], vec![3], vec![0, 3])
    );
    assert_eq!((round.depth, round.width), (0, 1));
    assert_eq!(analysed(&[&[0]]).cycles, [[0, 0]]);
}

#[test]
fn a_walk_into_what_a_cycle_has_left_open_is_told_whole() {
    assert_eq!(analysed(&[&[1], &[0], &[3], &[1]]).cycles, [vec![0, 1, 0], vec![2, 3, 1]]);
}

#[test]
fn a_dependency_outside_is_refused() {
    assert!(TemplateGraph::new(vec![vec![1]]).is_none());
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn the_order_puts_dependencies_first(lists in prop::collection::vec(prop::collection::vec(0usize..1_000, 0..4), 1..60)) {
        let lists: Vec<Vec<usize>> = lists
            .into_iter()
            .enumerate()
            .map(|(step, list)| if step == 0 { vec![] } else { list.into_iter().map(|other| other % step).collect() })
            .collect();
        let analysis = TemplateGraph::new(lists.clone()).unwrap().analyse();
        prop_assert!(analysis.cycles.is_empty());
        prop_assert_eq!(analysis.topology.iter().copied().collect::<BTreeSet<_>>().len(), lists.len());
        let level = |step: usize| {
            let place = analysis.topology.iter().position(|&other| other == step).unwrap();
            (place, analysis.levels[place])
        };
        for (step, list) in lists.iter().enumerate() {
            let (place, own) = level(step);
            prop_assert_eq!(own, list.iter().map(|&other| level(other).1 + 1).max().unwrap_or(0));
            prop_assert!(list.iter().all(|&other| level(other).0 < place));
        }
        prop_assert_eq!(analysis.depth, analysis.levels.iter().copied().max().unwrap());
    }

    #[test]
    fn whatever_has_a_cycle_is_told_of(lists in prop::collection::vec(prop::collection::vec(0usize..12, 0..3), 12)) {
        let analysis = TemplateGraph::new(lists.clone()).unwrap().analyse();
        let mut left: BTreeSet<usize> = (0..12).collect();
        while let Some(step) = left.iter().copied().find(|&step| lists[step].iter().all(|other| !left.contains(other))) {
            left.remove(&step);
        }
        prop_assert_eq!(analysis.cycles.is_empty(), left.is_empty());
        if let Some(first) = analysis.cycles.first() {
            prop_assert_eq!(first.first(), first.last());
            prop_assert!(first.windows(2).all(|pair| lists[pair[0]].contains(&pair[1])));
        }
    }
}
