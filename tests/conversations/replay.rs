//! Recorded conversations, from the first question to the value.

use crate::support::{asked, int, replay, text, three_steps, wrote};
use tasker_core::Error;
use tasker_core::coroutine::Coroutine;
use tasker_core::ids::{StepId, TaskId, TransitionId};
use tasker_core::machine::{Guard, Owner};
use tasker_core::operations::context::{task_execution_context, task_execution_contexts};
use tasker_core::operations::levels::dependency_levels;
use tasker_core::operations::readiness::{step_readiness, step_readiness_of_tasks, viable_steps};
use tasker_core::operations::transition::{
    Claims, Outcome, Recorded, Refusal, Request, Subject, allowed_transitions, check, current_state,
    transition,
};
use tasker_core::session::Value;
use tasker_core::state::State;
use tasker_core::time::Timestamp;

const STEP: Subject = Subject { owner: Owner::Step, id: 5 };
const TASK: Subject = Subject { owner: Owner::Task, id: 7 };

#[test]
fn readiness_of_a_task() {
    let coroutine = Coroutine::start(|mut s| async move { step_readiness(&mut s, TaskId(7), None).await });
    let rows =
        replay(coroutine, vec![asked("step readiness", vec![text("{7}"), Value::Null], vec![three_steps()])]);
    let json = serde_json::to_value(rows.unwrap()).unwrap();
    let waiting = serde_json::json!({
        "workflow_step_id": 2, "task_id": 7, "named_step_id": 12, "name": "transform, then \"load\"",
        "current_state": "pending", "dependencies_satisfied": false, "retry_eligible": true,
        "ready_for_execution": false, "last_failure_at": null, "next_retry_at": null,
        "total_parents": 2, "completed_parents": 1, "attempts": 0, "retry_limit": 3,
        "backoff_request_seconds": null, "last_attempted_at": null,
    });
    let failed = serde_json::json!({
        "workflow_step_id": 3, "task_id": 7, "named_step_id": 13, "name": "notify",
        "current_state": "error", "dependencies_satisfied": true, "retry_eligible": true,
        "ready_for_execution": false, "last_failure_at": 99_000_000, "next_retry_at": 101_000_000,
        "total_parents": 0, "completed_parents": 0, "attempts": 1, "retry_limit": 3,
        "backoff_request_seconds": null, "last_attempted_at": 98_000_000,
    });
    assert_eq!(json.as_array().unwrap().len(), 3);
    assert_eq!((&json[1], &json[2]), (&waiting, &failed));
}

#[test]
fn readiness_of_chosen_steps_and_of_many_tasks() {
    let chosen = [StepId(2), StepId(9)];
    let coroutine =
        Coroutine::start(move |mut s| async move { step_readiness(&mut s, TaskId(7), Some(&chosen)).await });
    let asking = asked("step readiness", vec![text("{7}"), text("{2,9}")], vec![three_steps()]);
    assert_eq!(replay(coroutine, vec![asking]).unwrap().len(), 3);

    let coroutine =
        Coroutine::start(
            |mut s| async move { step_readiness_of_tasks(&mut s, &[TaskId(7), TaskId(8)]).await },
        );
    let asking = asked("step readiness", vec![text("{7,8}"), Value::Null], vec![three_steps()]);
    assert_eq!(replay(coroutine, vec![asking]).unwrap().len(), 3);
}

#[test]
fn viable_steps_are_the_ready_ones() {
    let coroutine = |now: i64| {
        let answer = vec![int(now), text("(3,7,error,99.000000,f,f,t,1,3,,98.000000)(2,7,,,f,f,f,0,,,)")];
        let coroutine =
            Coroutine::start(|mut s| async move { viable_steps(&mut s, TaskId(7), &[StepId(3)]).await });
        replay(coroutine, vec![asked("open steps between", vec![text("{7}"), int(3), int(3)], vec![answer])])
            .unwrap()
    };
    assert_eq!(coroutine(100_999_999), []);
    assert_eq!(coroutine(101_000_000), [(StepId(3), State::Error)]);
}

#[test]
fn an_unknown_task_has_no_steps() {
    let nothing = vec![vec![int(1)].into_iter().chain(vec![Value::Null; 15]).collect()];
    let coroutine = Coroutine::start(|mut s| async move { step_readiness(&mut s, TaskId(8), None).await });
    let rows = replay(coroutine, vec![asked("step readiness", vec![text("{8}"), Value::Null], nothing)]);
    assert!(rows.unwrap().is_empty());
}

#[test]
fn execution_contexts() {
    let mut answer = three_steps();
    answer.extend([text("{7,9}"), text("{70,90}"), text("{in_progress,NULL}")]);
    let coroutine = Coroutine::start(|mut s| async move {
        task_execution_contexts(&mut s, &[TaskId(9), TaskId(8), TaskId(7), TaskId(9)]).await
    });
    let asking = asked("task execution context", vec![text("{9,8,7,9}"), Value::Null], vec![answer.clone()]);
    let contexts = replay(coroutine, vec![asking]).unwrap();
    assert_eq!(contexts.iter().map(|context| context.task_id.0).collect::<Vec<_>>(), [7, 9, 9]);
    let seven = serde_json::json!({
        "task_id": 7, "named_task_id": 70, "status": "in_progress",
        "total_steps": 3, "pending_steps": 1, "in_progress_steps": 0, "completed_steps": 1, "failed_steps": 1,
        "ready_steps": 0, "execution_status": "waiting_for_dependencies",
        "recommended_action": "wait_for_dependencies", "completion_percentage": "33.33",
        "health_status": "recovering",
    });
    assert_eq!(serde_json::to_value(&contexts[0]).unwrap(), seven);
    assert_eq!((contexts[1].total_steps, &contexts[1].status), (0, &State::Pending));

    answer.splice(16.., [Value::Null, Value::Null, Value::Null]);
    let coroutine = Coroutine::start(|mut s| async move { task_execution_context(&mut s, TaskId(8)).await });
    let asking = asked("task execution context", vec![text("{8}"), Value::Null], vec![answer]);
    assert_eq!(replay(coroutine, vec![asking]).unwrap(), None);
}

#[test]
fn levels() {
    let ask = |steps: &str, from: &str, to: &str| {
        let coroutine = Coroutine::start(|mut s| async move { dependency_levels(&mut s, TaskId(7)).await });
        let answer = vec![text(steps), text(from), text(to)];
        replay(coroutine, vec![asked("dependency graph", vec![int(7)], vec![answer])])
    };
    let levels = ask("{1,2,3,4}", "{1,2,2,99}", "{2,3,3,4}").unwrap();
    assert_eq!(levels.iter().map(|l| (l.step.0, l.level)).collect::<Vec<_>>(), [(1, 0), (2, 1), (3, 2)]);
    let Err(Error::Cycle(steps)) = ask("{1,2,3}", "{1,2,3}", "{2,3,2}") else { panic!("no cycle") };
    assert_eq!(steps, [StepId(2), StepId(3)]);
}

#[test]
fn current_states() {
    let ask = |subject: Subject, answer| {
        let coroutine = Coroutine::start(move |mut s| async move { current_state(&mut s, subject).await });
        replay(coroutine, vec![asked("current state", vec![int(subject.id)], answer)]).unwrap()
    };
    assert_eq!(ask(STEP, vec![vec![text("error")]]), State::Error);
    assert_eq!(ask(STEP, vec![]), State::Pending);
    assert_eq!(ask(STEP, vec![vec![text("")]]), State::Pending);
    assert_eq!(ask(TASK, vec![vec![text("")]]), State::from(""));
}

#[test]
fn a_check_asks_once_and_looks_at_the_guard_only_where_there_is_one() {
    let ask = |to: State, guarded: bool, answer: Vec<Vec<Value>>| {
        let coroutine =
            Coroutine::start(
                move |mut s| async move { check(&mut s, STEP, &to, None, Claims::default()).await },
            );
        let binds = vec![int(5), Value::Bool(guarded), Value::Null];
        replay(coroutine, vec![asked("standing", binds, answer)]).unwrap()
    };
    let row = |state: Value, guard: bool| vec![vec![state, Value::Bool(guard), int(8), int(9)]];
    assert_eq!(ask(State::InProgress, true, row(Value::Null, true)), Ok(State::Pending));
    assert_eq!(
        ask(State::InProgress, true, row(Value::Null, false)),
        Err(Refusal::GuardFailed { from: State::Pending, guard: Guard::ParentsDone })
    );
    assert_eq!(ask(State::Cancelled, false, row(text("in_progress"), true)), Ok(State::InProgress));
    assert_eq!(
        ask(State::Cancelled, false, row(text("complete"), true)),
        Err(Refusal::NoSuchTransition { from: State::Complete })
    );
    assert_eq!(ask(State::Cancelled, false, vec![]), Err(Refusal::UnknownSubject));
}

#[test]
fn allowed_transitions_leave_out_what_the_guard_forbids() {
    let ask = |answer| {
        let coroutine =
            Coroutine::start(|mut s| async move { allowed_transitions(&mut s, TASK, None).await });
        replay(coroutine, vec![asked("standing", vec![int(7), Value::Bool(true)], answer)]).unwrap()
    };
    let (state, allowed) =
        ask(vec![vec![text("in_progress"), Value::Bool(true), int(8), Value::Null]]).unwrap();
    assert_eq!(state, State::InProgress);
    assert_eq!(allowed, [State::Complete, State::Error, State::Cancelled, State::Pending]);
    let (_, allowed) = ask(vec![vec![text("in_progress"), Value::Bool(false), int(8), Value::Null]]).unwrap();
    assert_eq!(allowed, [State::Error, State::Cancelled, State::Pending]);
    assert_eq!(ask(vec![]), None, "an unknown task");
}

/// Replays a claim of step 5: the answers are in turn those to a write and those to the look at the standing after it.
fn claim(from: Option<State>, answers: Vec<Vec<Vec<Value>>>) -> Result<Outcome, Error> {
    let expected = text(if from == Some(State::Error) { "{}" } else { "{pending}" });
    let request = Request {
        subject: STEP,
        to: State::InProgress,
        from,
        metadata: r#"{"by":"replay"}"#.into(),
        at: Timestamp(1_500_000),
        parents: Some(vec![StepId(1), StepId(2)]),
        claims: Claims { own: Some(TransitionId(8)), task: Some(TransitionId(9)) },
    };
    let coroutine = Coroutine::start(move |mut s| async move { transition(&mut s, &request).await });
    let exchange = |(turn, answer): (usize, Vec<Vec<Value>>)| {
        if turn % 2 == 1 {
            return asked("standing", vec![int(5), Value::Bool(true), text("{1,2}")], answer);
        }
        let binds = vec![
            int(5),
            text("in_progress"),
            expected.clone(),
            text(r#"{"by":"replay"}"#),
            text("1970-01-01 00:00:01.500000"),
            Value::Bool(true),
            int(8),
            text("{1,2}"),
            int(9),
        ];
        wrote("transition", binds, answer)
    };
    replay(coroutine, answers.into_iter().enumerate().map(exchange).collect())
}

fn standing(state: &str, guard: bool) -> Vec<Vec<Value>> {
    vec![vec![text(state), Value::Bool(guard), int(8), int(9)]]
}

#[test]
fn a_transition_without_obstacles_is_one_question() {
    let recorded =
        |from: Value, sort_key| claim(None, vec![vec![vec![int(900), int(sort_key), from]]]).unwrap();
    let first = Recorded { id: TransitionId(900), sort_key: 10, from: State::Pending };
    assert_eq!(recorded(Value::Null, 10), Ok(first));
    let later = Recorded { id: TransitionId(900), sort_key: 40, from: State::Pending };
    assert_eq!(recorded(text("pending"), 40), Ok(later));
}

#[test]
fn a_refused_transition_is_two_questions() {
    let refused = |answer| claim(None, vec![vec![], answer]).unwrap();
    assert_eq!(refused(standing("complete", true)), Err(Refusal::NoSuchTransition { from: State::Complete }));
    assert_eq!(
        refused(standing("pending", false)),
        Err(Refusal::GuardFailed { from: State::Pending, guard: Guard::ParentsDone })
    );
    assert_eq!(refused(vec![]), Err(Refusal::UnknownSubject));
}

#[test]
fn a_transition_is_refused_where_a_claim_is_another_workers() {
    let standing = |own, task| vec![vec![text("pending"), Value::Bool(true), own, task]];
    let refused = |own, task| claim(None, vec![vec![], standing(own, task)]).unwrap();
    let from = State::Pending;
    assert_eq!(refused(int(7), int(9)), Err(Refusal::ClaimLost { from: from.clone() }));
    assert_eq!(refused(Value::Null, int(9)), Err(Refusal::ClaimLost { from: from.clone() }));
    assert_eq!(refused(int(8), int(10)), Err(Refusal::TaskClaimLost { from }));
}

#[test]
fn a_transition_that_lost_a_race_is_tried_again_while_it_is_possible() {
    let won = vec![vec![int(901), int(30), text("pending")]];
    let outcome =
        claim(None, vec![vec![], standing("pending", true), vec![], standing("pending", true), won]);
    assert_eq!(outcome.unwrap().unwrap().sort_key, 30);

    let lost = claim(None, vec![vec![], standing("pending", true), vec![], standing("in_progress", true)]);
    assert_eq!(lost.unwrap(), Err(Refusal::NoSuchTransition { from: State::InProgress }));
}

#[test]
fn a_transition_from_another_state_than_the_given_one_is_refused() {
    let outcome = claim(Some(State::Error), vec![vec![], standing("pending", true)]);
    assert_eq!(outcome.unwrap(), Err(Refusal::NoSuchTransition { from: State::Pending }));
    let outcome = claim(Some(State::Pending), vec![vec![vec![int(1), int(10), Value::Null]]]);
    assert!(outcome.unwrap().is_ok());
}

#[test]
fn after_sixteen_lost_races_a_transition_gives_up() {
    let answers = (0..32).map(|turn| if turn % 2 == 0 { vec![] } else { standing("pending", true) });
    let error = claim(None, answers.collect()).unwrap_err();
    let expected = "gave up the transition of step 5 to 'in_progress' after losing 16 races in a row";
    assert_eq!(error.to_string(), expected);
}
