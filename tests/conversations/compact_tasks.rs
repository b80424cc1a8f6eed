//! What may run next in several tracked tasks whose steps are few and close together.

use crate::support::{Exchange, asked, int, replay, text};
use tasker_core::Error;
use tasker_core::coroutine::Coroutine;
use tasker_core::graph::cache::Graphs;
use tasker_core::ids::{StepId, TaskId};
use tasker_core::operations::ready::{ReadyStep, Updates, ready_steps_of, track};
use tasker_core::session::Value;

/// Tasks 7 and 8, of which each has a step that waits for another one: 3 and 5, 4 and 6. The first ones are done.
fn graph(task: i64) -> Exchange {
    let [first, second] = [task - 4, task - 2];
    let numbers = [int(2), int(1), int(1), int(1)];
    let arrays = [
        format!("{{{first},{second}}}"),
        format!("{{{first}}}"),
        format!("{{{second}}}"),
        format!("{{{first}}}"),
    ];
    let row = numbers.into_iter().chain(arrays.iter().map(|array| text(array))).collect();
    asked("known graph", vec![int(task)], vec![row])
}

fn updates(answer: Vec<Value>, more: Vec<Exchange>) -> Result<Updates, Error> {
    let coroutine = Coroutine::start(|mut session| async move {
        let mut tasks = Vec::new();
        for task in [7, 8] {
            tasks.extend(track(&mut session, &mut Graphs::new(100), TaskId(task)).await?);
        }
        ready_steps_of(&mut session, &mut tasks).await
    });
    let binds = vec![text("{5,6}"), text("{7,8}"), text("{3,4}"), text("{5,6}")];
    let question = asked("news of small tasks", binds, vec![answer]);
    replay(coroutine, [graph(7), graph(8), question].into_iter().chain(more).collect())
}

fn answer() -> Vec<Value> {
    let steps = text("(6,f,f,t,1,3,,)(5,f,f,t,0,3,,)");
    let edges = [text("{5,6,99}"), text("{3,4,1}")];
    vec![
        int(0),
        steps,
        edges[0].clone(),
        edges[1].clone(),
        text("{3,4}"),
        text("(6,error,-99.5)"),
        Value::Null,
    ]
}

fn ready(task: i64, step: i64, failed: bool) -> ReadyStep {
    ReadyStep { task: TaskId(task), step: StepId(step), failed }
}

#[test]
fn each_step_is_its_own_tasks() {
    let news = updates(answer(), vec![]).unwrap();
    assert_eq!(news, Updates { ready: vec![ready(7, 5, false), ready(8, 6, true)], outdated: vec![] });
}

#[test]
fn parents_have_to_be_done_still() {
    let mut row = answer();
    row[4] = text("{4}");
    assert_eq!(updates(row, vec![]).unwrap().ready, [ready(8, 6, true)]);
}

#[test]
fn what_is_done_is_not_ready() {
    let mut row = answer();
    row[4] = text("{3,4,5,6}");
    row[5] = Value::Null;
    assert_eq!(updates(row, vec![]).unwrap(), Updates::default());
}

#[test]
fn another_last_step_makes_a_task_outdated() {
    let mut row = answer();
    row[6] = text("{2}");
    let news = Updates { ready: vec![ready(7, 5, false)], outdated: vec![TaskId(8)] };
    assert_eq!(updates(row, vec![]).unwrap(), news);
}

#[test]
fn a_parent_that_stands_elsewhere_is_looked_up() {
    let mut row = answer();
    row[2] = text("{5,6,6}");
    row[3] = text("{3,4,70}");
    let binds = vec![text("{5,6}"), text("{7,8}"), text("{3,4}"), text("{5,6}"), text("{1,2}")];
    let looked_up = vec![int(0), text("(5,7,,,f,f,t,0,3,,)"), text("{{1,5},{2,6}}"), text("{{1,3},{2,4}}")];
    let news = updates(row, vec![asked("news of steps", binds, vec![looked_up])]).unwrap();
    assert_eq!(news.ready, [ready(7, 5, false)]);
}

#[test]
fn answers_of_the_wrong_shape_are_named() {
    for (column, cells) in [
        (0, vec![Value::Null]),
        (1, vec![text("(6,f)"), text("(9,f,f,t,1,3,,)"), int(1)]),
        (3, vec![text("{3}")]),
        (4, vec![text("{x}")]),
        (5, vec![text("(6,,)"), text("(6,error,soon)"), text("(6)")]),
        (6, vec![text("{0}"), text("{3}"), text("{-9223372036854775808}")]),
    ] {
        for cell in cells {
            let mut row = answer();
            row[column] = cell;
            let error = updates(row, vec![]).unwrap_err().to_string();
            assert!(error.contains(&format!("column {column} of row 0")), "{error}");
        }
    }
}
