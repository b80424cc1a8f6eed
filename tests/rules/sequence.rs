//! The edges that templates ask for.

use crate::support::cases;
use proptest::prelude::*;
use proptest::sample::subsequence;
use std::collections::BTreeSet;
use tasker_core::operations::sequence::{Template, edges_between};

/// More names than steps, so that a step may wait for one that is not there.
const NAMES: [&str; 9] = ["", "a", "A", "a ", "NULL", "a,b", "{a}", "\"a\"", "å"];

fn template(name: &str, depends_on: &[&str]) -> Template {
    Template {
        system: "default".into(),
        name: name.into(),
        retryable: true,
        retry_limit: 3,
        skippable: false,
        depends_on: depends_on.iter().map(|&name| name.into()).collect(),
    }
}

/// Any names, any dependencies: doubles, strangers and circles among them.
fn arbitrary() -> impl Strategy<Value = Vec<Template>> {
    let step = (0..NAMES.len(), subsequence(&NAMES[..], 0..=2).prop_shuffle());
    let steps = prop::collection::vec(step, 0..=5);
    steps.prop_map(|steps| steps.into_iter().map(|(name, waits)| template(NAMES[name], &waits)).collect())
}

/// Distinct names, each step waiting for some of those before it; then in any order.
fn sound() -> impl Strategy<Value = Vec<Template>> {
    let picks = prop::collection::vec(prop::collection::vec(any::<prop::sample::Index>(), 0..=4), 0..=30);
    let templates = picks.prop_map(|picks| {
        let names: Vec<String> = (0..picks.len()).map(|index| format!("step {index}")).collect();
        let of = |(index, picks): (usize, Vec<prop::sample::Index>)| {
            let mut waits: Vec<&str> = vec![];
            for pick in picks.iter().filter(|_| index > 0) {
                let name = names[pick.index(index)].as_str();
                if !waits.contains(&name) {
                    waits.push(name);
                }
            }
            template(&names[index], &waits)
        };
        picks.into_iter().enumerate().map(of).collect::<Vec<_>>()
    });
    templates.prop_shuffle()
}

/// Can the steps be run one after another, each after all that it waits for?
fn can_be_run(templates: &[Template]) -> bool {
    let mut open: Vec<&Template> = templates.iter().collect();
    let mut done: BTreeSet<&str> = BTreeSet::new();
    while !open.is_empty() {
        let ready = |step: &&Template| step.depends_on.iter().all(|name| done.contains(&**name));
        let (ready, waiting): (Vec<_>, Vec<_>) = open.into_iter().partition(ready);
        if ready.is_empty() {
            return false;
        }
        done.extend(ready.iter().map(|step| &*step.name));
        open = waiting;
    }
    done.len() == templates.len()
}

/// Names of both ends, in the order in which they are declared.
fn declared(templates: &[Template]) -> Vec<(&str, &str)> {
    let of = |step| move |name| (name, step);
    templates.iter().flat_map(|t| t.depends_on.iter().map(|name| &**name).map(of(&*t.name))).collect()
}

fn named<'t>(templates: &'t [Template], edges: &[(usize, usize)]) -> Vec<(&'t str, &'t str)> {
    edges.iter().map(|&(from, to)| (&*templates[from].name, &*templates[to].name)).collect()
}

proptest! {
    #![proptest_config(cases(4_000))]

    #[test]
    fn templates_have_edges_if_their_steps_can_be_run(templates in arbitrary()) {
        let edges = edges_between(&templates);
        prop_assert_eq!(edges.is_some(), can_be_run(&templates));
        if let Some(edges) = edges {
            prop_assert_eq!(named(&templates, &edges), declared(&templates));
        }
    }
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn edges_come_in_the_order_of_declaration(templates in sound()) {
        let edges = edges_between(&templates).unwrap();
        prop_assert_eq!(named(&templates, &edges), declared(&templates));
    }

    #[test]
    fn one_step_too_many_of_a_name_and_there_are_none(templates in sound(), which in any::<prop::sample::Index>()) {
        prop_assume!(!templates.is_empty());
        let double = template(&templates[which.index(templates.len())].name, &[]);
        prop_assert_eq!(edges_between(&[templates, vec![double]].concat()), None);
    }

    #[test]
    fn an_edge_back_makes_a_circle(mut templates in sound(), which in any::<prop::sample::Index>()) {
        let edges = edges_between(&templates).unwrap();
        prop_assume!(!edges.is_empty());
        let (from, to) = edges[which.index(edges.len())];
        let back = templates[to].name.clone();
        templates[from].depends_on.push(back);
        prop_assert_eq!(edges_between(&templates), None);
    }
}

#[test]
fn a_few_by_hand() {
    assert_eq!(edges_between(&[]), Some(vec![]));
    assert_eq!(edges_between(&[template("", &[])]), Some(vec![]));
    let diamond =
        [template("d", &["c", "b"]), template("b", &["a"]), template("c", &["a"]), template("a", &[])];
    assert_eq!(edges_between(&diamond), Some(vec![(2, 0), (1, 0), (3, 1), (3, 2)]));
    assert_eq!(edges_between(&[template("a", &["a"])]), None, "waits for itself");
    assert_eq!(edges_between(&[template("a", &["A"])]), None, "waits for a stranger");
    assert_eq!(edges_between(&[template("a", &[]), template("a", &[])]), None, "twice");
    let elsewhere = Template { system: "other".into(), ..template("a", &[]) };
    assert_eq!(edges_between(&[template("a", &[]), elsewhere]), None, "twice, in two systems");
    let circle = [template("a", &["c"]), template("b", &["a"]), template("c", &["b"]), template("d", &[])];
    assert_eq!(edges_between(&circle), None);
}
