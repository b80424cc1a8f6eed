//! The statements of a run, each with what it has to leave alone.

use crate::support::seed::{self, AT};
use serde_json::json;
use sqlx::{Connection, PgConnection, PgPool};
use std::num::NonZeroU32;
use tasker_core::Session;
use tasker_core::factories::{Pattern, Workflow, workflow};
use tasker_core::ids::{StepId, TransitionId};
use tasker_core::operations::execution::Ending;
use tasker_core::run::{
    Options, Outcome, Pause, Reply, Request, StepEnded, StepExecution, StepResult, WorkflowRun, finish_steps,
};
use tasker_core::session::Query;
use tasker_core::state::State;
use tasker_core::transitions::{StepState, TaskState, Transitions};

const SUCCESS: StepResult = StepResult::Complete { results: None };

/// A run that has started, with the request that follows.
async fn started(connection: &mut PgConnection, made: &Workflow, slots: u32) -> (WorkflowRun, Request) {
    let slots = NonZeroU32::new(slots).unwrap();
    let mut run =
        WorkflowRun::start(made.task, Options { slots, claims_with_start: false, ..Options::default() });
    let Request::Query(start) = run.next(Reply::Continue, AT).unwrap() else { panic!("a start") };
    let rows = connection.rows(start).await.unwrap();
    assert_eq!(rows.len(), 1);
    let request = run.next(Reply::Rows(rows), AT).unwrap();
    (run, request)
}

fn query(request: Request) -> Query {
    let Request::Query(query) = request else { panic!("a statement, got {request:?}") };
    query
}

/// Runs statements until the run asks for something else.
async fn until_other(connection: &mut PgConnection, run: &mut WorkflowRun, mut request: Request) -> Request {
    while let Request::Query(query) = request {
        let rows = connection.rows(query).await.unwrap();
        request = run.next(Reply::Rows(rows), AT).unwrap();
    }
    request
}

async fn claimed(
    connection: &mut PgConnection,
    made: &Workflow,
    slots: u32,
) -> (WorkflowRun, Vec<StepExecution>) {
    let (mut run, request) = started(connection, made, slots).await;
    match until_other(connection, &mut run, request).await {
        Request::Execute(steps) => (run, steps),
        other => panic!("steps, got {other:?}"),
    }
}

fn ids(steps: &[StepExecution]) -> Vec<StepId> {
    steps.iter().map(|execution| execution.step).collect()
}

async fn finish(connection: &mut PgConnection, execution: StepExecution) -> StepEnded {
    let mut ends = finish_steps(connection, &[(execution, SUCCESS)], AT).await.unwrap();
    ends.remove(0).ended
}

async fn history(connection: &mut PgConnection, step: StepId) -> Vec<(String, i32, bool)> {
    let rows = seed::history(connection, step.subject()).await;
    rows.into_iter().map(|row| (row.to_state, row.sort_key, row.most_recent)).collect()
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn claims_as_many_as_there_are_slots_in_the_order_of_ids(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let made = workflow(Pattern::Linear(5)).create(&mut tx).await.unwrap();
    sqlx::raw_sql("delete from tasker_workflow_step_edges").execute(&mut *tx).await.unwrap();
    // Fresh steps and steps with a transition are one wave.
    seed::record(&mut tx, made.steps[1].subject(), "pending").await;
    seed::record(&mut tx, made.steps[3].subject(), "pending").await;
    let (mut run, first) = claimed(&mut tx, &made, 2).await;
    assert_eq!(ids(&first), made.steps[..2]);
    assert_eq!(history(&mut tx, made.steps[0]).await, [("in_progress".into(), 10, true)]);
    assert_eq!(
        history(&mut tx, made.steps[1]).await,
        [("pending".into(), 10, false), ("in_progress".into(), 20, true)]
    );
    let token = first[1].claim;
    let recent: i64 = sqlx::query_scalar(
        "select id from tasker_workflow_step_transitions where most_recent and workflow_step_id = $1",
    )
    .bind(made.steps[1].0)
    .fetch_one(&mut *tx)
    .await
    .unwrap();
    assert_eq!(token, TransitionId(recent));

    let attempts: Vec<_> = first.into_iter().map(|execution| (execution, SUCCESS)).collect();
    let ends = finish_steps(&mut *tx, &attempts, AT).await.unwrap();
    let request = run.next(Reply::Ended(ends), AT).unwrap();
    let Request::Execute(second) = until_other(&mut tx, &mut run, request).await else { panic!("steps") };
    assert_eq!(ids(&second), made.steps[2..4]);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn makes_a_failed_step_pending_before_it_is_in_progress(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let made = workflow(Pattern::Linear(1)).create(&mut tx).await.unwrap();
    for state in ["in_progress", "error"] {
        seed::record(&mut tx, made.steps[0].subject(), state).await;
    }
    let (_, steps) = claimed(&mut tx, &made, 1).await;
    assert_eq!(ids(&steps), made.steps);
    let states = history(&mut tx, made.steps[0]).await;
    let states: Vec<_> = states.iter().map(|(state, key, recent)| (&**state, *key, *recent)).collect();
    assert_eq!(
        states,
        [("in_progress", 10, false), ("error", 20, false), ("pending", 30, false), ("in_progress", 40, true)]
    );
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn leaves_steps_that_are_not_ready(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let made = workflow(Pattern::Linear(6)).create(&mut tx).await.unwrap();
    sqlx::raw_sql("delete from tasker_workflow_step_edges").execute(&mut *tx).await.unwrap();
    for (step, change) in [
        (0, "retryable = false"),
        (1, "attempts = 3"),
        (2, "in_process = true"),
        (3, "processed = true"),
        (4, "backoff_request_seconds = 60, last_attempted_at = localtimestamp"),
    ] {
        let update = format!("update tasker_workflow_steps set {change} where workflow_step_id = $1");
        sqlx::query(sqlx::AssertSqlSafe(update)).bind(made.steps[step].0).execute(&mut *tx).await.unwrap();
    }
    let (_, steps) = claimed(&mut tx, &made, 6).await;
    assert_eq!(ids(&steps), made.steps[5..]);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn passes_by_a_step_that_is_locked_and_waits_for_it_if_there_is_no_other(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let made = workflow(Pattern::ParallelMerge(2)).create(&mut connection).await.unwrap();
    let mut other = pool.acquire().await.unwrap();
    let mut lock = other.begin().await.unwrap();
    let locked = "select from tasker_workflow_steps where workflow_step_id = $1 for no key update";
    sqlx::query(locked).bind(made.steps[0].0).execute(&mut *lock).await.unwrap();
    let (mut run, others) = claimed(&mut connection, &made, 3).await;
    assert_eq!(ids(&others), made.steps[1..2]);
    let ends = finish_steps(&mut *connection, &[(others[0].clone(), SUCCESS)], AT).await.unwrap();
    let mut next = query(run.next(Reply::Ended(ends), AT).unwrap());
    let mut names = Vec::new();
    while next.name != "look and claim" || next.sql.contains("skip locked") {
        names.push(next.name);
        let rows = connection.rows(next).await.unwrap();
        next = query(run.next(Reply::Rows(rows), AT).unwrap());
    }
    // The rest of the wave, all steps, and the reason why there is none.
    assert_eq!(names, ["look and claim", "look and claim", "task execution context"]);
    let waiting = next;
    lock.rollback().await.unwrap();
    let rows = connection.rows(waiting).await.unwrap();
    let Request::Execute(steps) = run.next(Reply::Rows(rows), AT).unwrap() else { panic!("steps") };
    assert_eq!(ids(&steps), made.steps[..1]);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_task_of_another_worker_has_no_ready_steps(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let made = workflow(Pattern::Linear(1)).create(&mut tx).await.unwrap();
    let (mut run, look) = started(&mut tx, &made, 1).await;
    for state in [TaskState::Pending, TaskState::InProgress] {
        made.task.transition_to(state, &mut *tx).await.unwrap();
    }
    assert_eq!(until_other(&mut tx, &mut run, look).await, Request::Done(Outcome::Lost));
    assert!(history(&mut tx, made.steps[0]).await.is_empty());
}

/// The statement of a start that claims, which has not run yet.
fn start_that_claims(made: &Workflow) -> (WorkflowRun, Query) {
    let mut run = WorkflowRun::start(made.task, Options::default());
    let start = query(run.next(Reply::Continue, AT).unwrap());
    assert_eq!(start.name, "start and claim");
    (run, start)
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_start_claims_the_first_steps(pool: PgPool) {
    for pending_row in [false, true] {
        let mut tx = pool.begin().await.unwrap();
        let made = workflow(Pattern::Diamond).create(&mut tx).await.unwrap();
        if pending_row {
            seed::record(&mut tx, made.task.subject(), "pending").await;
        }
        let (mut run, start) = start_that_claims(&made);
        let rows = tx.rows(start).await.unwrap();
        let Request::Execute(steps) = run.next(Reply::Rows(rows), AT).unwrap() else { panic!("a step") };
        assert_eq!(ids(&steps), made.steps[..1]);
        assert_eq!(run.steps(), Some(4));
        let claim: (i64, serde_json::Value) = sqlx::query_as(
            "select id, metadata from tasker_task_transitions where most_recent and to_state = 'in_progress' and task_id = $1",
        )
        .bind(made.task.0)
        .fetch_one(&mut *tx)
        .await
        .unwrap();
        assert_eq!(run.claim(), Some(TransitionId(claim.0)));
        assert_eq!(claim.1, json!({ "initialization_completed": true, "step_dependencies_established": 4 }));
    }
}

/// Without a step that can be claimed nothing is written, and the task is started on its own.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_start_without_a_claim_is_one_of_its_own(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let made = workflow(Pattern::Linear(1)).create(&mut connection).await.unwrap();
    let mut other = pool.acquire().await.unwrap();
    let mut lock = other.begin().await.unwrap();
    let locked = "select from tasker_workflow_steps where workflow_step_id = $1 for no key update";
    sqlx::query(locked).bind(made.steps[0].0).execute(&mut *lock).await.unwrap();
    let (mut run, start) = start_that_claims(&made);
    let rows = connection.rows(start).await.unwrap();
    assert!(rows.is_empty());
    assert!(seed::history(&mut connection, made.task.subject()).await.is_empty());
    let alone = query(run.next(Reply::Rows(rows), AT).unwrap());
    assert_eq!(alone.name, "start task");
    let rows = connection.rows(alone).await.unwrap();
    lock.rollback().await.unwrap();
    let request = run.next(Reply::Rows(rows), AT).unwrap();
    let Request::Execute(steps) = until_other(&mut connection, &mut run, request).await else {
        panic!("a step")
    };
    assert_eq!(ids(&steps), made.steps);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_start_of_what_is_not_pending_claims_nothing(pool: PgPool) {
    for state in ["in_progress", "error", "complete"] {
        let mut tx = pool.begin().await.unwrap();
        let made = workflow(Pattern::Linear(1)).create(&mut tx).await.unwrap();
        seed::record(&mut tx, made.task.subject(), state).await;
        let (_, start) = start_that_claims(&made);
        assert!(tx.rows(start).await.unwrap().is_empty(), "{state}");
        assert!(history(&mut tx, made.steps[0]).await.is_empty(), "{state}");
        assert_eq!(seed::history(&mut tx, made.task.subject()).await.len(), 1, "{state}");
    }
}

/// The claim of a step that another session has made since the snapshot: the task is not started either.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_start_whose_claim_is_refused_writes_nothing(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let made = workflow(Pattern::Linear(1)).create(&mut connection).await.unwrap();
    let step = made.steps[0];
    // What a session does that holds the advisory lock which the start waits for, after its snapshot, and writes meanwhile.
    let mut other = pool.acquire().await.unwrap();
    let mut holder = other.begin().await.unwrap();
    sqlx::query("select pg_advisory_xact_lock(hashtextextended('tasker_task_transitions', $1))")
        .bind(made.task.0)
        .execute(&mut *holder)
        .await
        .unwrap();
    let (_, start) = start_that_claims(&made);
    let waiting = tokio::spawn(async move { connection.rows(start).await.map(|_| ()) });
    let blocked = "select exists (
      select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and wait_event = 'advisory'
    )";
    let mut watch = pool.acquire().await.unwrap();
    let is_waiting = async {
        while !sqlx::query_scalar::<_, bool>(blocked).fetch_one(&mut *watch).await.unwrap() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), is_waiting).await.expect("a start that waits");
    // By hand, since the start has the step locked.
    sqlx::query(
        "insert into tasker_workflow_step_transitions (to_state, sort_key, most_recent, workflow_step_id, created_at, updated_at)
         values ('in_progress', 10, true, $1, now(), now())",
    )
    .bind(step.0)
    .execute(&mut *holder)
    .await
    .unwrap();
    holder.commit().await.unwrap();
    let error = waiting.await.unwrap().unwrap_err();
    assert!(error.to_string().contains("duplicate key"), "{error}");
    assert!(seed::history(&mut watch, made.task.subject()).await.is_empty());
    assert_eq!(history(&mut watch, step).await.len(), 1);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn claims_no_successor_that_waits_for_another_step(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let made = workflow(Pattern::Diamond).create(&mut tx).await.unwrap();
    let [start, left, right, end] = made.steps[..] else { panic!("four steps") };
    let (_, steps) = claimed(&mut tx, &made, 1).await;
    assert_eq!(ids(&steps), [start]);
    let mut execution = steps[0].clone();
    execution.successor = Some(end);
    assert_eq!(finish(&mut tx, execution).await, StepEnded::Complete { successor: None });
    for (step, next) in [(left, None), (right, Some(end))] {
        let claim = step.transition_to(StepState::InProgress, &mut *tx).await.unwrap().id;
        let mut execution = steps[0].clone();
        (execution.step, execution.claim, execution.successor) = (step, claim, Some(end));
        let StepEnded::Complete { successor } = finish(&mut tx, execution).await else { panic!("complete") };
        assert_eq!(successor.as_ref().map(|execution| execution.step), next);
        assert_eq!(successor.is_some(), !history(&mut tx, end).await.is_empty());
    }
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn claims_no_successor_of_which_an_attempt_was_made_or_that_is_not_ready(pool: PgPool) {
    for change in [
        "retryable = false",
        "attempts = 1",
        "in_process = true",
        "processed = true",
        "retry_limit = 0",
        "last_attempted_at = localtimestamp",
        "backoff_request_seconds = 1",
    ] {
        let mut tx = pool.begin().await.unwrap();
        let made = workflow(Pattern::Linear(2)).create(&mut tx).await.unwrap();
        let (_, steps) = claimed(&mut tx, &made, 1).await;
        assert_eq!(steps[0].successor, Some(made.steps[1]));
        let update = format!("update tasker_workflow_steps set {change} where workflow_step_id = $1");
        sqlx::query(sqlx::AssertSqlSafe(update)).bind(made.steps[1].0).execute(&mut *tx).await.unwrap();
        assert_eq!(
            finish(&mut tx, steps[0].clone()).await,
            StepEnded::Complete { successor: None },
            "{change}"
        );
        assert!(history(&mut tx, made.steps[1]).await.is_empty(), "{change}");
    }
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn an_end_without_its_claim_writes_nothing(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let made = workflow(Pattern::Linear(3)).create(&mut tx).await.unwrap();
    let (_, steps) = claimed(&mut tx, &made, 1).await;
    for state in [StepState::Error, StepState::Pending, StepState::InProgress] {
        made.steps[0].transition_to(state, &mut *tx).await.unwrap();
    }
    let before = seed::step_row(&mut tx, made.steps[0].subject()).await;
    let failed = StepResult::Failed(tasker_core::run::StepFailure::new("late"));
    for result in [SUCCESS, failed] {
        let ends = finish_steps(&mut *tx, &[(steps[0].clone(), result.clone())], AT).await.unwrap();
        assert_eq!(ends[0].ended, StepEnded::ClaimLost);
        let both = [(steps[0].clone(), result), (steps[0].clone(), SUCCESS)];
        let ends = finish_steps(&mut *tx, &both, AT).await.unwrap();
        assert!(ends.iter().all(|end| end.ended == StepEnded::ClaimLost), "{ends:?}");
    }
    assert_eq!(seed::step_row(&mut tx, made.steps[0].subject()).await, before);
    assert!(history(&mut tx, made.steps[1]).await.is_empty());
    assert_eq!(made.steps[0].state(&mut *tx).await.unwrap(), State::InProgress);
}

/// A host that saves records of its own says which columns change; nothing else does.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn an_end_saves_the_columns_that_it_is_given(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let made = workflow(Pattern::Linear(2)).create(&mut tx).await.unwrap();
    let before =
        "update tasker_workflow_steps set results = '{\"kept\": false}', inputs = '[1]', attempts = 1";
    sqlx::raw_sql(before).execute(&mut *tx).await.unwrap();
    let (_, steps) = claimed(&mut tx, &made, 1).await;
    let columns = json!({
        "retryable": false, "retry_limit": null, "in_process": true, "processed": true, "processed_at": "2026-01-31 12:00:00.000001",
        "attempts": 7, "last_attempted_at": null, "backoff_request_seconds": 9, "inputs": null, "results": { "new": 1 }, "skippable": true,
        "task_id": 0, "workflow_step_id": 0, "named_step_id": 0, "created_at": null, "updated_at": null, "unknown": 1,
    });
    let row = seed::step_row(&mut tx, made.steps[0].subject()).await;
    let saved = StepResult::Saved { ending: Ending::Complete, columns: columns.to_string().into() };
    let ends = finish_steps(&mut *tx, &[(steps[0].clone(), saved)], AT).await.unwrap();
    assert!(matches!(ends[0].ended, StepEnded::Complete { successor: None }), "{ends:?}");
    let after = seed::step_row(&mut tx, made.steps[0].subject()).await;
    for (column, was) in row.as_object().unwrap() {
        let wanted = match column.as_str() {
            "task_id" | "workflow_step_id" | "named_step_id" | "created_at" => was.clone(),
            "updated_at" => json!(AT.to_sql().replacen(' ', "T", 1)),
            "processed_at" => json!("2026-01-31T12:00:00.000001"),
            _ => columns[column].clone(),
        };
        assert_eq!(after[column], wanted, "{column}");
    }
    assert!(
        columns.as_object().unwrap().keys().all(|column| row.get(column).is_some() || column == "unknown")
    );
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_step_carries_its_inputs_results_and_the_results_of_its_parents(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let made = workflow(Pattern::Linear(2)).create(&mut tx).await.unwrap();
    sqlx::raw_sql(
        r#"update tasker_workflow_steps set inputs = '{"amount": 7}', results = '{"before": true}', attempts = null, retry_limit = null"#,
    )
    .execute(&mut *tx)
    .await
    .unwrap();
    let (mut run, steps) = claimed(&mut tx, &made, 1).await;
    assert_eq!(steps[0].inputs.as_deref(), Some(r#"{"amount": 7}"#));
    assert_eq!(steps[0].results.as_deref(), Some(r#"{"before": true}"#));
    assert_eq!((steps[0].attempts, steps[0].retry_limit), (0, 3));
    assert_eq!(steps[0].parents(&mut *tx).await.unwrap(), []);
    let result = StepResult::Complete { results: Some(json!({ "paid": 7 }).to_string().into()) };
    let ends = finish_steps(&mut *tx, &[(steps[0].clone(), result)], AT).await.unwrap();
    let Request::Execute(next) = run.next(Reply::Ended(ends), AT).unwrap() else { panic!("the successor") };
    let parents = next[0].parents(&mut *tx).await.unwrap();
    let [parent] = &parents[..] else { panic!("one parent, got {parents:?}") };
    assert_eq!((parent.step, &parent.name), (made.steps[0], &steps[0].name));
    assert_eq!(parent.results.as_deref(), Some(r#"{"paid": 7}"#));
}

/// What routes statements by their text sends them to the primary.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn every_statement_that_writes_is_an_insert_by_its_text(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let made = workflow(Pattern::Linear(1)).create(&mut tx).await.unwrap();
    let mut run = WorkflowRun::start(made.task, Options::default());
    let mut request = run.next(Reply::Continue, AT).unwrap();
    let mut names = Vec::new();
    loop {
        request = match request {
            Request::Query(query) => {
                names.push(query.name);
                let main = query.sql.rfind("\n)\ninsert into").or_else(|| query.sql.rfind("\n)\nupdate"));
                let reads = query.access == tasker_core::session::Access::Read;
                assert!(reads || main.is_some(), "{}", query.sql);
                let rows = tx.rows(query).await.unwrap();
                run.next(Reply::Rows(rows), AT).unwrap()
            }
            Request::Execute(steps) => {
                let attempts: Vec<_> = steps.into_iter().map(|step| (step, SUCCESS)).collect();
                run.next(Reply::Ended(finish_steps(&mut *tx, &attempts, AT).await.unwrap()), AT).unwrap()
            }
            Request::Done(outcome) => {
                assert_eq!(outcome, Outcome::Complete);
                break;
            }
            Request::Publish(_) | Request::Offer(_) => panic!("no listener"),
        };
    }
    assert_eq!(names, ["start and claim", "finish task"]);
}

/// A step that waits for a step of another task keeps the run from knowing the next wave, not from executing it.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn executes_a_task_of_which_a_step_waits_for_another_task(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let first = workflow(Pattern::Linear(1)).create(&mut tx).await.unwrap();
    let second = workflow(Pattern::Linear(2)).create(&mut tx).await.unwrap();
    seed::edge(&mut tx, first.steps[0].subject(), second.steps[1].subject()).await;
    let (mut run, steps) = claimed(&mut tx, &second, 1).await;
    assert_eq!(steps[0].successor, None);
    let ends = finish_steps(&mut *tx, &[(steps[0].clone(), SUCCESS)], AT).await.unwrap();
    let request = run.next(Reply::Ended(ends), AT).unwrap();
    let end = until_other(&mut tx, &mut run, request).await;
    assert_eq!(end, Request::Done(Outcome::Pending { pause: Pause::Waiting, come_back: None }));
}
