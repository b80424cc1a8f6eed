//! Single decisions of a run, and hosts that reply wrongly.

use crate::model::{Database, TASK};
use tasker_core::Error;
use tasker_core::ids::StepId;
use tasker_core::run::{
    Options, Outcome, Pause, Reply, Request, StepEnd, StepEnded, StepExecution, WorkflowRun,
};
use tasker_core::session::{Query, Rows, Value};
use tasker_core::time::{Micros, Timestamp};

const NOW: Timestamp = Timestamp(1_750_000_000_000_000);

fn rows(parents: &[&[usize]]) -> Database {
    Database::new(parents.iter().map(|parents| parents.to_vec()).collect(), &vec![3; parents.len()])
}

fn answer(rows: &mut Database, query: &Query) -> Reply {
    let seen = rows.clone();
    Reply::Rows(rows.answer(&seen, query))
}

/// Answers statements until the run asks for something else.
fn until_other(rows: &mut Database, run: &mut WorkflowRun, mut request: Request) -> Request {
    while let Request::Query(query) = request {
        request = run.next(answer(rows, &query), NOW).unwrap();
    }
    request
}

/// A run whose start and first look are two statements.
fn in_two_statements() -> WorkflowRun {
    WorkflowRun::start(TASK, Options { claims_with_start: false, ..Options::default() })
}

fn executing(rows: &mut Database) -> (WorkflowRun, Vec<StepExecution>) {
    let mut run = WorkflowRun::start(TASK, Options::default());
    let first = run.next(Reply::Continue, NOW).unwrap();
    match until_other(rows, &mut run, first) {
        Request::Execute(steps) => (run, steps),
        other => panic!("steps, got {other:?}"),
    }
}

fn complete(step: StepId) -> StepEnd {
    StepEnd { step, ended: StepEnded::Complete { successor: None } }
}

#[test]
fn a_reply_to_another_request_ends_the_run() {
    let mut run = WorkflowRun::start(TASK, Options::default());
    let error = run.next(Reply::Ended(Vec::new()), NOW).unwrap_err();
    assert!(
        matches!(error, Error::OutOfTurn { expected: "Reply::Continue", got: "Reply::Ended" }),
        "{error}"
    );
    let error = run.next(Reply::Continue, NOW).unwrap_err();
    assert!(
        matches!(error, Error::OutOfTurn { expected: "no call after the end of the run", .. }),
        "{error}"
    );

    let mut run = WorkflowRun::start(TASK, Options::default());
    run.next(Reply::Continue, NOW).unwrap();
    let error = run.next(Reply::Continue, NOW).unwrap_err();
    assert!(matches!(error, Error::OutOfTurn { expected: "Reply::Rows", got: "Reply::Continue" }), "{error}");
}

#[test]
fn ends_have_to_be_those_of_the_executed_steps() {
    for ends in [vec![], vec![complete(StepId(2))], vec![complete(StepId(1)), complete(StepId(1))]] {
        let (mut run, steps) = executing(&mut rows(&[&[], &[0]]));
        assert_eq!(steps.len(), 1);
        let error = run.next(Reply::Ended(ends), NOW).unwrap_err();
        assert!(matches!(error, Error::OutOfTurn { got: "ends of other steps", .. }), "{error}");
    }
}

#[test]
fn rows_that_do_not_fit_are_named() {
    let mut run = in_two_statements();
    run.next(Reply::Continue, NOW).unwrap();
    let row = vec![Value::Int(1), Value::Null, Value::text("{1}"), Value::text("{1,2}"), Value::Null];
    let error = run.next(Reply::Rows(Rows::from(vec![row])), NOW).unwrap_err();
    assert_eq!(
        error.to_string(),
        "unexpected answer to start task: column 3 of row 0 should be an array of one element an edge, got the text \"{1,2}\""
    );
}

#[test]
fn a_lost_race_for_the_start_is_run_again_at_most_sixteen_times() {
    let mut run = in_two_statements();
    let mut reply = Reply::Continue;
    let mut starts = 0;
    let error = loop {
        match run.next(reply, NOW) {
            Ok(Request::Query(query)) if query.name == "start task" => {
                starts += 1;
                reply = Reply::Rows(Rows::default());
            }
            Ok(Request::Query(_)) => {
                reply = Reply::Rows(Rows::from(vec![vec![
                    Value::Bool(false),
                    Value::text("pending"),
                    Value::Int(3),
                ]]));
            }
            Ok(other) => panic!("{other:?}"),
            Err(error) => break error,
        }
    };
    assert_eq!(starts, 16);
    assert!(matches!(error, Error::Contended { attempts: 16, .. }), "{error}");
}

#[test]
fn of_the_whole_next_wave_one_step_is_claimed_with_the_end_of_another() {
    let successor = |parents: &[&[usize]]| executing(&mut rows(parents)).1[0].successor;
    assert_eq!(successor(&[&[], &[0]]), Some(StepId(2)));
    assert_eq!(successor(&[&[], &[0, 0]]), Some(StepId(2)), "an edge that stands there twice");
    assert_eq!(successor(&[&[], &[0], &[0]]), None, "two successors");
    assert_eq!(successor(&[&[], &[0], &[]]), None, "two steps are executed");
    assert_eq!(successor(&[&[]]), None);
    let mut failed = rows(&[&[], &[0], &[]]);
    failed.move_step(2, "error");
    failed.now += 0;
    failed.steps[2].failed_at = failed.now;
    assert_eq!(executing(&mut failed).1[0].successor, None, "a failed step that may be due first");
}

#[test]
fn a_step_that_the_host_abandons_leaves_the_task_pending() {
    let mut rows = rows(&[&[], &[0]]);
    let (mut run, steps) = executing(&mut rows);
    let ended = StepEnd { step: steps[0].step, ended: StepEnded::Abandoned };
    let request = run.next(Reply::Ended(vec![ended]), NOW).unwrap();
    let end = until_other(&mut rows, &mut run, request);
    let come_back = Some(Micros::from_seconds(10));
    assert_eq!(end, Request::Done(Outcome::Pending { pause: Pause::Processing, come_back }));
    assert_eq!(rows.task, "pending");
}

/// The look that waits for locks brings nothing either, though steps are ready.
#[test]
fn ready_steps_that_cannot_be_claimed_stall_the_run() {
    let mut rows = rows(&[&[]]);
    let mut run = in_two_statements();
    let mut request = run.next(Reply::Continue, NOW).unwrap();
    let mut names = Vec::new();
    let outcome = loop {
        request = match request {
            Request::Query(query) if query.name == "look and claim" => {
                assert_eq!(run.claims_wait(), !query.sql.contains("skip locked"));
                names.push(if run.claims_wait() { "waiting look" } else { "look" });
                run.next(Reply::Rows(Rows::default()), NOW).unwrap()
            }
            Request::Query(query) => {
                assert!(!run.claims_wait(), "{} claims no step", query.name);
                names.push(query.name);
                run.next(answer(&mut rows, &query), NOW).unwrap()
            }
            Request::Done(outcome) => break outcome,
            other => panic!("{other:?}"),
        };
    };
    let come_back = Some(Micros::from_seconds(30));
    assert_eq!(outcome, Outcome::Pending { pause: Pause::Stalled, come_back });
    let assess = "task execution context";
    assert_eq!(names, ["start task", "look", assess, "waiting look", assess, "transition"]);
}
