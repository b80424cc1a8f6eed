//! Recorded task snapshots, and rows of the wrong shape.

use crate::support::{asked, complaint, int, packed, replay, text, three_steps};
use tasker_core::coroutine::Coroutine;
use tasker_core::ids::{NamedTaskId, StepId, TaskId};
use tasker_core::operations::statistics::CompletionStatistics;
use tasker_core::operations::task_snapshot::{KnownVersions, TaskSnapshot, task_snapshot};
use tasker_core::records::{Edge, StepDetails, TaskDetails};
use tasker_core::session::Value;
use tasker_core::state::State;
use tasker_core::time::Timestamp;

const COLUMNS: usize = 43;

fn reading(chosen: Option<&'static [StepId]>, known: KnownVersions) -> Coroutine<Option<TaskSnapshot>> {
    Coroutine::start(move |mut s| async move { task_snapshot(&mut s, TaskId(7), chosen, &known).await })
}

fn whole() -> Coroutine<Option<TaskSnapshot>> {
    reading(None, KnownVersions::default())
}

/// Three steps, the third of which is known; the task's row is sent.
fn answer() -> Vec<Value> {
    let mut row = three_steps();
    row.extend([text("{7}"), text("{70}"), text("{in_progress}")]);
    row.extend([text("{1,9}"), text(r#"{"5(0,1)","5(0,2)","6(0,3)"}"#), int(42), text("4(0,9)")]);
    row.extend([Value::Bool(true), Value::Bool(false), int(1), text("me"), Value::Null, text("")]);
    row.extend([text("[ 1 ]"), Value::Null, text("{\"a\": 1}"), text("hash"), int(2), int(3)]);
    row.extend([text("{1,2}"), text("{t,f}"), text("{42,NULL}"), text(r#"{"{\"a\": \"b\\\\c\"}",NULL}"#)]);
    row.extend([text(r#"{"null","{}"}"#), text("{10,11}"), text("{20,21}"), text("{tasker_tasks}")]);
    assert_eq!(row.len(), COLUMNS);
    row
}

/// The same if the caller has everything.
fn nothing_new() -> Vec<Value> {
    let mut row = answer();
    row[23] = Value::Bool(false);
    row[24..].fill(Value::Null);
    row
}

#[test]
fn everything_is_asked_for_where_nothing_is_known() {
    let binds = vec![int(7), Value::Null, text("{}"), text("{}"), text("{}")];
    let found =
        replay(whole(), vec![asked("task survey", binds.clone(), vec![packed(&answer())])]).unwrap().unwrap();
    assert_eq!((found.now, found.latest_completion), (Timestamp(100_000_000), Some(Timestamp(42))));
    assert_eq!((found.task.id, found.task.named_task_id), (TaskId(7), NamedTaskId(70)));
    assert_eq!((found.state(), &*found.task_version), (State::InProgress, "4(0,9)"));
    let details = TaskDetails {
        complete: false,
        requested_at: Timestamp(1),
        initiator: Some("me".into()),
        source_system: None,
        reason: Some("".into()),
        bypass_steps: Some("[ 1 ]".into()),
        tags: None,
        context: Some("{\"a\": 1}".into()),
        identity_hash: "hash".into(),
        created_at: Timestamp(2),
        updated_at: Timestamp(3),
    };
    assert_eq!(found.task_details, Some(details));
    let edges = [(1, 2), (9, 2)].map(|(from, to)| Edge { from: StepId(from), to: StepId(to) });
    assert_eq!(found.edges, edges);
    assert_eq!(found.row_triggers, ["tasker_tasks".into()]);
    assert_eq!(replay(whole(), vec![asked("task survey", binds, vec![])]).unwrap(), None, "no row, no task");
}

#[test]
fn steps_are_decoded_with_their_rows() {
    let binds = vec![int(7), text("4(0,9)"), text("{3,8}"), text(r#"{"6(0,3)","\"\\"}"#), text("{1,3}")];
    let known = KnownVersions {
        task: Some("4(0,9)".into()),
        steps: vec![(StepId(3), "6(0,3)".into()), (StepId(8), "\"\\".into())],
        ..KnownVersions::default()
    };
    let coroutine = reading(Some(&[StepId(1), StepId(3)]), known.clone());
    let found = replay(coroutine, vec![asked("survey of steps", binds.clone(), vec![packed(&answer())])])
        .unwrap()
        .unwrap();
    let coroutine = reading(Some(&[StepId(1), StepId(3)]), KnownVersions { all_steps: true, ..known });
    let exchange = asked("survey of steps and changes", binds, vec![packed(&answer())]);
    assert_eq!(replay(coroutine, vec![exchange]).unwrap().as_ref(), Some(&found), "with changed steps, too");
    let steps: Vec<_> =
        found.steps.iter().map(|step| (step.facts.id.0, step.state(), &*step.version)).collect();
    let expected =
        [(1, State::Complete, "5(0,1)"), (2, State::Pending, "5(0,2)"), (3, State::Error, "6(0,3)")];
    assert_eq!(steps, expected);
    assert_eq!((found.steps[1].facts.parents.total, found.steps[1].facts.parents.completed), (2, 1));
    let details = StepDetails {
        skippable: true,
        processed_at: Some(Timestamp(42)),
        inputs: Some(r#"{"a": "b\\c"}"#.into()),
        results: Some("null".into()),
        created_at: Timestamp(10),
        updated_at: Timestamp(20),
    };
    assert_eq!(found.steps[0].details, Some(details));
    let second = found.steps[1].details.as_ref().unwrap();
    assert_eq!((second.processed_at, &second.inputs, second.results.as_deref()), (None, &None, Some("{}")));
    assert_eq!(found.steps[2].details, None);

    let counts =
        CompletionStatistics { total: 3, completed: 1, failed: 1, latest_completion: Some(Timestamp(42)) };
    assert_eq!(found.statistics(), counts);
    assert_eq!(found.execution_context().total_steps, 3);
    assert_eq!(
        found.ready().collect::<Vec<_>>(),
        [],
        "one is done, one waits for a parent, one for its time"
    );
    let mut later = answer();
    later[0] = int(200_000_000);
    let binds = vec![int(7), Value::Null, text("{}"), text("{}"), text("{}")];
    let found = replay(whole(), vec![asked("task survey", binds, vec![packed(&later)])]).unwrap().unwrap();
    assert_eq!(found.ready().collect::<Vec<_>>(), [StepId(3)]);
}

#[test]
fn what_is_known_is_not_there() {
    let binds = vec![int(7), Value::Null, text("{}"), text("{}"), text("{}")];
    let found =
        replay(whole(), vec![asked("task survey", binds, vec![packed(&nothing_new())])]).unwrap().unwrap();
    assert_eq!((found.steps.len(), found.task_details), (3, None));
    assert!(found.steps.iter().all(|step| step.details.is_none()));
}

#[test]
fn a_cell_of_another_kind_is_named_in_every_column() {
    for column in 0..COLUMNS {
        let mut row = answer();
        row[column] = if matches!(row[column], Value::Bool(_)) { int(1) } else { Value::Bool(true) };
        assert_eq!(complaint(whole(), packed(&row)), ("task survey", 0, column));
    }
    for column in [0, 22, 23, 24, 25, 32, 33, 34] {
        let mut row = answer();
        row[column] = Value::Null;
        assert_eq!(complaint(whole(), packed(&row)), ("task survey", 0, column), "column {column} is null");
    }
}

#[test]
fn an_array_of_another_length_is_named() {
    for (column, named) in [(14, 15), (16, 17), (35, 36)] {
        let mut row = answer();
        row[column] = text("{}");
        assert_eq!(complaint(whole(), packed(&row)), ("task survey", 0, named), "column {column}");
    }
    for column in (2..14).chain([15, 17, 18, 19, 20]).chain(36..42) {
        let mut row = answer();
        row[column] = text("{}");
        assert_eq!(complaint(whole(), packed(&row)), ("task survey", 0, column));
    }
    let mut row = answer();
    row[16..19].fill(text("{}"));
    assert_eq!(complaint(whole(), packed(&row)), ("task survey", 0, 16), "one task is expected");
}

#[test]
fn a_missing_column_is_named() {
    for (columns, named) in
        [(0, 1), (16, 16), (18, 18), (19, 22), (23, 23), (24, 24), (34, 34), (35, 35), (41, 41), (42, 42)]
    {
        assert_eq!(complaint(whole(), packed(&answer()[..columns])), ("task survey", 0, named));
    }
}

#[test]
fn a_row_that_is_no_json_array_of_plain_cells_is_named() {
    for row in ["", "{}", "[1", "[1.5]", "[[]]", "[{}]", "[9223372036854775808]"] {
        assert_eq!(complaint(whole(), vec![text(row)]), ("task survey", 0, 0), "{row}");
    }
    for row in [vec![], vec![Value::Null], vec![int(1)]] {
        assert_eq!(complaint(whole(), row), ("task survey", 0, 0));
    }
    assert_eq!(complaint(whole(), packed(&[])), ("task survey", 0, 1), "no cell at all");
}

#[test]
fn the_largest_integers_arrive_as_they_are() {
    let mut row = answer();
    row[33] = int(i64::MIN);
    row[34] = int(i64::MAX);
    let binds = vec![int(7), Value::Null, text("{}"), text("{}"), text("{}")];
    let found = replay(whole(), vec![asked("task survey", binds, vec![packed(&row)])]).unwrap().unwrap();
    let details = found.task_details.unwrap();
    assert_eq!((details.created_at, details.updated_at), (Timestamp(i64::MIN), Timestamp(i64::MAX)));
}
