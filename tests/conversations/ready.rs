//! What may run next in a tracked task, as a host without async meets it.

use crate::support::{asked, complaint, int, replay, text};
use tasker_core::coroutine::Coroutine;
use tasker_core::graph::cache::Graphs;
use tasker_core::ids::{StepId, TaskId};
use tasker_core::operations::ready::{ReadyStep, Updates, ready_steps, ready_steps_of, track};
use tasker_core::session::Value;

const IDLE: &str = "(5,7,,,f,f,t,0,3,,)";

/// A task of the steps 3 to 7 and 800, a chain but for 800, which waits for 3 and 7; the first two are done.
fn graph() -> Vec<Value> {
    let numbers = [int(6), int(1), int(6), int(1)];
    let arrays = [text("{3,4,5,6,7,800}"), text("{3,4,5,6,7,3}"), text("{4,5,6,7,800,800}"), text("{3,4}")];
    numbers.into_iter().chain(arrays).collect()
}

fn news(candidates: &str, first: &str, last: &str, answer: [Value; 4]) -> crate::support::Exchange {
    let places = vec!["1"; first.split(',').count()].join(",");
    let binds = vec![text(candidates), text("{7}"), text(first), text(last), text(&format!("{{{places}}}"))];
    asked("news of steps", binds, vec![answer.into()])
}

/// Task 7 is tracked and queried once.
fn tracking() -> Coroutine<Updates> {
    Coroutine::start(|mut session| async move {
        let tracked = track(&mut session, &mut Graphs::new(100), TaskId(7)).await?;
        ready_steps_of(&mut session, &mut tracked.into_iter().collect::<Vec<_>>()).await
    })
}

#[test]
fn done_steps_are_looked_for_where_steps_are_left_and_parents_stand() {
    let coroutine = Coroutine::start(|mut session| async move {
        let tracked = track(&mut session, &mut Graphs::new(100), TaskId(7)).await?;
        let mut tasks: Vec<_> = tracked.into_iter().collect();
        let news = ready_steps_of(&mut session, &mut tasks).await?;
        Ok((news, tasks[0].unfinished()))
    });
    let recording = vec![
        asked("known graph", vec![int(7)], vec![graph()]),
        // 5 waits for 4, though the first step that is open is 5 itself.
        news(
            "{5}",
            "{4,800}",
            "{7,800}",
            [int(0), Value::Null, text("{{1,800}}"), text("{{1,4},{1,5},{1,99}}")],
        ),
        news(
            "{6}",
            "{5,800}",
            "{7,800}",
            [int(0), text("(6,7,error,,f,f,t,0,3,,)"), text("{{1,800}}"), Value::Null],
        ),
    ];
    let ready = vec![ReadyStep { task: TaskId(7), step: StepId(6), failed: true }];
    assert_eq!(replay(coroutine, recording).unwrap(), (Updates { ready, outdated: vec![] }, 3));
}

#[test]
fn what_stands_between_is_not_read() {
    let coroutine = tracking();
    let graph = vec![
        int(3),
        int(1),
        int(2),
        int(1),
        text("{1,992,1000}"),
        text("{1,992}"),
        text("{1000,1000}"),
        text("{1,992}"),
    ];
    let recording = vec![
        asked("known graph", vec![int(7)], vec![graph]),
        news("{1000}", "{1,992}", "{1,1000}", [int(0), Value::Null, text("{{1,1000}}"), Value::Null]),
    ];
    assert_eq!(replay(coroutine, recording).unwrap(), Updates::default());
}

#[test]
fn another_last_step_makes_a_task_outdated() {
    for last in ["{{1,9}}", "{{1,NULL}}", "{}"] {
        let coroutine = tracking();
        let answer = [int(0), text(IDLE), text(last), Value::Null];
        let recording = vec![
            asked("known graph", vec![int(7)], vec![graph()]),
            news("{5}", "{4,800}", "{7,800}", answer),
        ];
        let outdated = Updates { ready: vec![], outdated: vec![TaskId(7)] };
        assert_eq!(replay(coroutine, recording).unwrap(), outdated, "the last step: {last}");
    }
}

#[test]
fn an_outdated_task_is_told_once_and_not_asked_about_again() {
    let coroutine = tracking();
    // A step was added, and another session has done 5, which sets 6 free.
    let answer = [int(0), Value::Null, text("{{1,900}}"), text("{{1,5}}")];
    let recording =
        vec![asked("known graph", vec![int(7)], vec![graph()]), news("{5}", "{4,800}", "{7,800}", answer)];
    assert_eq!(replay(coroutine, recording).unwrap(), Updates { ready: vec![], outdated: vec![TaskId(7)] });
}

#[test]
fn answers_of_the_wrong_shape_are_named() {
    let open =
        || Coroutine::start(|mut session| async move { ready_steps(&mut session, &[TaskId(7)]).await });
    let answer = || vec![int(0), text(IDLE)];
    for column in 0..2 {
        let mut row = answer();
        row[column] = Value::Bool(true);
        assert_eq!(complaint(open(), row), ("open steps", 0, column));
        assert_eq!(complaint(open(), answer()[..column].to_vec()), ("open steps", 0, 1));
    }
    for (place, wrong) in [
        (0, ""),
        (0, "x"),
        (1, ""),
        (3, "1.2345678"),
        (4, ""),
        (4, "1"),
        (5, "true"),
        (6, ""),
        (7, "2147483648"),
        (9, "\"\""),
        (10, "soon"),
        (10, "0,0"),
    ] {
        let mut fields: Vec<&str> = IDLE.trim_matches(['(', ')']).split(',').collect();
        fields[place] = wrong;
        let row = vec![int(0), text(&format!("({})", fields.join(",")))];
        assert_eq!(complaint(open(), row), ("open steps", 0, 1), "field {place} is {wrong}");
    }
    for wrong in ["(5,7", "5,7", "(\"5", "(5)x", "(\"5\"x)", &IDLE[1..], &format!("{IDLE},{IDLE}")] {
        assert_eq!(complaint(open(), vec![int(0), text(wrong)]), ("open steps", 0, 1), "{wrong}");
    }
}

#[test]
fn places_that_no_task_has_are_named() {
    for (column, cell) in
        [(2, "{{2,8}}"), (2, "{{0,8}}"), (2, "{{NULL,8}}"), (3, "{{2,5}}"), (3, "{{1,NULL}}")]
    {
        let mut coroutine = tracking();
        coroutine.resume(None).unwrap();
        coroutine.resume(Some(vec![graph()].into())).unwrap();
        let mut row = vec![int(0), Value::Null, text("{{1,800}}"), Value::Null];
        row[column] = text(cell);
        let error = coroutine.resume(Some(vec![row].into())).unwrap_err().to_string();
        assert!(error.contains(&format!("column {column} of row 0")) && error.contains(cell), "{error}");
    }
}

#[test]
fn a_step_in_no_state_is_pending() {
    let coroutine =
        Coroutine::start(|mut session| async move { ready_steps(&mut session, &[TaskId(7)]).await });
    let answer = vec![int(0), text(IDLE)];
    let ready = replay(coroutine, vec![asked("open steps", vec![text("{7}")], vec![answer])]).unwrap();
    assert_eq!(ready, [ReadyStep { task: TaskId(7), step: StepId(5), failed: false }]);
}
