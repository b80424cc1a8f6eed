//! Runs against the reference, and runs that others disturb.

use crate::model::{Database, TASK, finish, place};
use crate::reference::{self, Script};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use std::collections::HashSet;
use std::num::NonZeroU32;
use tasker_core::run::{
    Event, EventKind, Options, Outcome, Reply, Request, StepEnd, StepEnded, StepExecution,
};
use tasker_core::run::{StepFailure, StepResult, WorkflowRun};
use tasker_core::time::Timestamp;

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("proptest-regressions"))),
        ..ProptestConfig::default()
    }
}

prop_compose! {
    /// A task of at most eight steps, in which ids need not follow the order of the edges, and its script.
    fn task()(steps in 0usize..8)(
        edges in vec((0..steps.max(1), 0..steps.max(1)), 0..=2 * steps),
        ranks in Just((0..steps.max(1)).collect::<Vec<_>>()).prop_shuffle(),
        limits in vec(1i32..4, steps),
        succeeds in vec(vec(prop::bool::weighted(0.7), 3), steps),
        seconds in 0i64..4,
    ) -> (Database, Script) {
        let mut parents = vec![Vec::new(); limits.len()];
        for (from, to) in edges {
            if ranks[from] < ranks[to] && to < parents.len() && from < parents.len() {
                parents[to].push(from);
            }
        }
        (Database::new(parents, &limits), Script { succeeds, seconds })
    }
}

fn options(slots: u32, listeners: &[EventKind]) -> Options {
    Options { slots: NonZeroU32::new(slots).unwrap(), listeners: listeners.to_vec(), ..Options::default() }
}

fn result(succeeds: bool) -> StepResult {
    match succeeds {
        true => StepResult::Complete { results: Some("{}".into()) },
        false => StepResult::Failed(StepFailure::new("scripted")),
    }
}

/// Runs a task alone. Returns its slices, its statements, its events and its outcome.
fn alone(
    rows: &mut Database,
    script: &Script,
    options: Options,
) -> (Vec<Vec<usize>>, usize, Vec<Event>, Outcome) {
    let mut run = WorkflowRun::start(TASK, options);
    let (mut slices, mut statements, mut events) = (Vec::new(), 0, Vec::new());
    let mut reply = Reply::Continue;
    loop {
        reply = match run.next(reply, Timestamp(rows.now)).unwrap() {
            Request::Query(query) => {
                statements += 1;
                let seen = rows.clone();
                Reply::Rows(rows.answer(&seen, &query))
            }
            Request::Execute(steps) => {
                slices.push(steps.iter().map(|execution| place(execution.step)).collect());
                rows.now += script.seconds * 1_000_000;
                let ends = |step: StepExecution| {
                    let result = result(script.attempt(place(step.step), step.attempts));
                    (step, result)
                };
                let attempts = steps.into_iter().map(ends).collect();
                let now = rows.now;
                Reply::Ended(finish(attempts, now, |query| {
                    statements += 1;
                    let seen = rows.clone();
                    rows.answer(&seen, query)
                }))
            }
            Request::Publish(event) => {
                events.push(event);
                Reply::Continue
            }
            Request::Done(outcome) => return (slices, statements, events, outcome),
        };
    }
}

/// What a row says apart from its transitions.
fn facts(rows: &Database) -> Vec<(&'static str, i32, i64)> {
    rows.steps.iter().map(|step| (step.state, step.attempts, step.failed_at)).collect()
}

fn task_state(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Complete => "complete",
        Outcome::Blocked => "error",
        _ => "pending",
    }
}

proptest! {
    #![proptest_config(cases(2_000))]

    /// The same steps in the same slices with the same rows, outcome and wait, and no more statements than promised.
    #[test]
    fn equals_the_engines_loop((rows, script) in task(), slots in 1u32..4) {
        let mut expected = rows.clone();
        let (wanted, verdict) = reference::run(&mut expected, &script, slots as usize);
        let mut rows = rows;
        let (slices, statements, _, outcome) = alone(&mut rows, &script, options(slots, &[]));
        prop_assert_eq!(&slices, &wanted);
        prop_assert_eq!(&outcome, &verdict);
        prop_assert_eq!(facts(&rows), facts(&expected));
        prop_assert_eq!(rows.task, task_state(&outcome));
        prop_assert_eq!(rows.complete, outcome == Outcome::Complete);
        let ended: usize = slices.iter().map(Vec::len).sum();
        // Each slice: a look for it, one after its wave, its ends. And: start, last look, assessment, end.
        prop_assert!(statements <= 2 * slices.len() + ended + 4, "{} statements for {:?}", statements, slices);
    }

    /// Listeners change the statements, not the steps; each event is published once, at its place.
    #[test]
    fn publishes_for_listeners((rows, script) in task(), slots in 1u32..4) {
        let (mut quiet, mut heard) = (rows.clone(), rows);
        let (slices, _, none, outcome) = alone(&mut quiet, &script, options(slots, &[]));
        prop_assert!(none.is_empty());
        let (same, _, events, published) = alone(&mut heard, &script, options(slots, EventKind::ALL));
        prop_assert_eq!(&same, &slices);
        prop_assert_eq!(&published, &outcome);
        prop_assert_eq!(facts(&heard), facts(&quiet));
        let kinds: Vec<EventKind> = events.iter().map(Event::kind).collect();
        let ended = |kind: &&EventKind| matches!(kind, EventKind::StepCompleted | EventKind::StepFailed);
        prop_assert_eq!(kinds.iter().filter(ended).count(), slices.iter().map(Vec::len).sum::<usize>());
        prop_assert_eq!(kinds.first(), Some(&EventKind::TaskStarted));
        let last = match outcome {
            Outcome::Complete => EventKind::TaskCompleted,
            Outcome::Blocked => EventKind::TaskFailed,
            _ => EventKind::TaskPending,
        };
        prop_assert_eq!(&kinds[kinds.len() - 2..], &[EventKind::NoStepsReady, last]);
    }

    /// Others claim, end and fail steps, take the task away and put it back between statements, and statements read what was before. The
    /// run ends; it executes nothing that it did not claim; no step is complete twice; and it leaves the task to its new owner.
    #[test]
    fn survives_others((rows, script) in task(), slots in 1u32..4, deeds in vec((0u8..12, 0usize..8), 0..60)) {
        let mut rows = rows;
        let mut deeds = deeds.into_iter();
        let mut run = WorkflowRun::start(TASK, options(slots, &[]));
        let mut reply = Reply::Continue;
        let mut requests = 0;
        let outcome = loop {
            requests += 1;
            prop_assert!(requests < 600, "no end in sight: {:?}", run);
            let request = run.next(reply, Timestamp(rows.now)).unwrap();
            let seen = rows.clone();
            disturb(&mut rows, deeds.next(), run.claim().map(|claim| claim.0));
            reply = match request {
                Request::Query(query) => Reply::Rows(rows.answer(&seen, &query)),
                Request::Execute(steps) => {
                    let claims: HashSet<i64> = steps.iter().map(|step| step.claim.0).collect();
                    prop_assert_eq!(claims.len(), steps.len());
                    rows.now += script.seconds * 1_000_000;
                    Reply::Ended(ended(&mut rows, steps, &script, &mut deeds))
                }
                Request::Publish(event) => {
                    prop_assert!(false, "nobody listens to {:?}", event);
                    Reply::Continue
                }
                Request::Done(outcome) => break outcome,
            };
        };
        prop_assert!(rows.steps.iter().all(|step| step.completions <= 1), "{:?}", rows.steps);
        if outcome == Outcome::Complete {
            prop_assert!(rows.complete && rows.steps.iter().all(|step| step.state == "complete"));
        }
    }
}

/// Ends some of the steps one by one, others together; one in eight is abandoned by its host, for which the worker ends it later or never.
fn ended(
    rows: &mut Database,
    steps: Vec<StepExecution>,
    script: &Script,
    deeds: &mut impl Iterator<Item = (u8, usize)>,
) -> Vec<StepEnd> {
    let (mut ends, mut together) = (Vec::new(), Vec::new());
    for step in steps {
        let attempt = (step.clone(), result(script.attempt(place(step.step), step.attempts)));
        match deeds.next() {
            Some((deed, 7)) if deed < 6 => {
                ends.push(StepEnd { step: step.step, ended: StepEnded::Abandoned })
            }
            Some((deed, _)) if deed % 2 == 0 => together.push(attempt),
            deed => {
                let now = rows.now;
                ends.extend(finish(vec![attempt], now, |query| {
                    let seen = rows.clone();
                    disturb(rows, deed, None);
                    rows.answer(&seen, query)
                }));
            }
        }
    }
    let now = rows.now;
    ends.extend(finish(together, now, |query| {
        let seen = rows.clone();
        rows.answer(&seen, query)
    }));
    ends
}

/// What another worker, recovery or a person does.
fn disturb(rows: &mut Database, deed: Option<(u8, usize)>, claim: Option<i64>) {
    let Some((deed, step)) = deed.filter(|_| !rows.steps.is_empty()) else { return };
    let step = step % rows.steps.len();
    match (deed, rows.steps[step].state) {
        (0, "pending") if rows.ready(step) => {
            rows.move_step(step, "in_progress");
        }
        (1, "in_progress") => {
            rows.steps[step].attempts += 1;
            rows.move_step(step, "complete");
        }
        (2, "in_progress") => {
            rows.steps[step].attempts += 1;
            rows.move_step(step, "error");
        }
        (3, "in_progress") => {
            // Recovered, and claimed anew.
            for state in ["error", "pending", "in_progress"] {
                rows.move_step(step, state);
            }
        }
        (4, _) if rows.task == "in_progress" && claim.is_some() => {
            rows.move_task("pending");
        }
        (5, _) if rows.task == "pending" => {
            rows.move_task("in_progress");
        }
        _ => {}
    }
}
