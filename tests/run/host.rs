//! Whole workflows by `run_workflow`, and what they leave in the tables.

use crate::support::seed;
use serde_json::{Value, json};
use sqlx::{PgConnection, PgPool};
use std::num::NonZeroU32;
use std::sync::Mutex;
use tasker_core::factories::{Pattern, workflow};
use tasker_core::ids::{StepId, TaskId, TransitionId};
use tasker_core::models::{Model, Task};
use tasker_core::run::{Options, Outcome, Pause, StartRefusal, StepExecution, StepFailure, run_workflow};
use tasker_core::state::State;
use tasker_core::time::Micros;
use tasker_core::transitions::{StepState, TaskState, Transitions};
use tokio::sync::Mutex as AsyncMutex;

fn slots(slots: u32) -> Options {
    Options { slots: NonZeroU32::new(slots).unwrap(), ..Options::default() }
}

/// The states of a task or step, oldest first, with their metadata.
async fn states(connection: &mut PgConnection, subject: impl Transitions) -> Vec<(String, Value)> {
    let rows = seed::history(connection, subject.subject()).await;
    assert_eq!(rows.iter().filter(|row| row.most_recent).count(), 1);
    assert!(rows.last().unwrap().most_recent);
    assert!(rows.iter().zip(1..).all(|(row, number)| row.sort_key == number * 10));
    rows.into_iter().map(|row| (row.to_state, serde_json::from_str(&row.metadata).unwrap())).collect()
}

fn words(states: &[(String, Value)]) -> Vec<&str> {
    states.iter().map(|(word, _)| &**word).collect()
}

async fn step_row(connection: &mut PgConnection, step: StepId) -> Value {
    seed::step_row(connection, step.subject()).await
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn leaves_the_rows_that_the_engine_leaves(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let made = workflow(Pattern::Diamond).create(&mut connection).await.unwrap();
    let handler = async |step: StepExecution| Ok(json!({ "name": step.name }));
    let outcome = run_workflow(&mut *connection, made.task, slots(3), handler).await.unwrap();
    assert_eq!(outcome, Outcome::Complete);

    let task = states(&mut connection, made.task).await;
    let started = json!({ "initialization_completed": true, "step_dependencies_established": 4 });
    assert_eq!(task, [("in_progress".to_owned(), started), ("complete".to_owned(), json!({}))]);
    assert!(Task::find(made.task.0, &mut *connection).await.unwrap().complete);
    for step in &made.steps {
        let row = step_row(&mut connection, *step).await;
        assert_eq!(words(&states(&mut connection, *step).await), ["in_progress", "complete"]);
        assert_eq!(
            (&row["processed"], &row["in_process"], &row["attempts"]),
            (&json!(true), &json!(false), &json!(1))
        );
        assert!(row["processed_at"].is_string() && row["processed_at"] == row["last_attempted_at"]);
        assert!(row["results"]["name"].is_string());
    }
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn claims_each_successor_of_a_chain_with_the_end_of_its_parent(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let made = workflow(Pattern::Linear(5)).create(&mut connection).await.unwrap();
    let order = Mutex::new(Vec::new());
    let handler = async |step: StepExecution| {
        order.lock().unwrap().push((step.step, step.successor));
        Ok(json!(null))
    };
    assert_eq!(
        run_workflow(&mut *connection, made.task, slots(3), handler).await.unwrap(),
        Outcome::Complete
    );
    let successors = made.steps.iter().skip(1).copied().map(Some).chain([None]);
    assert_eq!(order.into_inner().unwrap(), made.steps.iter().copied().zip(successors).collect::<Vec<_>>());
    // The parent's end and the successor's claim are of one statement.
    let shared: i64 = sqlx::query_scalar(
        "select count(*) from tasker_workflow_step_transitions p
         join tasker_workflow_step_transitions c on c.created_at = p.created_at and c.workflow_step_id <> p.workflow_step_id
         where p.to_state = 'complete' and c.to_state = 'in_progress'",
    )
    .fetch_one(&mut *connection)
    .await
    .unwrap();
    assert_eq!(shared, 4);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn comes_back_to_a_failed_step_and_retries_it_after_its_wait(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let made = workflow(Pattern::Linear(2)).create(&mut connection).await.unwrap();
    let [first, second] = made.steps[..] else { panic!("two steps") };
    let failing = async |_: StepExecution| -> Result<Value, StepFailure> {
        let asked = Some(3_600);
        Err(StepFailure {
            error_class: "Net::Timeout".into(),
            backoff_seconds: asked,
            ..StepFailure::new("no answer")
        })
    };
    let outcome = run_workflow(&mut *connection, made.task, slots(3), failing).await.unwrap();
    let Outcome::Pending { pause: Pause::Waiting, come_back: Some(wait) } = outcome else {
        panic!("{outcome:?}")
    };
    assert!(wait > Micros(0) && wait <= Micros::from_seconds(3_600), "{wait:?}");
    assert_eq!(words(&states(&mut connection, made.task).await), ["in_progress", "pending"]);
    assert_eq!(words(&states(&mut connection, first).await), ["in_progress", "error"]);
    let row = step_row(&mut connection, first).await;
    assert_eq!((&row["attempts"], &row["processed"]), (&json!(1), &json!(false)));
    assert_eq!(row["results"]["error"], "no answer");
    assert_eq!(row["results"]["error_class"], "Net::Timeout");

    // The failure was long ago.
    sqlx::raw_sql(
        "update tasker_workflow_step_transitions set created_at = created_at - interval '2 hours';
         update tasker_workflow_steps set last_attempted_at = last_attempted_at - interval '2 hours'",
    )
    .execute(&mut *connection)
    .await
    .unwrap();
    let handler = async |step: StepExecution| Ok(json!({ "attempts": step.attempts }));
    assert_eq!(
        run_workflow(&mut *connection, made.task, slots(3), handler).await.unwrap(),
        Outcome::Complete
    );
    assert_eq!(
        words(&states(&mut connection, first).await),
        ["in_progress", "error", "pending", "in_progress", "complete"]
    );
    let row = step_row(&mut connection, first).await;
    assert_eq!((&row["attempts"], &row["results"]), (&json!(2), &json!({ "attempts": 1 })));
    assert_eq!(words(&states(&mut connection, second).await), ["in_progress", "complete"]);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn puts_the_task_into_error_where_a_step_has_failed_for_good(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let made = workflow(Pattern::ParallelMerge(2)).create(&mut connection).await.unwrap();
    sqlx::raw_sql("update tasker_workflow_steps set retry_limit = 1")
        .execute(&mut *connection)
        .await
        .unwrap();
    let handler = async |step: StepExecution| match &*step.name {
        "branch_1" => Err(StepFailure::new("refused")),
        _ => Ok(json!({})),
    };
    assert_eq!(run_workflow(&mut *connection, made.task, slots(1), handler).await.unwrap(), Outcome::Blocked);
    assert_eq!(words(&states(&mut connection, made.task).await), ["in_progress", "error"]);
    let again = run_workflow(&mut *connection, made.task, slots(1), handler).await.unwrap();
    assert_eq!(again, Outcome::Refused(StartRefusal::NotPending(State::Error)));
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn keeps_what_a_handler_says_of_its_failure(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let made = workflow(Pattern::Linear(1)).create(&mut connection).await.unwrap();
    sqlx::raw_sql(r#"update tasker_workflow_steps set results = '{"kept": 1}'"#)
        .execute(&mut *connection)
        .await
        .unwrap();
    let handler = async |_: StepExecution| -> Result<Value, StepFailure> {
        Err(StepFailure { is_permanent: true, backoff_seconds: Some(40), ..StepFailure::new("bad card") })
    };
    let outcome = run_workflow(&mut *connection, made.task, slots(3), handler).await.unwrap();
    // Not retryable and with attempts left: nothing but a person changes that, which the engine calls waiting.
    assert_eq!(outcome, Outcome::Pending { pause: Pause::Waiting, come_back: None });
    let row = step_row(&mut connection, made.steps[0]).await;
    assert_eq!((&row["retryable"], &row["backoff_request_seconds"]), (&json!(false), &json!(40)));
    assert_eq!((&row["results"]["kept"], &row["results"]["error"]), (&json!(1), &json!("bad card")));
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn takes_a_panic_for_a_failure(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let made = workflow(Pattern::Linear(1)).create(&mut connection).await.unwrap();
    sqlx::raw_sql("update tasker_workflow_steps set retry_limit = 1")
        .execute(&mut *connection)
        .await
        .unwrap();
    let handler = async |_: StepExecution| -> Result<Value, StepFailure> { panic!("out of ink") };
    assert_eq!(run_workflow(&mut *connection, made.task, slots(3), handler).await.unwrap(), Outcome::Blocked);
    let row = step_row(&mut connection, made.steps[0]).await;
    assert_eq!(
        (&row["results"]["error"], &row["results"]["error_class"]),
        (&json!("out of ink"), &json!("panic"))
    );
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn marks_its_claims(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let made = workflow(Pattern::Linear(2)).create(&mut connection).await.unwrap();
    let marker = json!({ "tasker_core": { "worker": "17" } });
    let options = Options { claim_metadata: marker.to_string().into(), ..Options::default() };
    let outcome = run_workflow(&mut *connection, made.task, options, async |_| Ok(json!({}))).await.unwrap();
    assert_eq!(outcome, Outcome::Complete);
    let task = states(&mut connection, made.task).await;
    assert_eq!((&task[0].1["tasker_core"], &task[1].1), (&marker["tasker_core"], &json!({})));
    for step in made.steps {
        let step = states(&mut connection, step).await;
        assert_eq!((&step[0].1, &step[1].1), (&marker, &json!({})));
    }
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn starts_only_what_is_pending(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let unknown =
        run_workflow(&mut *connection, TaskId(-1), slots(1), async |_| Ok(json!({}))).await.unwrap();
    assert_eq!(unknown, Outcome::Refused(StartRefusal::UnknownTask));
    let made =
        workflow(Pattern::Linear(1)).task_in(TaskState::InProgress).create(&mut connection).await.unwrap();
    let before = seed::history(&mut connection, made.task.subject()).await;
    let running = run_workflow(&mut *connection, made.task, slots(1), async |_| Ok(json!({}))).await.unwrap();
    assert_eq!(running, Outcome::Refused(StartRefusal::NotPending(State::InProgress)));
    assert_eq!(seed::history(&mut connection, made.task.subject()).await, before);
    let made = workflow(Pattern::Linear(1)).create(&mut connection).await.unwrap();
    assert_eq!(
        run_workflow(&mut *connection, made.task, slots(1), async |_| Ok(json!({}))).await.unwrap(),
        Outcome::Complete
    );
    let again = run_workflow(&mut *connection, made.task, slots(1), async |_| Ok(json!({}))).await.unwrap();
    assert_eq!(again, Outcome::Refused(StartRefusal::AlreadyComplete));
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn leaves_a_task_pending_of_which_another_worker_executes_a_step(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let made = workflow(Pattern::Linear(2)).create(&mut connection).await.unwrap();
    made.steps[0].transition_to(StepState::InProgress, &mut *connection).await.unwrap();
    let outcome = run_workflow(&mut *connection, made.task, slots(1), async |_| Ok(json!({}))).await.unwrap();
    assert_eq!(
        outcome,
        Outcome::Pending { pause: Pause::Processing, come_back: Some(Micros::from_seconds(10)) }
    );
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn pends_a_task_without_steps(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let made = workflow(Pattern::Linear(0)).create(&mut connection).await.unwrap();
    let outcome = run_workflow(&mut *connection, made.task, slots(1), async |_| Ok(json!({}))).await.unwrap();
    // As the engine, whose status of it is to wait for dependencies.
    assert_eq!(outcome, Outcome::Pending { pause: Pause::Waiting, come_back: None });
}

/// The worker whose task was given to another one writes neither the task nor a claim; the step that it executes it may end.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn stops_where_the_task_was_given_to_another_worker(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let made = workflow(Pattern::Linear(3)).create(&mut connection).await.unwrap();
    let (task, steps) = (made.task, made.steps);
    let other = AsyncMutex::new(pool.acquire().await.unwrap());
    let handler = async |step: StepExecution| {
        if step.step == steps[0] {
            let mut other = other.lock().await;
            for state in [TaskState::Pending, TaskState::InProgress] {
                task.transition_to(state, &mut **other).await.unwrap();
            }
        }
        Ok(json!({}))
    };
    assert_eq!(run_workflow(&mut *connection, task, slots(1), handler).await.unwrap(), Outcome::Lost);
    assert_eq!(words(&states(&mut connection, steps[0]).await), ["in_progress", "complete"]);
    assert!(seed::history(&mut connection, steps[1].subject()).await.is_empty());
    assert_eq!(words(&states(&mut connection, task).await), ["in_progress", "pending", "in_progress"]);
}

/// A step that was recovered and claimed anew while its handler was at work.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn ends_no_claim_of_another_worker(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let made = workflow(Pattern::Linear(1)).create(&mut connection).await.unwrap();
    let step = made.steps[0];
    let other = AsyncMutex::new((pool.acquire().await.unwrap(), TransitionId(0)));
    let handler = async |_: StepExecution| {
        let mut other = other.lock().await;
        for state in [StepState::Error, StepState::Pending, StepState::InProgress] {
            other.1 = step.transition_to(state, &mut *other.0).await.unwrap().id;
        }
        Ok(json!({ "late": true }))
    };
    let outcome = run_workflow(&mut *connection, made.task, slots(1), handler).await.unwrap();
    assert!(matches!(outcome, Outcome::Pending { pause: Pause::Processing, .. }), "{outcome:?}");
    let row = step_row(&mut connection, step).await;
    assert_eq!((&row["processed"], &row["results"]["late"]), (&json!(false), &Value::Null));
    assert_eq!(step.state(&mut *connection).await.unwrap(), State::InProgress);
}
