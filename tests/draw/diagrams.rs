//! Graphs of tasks and templates.

use crate::support::{change, of_class, parsed, places, task, tooltip};
use proptest::prelude::*;
use std::collections::BTreeSet;
use tasker_core::draw::Diagram;
use tasker_core::state::State;

fn template(count: usize, edges: &BTreeSet<(usize, usize)>) -> Diagram {
    let names: Vec<String> = (0..count).map(|place| format!("step_{place}")).collect();
    let mut dependencies = vec![Vec::new(); count];
    edges.iter().for_each(|&(from, to)| dependencies[to].push(from));
    Diagram::of_template("random", &names, &dependencies)
}

/// Graphs with cycles among them: any pair of different steps may be an edge.
fn graph() -> impl Strategy<Value = (usize, BTreeSet<(usize, usize)>)> {
    (1_usize..40).prop_flat_map(|count| {
        let edge = (0..count, 0..count).prop_filter("an edge to itself", |(from, to)| from != to);
        let edges = if count > 1 {
            proptest::collection::btree_set(edge, 0..60).boxed()
        } else {
            Just(BTreeSet::new()).boxed()
        };
        (Just(count), edges)
    })
}

fn acyclic() -> impl Strategy<Value = (usize, BTreeSet<(usize, usize)>)> {
    graph().prop_map(|(count, edges)| {
        (count, edges.into_iter().map(|(one, other)| (one.min(other), one.max(other))).collect())
    })
}

fn longest_path(count: usize, edges: &BTreeSet<(usize, usize)>) -> Vec<usize> {
    let mut longest = vec![0; count];
    // Edges lead from smaller to larger places, so that ascending order is a topological one.
    for to in 0..count {
        let above = edges.iter().filter(|edge| edge.1 == to).map(|edge| longest[edge.0] + 1);
        longest[to] = above.max().unwrap_or_default();
    }
    longest
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_step_and_edge_is_drawn_once_and_the_bytes_are_the_same_again((count, edges) in graph()) {
        let svg = template(count, &edges).to_svg();
        prop_assert_eq!(&svg, &template(count, &edges).to_svg());
        let document = parsed(&svg);
        prop_assert_eq!(of_class(&document, "step").count(), count);
        prop_assert_eq!(of_class(&document, "edge").count(), edges.len());
    }

    #[test]
    fn steps_do_not_overlap((count, edges) in graph()) {
        let svg = template(count, &edges).to_svg();
        let places = places(&parsed(&svg));
        for (place, one) in places.iter().enumerate() {
            for other in &places[..place] {
                // A step is at least 72 wide and 44 high; coordinates are rounded to tenths.
                prop_assert!((one.0 - other.0).abs() > 71.8 || (one.1 - other.1).abs() > 43.8, "{:?} {:?}", one, other);
            }
        }
    }

    #[test]
    fn a_layer_is_the_longest_path_that_leads_to_a_step((count, edges) in acyclic()) {
        let svg = template(count, &edges).to_svg();
        let places = places(&parsed(&svg));
        let longest = longest_path(count, &edges);
        let along = |axis: fn(&(f64, f64)) -> f64| {
            let layers: BTreeSet<i64> = places.iter().map(|place| (axis(place) * 10.0) as i64).collect();
            places.iter().map(|place| layers.range(..(axis(place) * 10.0) as i64).count()).collect::<Vec<_>>()
        };
        prop_assert!(along(|place| place.0) == longest || along(|place| place.1) == longest);
    }

    #[test]
    fn an_edge_leads_back_exactly_if_there_is_a_cycle((count, edges) in graph()) {
        let svg = template(count, &edges).to_svg();
        let graph = petgraph::graphmap::DiGraphMap::<usize, ()>::from_edges(&edges);
        let cyclic = petgraph::algo::is_cyclic_directed(&graph);
        prop_assert_eq!(svg.contains("edge-cycle"), cyclic);
        prop_assert!(!cyclic || !svg.contains("edge-critical"));
    }
}

#[test]
fn states_differ_by_class_shape_and_tooltip() {
    let mut drawn = task(
        &[
            ("done", Some(State::Complete)),
            ("running", Some(State::InProgress)),
            ("ready", None),
            ("waiting", None),
            ("retrying", Some(State::Error)),
            ("failed", Some(State::Error)),
            ("given up", Some(State::Cancelled)),
            ("settled", Some(State::ResolvedManually)),
            ("odd", Some(State::from("sleeping"))),
            ("stuck", None),
        ],
        &[(0, 2), (0, 3), (1, 3), (6, 9)],
    );
    drawn.steps[5].attempts = Some(3);
    let svg = Diagram::of_task(&drawn).to_svg();
    let document = parsed(&svg);
    let steps: Vec<(&str, &str)> =
        of_class(&document, "step").map(|step| (step.attribute("class").unwrap(), tooltip(step))).collect();
    let expected = [
        ("step step-complete", "done: complete"),
        ("step step-in_progress", "running: in progress"),
        ("step step-ready", "ready: ready"),
        ("step step-pending", "waiting: pending, waits for 1 of 2"),
        ("step step-retrying", "retrying: will be retried, retry in 1.5 s"),
        ("step step-failed", "failed: failed, no attempt left (3 of 3)"),
        ("step step-cancelled", "given up: cancelled"),
        ("step step-resolved_manually", "settled: resolved manually"),
        ("step step-unknown", "odd: unknown state"),
        ("step step-blocked", "stuck: blocked, a parent is cancelled"),
    ];
    assert_eq!(steps, expected);
    let title = "shop/order 1.0.0 #7: in_progress, 2 of 10 steps done";
    assert_eq!(document.root_element().children().next().unwrap().text(), Some(title));
    let ids: Vec<&str> =
        of_class(&document, "step").map(|step| step.attribute("data-step-id").unwrap()).collect();
    assert_eq!(ids, ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]);
}

#[test]
fn the_critical_path_follows_the_time_that_steps_took() {
    let done = Some(State::Complete);
    let mut drawn = task(
        &[("a", done.clone()), ("slow", done.clone()), ("quick", done.clone()), ("end", done)],
        &[(0, 1), (0, 2), (1, 3), (2, 3)],
    );
    let took = [(0, 50, 49), (1, 49, 20), (2, 49, 48), (3, 20, 19)];
    drawn.history = took
        .iter()
        .flat_map(|&(place, from, to)| {
            [change(place, State::InProgress, from), change(place, State::Complete, to)]
        })
        .collect();
    let chart = Diagram::of_task(&drawn).to_mermaid();
    let bold: Vec<&str> = chart.lines().filter(|line| line.contains("==>")).map(str::trim).collect();
    assert_eq!(bold, ["s0 ==> s1", "s1 ==> s3"]);
    let dot = Diagram::of_task(&drawn).to_dot();
    let bold: Vec<&str> = dot.lines().filter(|line| line.contains("penwidth")).map(str::trim).collect();
    assert_eq!(bold, ["s0 -> s1 [penwidth=2.5];", "s1 -> s3 [penwidth=2.5];"]);
}

#[test]
fn without_a_history_the_critical_path_is_the_one_with_the_most_steps() {
    let edges = BTreeSet::from([(0, 3), (0, 1), (1, 2), (2, 3)]);
    let chart = template(4, &edges).to_mermaid();
    assert_eq!(chart.matches("==>").count(), 3);
    assert!(chart.contains("s0 --> s3"));
}

#[test]
fn parents_in_other_tasks_are_noted_and_not_drawn() {
    let mut drawn = task(&[("a", None)], &[]);
    drawn
        .edges
        .push(tasker_core::records::Edge { from: tasker_core::ids::StepId(99), to: crate::support::id(0) });
    drawn.steps[0].parents.total = 1;
    let svg = Diagram::of_task(&drawn).to_svg();
    let document = parsed(&svg);
    assert_eq!(of_class(&document, "edge").count(), 0);
    assert_eq!(
        of_class(&document, "step").map(tooltip).collect::<Vec<_>>(),
        ["a: pending, waits for 1 of 1, other tasks included"]
    );
}

#[test]
fn wide_graphs_lie_and_long_ones_stand() {
    let size = |svg: &str| {
        let document = parsed(svg);
        let length = |name| document.root_element().attribute(name).unwrap().parse::<f64>().unwrap();
        (length("width"), length("height"))
    };
    let fan = (1..100).map(|step| (0, step)).collect();
    let chain = (1..100).map(|step| (step - 1, step)).collect();
    for edges in [fan, chain] {
        let (width, height) = size(&template(100, &edges).to_svg());
        assert!(width < 800.0 && height > 4_000.0, "{width} x {height}");
    }
}

#[test]
fn dense_graphs_stay_drawable() {
    let edges: BTreeSet<(usize, usize)> =
        (0..200).flat_map(|from| (from + 1..200).map(move |to| (from, to))).collect();
    let svg = template(200, &edges).to_svg();
    assert_eq!(of_class(&parsed(&svg), "edge").count(), edges.len());
}

#[test]
fn nothing_is_drawn_of_nothing() {
    let svg = template(0, &BTreeSet::new()).to_svg();
    assert_eq!(of_class(&parsed(&svg), "step").count(), 0);
    assert_eq!(template(0, &BTreeSet::new()).to_dot().matches("->").count(), 0);
}

#[test]
fn dependencies_on_steps_that_do_not_exist_are_left_out() {
    let diagram = Diagram::of_template("odd", &["a", "b"], &[vec![5], vec![0, 0], vec![1]]);
    assert_eq!(of_class(&parsed(&diagram.to_svg()), "edge").count(), 1);
}

/// Hexagons and octagons, in the legend as in the graph.
#[test]
fn shapes_have_their_corners_in_the_legend() {
    let steps = [("one", Some(State::InProgress)), ("other", Some(State::Error))];
    let svg = Diagram::of_task(&task(&steps, &[])).to_svg();
    let document = parsed(&svg);
    let paths =
        document.descendants().filter_map(|node| node.attribute("stroke-width").and(node.attribute("d")));
    let polygons = paths.filter(|path| path.starts_with('M') && path.ends_with('Z') && !path.contains('a'));
    let corners = polygons.map(|path| path[1..path.len() - 1].split('L').collect::<BTreeSet<_>>().len());
    assert_eq!(corners.collect::<Vec<_>>(), [6, 8, 6, 8]);
}
