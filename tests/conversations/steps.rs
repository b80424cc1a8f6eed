//! Recorded conversations about a task's steps: their creation, their attempts, their counts; and answers of the wrong
//! shape to them.

use crate::support::{asked, complaint, int, packed, replay, text, wrote};
use tasker_core::coroutine::{Coroutine, CoroutineState};
use tasker_core::ids::{NamedStepId, StepId, TaskId, TransitionId};
use tasker_core::operations::execution::{Attempt, Changes, Ending, finish};
use tasker_core::operations::sequence::{Created, Established, Template, create_steps, established_steps};
use tasker_core::operations::statistics::{
    CompletionStatistics, SystemLoad, completion_statistics, system_load,
};
use tasker_core::operations::transition::Recorded;
use tasker_core::records::{Edge, ParentCount};
use tasker_core::session::Value;
use tasker_core::state::State;
use tasker_core::time::Timestamp;

const NOW: Timestamp = Timestamp(1_500_000);
const NOW_TEXT: &str = "1970-01-01 00:00:01.500000";

fn templates() -> [Template; 2] {
    let load = Template {
        system: "store, \"main\"".into(),
        name: "load".into(),
        retryable: false,
        retry_limit: 5,
        skippable: true,
        depends_on: vec!["say \"hi\"".into()],
    };
    let hi = Template {
        system: "NULL".into(),
        name: "say \"hi\"".into(),
        retryable: true,
        retry_limit: -1,
        skippable: false,
        depends_on: vec![],
    };
    [load, hi]
}

fn establishing() -> Coroutine<Option<Established>> {
    Coroutine::start(|mut s| async move { established_steps(&mut s, TaskId(7), &templates()).await })
}

/// The answer to "step sequence", unpacked: both steps, the second of them twice, an edge, definitions, and no row triggers.
fn sequence() -> Vec<Value> {
    let steps = [
        text("{1,2,3}"),
        text(r#"{"say \"hi\"",load,"say \"hi\""}"#),
        text(r#"{"NULL","store, \"main\"","NULL"}"#),
        text("{t,t,t}"),
    ];
    let edges = [text("{1}"), text("{2}")];
    let task = [int(70), text("orders"), Value::Null, int(11), int(12), int(3), text("0.1.0"), text("{}")];
    let definitions = [
        text("{52,51,52}"),
        text("{6,5,6}"),
        text("{NULL,\"what, for\",NULL}"),
        text("{1,2,1}"),
        text("{3,4,3}"),
    ];
    let row_triggers = [Value::Null];
    [&steps[..], &edges, &task, &definitions, &row_triggers].concat()
}

/// The parameters of "step sequence": the task, and the tables whose row triggers are looked for.
fn sequence_of(task: i64) -> Vec<Value> {
    let tables = "{\"tasker_workflow_steps\",\"tasker_workflow_step_transitions\",\"tasker_tasks\",\"tasker_task_transitions\",\"tasker_workflow_step_edges\"}";
    vec![int(task), text(tables)]
}

#[test]
fn names_are_distinct_where_no_two_steps_have_one() {
    let distinct_to = |names: &str| {
        let mut answer = sequence();
        answer[1] = text(names);
        let found =
            replay(establishing(), vec![asked("step sequence", sequence_of(7), vec![packed(&answer)])]);
        found.unwrap().unwrap().distinct_to
    };
    assert_eq!(distinct_to(r#"{"say \"hi\"",load,other}"#), Some(StepId(3)));
    assert_eq!(distinct_to(r#"{"say \"hi\"",load,load}"#), None);
}

#[test]
fn established() {
    let ask = |answer: Vec<Vec<Value>>| {
        let answer = answer.into_iter().map(|row| packed(&row)).collect();
        replay(establishing(), vec![asked("step sequence", sequence_of(7), answer)])
            .unwrap()
            .map(|found| found.steps)
    };
    assert_eq!(ask(vec![sequence()]), Some(vec![StepId(2), StepId(1)]));
    let mut triggered = sequence();
    triggered[19] = text("{tasker_tasks}");
    let found =
        replay(establishing(), vec![asked("step sequence", sequence_of(7), vec![packed(&triggered)])]);
    assert_eq!(found.unwrap().unwrap().row_triggers, ["tasker_tasks".into()]);
    for (column, other) in
        [(1, r#"{hi,load,hi}"#), (2, "{NULL,NULL,NULL}"), (3, "{f,t,f}"), (4, "{3}"), (5, "{1}")]
    {
        let mut answer = sequence();
        answer[column] = text(other);
        assert_eq!(ask(vec![answer]), None, "column {column} is {other}");
    }
    let mut none = sequence();
    for column in (0..6).chain(14..19) {
        none[column] = Value::Null;
    }
    assert_eq!(ask(vec![none]), None, "no steps");
    assert_eq!(ask(vec![]), None, "no row");
}

fn creating() -> Coroutine<Option<Created>> {
    Coroutine::start(
        |mut s| async move { create_steps(&mut s, TaskId(7), &templates(), "{\"a\":1}", NOW).await },
    )
}

/// The answer to "create steps", unpacked.
fn new_steps() -> Vec<Value> {
    let made = [int(1_000_000), text("{8,9}"), text("{51,52}"), text("{}"), int(70), text("in_progress")];
    let task = [Value::Bool(false), int(3), Value::Null, text("web"), Value::Null, Value::Null, Value::Null];
    [&made[..], &task, &[text("{\"a\": 1}"), text("hash"), int(4), int(5)]].concat()
}

#[test]
fn created() {
    let ask = |answer| {
        let binds = vec![
            int(7),
            text(r#"{"store, \"main\"","NULL"}"#),
            text(r#"{"load","say \"hi\""}"#),
            text(r#"{"f","t"}"#),
            text("{5,-1}"),
            text(r#"{"t","f"}"#),
            text("{\"a\":1}"),
            text("{2}"),
            text("{1}"),
            text(NOW_TEXT),
        ];
        replay(creating(), vec![wrote("create steps", binds, answer)]).unwrap()
    };
    let created = ask(vec![packed(&new_steps())]).unwrap();
    assert_eq!(created.steps, [StepId(8), StepId(9)]);
    let snapshot = created.snapshot();
    assert_eq!((snapshot.now, snapshot.state()), (Timestamp(1_000_000), State::InProgress));
    assert_eq!(snapshot.edges, [Edge { from: StepId(9), to: StepId(8) }]);
    assert_eq!(snapshot.steps[0].facts.parents, ParentCount { total: 1, completed: 0 });
    assert_eq!(snapshot.ready().next(), None, "neither may be tried");
    assert_eq!(snapshot.task_details.unwrap().source_system.as_deref(), Some("web"));
    assert_eq!(snapshot.steps[1].facts.named_step_id, NamedStepId(52));
    assert_eq!(ask(vec![]), None);
}

#[test]
fn templates_that_make_no_graph_ask_nothing() {
    let circle = || {
        let mut templates = templates();
        templates[1].depends_on.push("load".into());
        templates
    };
    let found =
        Coroutine::start(|mut s| async move { established_steps(&mut s, TaskId(7), &circle()).await });
    assert_eq!(replay(found, vec![]).unwrap(), None);
    let made =
        Coroutine::start(|mut s| async move { create_steps(&mut s, TaskId(7), &circle(), "{}", NOW).await });
    assert_eq!(replay(made, vec![]).unwrap(), None);
}

fn ending(ending: Ending, changes: Changes) -> Coroutine<Option<Recorded>> {
    let attempt = Attempt {
        step: StepId(5),
        ending,
        attempts: 3,
        last_attempted_at: Timestamp(500_000),
        changes,
        at: NOW,
        claim: Some(TransitionId(8)),
        distinct_to: Some(StepId(9)),
    };
    Coroutine::start(move |mut s| async move { finish(&mut s, &attempt).await })
}

#[test]
fn endings() {
    let ask = |how, changes, binds: [Value; 6], answer| {
        let [to, processed, in_process, processed_at, changes_results, results] = binds;
        let attempt = [int(3), text("1970-01-01 00:00:00.500000")];
        let mut all = vec![int(5), to, processed, in_process, processed_at];
        all.extend(attempt);
        all.extend([changes_results, results, text(NOW_TEXT), int(9), int(8)]);
        replay(ending(how, changes), vec![wrote("finish step", all, answer)]).unwrap()
    };
    let everything = Changes {
        processed: Some(true),
        in_process: Some(false),
        processed_at: Some(Timestamp(1)),
        results: Some(Some("[1]".into())),
    };
    let binds = [
        text("complete"),
        Value::Bool(true),
        Value::Bool(false),
        text("1970-01-01 00:00:00.000001"),
        Value::Bool(true),
        text("[1]"),
    ];
    let recorded = Recorded { id: TransitionId(90), sort_key: 30, from: State::InProgress };
    let answer = vec![vec![int(90), int(30)]];
    assert_eq!(ask(Ending::Complete, everything.clone(), binds.clone(), answer.clone()), Some(recorded));
    assert_eq!(ask(Ending::Complete, everything, binds, vec![]), None, "refused");

    let nothing =
        |changes| [text("error"), Value::Null, Value::Null, Value::Null, Value::Bool(changes), Value::Null];
    assert!(ask(Ending::Error, Changes::default(), nothing(false), answer.clone()).is_some());
    let emptied = Changes { results: Some(None), ..Changes::default() };
    assert!(ask(Ending::Error, emptied, nothing(true), answer).is_some());
}

fn completion() -> Coroutine<CompletionStatistics> {
    Coroutine::start(|mut s| async move { completion_statistics(&mut s, TaskId(7)).await })
}

fn load() -> Coroutine<SystemLoad> {
    Coroutine::start(|mut s| async move { system_load(&mut s).await })
}

#[test]
fn statistics() {
    let ask =
        |answer| replay(completion(), vec![asked("completion statistics", vec![int(7)], answer)]).unwrap();
    let found = ask(vec![vec![int(6), int(3), int(1), int(99)]]);
    let expected =
        CompletionStatistics { total: 6, completed: 3, failed: 1, latest_completion: Some(Timestamp(99)) };
    assert_eq!((found.pending(), found.all_complete()), (2, false));
    assert_eq!(found, expected);
    assert!(ask(vec![vec![int(6), int(6), int(0), Value::Null]]).all_complete());
    assert!(!ask(vec![vec![int(0), int(0), int(0), Value::Null]]).all_complete(), "nothing is not complete");

    let answer = vec![(1..=16).map(int).collect()];
    let found = replay(load(), vec![asked("system load", vec![], answer)]).unwrap();
    let expected = SystemLoad {
        tasks: 1,
        tasks_by_state: [2, 3, 4, 5, 6],
        steps: 7,
        steps_by_state: [8, 9, 10, 11],
        retryable: 12,
        exhausted: 13,
        in_backoff: 14,
        active_connections: 15,
        max_connections: 16,
    };
    assert_eq!(found, expected);
}

#[test]
fn nothing_is_asked_before_the_first_turn_and_nothing_twice() {
    let mut coroutine = ending(Ending::Error, Changes::default());
    let CoroutineState::Ask(_) = coroutine.resume(None).unwrap() else {
        panic!("an ending needs a statement")
    };
    let CoroutineState::Done(None) = coroutine.resume(Some(vec![].into())).unwrap() else {
        panic!("a refusal is the end")
    };
}

#[test]
fn a_cell_of_another_kind_is_named_in_every_column() {
    for column in 0..19 {
        let mut row = sequence();
        row[column] = Value::Bool(true);
        assert_eq!(complaint(establishing(), packed(&row)), ("step sequence", 0, column));
    }
    assert_eq!(complaint(establishing(), vec![text("no array")]), ("step sequence", 0, 0));
    assert_eq!(complaint(creating(), vec![int(8)]), ("create steps", 0, 0));
    for column in 0..17 {
        let mut row = new_steps();
        row[column] = Value::Bool(true);
        if column == 6 {
            row[column] = text("true");
        }
        assert_eq!(complaint(creating(), packed(&row)), ("create steps", 0, column));
    }
    let error = || ending(Ending::Error, Changes::default());
    assert_eq!(complaint(error(), vec![text("one"), int(10)]), ("finish step", 0, 0));
    assert_eq!(complaint(error(), vec![int(1), Value::Null]), ("finish step", 0, 1));
    for column in 0..4 {
        let mut row = vec![int(6), int(3), int(1), int(99)];
        row[column] = text("six");
        assert_eq!(complaint(completion(), row), ("completion statistics", 0, column));
    }
    assert_eq!(complaint(completion(), vec![int(-1)]), ("completion statistics", 0, 0));
    for column in 0..16 {
        let mut row: Vec<Value> = (1..=16).map(int).collect();
        row[column] = Value::Null;
        assert_eq!(complaint(load(), row), ("system load", 0, column));
    }
}

#[test]
fn arrays_of_different_lengths_are_named() {
    let steps = [(0, 1), (1, 1), (2, 1), (3, 1), (4, 5), (5, 5)];
    for (column, named) in steps.into_iter().chain((14..19).map(|column| (column, column))) {
        let mut row = sequence();
        row[column] = text("{}");
        assert_eq!(complaint(establishing(), packed(&row)), ("step sequence", 0, named), "column {column}");
    }
    for column in [1, 2] {
        let mut row = new_steps();
        row[column] = text("{8}");
        assert_eq!(complaint(creating(), packed(&row)), ("create steps", 0, column));
    }
}
