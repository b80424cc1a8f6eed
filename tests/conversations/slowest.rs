//! Recorded conversations about what has taken longest, and answers of the wrong shape to them.

use crate::support::{asked, complaint, replay, text};
use tasker_core::coroutine::Coroutine;
use tasker_core::ids::{StepId, TaskId};
use tasker_core::operations::slowest::{
    Choice, Definition, SlowStep, SlowTask, slowest_steps, slowest_tasks,
};
use tasker_core::session::Value;
use tasker_core::time::Timestamp;

fn choice() -> Choice {
    let since = Some(Timestamp(1_500_000));
    Choice { since, limit: Some(2), namespace: Some("a".into()), task_name: None, version: Some("1".into()) }
}

fn binds() -> Vec<Value> {
    vec![text("1970-01-01 00:00:01.500000"), Value::Int(2), text("a"), Value::Null, text("1")]
}

fn steps() -> Coroutine<Vec<SlowStep>> {
    Coroutine::start(|mut s| async move { slowest_steps(&mut s, &choice()).await })
}

fn tasks() -> Coroutine<Vec<SlowTask>> {
    Coroutine::start(|mut s| async move { slowest_tasks(&mut s, &choice()).await })
}

fn step_columns() -> Vec<Value> {
    let columns =
        ["{4}", "{7}", "{load}", "{made}", "{a}", "{1}", "{2000500}", "{NULL}", "{10}", "{2000510}", "{t}"];
    columns.into_iter().map(text).collect()
}

fn task_columns() -> Vec<Value> {
    let columns = [
        "{7}",
        "{made}",
        "{a}",
        "{1}",
        "{-500}",
        "{3}",
        "{2}",
        "{1}",
        "{10}",
        "{20}",
        "{NULL}",
        r#"{"b c"}"#,
    ];
    columns.into_iter().map(text).collect()
}

fn definition() -> Definition {
    Definition { task_name: "made".into(), namespace: "a".into(), version: "1".into() }
}

#[test]
fn steps_with_all_that_is_said_of_them() {
    let step = SlowStep {
        step: StepId(4),
        task: TaskId(7),
        name: "load".into(),
        definition: definition(),
        seconds: 2.001,
        attempts: None,
        made_at: Timestamp(10),
        complete_at: Timestamp(2_000_510),
        retryable: true,
    };
    let recording = asked("slowest steps", binds(), vec![step_columns()]);
    assert_eq!(replay(steps(), vec![recording]).unwrap(), [step]);
}

#[test]
fn tasks_with_all_that_is_said_of_them() {
    let task = SlowTask {
        task: TaskId(7),
        definition: definition(),
        seconds: -0.001,
        steps: 3,
        complete: 2,
        failed: 1,
        made_at: Timestamp(10),
        ended_at: Timestamp(20),
        initiator: None,
        source_system: Some("b c".into()),
    };
    let recording = asked("slowest tasks", binds(), vec![task_columns()]);
    assert_eq!(replay(tasks(), vec![recording]).unwrap(), [task]);
}

#[test]
fn nothing_is_slow() {
    assert_eq!(
        replay(steps(), vec![asked("slowest steps", binds(), vec![vec![Value::Null; 11]])]).unwrap(),
        []
    );
    assert_eq!(replay(tasks(), vec![asked("slowest tasks", binds(), vec![])]).unwrap(), []);
}

#[test]
fn a_column_of_another_kind_or_length_is_named() {
    for wrong in [Value::Bool(true), text("{}")] {
        for column in 1..11 {
            let mut row = step_columns();
            row[column] = wrong.clone();
            assert_eq!(complaint(steps(), row), ("slowest steps", 0, column));
        }
        for column in 1..12 {
            let mut row = task_columns();
            row[column] = wrong.clone();
            assert_eq!(complaint(tasks(), row), ("slowest tasks", 0, column));
        }
    }
}
