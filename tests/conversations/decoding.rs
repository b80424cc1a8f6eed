//! Answers of the wrong shape.

use crate::support::{complaint, int, text, three_steps};
use tasker_core::coroutine::Coroutine;
use tasker_core::ids::TaskId;
use tasker_core::machine::Owner;
use tasker_core::operations::context::task_execution_contexts;
use tasker_core::operations::levels::dependency_levels;
use tasker_core::operations::readiness::step_readiness;
use tasker_core::operations::transition::{Claims, Request, Subject, check, current_state, transition};
use tasker_core::session::{Rows, Value};
use tasker_core::state::State;
use tasker_core::time::Timestamp;

fn readiness() -> Coroutine<impl std::fmt::Debug> {
    Coroutine::start(|mut s| async move { step_readiness(&mut s, TaskId(7), None).await })
}

fn contexts() -> Coroutine<impl std::fmt::Debug> {
    Coroutine::start(|mut s| async move { task_execution_contexts(&mut s, &[TaskId(7)]).await })
}

fn levels() -> Coroutine<impl std::fmt::Debug> {
    Coroutine::start(|mut s| async move { dependency_levels(&mut s, TaskId(7)).await })
}

fn task_columns() -> Vec<Value> {
    let mut row = three_steps();
    row.extend([text("{7}"), text("{70}"), text("{complete}")]);
    row
}

#[test]
fn a_cell_of_another_kind_is_named_in_every_column() {
    for column in 0..16 {
        let mut row = three_steps();
        row[column] = Value::Bool(true);
        assert_eq!(complaint(readiness(), row), ("step readiness", 0, column));
    }
    for column in 0..19 {
        let mut row = task_columns();
        row[column] = Value::Bool(true);
        assert_eq!(complaint(contexts(), row), ("task execution context", 0, column));
    }
    for column in 0..3 {
        let mut row = vec![text("{1,2}"), text("{1}"), text("{2}")];
        row[column] = int(1);
        assert_eq!(complaint(levels(), row), ("dependency graph", 0, column));
    }
}

#[test]
fn an_array_of_another_length_is_named() {
    for column in (2..14).chain([15]) {
        let mut row = three_steps();
        row[column] = text("{}");
        assert_eq!(complaint(readiness(), row), ("step readiness", 0, column));
    }
    for column in 17..19 {
        let mut row = task_columns();
        row[column] = text("{}");
        assert_eq!(complaint(contexts(), row), ("task execution context", 0, column));
    }
    assert_eq!(
        complaint(levels(), vec![text("{1,2}"), text("{1}"), Value::Null]),
        ("dependency graph", 0, 2)
    );
}

#[test]
fn a_missing_column_is_named() {
    for (columns, named) in [(0, 1), (8, 8), (14, 14), (15, 15)] {
        assert_eq!(complaint(readiness(), three_steps()[..columns].to_vec()), ("step readiness", 0, named));
    }
    for columns in 16..19 {
        assert_eq!(
            complaint(contexts(), task_columns()[..columns].to_vec()),
            ("task execution context", 0, columns)
        );
    }
}

#[test]
fn what_was_expected_and_what_came_is_said() {
    let mut row = three_steps();
    row[10] = text("{1,2147483648,1}");
    let mut coroutine = readiness();
    coroutine.resume(None).unwrap();
    let error = coroutine.resume(Some(Rows::from(vec![row]))).unwrap_err();
    let expected = "unexpected answer to step readiness: column 10 of row 0 should be \
                    an array of 32-bit integers and nulls, got the text \"{1,2147483648,1}\"";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn answers_about_states_are_decoded_as_strictly() {
    let step = Subject { owner: Owner::Step, id: 5 };
    let state = || Coroutine::start(move |mut s| async move { current_state(&mut s, step).await });
    assert_eq!(complaint(state(), vec![Value::Null]), ("current state", 0, 0));
    assert_eq!(complaint(state(), vec![int(3)]), ("current state", 0, 0));

    let standing = || {
        Coroutine::start(move |mut s| async move {
            check(&mut s, step, &State::Error, None, Claims::default()).await
        })
    };
    assert_eq!(complaint(standing(), vec![int(3), Value::Bool(true)]), ("standing", 0, 0));
    assert_eq!(complaint(standing(), vec![text("error"), Value::Null]), ("standing", 0, 1));

    let moving = || {
        let request = Request {
            subject: step,
            to: State::Cancelled,
            from: None,
            metadata: "{}".into(),
            at: Timestamp(0),
            parents: None,
            claims: Claims::default(),
        };
        Coroutine::start(move |mut s| async move { transition(&mut s, &request).await })
    };
    assert_eq!(complaint(moving(), vec![text("one"), int(10), Value::Null]), ("transition", 0, 0));
    assert_eq!(complaint(moving(), vec![int(1), Value::Null, Value::Null]), ("transition", 0, 1));
    assert_eq!(complaint(moving(), vec![int(1), int(10), int(0)]), ("transition", 0, 2));
}

#[test]
fn cells_are_read_by_kind() {
    let rows = Rows::from(vec![vec![
        int(-1),
        Value::Null,
        text("t"),
        Value::Bool(false),
        text("-9223372036854775808"),
        text("true"),
    ]]);
    assert_eq!((rows.len(), rows.is_empty()), (1, false));
    let row = rows.first("cells").unwrap();
    assert_eq!((row.int(0).unwrap(), row.timestamp(0).unwrap()), (-1, Timestamp(-1)));
    assert_eq!((row.optional_int(1).unwrap(), row.optional_text(1).unwrap()), (None, None));
    assert_eq!((row.text(2).unwrap(), row.bool(3).unwrap()), ("t", false));
    // Some drivers keep what their own integers cannot hold, and some leave types alone.
    assert_eq!(
        (row.int(4).unwrap(), row.optional_int(4).unwrap(), row.bool(2).unwrap()),
        (i64::MIN, Some(i64::MIN), true)
    );
    for (wrong, expected) in [
        (row.count(0).unwrap_err(), "column 0 of row 0 should be a count, got the integer -1"),
        (row.int(1).unwrap_err(), "column 1 of row 0 should be an integer, got null"),
        (row.bool(5).unwrap_err(), "column 5 of row 0 should be a boolean, got the text \"true\""),
        (row.text(3).unwrap_err(), "column 3 of row 0 should be a text, got the boolean false"),
        (row.text(6).unwrap_err(), "column 6 of row 0 should be a text, got no such column"),
    ] {
        assert_eq!(wrong.to_string(), format!("unexpected answer to cells: {expected}"));
    }
    let rows = Rows::from(vec![vec![int(1)], vec![text("x")]]);
    let wrong = rows.iter("cells").nth(1).unwrap().int(0).unwrap_err();
    assert_eq!(
        wrong.to_string(),
        "unexpected answer to cells: column 0 of row 1 should be an integer, got the text \"x\""
    );
}

#[test]
fn a_long_cell_is_not_quoted_at_length() {
    let secret = format!("{}secret", "ä".repeat(200));
    let rows = Rows::from(vec![vec![text(&secret)], vec![text(&secret[..400])]]);
    let messages: Vec<String> = rows.iter("cells").map(|row| row.int(0).unwrap_err().to_string()).collect();
    assert!(
        messages[0].ends_with("ä\" and so on, 406 bytes") && !messages[0].contains("secret"),
        "{}",
        messages[0]
    );
    assert!(messages[1].ends_with("ä\""), "{}", messages[1]);
}
