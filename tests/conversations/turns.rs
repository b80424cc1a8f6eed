//! Whose turn it is.

use std::sync::Arc;
use tasker_core::Error;
use tasker_core::coroutine::{Coroutine, CoroutineState};
use tasker_core::session::{Access, Query, Rows, Session, Value};

fn question(name: &'static str) -> Query {
    Query { name, sql: "select 1", binds: vec![], access: Access::Read }
}

/// Requests rows twice and adds them up.
fn adding() -> Coroutine<i64> {
    Coroutine::start(|mut session| async move {
        let first = session.rows(question("first")).await?.first("first").unwrap().int(0)?;
        let second = session.rows(question("second")).await?.first("second").unwrap().int(0)?;
        Ok(first + second)
    })
}

fn number(value: i64) -> Option<Rows> {
    Some(Rows::from(vec![vec![Value::Int(value)]]))
}

fn asks<T: std::fmt::Debug>(turn: Result<CoroutineState<T>, Error>) -> &'static str {
    match turn {
        Ok(CoroutineState::Ask(question)) => question.name,
        other => panic!("expected a question, got {other:?}"),
    }
}

fn out_of_turn<T: std::fmt::Debug>(turn: Result<CoroutineState<T>, Error>) -> String {
    match turn {
        Err(error @ Error::OutOfTurn { .. }) => error.to_string(),
        other => panic!("expected an error of turns, got {other:?}"),
    }
}

#[test]
fn questions_and_answers_alternate() {
    let mut coroutine = adding();
    assert_eq!(asks(coroutine.resume(None)), "first");
    assert_eq!(asks(coroutine.resume(number(40))), "second");
    assert!(matches!(coroutine.resume(number(2)), Ok(CoroutineState::Done(42))));
}

#[test]
fn rows_before_the_first_question_are_out_of_turn() {
    let expected = "conversation resumed out of turn: no rows before the first question, got rows";
    assert_eq!(out_of_turn(adding().resume(number(1))), expected);
}

#[test]
fn a_question_must_be_answered() {
    let mut coroutine = adding();
    asks(coroutine.resume(None));
    let expected = "conversation resumed out of turn: the rows of the last question, got none";
    assert_eq!(out_of_turn(coroutine.resume(None)), expected);
}

#[test]
fn after_the_end_and_after_an_error_it_is_over() {
    let over = "conversation resumed out of turn: nothing, it is over, got another resume";
    let mut done = adding();
    for answer in [None, number(1), number(2)] {
        done.resume(answer).unwrap();
    }
    assert_eq!(out_of_turn(done.resume(None)), over);

    let mut confused = adding();
    out_of_turn(confused.resume(number(1)));
    assert_eq!(out_of_turn(confused.resume(None)), over);

    let mut failed = adding();
    asks(failed.resume(None));
    let wrong = Some(Rows::from(vec![vec![Value::text("one")]]));
    assert!(matches!(failed.resume(wrong), Err(Error::Decode { query: "first", .. })));
    assert_eq!(out_of_turn(failed.resume(number(1))), over);
}

#[test]
fn an_operation_may_wait_for_its_session_only() {
    let mut coroutine: Coroutine<()> = Coroutine::start(|_| std::future::pending());
    let expected = "conversation resumed out of turn: an operation that waits for its session only, \
                    got one that waits for something else";
    assert_eq!(out_of_turn(coroutine.resume(None)), expected);
}

#[test]
fn nothing_runs_before_the_first_turn() {
    let mut coroutine: Coroutine<()> = Coroutine::start(|_| async { panic!("ran by itself") });
    let ran = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| coroutine.resume(None)));
    assert!(ran.is_err());
}

#[test]
fn a_conversation_may_change_threads_between_turns() {
    let mut coroutine = adding();
    assert_eq!(asks(coroutine.resume(None)), "first");
    let mut coroutine = std::thread::spawn(move || {
        assert_eq!(asks(coroutine.resume(number(1))), "second");
        coroutine
    })
    .join()
    .unwrap();
    assert!(matches!(coroutine.resume(number(1)), Ok(CoroutineState::Done(2))));
}

#[test]
fn a_dropped_conversation_leaves_nothing() {
    for turns in 0..=2 {
        let held = Arc::new(());
        let kept = Arc::clone(&held);
        let mut coroutine = Coroutine::start(move |mut session| async move {
            session.rows(question("first")).await?;
            session.rows(question("second")).await?;
            drop(kept);
            Ok(())
        });
        for turn in 0..turns {
            asks(coroutine.resume(if turn == 0 { None } else { number(1) }));
        }
        assert_eq!(Arc::strong_count(&held), 2);
        drop(coroutine);
        assert_eq!(Arc::strong_count(&held), 1, "dropped after {turns} turns");
    }
}

#[test]
fn conversations_do_not_hear_each_other() {
    let (mut one, mut other) = (adding(), adding());
    asks(one.resume(None));
    asks(other.resume(None));
    asks(one.resume(number(1)));
    asks(other.resume(number(10)));
    assert!(matches!(other.resume(number(20)), Ok(CoroutineState::Done(30))));
    assert!(matches!(one.resume(number(2)), Ok(CoroutineState::Done(3))));
}
