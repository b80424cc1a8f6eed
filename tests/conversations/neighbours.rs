//! Recorded conversations about edges and neighbours, and answers of the wrong shape to them.

use crate::support::{asked, complaint, int, replay, text};
use tasker_core::coroutine::Coroutine;
use tasker_core::ids::{EdgeId, NamedStepId, StepId, TaskId};
use tasker_core::operations::edges::{closes_cycle, sibling_edges};
use tasker_core::operations::relationships::{of_steps, of_tasks};
use tasker_core::records::{Edge, EdgeRow, StepIdentity};
use tasker_core::relationships::Relationship;
use tasker_core::session::Value;
use tasker_core::time::Timestamp;

fn closing() -> Coroutine<bool> {
    Coroutine::start(
        |mut s| async move { closes_cycle(&mut s, Edge { from: StepId(1), to: StepId(2) }).await },
    )
}

fn siblings() -> Coroutine<Vec<EdgeRow>> {
    Coroutine::start(|mut s| async move { sibling_edges(&mut s, StepId(3)).await })
}

fn relationships() -> Coroutine<Vec<Relationship>> {
    Coroutine::start(|mut s| async move { of_steps(&mut s, &[StepId(3), StepId(4)]).await })
}

/// The edges of two candidates, of which only the first waits for the same steps.
fn candidates() -> Vec<Value> {
    vec![
        text("{1,2}"),
        text("{8,9,10}"),
        text("{2,1,1}"),
        text("{4,4,5}"),
        text(r#"{a,NULL,"b c"}"#),
        text("{5,6,7}"),
        text("{6,7,8}"),
    ]
}

fn kin() -> Vec<Value> {
    vec![
        text("{3,4}"),
        text("{7,7}"),
        text("{30,40}"),
        text("{1,3}"),
        text("{3,4}"),
        text("{3}"),
        text("{4}"),
    ]
}

#[test]
fn the_way_back_is_looked_for() {
    for closes in [true, false] {
        let recording = asked("cycle check", vec![int(2), int(1)], vec![vec![Value::Bool(closes)]]);
        assert_eq!(replay(closing(), vec![recording]).unwrap(), closes);
    }
}

#[test]
fn siblings_come_with_their_rows() {
    let found = replay(siblings(), vec![asked("siblings", vec![int(3)], vec![candidates()])]).unwrap();
    let row = |id, from, name: &str, at| EdgeRow {
        id: EdgeId(id),
        edge: Edge { from: StepId(from), to: StepId(4) },
        name: name.into(),
        created_at: Timestamp(at),
        updated_at: Timestamp(at + 1),
    };
    assert_eq!(found, [row(8, 2, "a", 5), row(9, 1, "", 6)]);
    let unknown = vec![Value::Null; 7];
    assert_eq!(replay(siblings(), vec![asked("siblings", vec![int(3)], vec![unknown])]).unwrap(), []);
}

#[test]
fn neighbours_come_in_the_order_of_the_steps() {
    let step = |id| StepIdentity { id: StepId(id), task_id: TaskId(7), named_step_id: NamedStepId(id * 10) };
    let expected = [
        Relationship { step: step(3), parents: vec![StepId(1)], children: vec![StepId(4)], depth: Some(1) },
        Relationship { step: step(4), parents: vec![StepId(3)], children: vec![], depth: Some(2) },
    ];
    let of_steps = asked("relationships of steps", vec![text("{3,4}")], vec![kin()]);
    assert_eq!(replay(relationships(), vec![of_steps]).unwrap(), expected);
    let of_task = asked("relationships of one task's steps", vec![int(7)], vec![kin()]);
    let coroutine = Coroutine::start(|mut s| async move { of_tasks(&mut s, &[TaskId(7)]).await });
    assert_eq!(replay(coroutine, vec![of_task]).unwrap(), expected);
}

#[test]
fn no_row_is_nobody() {
    let nothing = |name, binds| vec![asked(name, binds, vec![])];
    assert!(!replay(closing(), nothing("cycle check", vec![int(2), int(1)])).unwrap());
    assert_eq!(replay(siblings(), nothing("siblings", vec![int(3)])).unwrap(), []);
    let steps = nothing("relationships of steps", vec![text("{3,4}")]);
    assert_eq!(replay(relationships(), steps).unwrap(), []);
}

#[test]
fn a_cell_of_another_kind_is_named_in_every_column() {
    assert_eq!(complaint(closing(), vec![int(1)]), ("cycle check", 0, 0));
    for column in 0..7 {
        let mut row = candidates();
        row[column] = Value::Bool(true);
        assert_eq!(complaint(siblings(), row), ("siblings", 0, column));
        let mut row = kin();
        row[column] = int(1);
        assert_eq!(complaint(relationships(), row), ("relationships of steps", 0, column));
    }
}

#[test]
fn an_array_of_another_length_is_named() {
    for column in 2..7 {
        let mut row = candidates();
        row[column] = text("{}");
        assert_eq!(complaint(siblings(), row), ("siblings", 0, column));
    }
    for column in [1, 2, 4, 6] {
        let mut row = kin();
        row[column] = text("{}");
        assert_eq!(complaint(relationships(), row), ("relationships of steps", 0, column));
    }
}
