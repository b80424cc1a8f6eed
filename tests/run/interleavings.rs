//! Every interleaving of two workers at one task.
//!
//! A statement has two moments: it takes its snapshot, and it writes. A worker's next moment may come at any time, and so may, once, that of a
//! third party: recovery that takes the task, with or without its steps, from its worker. All orders are walked through; places that
//! were reached before are not walked on from again.

use crate::model::{Database, TASK, finish};
use std::collections::HashSet;
use std::fmt::{Debug, Write};
use std::hash::{DefaultHasher, Hasher};
use std::num::NonZeroU32;
use tasker_core::run::{
    Options, Outcome, Pause, Reply, Request, StartRefusal, StepEnd, StepExecution, StepResult, WorkflowRun,
};
use tasker_core::session::Query;
use tasker_core::time::Timestamp;

/// A worker that runs the task, and again as long as its outcome is to come back at once.
#[derive(Clone, Debug)]
struct Worker {
    run: WorkflowRun,
    doing: Doing,
}

#[derive(Clone, Debug)]
enum Doing {
    /// The run has asked for this.
    Asked(Query, Option<Box<Database>>),
    /// Steps whose handlers are at work, and ends that were written.
    Ending(Vec<StepExecution>, Vec<StepEnd>, Option<Box<Database>>),
    Over(Outcome),
}

impl Worker {
    fn new(slots: u32, now: i64) -> Self {
        let options = Options { slots: NonZeroU32::new(slots).unwrap(), ..Options::default() };
        let mut run = WorkflowRun::start(TASK, options);
        let request = run.next(Reply::Continue, Timestamp(now)).unwrap();
        Worker { run, doing: of(request) }
    }

    /// Its next moment.
    fn step(&mut self, rows: &mut Database) {
        match &mut self.doing {
            Doing::Over(_) => {}
            Doing::Asked(_, seen @ None) | Doing::Ending(_, _, seen @ None) => {
                *seen = Some(Box::new(rows.clone()))
            }
            Doing::Asked(query, Some(seen)) => {
                let answer = rows.answer(seen, query);
                self.doing = of(self.run.next(Reply::Rows(answer), Timestamp(rows.now)).unwrap());
            }
            Doing::Ending(steps, ends, seen) => {
                let snapshot = seen.take().unwrap();
                let attempt = (steps.remove(0), StepResult::Complete { results: None });
                ends.extend(finish(vec![attempt], rows.now, |query| rows.answer(&snapshot, query)));
                if steps.is_empty() {
                    let ends = std::mem::take(ends);
                    self.doing = of(self.run.next(Reply::Ended(ends), Timestamp(rows.now)).unwrap());
                }
            }
        }
    }

    fn is_over(&self) -> bool {
        matches!(self.doing, Doing::Over(_))
    }
}

fn of(request: Request) -> Doing {
    match request {
        Request::Query(query) => Doing::Asked(query, None),
        Request::Execute(steps) => Doing::Ending(steps, Vec::new(), None),
        Request::Done(outcome) => Doing::Over(outcome),
        Request::Publish(_) | Request::Offer(_) => panic!("no listener"),
    }
}

#[derive(Clone, Debug)]
struct World {
    rows: Database,
    workers: [Worker; 2],
    /// Whether recovery comes yet.
    recovery: Recovery,
    recovered: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Recovery {
    None,
    /// It takes the task.
    OfTask,
    /// It takes the task and fails the steps in progress.
    OfTaskAndSteps,
}

/// Walks through everything that may happen. Returns how many places there were.
fn explore(parents: &[&[usize]], slots: u32, recovery: Recovery) -> usize {
    let parents: Vec<Vec<usize>> = parents.iter().map(|parents| parents.to_vec()).collect();
    let rows = Database::new(parents.clone(), &vec![3; parents.len()]);
    let worker = || Worker::new(slots, rows.now);
    let mut left = vec![World { workers: [worker(), worker()], rows, recovery, recovered: false }];
    let mut reached = HashSet::new();
    while let Some(world) = left.pop() {
        if !reached.insert(fingerprint(&world)) {
            continue;
        }
        check(&world);
        if world.recovery != Recovery::None && world.rows.task == "in_progress" {
            left.push(recovered(world.clone()));
        }
        for worker in 0..2 {
            if !world.workers[worker].is_over() {
                let mut next = world.clone();
                next.workers[worker].step(&mut next.rows);
                left.push(next);
            }
        }
    }
    reached.len()
}

/// Distinguishes one place from every other, but for a collision of 64 bits. The workers are alike, so it does not matter which of them is where.
fn fingerprint(world: &World) -> u64 {
    let mut workers = world.workers.each_ref().map(hash);
    workers.sort_unstable();
    hash(&(workers, &world.rows, world.recovery, world.recovered))
}

fn hash(value: &impl Debug) -> u64 {
    struct Sink(DefaultHasher);
    impl Write for Sink {
        fn write_str(&mut self, text: &str) -> std::fmt::Result {
            self.0.write(text.as_bytes());
            Ok(())
        }
    }
    let mut sink = Sink(DefaultHasher::new());
    write!(sink, "{value:?}").unwrap();
    sink.0.finish()
}

fn recovered(mut world: World) -> World {
    if world.recovery == Recovery::OfTaskAndSteps {
        for place in 0..world.rows.steps.len() {
            if world.rows.steps[place].state == "in_progress" {
                world.rows.steps[place].attempts += 1;
                world.rows.move_step(place, "error");
                // Its wait is over at once, so that another attempt can meet the first one's end.
                world.rows.steps[place].failed_at = 0;
            }
        }
    }
    world.rows.move_task("pending");
    (world.recovery, world.recovered) = (Recovery::None, true);
    world
}

/// Nothing is done twice, nothing begins early, and when both are over nothing is left without a worker.
fn check(world: &World) {
    let rows = &world.rows;
    for (place, step) in rows.steps.iter().enumerate() {
        assert!(step.completions <= 1, "step {place} is complete {} times: {world:?}", step.completions);
        assert!(step.state == "pending" || rows.parents_done(place), "step {place} began early: {world:?}");
    }
    let mut claims: Vec<i64> =
        world.workers.iter().flat_map(executing).filter(|claim| current(rows, *claim)).collect();
    claims.sort_unstable();
    let count = claims.len();
    claims.dedup();
    assert_eq!(claims.len(), count, "two workers execute one claim: {world:?}");
    let [Doing::Over(first), Doing::Over(second)] = [&world.workers[0].doing, &world.workers[1].doing] else {
        return;
    };
    assert!(
        rows.steps.iter().all(|step| step.state != "in_progress"),
        "a step was left in progress: {world:?}"
    );
    assert_ne!(rows.task, "in_progress", "the task was left in progress: {world:?}");
    let complete = rows.steps.iter().all(|step| step.state == "complete");
    let comes_back = |outcome: &Outcome| matches!(outcome, Outcome::Pending { come_back: Some(_), .. });
    // Recovery makes a job for a task that it makes pending.
    let has_job = world.recovered && rows.task == "pending";
    assert!(rows.complete || comes_back(first) || comes_back(second) || has_job, "{world:?}");
    assert!(!rows.complete || complete, "{world:?}");
    for outcome in [first, second] {
        assert!(
            matches!(
                outcome,
                Outcome::Complete
                    | Outcome::Lost
                    | Outcome::Pending { pause: Pause::Processing | Pause::Stalled | Pause::Waiting, .. }
                    | Outcome::Refused(StartRefusal::NotPending(_) | StartRefusal::AlreadyComplete)
            ),
            "{outcome:?}"
        );
    }
}

fn executing(worker: &Worker) -> Vec<i64> {
    match &worker.doing {
        Doing::Ending(steps, ..) => steps.iter().map(|step| step.claim.0).collect(),
        _ => Vec::new(),
    }
}

fn current(rows: &Database, claim: i64) -> bool {
    rows.steps.iter().any(|step| step.transition == claim && step.state == "in_progress")
}

const SHAPES: [(&str, &[&[usize]]); 6] = [
    ("one", &[&[]]),
    ("chain of 3", &[&[], &[0], &[1]]),
    ("diamond", &[&[], &[0], &[0], &[1, 2]]),
    ("merge of 3", &[&[], &[], &[], &[0, 1, 2]]),
    ("two chains and a join", &[&[], &[0], &[], &[2], &[1, 3]]),
    ("six steps", &[&[], &[0], &[0], &[1, 2], &[3], &[3]]),
];

#[test]
fn two_workers_of_whom_one_starts() {
    for (name, parents) in SHAPES {
        for slots in [1, 2, 3] {
            let places = explore(parents, slots, Recovery::None);
            assert!(places > 10, "{name} with {slots} slots: {places} places");
        }
    }
}

#[test]
fn a_worker_whose_task_is_given_to_the_other() {
    for (name, parents) in SHAPES {
        for recovery in [Recovery::OfTask, Recovery::OfTaskAndSteps] {
            let places = explore(parents, 2, recovery);
            assert!(places > 40, "{name} with {recovery:?}: {places} places");
        }
    }
}
