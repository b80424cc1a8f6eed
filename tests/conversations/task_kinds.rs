//! Recorded conversations about the kinds of tasks, and answers of the wrong shape to them.

use crate::support::{asked, complaint, int, replay, text};
use tasker_core::coroutine::Coroutine;
use tasker_core::ids::TaskId;
use tasker_core::operations::task_kinds::{KindOfTask, TaskKind, pending_tasks, task_kind};
use tasker_core::session::Value;

fn kind(name: &str) -> TaskKind {
    TaskKind { namespace: "shop".into(), name: name.into(), version: "1.0.0".into() }
}

fn of_task() -> Coroutine<Option<KindOfTask>> {
    Coroutine::start(|mut s| async move { task_kind(&mut s, TaskId(7)).await })
}

fn pending(above: Option<TaskId>) -> Coroutine<Vec<TaskId>> {
    let kinds = [kind("order"), kind("a \"b\"")];
    Coroutine::start(async move |mut s| pending_tasks(&mut s, &kinds, above, 3).await)
}

#[test]
fn the_kind_of_a_task() {
    let row = [text("shop"), text("order"), text("1.0.0"), text("{pay,\"a b\"}")];
    let ask = |answer| replay(of_task(), vec![asked("task kind", vec![int(7)], answer)]).unwrap();
    let expected = KindOfTask { kind: kind("order"), steps: vec!["pay".into(), "a b".into()] };
    assert_eq!(ask(vec![row.to_vec()]), Some(expected));
    assert_eq!(ask(vec![]), None);
    for column in 0..row.len() {
        let mut other = row.to_vec();
        other[column] = Value::Bool(true);
        assert_eq!(complaint(of_task(), other), ("task kind", 0, column));
    }
}

#[test]
fn pending_tasks_of_kinds() {
    let binds = |above| {
        let names = text(r#"{"order","a \"b\""}"#);
        vec![text(r#"{"shop","shop"}"#), names, text(r#"{"1.0.0","1.0.0"}"#), int(above), int(3)]
    };
    let row = vec![text("{7,9}")];
    let asked_above = |above| vec![asked("pending tasks", binds(above), vec![row.clone()])];
    assert_eq!(replay(pending(None), asked_above(i64::MIN)).unwrap(), [TaskId(7), TaskId(9)]);
    assert_eq!(replay(pending(Some(TaskId(5))), asked_above(5)).unwrap(), [TaskId(7), TaskId(9)]);
    assert_eq!(complaint(pending(None), vec![int(7)]), ("pending tasks", 0, 0));
}
