//! Recorded conversations about definitions, and answers of the wrong shape to them.

use crate::support::{asked, complaint, int, packed, replay, text};
use tasker_core::coroutine::Coroutine;
use tasker_core::ids::NamedTaskId;
use tasker_core::operations::definitions::{named_task, named_task_with_triggers};
use tasker_core::records::NamedTask;
use tasker_core::session::Value;
use tasker_core::time::Timestamp;

fn naming() -> Coroutine<Option<NamedTask>> {
    Coroutine::start(|mut s| async move { named_task(&mut s, "shop", "order", "1.0.0").await })
}

#[test]
fn definitions_of_tasks() {
    let row = [
        int(7),
        text("order"),
        Value::Null,
        int(1),
        int(2),
        int(3),
        text("1.0.0"),
        text("{}"),
        text("{tasker_tasks}"),
    ];
    let ask = |answer| {
        let binds = vec![text("shop"), text("order"), text("1.0.0"), Value::Null];
        replay(naming(), vec![asked("named task", binds, answer)]).unwrap()
    };
    let expected = NamedTask {
        id: NamedTaskId(7),
        name: "order".into(),
        description: None,
        created_at: Timestamp(1),
        updated_at: Timestamp(2),
        task_namespace_id: 3,
        version: "1.0.0".into(),
        configuration: Some("{}".into()),
    };
    assert_eq!(ask(vec![packed(&row)]), Some(expected.clone()));
    let binds = vec![text("shop"), text("order"), text("1.0.0"), text(r#"{"tasker_tasks","other"}"#)];
    let coroutine = Coroutine::start(|mut s| async move {
        named_task_with_triggers(&mut s, "shop", "order", "1.0.0", &["tasker_tasks", "other"]).await
    });
    let found = replay(coroutine, vec![asked("named task", binds, vec![packed(&row)])]).unwrap();
    assert_eq!(found, Some((expected, vec!["tasker_tasks".into()])));
    assert_eq!(ask(vec![]), None);
    for column in 0..8 {
        let mut other = row.clone();
        other[column] = Value::Bool(true);
        assert_eq!(complaint(naming(), packed(&other)), ("named task", 0, column));
    }
}
