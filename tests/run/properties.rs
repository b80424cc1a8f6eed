//! Runs against the reference, and runs that others disturb.

use crate::model::{Database, TASK, claim, finish, place};
use crate::reference::{self, Script};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use std::collections::HashSet;
use std::num::NonZeroU32;
use tasker_core::run::{
    Event, EventKind, Options, Outcome, Reply, Request, StepEnd, StepEnded, StepExecution, StepOffer,
};
use tasker_core::run::{StepFailure, StepResult, WorkflowRun};
use tasker_core::session::{Query, Rows};
use tasker_core::time::Timestamp;

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("proptest-regressions"))),
        ..ProptestConfig::default()
    }
}

/// A task of at most eight steps and its script.
fn task() -> impl Strategy<Value = (Database, Script)> {
    task_of(0..8)
}

/// A task that is large enough for a run to look at a part of it only.
fn large_task() -> impl Strategy<Value = (Database, Script)> {
    task_of(16..40)
}

prop_compose! {
    /// A task in which ids need not follow the order of the edges, and its script.
    fn task_of(sizes: std::ops::Range<usize>)(steps in sizes)(
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

/// What a run alone has asked for.
#[derive(Debug)]
struct Alone {
    slices: Vec<Vec<usize>>,
    statements: usize,
    events: Vec<Event>,
    outcome: Outcome,
    /// Rounds, and the most steps that were looked at in one of the later ones.
    waves: usize,
    names: Vec<&'static str>,
}

/// Runs a task alone.
fn alone(rows: &mut Database, script: &Script, options: Options) -> Alone {
    let run = &mut WorkflowRun::start(TASK, options);
    let mut alone = Alone {
        slices: Vec::new(),
        statements: 0,
        events: Vec::new(),
        outcome: Outcome::Lost,
        waves: 0,
        names: Vec::new(),
    };
    let mut reply = Reply::Continue;
    loop {
        reply = match run.next(reply, Timestamp(rows.now)).unwrap() {
            Request::Query(query) => Reply::Rows(alone.answer(rows, &query)),
            Request::Execute(steps) => Reply::Ended(alone.execute(rows, script, steps)),
            Request::Offer(offers) => {
                let now = rows.now;
                let claims =
                    offers.into_iter().map(|offer| claim(offer, now, |query| alone.answer(rows, query)));
                let claimed: Vec<_> = claims.map(|claim| claim.expect("no other worker")).collect();
                Reply::Ended(alone.execute(rows, script, claimed))
            }
            Request::Publish(event) => {
                alone.events.push(event);
                Reply::Continue
            }
            Request::Done(outcome) => {
                (alone.outcome, alone.waves) = (outcome, run.waves());
                return alone;
            }
        };
    }
}

impl Alone {
    fn answer(&mut self, rows: &mut Database, query: &Query) -> Rows {
        self.statements += 1;
        self.names.push(query.name);
        let seen = rows.clone();
        rows.answer(&seen, query)
    }

    fn execute(&mut self, rows: &mut Database, script: &Script, steps: Vec<StepExecution>) -> Vec<StepEnd> {
        self.slices.push(steps.iter().map(|execution| place(execution.step)).collect());
        rows.now += script.seconds * 1_000_000;
        let ends = |step: StepExecution| {
            let result = result(script.attempt(place(step.step), step.attempts));
            (step, result)
        };
        let attempts = steps.into_iter().map(ends).collect();
        finish(attempts, rows.now, |query| self.answer(rows, query))
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

/// The same steps in the same slices with the same rows, outcome and wait, and no more statements than promised.
fn equals_the_reference(mut rows: Database, script: &Script, slots: u32) -> Result<(), TestCaseError> {
    let mut expected = rows.clone();
    let (wanted, verdict) = reference::run(&mut expected, script, slots as usize);
    let Alone { slices, statements, outcome, names, .. } = alone(&mut rows, script, options(slots, &[]));
    prop_assert_eq!(&slices, &wanted);
    prop_assert_eq!(&outcome, &verdict);
    prop_assert_eq!(facts(&rows), facts(&expected));
    prop_assert_eq!(rows.task, task_state(&outcome));
    prop_assert_eq!(rows.complete, outcome == Outcome::Complete);
    let ended: usize = slices.iter().map(Vec::len).sum();
    let count = |name: &str| names.iter().filter(|other| **other == name).count();
    let looks = count("start and claim") + count("look and claim");
    // A look for each slice, and a last one at candidates and everything. Besides ends: the start without a claim, assessment, end.
    prop_assert!(looks <= slices.len() + 2, "{} looks for {:?}", looks, slices);
    prop_assert!(count("start task") == usize::from(slices.is_empty()), "{:?}", names);
    prop_assert!(
        statements <= looks + ended + 2 + count("start task"),
        "{} statements for {:?}",
        statements,
        slices
    );
    Ok(())
}

proptest! {
    #![proptest_config(cases(300))]

    /// The same for tasks that are large enough for a run to look at a part of them only.
    #[test]
    fn equals_the_engines_loop_where_it_looks_at_candidates((rows, script) in large_task(), slots in 1u32..7) {
        equals_the_reference(rows, &script, slots)?;
    }
}

proptest! {
    #![proptest_config(cases(2_000))]

    /// The same steps in the same slices with the same rows, outcome and wait, and no more statements than promised.
    #[test]
    fn equals_the_engines_loop((rows, script) in task(), slots in 1u32..4) {
        equals_the_reference(rows, &script, slots)?;
    }

    /// Listeners change the statements, not the steps; each event is published once, at its place.
    #[test]
    fn publishes_for_listeners((rows, script) in task(), slots in 1u32..4) {
        let quiet = alone(&mut rows.clone(), &script, options(slots, &[]));
        prop_assert!(quiet.events.is_empty());
        let mut listened = rows;
        let loud = alone(&mut listened, &script, options(slots, EventKind::ALL));
        prop_assert_eq!(&loud.slices, &quiet.slices);
        prop_assert_eq!(&loud.outcome, &quiet.outcome);
        prop_assert_eq!(loud.waves, quiet.waves);
        let kinds: Vec<EventKind> = loud.events.iter().map(Event::kind).collect();
        let count = |kind: EventKind| kinds.iter().filter(|other| **other == kind).count();
        let executed = loud.slices.iter().map(Vec::len).sum::<usize>();
        prop_assert_eq!(count(EventKind::StepCompleted) + count(EventKind::StepFailed), executed);
        prop_assert_eq!(count(EventKind::StepsDiscovered), loud.waves);
        prop_assert_eq!(kinds.first(), Some(&EventKind::TaskStarted));
        let last = match loud.outcome {
            Outcome::Complete => EventKind::TaskCompleted,
            Outcome::Blocked => EventKind::TaskFailed,
            _ => EventKind::TaskPending,
        };
        prop_assert_eq!(kinds.last(), Some(&last));
        // The engine looks for failures after each round, and then does not look for steps any more.
        let looked = usize::from(loud.outcome != Outcome::Blocked || loud.waves == 0);
        prop_assert_eq!(count(EventKind::NoStepsReady), looked);
    }

    /// A host that decides on its own what becomes of the task executes the same steps.
    #[test]
    fn leaves_the_end_to_its_host((rows, script) in task(), slots in 1u32..4) {
        let (mut whole, mut part) = (rows.clone(), rows);
        let decided = alone(&mut whole, &script, options(slots, &[]));
        let left = alone(&mut part, &script, Options { ends_task: false, ..options(slots, &[]) });
        prop_assert_eq!(&left.slices, &decided.slices);
        prop_assert_eq!(left.outcome, Outcome::NothingReady { unclaimed: false });
        prop_assert_eq!(facts(&part), facts(&whole));
        prop_assert_eq!((part.task, part.complete), ("in_progress", false));
        prop_assert!(left.statements <= decided.statements, "{:?} {:?}", left.names, decided.names);
    }

    /// Others claim, end and fail steps, take the task away and put it back between statements, and statements read what was before.
    #[test]
    fn survives_others((rows, script) in task(), slots in 1u32..4, deeds in vec((0u8..12, 0usize..8), 0..60)) {
        survives(rows, &script, options(slots, &[]), deeds)?;
    }

    /// The same where each step is claimed on its own, and some are not.
    #[test]
    fn survives_others_between_offers_and_claims(
        (rows, script) in task(), slots in 1u32..4, deeds in vec((0u8..12, 0usize..8), 0..60),
    ) {
        survives(rows, &script, options(slots, &[EventKind::StepRequested]), deeds)?;
    }
}

proptest! {
    #![proptest_config(cases(500))]

    /// The same for tasks that are looked at in part.
    #[test]
    fn survives_others_where_it_looks_at_candidates(
        (rows, script) in large_task(), slots in 1u32..7, deeds in vec((0u8..12, 0usize..40), 0..200),
    ) {
        survives(rows, &script, options(slots, &[]), deeds)?;
    }
}

/// What others do, and to which step.
type Deeds = std::vec::IntoIter<(u8, usize)>;

/// The run ends; it executes nothing that it did not claim; no step is complete twice; it leaves the task to its new owner; and a task that it
/// has to itself in the end has no step left that is ready.
fn survives(
    mut rows: Database,
    script: &Script,
    options: Options,
    deeds: Vec<(u8, usize)>,
) -> Result<(), TestCaseError> {
    let requests_at_most = 1_000 + 20 * rows.steps.len();
    let mut deeds = deeds.into_iter();
    let mut run = WorkflowRun::start(TASK, options);
    let mut reply = Reply::Continue;
    let (mut requests, mut undisturbed) = (0, 0);
    let outcome = loop {
        requests += 1;
        undisturbed = if deeds.len() == 0 { undisturbed + 1 } else { 0 };
        prop_assert!(requests < requests_at_most, "no end in sight: {:?}", run);
        let request = run.next(reply, Timestamp(rows.now)).unwrap();
        let seen = rows.clone();
        disturb(&mut rows, deeds.next(), run.claim().map(|claim| claim.0));
        let (executed, other_ends) = match request {
            Request::Query(query) => {
                reply = Reply::Rows(rows.answer(&seen, &query));
                continue;
            }
            Request::Execute(steps) => (steps, Vec::new()),
            Request::Offer(offers) => claimed(&mut rows, offers, &mut deeds),
            Request::Publish(event) => {
                return Err(TestCaseError::fail(format!("no listener to {event:?}")));
            }
            Request::Done(outcome) => break outcome,
        };
        let claims: HashSet<i64> = executed.iter().map(|step| step.claim.0).collect();
        prop_assert_eq!(claims.len(), executed.len());
        rows.now += script.seconds * 1_000_000;
        let mut ends = ended(&mut rows, executed, script, &mut deeds);
        ends.extend(other_ends);
        reply = Reply::Ended(ends);
    };
    prop_assert!(rows.steps.iter().all(|step| step.completions <= 1), "{:?}", rows.steps);
    match outcome {
        Outcome::Complete => {
            prop_assert!(rows.complete && rows.steps.iter().all(|step| step.state == "complete"));
        }
        // No worker has changed anything since the last full read.
        Outcome::Pending { .. } | Outcome::Blocked if undisturbed > 6 => {
            let ready: Vec<usize> = (0..rows.steps.len()).filter(|&place| rows.ready(place)).collect();
            prop_assert!(ready.is_empty(), "{:?} though {:?} are ready", outcome, ready);
        }
        _ => {}
    }
    Ok(())
}

/// Claims some of the offered steps, and leaves others.
fn claimed(
    rows: &mut Database,
    offers: Vec<StepOffer>,
    deeds: &mut Deeds,
) -> (Vec<StepExecution>, Vec<StepEnd>) {
    let (mut claimed, mut ends) = (Vec::new(), Vec::new());
    for offer in offers {
        let deed = deeds.next();
        if deed.is_some_and(|(_, step)| step == 7) {
            ends.push(offer.unclaimed());
            continue;
        }
        let lost = offer.lost();
        let now = rows.now;
        let execution = claim(offer, now, |query| {
            let seen = rows.clone();
            disturb(rows, deed, None);
            rows.answer(&seen, query)
        });
        match execution {
            Some(execution) => claimed.push(execution),
            None => ends.push(lost),
        }
    }
    (claimed, ends)
}

/// Ends some of the steps one by one, others together; one in eight is abandoned by its host, for which the worker ends it later or never.
fn ended(rows: &mut Database, steps: Vec<StepExecution>, script: &Script, deeds: &mut Deeds) -> Vec<StepEnd> {
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
