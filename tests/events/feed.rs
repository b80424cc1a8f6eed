//! Reading committed transitions.

use crate::{rest, task};
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection, PgPool};
use tasker_core::events::{Event, EventName, Feed, FeedError, Position};
use tasker_core::factories::{Pattern, workflow};
use tasker_core::ids::StepId;
use tasker_core::run::{Options, StepFailure, run_workflow};
use tasker_core::transitions::{StepState, TaskState, Transitions};

fn names(events: &[Event]) -> Vec<&'static str> {
    events.iter().map(|event| event.name.as_str()).collect()
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_run_is_read_in_its_order(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let mut feed = Feed::from_now(&mut *connection).await.unwrap();
    let made = workflow(Pattern::Linear(2)).in_namespace("payments").create(&mut connection).await.unwrap();
    run_workflow(&mut *connection, made.task, Options::default(), async |step| {
        Ok(json!({ "of": &*step.name }))
    })
    .await
    .unwrap();
    let events = rest(&mut feed, &mut connection).await;
    let order = [
        "task.start_requested",
        "step.execution_requested",
        "step.completed",
        "step.execution_requested",
        "step.completed",
        "task.completed",
    ];
    assert_eq!(names(&events), order);
    assert!(events.iter().all(|event| event.task == made.task && &*event.namespace == "payments"));
    let steps: Vec<Option<StepId>> = events.iter().map(|event| event.step).collect();
    let (first, second) = (Some(made.steps[0]), Some(made.steps[1]));
    assert_eq!(steps, [None, first, first, second, second, None]);
    assert!(rest(&mut feed, &mut connection).await.is_empty());
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn payloads_hold_what_the_rows_say(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let mut feed = Feed::from_now(&mut *connection).await.unwrap();
    let made = workflow(Pattern::Linear(2)).create(&mut connection).await.unwrap();
    let handler = async |step: tasker_core::run::StepExecution| {
        if step.step == made.steps[0] {
            return Ok(json!({ "paid": 7 }));
        }
        let lost =
            StepFailure { backtrace: "line 1".into(), is_permanent: true, ..StepFailure::new("it is lost") };
        Err(lost)
    };
    run_workflow(&mut *connection, made.task, Options::default(), handler).await.unwrap();
    let events = rest(&mut feed, &mut connection).await;
    let payload = |name| {
        let event = events.iter().rfind(|event| event.name == name);
        Value::Object(event.unwrap_or_else(|| panic!("no {name} in {:?}", names(&events))).payload.clone())
    };

    let completed = payload(EventName::StepCompleted);
    assert_eq!(completed["step_results"], json!({ "paid": 7 }));
    assert!(completed["execution_duration"].as_f64().unwrap() >= 0.0);
    assert_eq!((&completed["event_type"], &completed["attempt_number"]), (&json!("completed"), &json!(1)));

    let failed = payload(EventName::StepFailed);
    assert_eq!((&failed["error_message"], &failed["backtrace"]), (&json!("it is lost"), &json!("line 1")));
    assert_eq!((&failed["step_id"], &failed["to_state"]), (&json!(made.steps[1]), &json!("error")));

    let started = payload(EventName::StepExecutionRequested);
    assert_eq!(started["step_dependencies"], json!([completed["step_name"]]));

    let task = payload(EventName::TaskInitializeRequested);
    assert_eq!((&task["task_id"], &task["from_state"]), (&json!(made.task), &Value::Null));
}

/// The first transaction draws its ids before the second one, and commits after it was read.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_transaction_that_commits_late_is_read(pool: PgPool) {
    let mut reader = pool.acquire().await.unwrap();
    let (late, early) = (task(&mut reader).await, task(&mut reader).await);
    let mut feed = Feed::from_now(&mut *reader).await.unwrap();

    let mut first = pool.begin().await.unwrap();
    late.transition_to(TaskState::InProgress, &mut *first).await.unwrap();
    early.transition_to(TaskState::InProgress, &mut *reader).await.unwrap();
    for _ in 0..5 {
        let read = rest(&mut feed, &mut reader).await;
        assert!(read.iter().all(|event| event.task == early));
    }
    first.commit().await.unwrap();
    let read = rest(&mut feed, &mut reader).await;
    assert_eq!(read.iter().map(|event| event.task).collect::<Vec<_>>(), [late]);
    assert!(rest(&mut feed, &mut reader).await.is_empty());
    assert_eq!(feed.position().tasks.gaps().count(), 0);
}

/// It had begun to write before the feed began, and a later id was there already.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_transaction_that_is_under_way_at_the_beginning_is_read(pool: PgPool) {
    let mut reader = pool.acquire().await.unwrap();
    let (late, early) = (task(&mut reader).await, task(&mut reader).await);
    let mut first = pool.begin().await.unwrap();
    late.transition_to(TaskState::InProgress, &mut *first).await.unwrap();
    early.transition_to(TaskState::InProgress, &mut *reader).await.unwrap();
    let mut feed = Feed::from_now(&mut *reader).await.unwrap();
    assert!(rest(&mut feed, &mut reader).await.is_empty());
    first.commit().await.unwrap();
    let read = rest(&mut feed, &mut reader).await;
    assert_eq!(read.iter().map(|event| event.task).collect::<Vec<_>>(), [late]);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn what_is_rolled_back_is_no_event_and_no_lasting_gap(pool: PgPool) {
    let mut reader = pool.acquire().await.unwrap();
    let (given_up, kept) = (task(&mut reader).await, task(&mut reader).await);
    let mut feed = Feed::from_now(&mut *reader).await.unwrap();
    let mut other = pool.begin().await.unwrap();
    given_up.transition_to(TaskState::InProgress, &mut *other).await.unwrap();
    kept.transition_to(TaskState::InProgress, &mut *reader).await.unwrap();
    assert_eq!(rest(&mut feed, &mut reader).await.len(), 1);
    assert_eq!(feed.position().tasks.gaps().count(), 1);
    other.rollback().await.unwrap();
    for _ in 0..2 {
        assert!(rest(&mut feed, &mut reader).await.is_empty());
    }
    assert_eq!(feed.position().tasks.gaps().count(), 0);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_feed_begins_with_the_last_transitions(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let mut tasks = Vec::new();
    for _ in 0..5 {
        let task = task(&mut connection).await;
        task.transition_to(TaskState::InProgress, &mut *connection).await.unwrap();
        tasks.push(task);
    }
    for (count, expected) in [(0, &tasks[5..]), (2, &tasks[3..]), (5, &tasks[..]), (500, &tasks[..])] {
        let mut feed = Feed::from_last(count, &mut *connection).await.unwrap();
        let read = rest(&mut feed, &mut connection).await;
        assert_eq!(read.iter().map(|event| event.task).collect::<Vec<_>>(), expected, "{count}");
    }
}

/// More than one read takes.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn many_transitions_are_read_in_parts_from_the_start(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let made = workflow(Pattern::Linear(1_300)).create(&mut connection).await.unwrap();
    let changes: Vec<_> = made.steps.iter().map(|step| (*step, StepState::Cancelled)).collect();
    StepId::transition_all(&changes, &Default::default(), &mut *connection).await.unwrap();
    let mut feed = Feed::after(Position::default(), &mut *connection).await.unwrap();
    let first = feed.next(&mut *connection).await.unwrap();
    assert!(first.len() < 1_300);
    let mut kept = first;
    // A consumer that goes on after a restart.
    let position = serde_json::from_str(&serde_json::to_string(feed.position()).unwrap()).unwrap();
    let mut feed = Feed::after(position, &mut *connection).await.unwrap();
    kept.extend(rest(&mut feed, &mut connection).await);
    let mut steps: Vec<_> = kept.iter().filter_map(|event| event.step).collect();
    steps.sort_unstable();
    assert_eq!(steps, made.steps);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_step_that_only_begins_its_history_is_no_event(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let made = workflow(Pattern::Linear(1)).create(&mut connection).await.unwrap();
    let mut feed = Feed::from_now(&mut *connection).await.unwrap();
    for (to, metadata) in [("pending", r#"{"initialized_by": "state_machine"}"#), ("on hold", "{}")] {
        sqlx::query(
            "insert into tasker_workflow_step_transitions (to_state, metadata, sort_key, most_recent, workflow_step_id, created_at, updated_at)
             select $1, $2::jsonb, coalesce(max(sort_key) + 10, 0), false, $3, now(), now() from tasker_workflow_step_transitions where workflow_step_id = $3",
        )
        .bind(to)
        .bind(metadata)
        .bind(made.steps[0].0)
        .execute(&mut *connection)
        .await
        .unwrap();
    }
    assert!(rest(&mut feed, &mut connection).await.is_empty());
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn ids_that_sessions_draw_ahead_are_refused(pool: PgPool) {
    let mut connection: PgConnection = pool.acquire().await.unwrap().detach();
    sqlx::raw_sql("alter sequence tasker_task_transitions_id_seq cache 32")
        .execute(&mut connection)
        .await
        .unwrap();
    let refused = Feed::from_now(&mut connection).await.unwrap_err();
    assert!(matches!(refused, FeedError::CachedIds { cache: 32, .. }));
    let expected = "expected the sequence of tasker_task_transitions to have a cache of 1, got 32: ids that sessions draw ahead cannot be followed";
    assert_eq!(refused.to_string(), expected);
    connection.close().await.unwrap();
}

#[sqlx::test(migrations = false)]
async fn a_database_without_the_tables_is_an_error(pool: PgPool) {
    let refused = Feed::from_now(&mut *pool.acquire().await.unwrap()).await.unwrap_err();
    let FeedError::Database(_) = refused else { panic!("{refused:?}") };
    assert!(refused.to_string().contains("tasker_task_transitions"), "{refused}");
}
