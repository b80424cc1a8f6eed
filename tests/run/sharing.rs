//! Executions that a thread ends while another one stops waiting for them.

use crate::support::seed::AT;
use tasker_core::ids::{StepId, TaskId};
use tasker_core::run::{Options, Reply, Request, SharedExecution, StepEnded, StepExecution, WorkflowRun};
use tasker_core::session::{Rows, Value};

/// The first step of a chain of two, which may claim the second one with its end.
fn with_successor() -> StepExecution {
    let mut run = WorkflowRun::start(TaskId(1), Options { claims_with_start: false, ..Options::default() });
    let ids = Value::int_array([1, 2]);
    let started = vec![Value::Int(5), ids, Value::int_array([1]), Value::int_array([2]), Value::Null];
    let claimed = r#"[1, 8, "first", null, null, 0, 3, "pending"]"#;
    let ready = Value::int_array([1]);
    let claimed =
        vec![Value::text("in_progress"), Value::text(claimed), Value::Null, Value::Null, ready, Value::Null];
    let mut request = run.next(Reply::Continue, AT).unwrap();
    for rows in [started, claimed] {
        assert!(matches!(request, Request::Query(_)));
        request = run.next(Reply::Rows(Rows::from(vec![rows])), AT).unwrap();
    }
    let Request::Execute(mut steps) = request else { panic!("a step, got {request:?}") };
    assert_eq!(steps[0].successor, Some(StepId(2)));
    steps.remove(0)
}

#[test]
fn the_end_of_an_abandoned_step_claims_nothing() {
    let shared = SharedExecution::new(with_successor());
    let end = shared.abandon().unwrap();
    assert_eq!((end.step, end.ended), (StepId(1), StepEnded::Abandoned));
    assert_eq!(shared.begin_end().successor, None);
    // A second call returns the same.
    assert!(shared.abandon().is_some());
}

#[test]
fn a_step_that_ends_with_the_claim_of_another_is_waited_for() {
    let shared = SharedExecution::new(with_successor());
    assert_eq!(shared.begin_end().successor, Some(StepId(2)));
    assert_eq!(shared.abandon(), None);
    // The same end can be written again.
    assert_eq!(shared.begin_end().successor, Some(StepId(2)));
}

#[test]
fn a_step_without_a_successor_can_be_abandoned_while_it_ends() {
    let mut execution = with_successor();
    execution.successor = None;
    let shared = SharedExecution::new(execution);
    shared.begin_end();
    assert!(shared.abandon().is_some());
}

#[test]
fn the_permission_can_be_withdrawn_until_the_step_ends() {
    let shared = SharedExecution::new(with_successor());
    assert!(shared.withdraw_successor());
    assert_eq!((shared.execution().successor, shared.begin_end().successor), (None, None));
    let shared = SharedExecution::new(with_successor());
    shared.begin_end();
    assert!(!shared.withdraw_successor());
    assert_eq!(shared.execution().successor, Some(StepId(2)));
}

/// Of two threads that come at the same time one wins, and both know which.
#[test]
fn threads_agree_on_who_was_first() {
    for _ in 0..200 {
        let shared = SharedExecution::new(with_successor());
        let (claims, abandoned) = std::thread::scope(|scope| {
            let ends = scope.spawn(|| shared.begin_end().successor.is_some());
            let abandons = scope.spawn(|| shared.abandon().is_some());
            (ends.join().unwrap(), abandons.join().unwrap())
        });
        assert_ne!(claims, abandoned);
    }
}
