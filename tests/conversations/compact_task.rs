//! What may run next in a tracked task whose steps are few and close together.

use crate::support::{Exchange, asked, int, replay, text};
use tasker_core::coroutine::Coroutine;
use tasker_core::graph::cache::Graphs;
use tasker_core::ids::{StepId, TaskId};
use tasker_core::operations::ready::{ReadyStep, Updates, ready_steps_of, track};
use tasker_core::session::Value;
use tasker_core::{Error, operations::readiness::viable_steps};

/// A task of the steps 3 to 8, a chain but for 8, which waits for 3 and 7; the first two are done.
fn graph() -> Exchange {
    let numbers = [int(6), int(1), int(6), int(1)];
    let arrays = [text("{3,4,5,6,7,8}"), text("{3,4,5,6,7,3}"), text("{4,5,6,7,8,8}"), text("{3,4}")];
    asked("known graph", vec![int(7)], vec![numbers.into_iter().chain(arrays).collect()])
}

fn news(candidates: &str, first: i64, lines: &str) -> Exchange {
    let binds = vec![int(7), text(candidates), int(first), int(8)];
    asked("news of a small task", binds, vec![vec![int(0), text(lines)]])
}

fn updates(recording: Vec<Exchange>) -> Result<Updates, Error> {
    let coroutine = Coroutine::start(|mut session| async move {
        let tracked = track(&mut session, &mut Graphs::new(100), TaskId(7)).await?;
        ready_steps_of(&mut session, &mut tracked.into_iter().collect::<Vec<_>>()).await
    });
    replay(coroutine, recording)
}

fn ready(step: i64, failed: bool) -> Updates {
    Updates { ready: vec![ReadyStep { task: TaskId(7), step: StepId(step), failed }], outdated: vec![] }
}

const LAST: &str = "(8,f,f,t,0,3,,,\"{7,3}\")";

#[test]
fn states_are_those_of_the_transitions_between() {
    // The last step is returned with the candidates, and so are transitions of other tasks' steps.
    let lines = format!(
        "(5,f,f,t,1,3,,0.5,{{4}}){LAST}(3,complete,)(4,resolved_manually,)(5,error,-9)(6,\"o d,d\",)"
    );
    assert_eq!(updates(vec![graph(), news("{5}", 4, &lines)]).unwrap(), ready(5, true));
    let lines = format!("(5,f,f,t,,,,,{{4}}){LAST}(4,complete,)");
    assert_eq!(updates(vec![graph(), news("{5}", 4, &lines)]).unwrap(), ready(5, false));
    let lines = format!("(5,f,f,t,,,,,{{4}}){LAST}(4,complete,)(5,in_progress,)");
    assert_eq!(updates(vec![graph(), news("{5}", 4, &lines)]).unwrap(), Updates::default());
}

#[test]
fn a_step_that_is_done_frees_the_next() {
    let first = format!("(5,t,f,t,1,3,,,{{4}}){LAST}(4,complete,)(5,complete,)");
    let second = format!("(6,f,f,t,0,3,,,{{5}}){LAST}(5,complete,)");
    assert_eq!(
        updates(vec![graph(), news("{5}", 4, &first), news("{6}", 5, &second)]).unwrap(),
        ready(6, false)
    );
}

#[test]
fn parents_have_to_be_done_still() {
    for four in ["", "(4,pending,)", "(4,cancelled,)"] {
        let lines = format!("(5,f,f,t,0,3,,,{{4}}){LAST}{four}");
        assert_eq!(updates(vec![graph(), news("{5}", 4, &lines)]).unwrap(), Updates::default(), "{four}");
    }
}

#[test]
fn a_parent_that_stands_elsewhere_is_looked_up() {
    let lines = format!("(5,f,f,t,0,3,,,\"{{4,99}}\"){LAST}(4,complete,)");
    let binds = vec![text("{5}"), text("{7}"), text("{4}"), text("{8}"), text("{1}")];
    let answer = vec![int(0), text("(5,7,,,f,f,t,0,3,,)"), text("{{1,8}}"), Value::Null];
    let recording = vec![graph(), news("{5}", 4, &lines), asked("news of steps", binds, vec![answer])];
    assert_eq!(updates(recording).unwrap(), ready(5, false));
}

#[test]
fn another_last_step_makes_it_outdated() {
    let outdated = Updates { ready: vec![], outdated: vec![TaskId(7)] };
    for others in [&format!("{LAST}(9,f,f,t,0,3,,,{{}})"), ""] {
        let lines = format!("(5,f,f,t,0,3,,,{{4}}){others}(4,complete,)");
        assert_eq!(updates(vec![graph(), news("{5}", 4, &lines)]).unwrap(), outdated, "{others}");
    }
}

#[test]
fn lines_of_the_wrong_shape_are_named() {
    for line in [
        "(5,f)",
        "(5,,)",
        "(,complete,)",
        "(5,error,soon)",
        "(5,f,f,t,0,3,,,)",
        "(5,f,f,t,0,3,,,{x})",
        "(5,f,f,t,0,3,,,4)",
    ] {
        let error = updates(vec![graph(), news("{5}", 4, line)]).unwrap_err().to_string();
        assert!(error.contains("news of a small task") && error.contains("column 1 of row 0"), "{error}");
    }
}

#[test]
fn few_steps_that_stand_apart_are_asked_for_one_by_one() {
    let coroutine = Coroutine::start(|mut session| async move {
        viable_steps(&mut session, TaskId(7), &[StepId(3), StepId(300)]).await
    });
    let answer = vec![int(0), text("(3,7,pending,,f,f,t,,,,)")];
    let question = asked("open steps among", vec![text("{7}"), text("{3,300}")], vec![answer]);
    assert_eq!(replay(coroutine, vec![question]).unwrap(), [(StepId(3), tasker_core::state::State::Pending)]);
}
