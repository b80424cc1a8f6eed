//! How many statements runs take, by the shape of the task.

use crate::model::{Database, TASK, finish};
use std::collections::BTreeMap;
use std::num::NonZeroU32;
use tasker_core::run::{EventKind, Options, Outcome, Reply, Request, StepResult, WorkflowRun};
use tasker_core::time::Timestamp;

type Shape = Vec<Vec<usize>>;

fn chain(length: usize) -> Shape {
    (0..length).map(|place| place.checked_sub(1).into_iter().collect()).collect()
}

fn diamond() -> Shape {
    vec![vec![], vec![0], vec![0], vec![1, 2]]
}

fn fan(width: usize) -> Shape {
    let branches = vec![vec![0]; width];
    [vec![vec![]], branches, vec![(1..=width).collect()]].concat()
}

fn tree(depth: u32) -> Shape {
    (0..(1usize << depth) - 1)
        .map(|place| place.checked_sub(1).map(|place| place / 2).into_iter().collect())
        .collect()
}

fn mesh(layers: usize, width: usize) -> Shape {
    let parents = |layer: usize| match layer {
        0 => vec![],
        _ => ((layer - 1) * width..layer * width).collect(),
    };
    (0..layers).flat_map(|layer| vec![parents(layer); width]).collect()
}

fn mixed() -> Shape {
    vec![vec![], vec![], vec![0], vec![0, 1], vec![2, 3], vec![1], vec![0, 4, 5]]
}

/// The statements of a run that writes each end on its own, as hosts do whose steps are executed on threads.
fn statements(shape: Shape, options: Options) -> BTreeMap<&'static str, usize> {
    let limits = vec![3; shape.len()];
    let mut rows = Database::new(shape, &limits);
    let mut counts = BTreeMap::new();
    let mut run = WorkflowRun::start(TASK, Options { slots: NonZeroU32::new(3).unwrap(), ..options });
    let mut reply = Reply::Continue;
    loop {
        let now = rows.now;
        let mut answer = |query: &tasker_core::session::Query| {
            *counts.entry(query.name).or_default() += 1;
            let seen = rows.clone();
            rows.answer(&seen, query)
        };
        reply = match run.next(reply, Timestamp(now)).unwrap() {
            Request::Query(query) => Reply::Rows(answer(&query)),
            Request::Execute(steps) => {
                let end =
                    |step| finish(vec![(step, StepResult::Complete { results: None })], now, &mut answer);
                Reply::Ended(steps.into_iter().flat_map(end).collect())
            }
            Request::Publish(_) => Reply::Continue,
            Request::Offer(_) => panic!("no listener to offers"),
            Request::Done(outcome) => {
                assert_eq!(outcome, Outcome::Complete);
                return counts;
            }
        };
    }
}

fn total(shape: Shape, options: Options) -> usize {
    statements(shape, options).values().sum()
}

#[test]
fn each_shape_takes_its_statements() {
    for (name, shape, wanted) in [
        ("linear", chain(4), 6),
        ("diamond", diamond(), 8),
        ("fan of 22", fan(20), 32),
        ("tree of 15", tree(4), 23),
        ("chain of 50", chain(50), 52),
        ("mesh of 48", mesh(8, 6), 65),
        ("mixed", mixed(), 11),
        ("chain of 200", chain(200), 202),
    ] {
        assert_eq!(total(shape, Options::default()), wanted, "{name}");
    }
}

#[test]
fn a_start_of_its_own_is_one_more() {
    let alone = Options { claims_with_start: false, ..Options::default() };
    assert_eq!(total(chain(4), alone.clone()), 7);
    assert_eq!(total(diamond(), alone), 9);
}

#[test]
fn a_chain_takes_one_statement_a_step_and_two() {
    let counts = statements(chain(4), Options::default());
    assert_eq!(counts, BTreeMap::from([("start and claim", 1), ("finish and claim", 4), ("finish task", 1)]));
}

/// With listeners to ends each step is looked for after the end of the one before.
#[test]
fn listeners_between_steps_cost_a_look_each() {
    let options = Options { listeners: vec![EventKind::StepCompleted], ..Options::default() };
    assert_eq!(total(chain(50), options), 52 + 49);
}
