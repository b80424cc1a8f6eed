//! Transitions: their order, their statistics, and what a single one says of itself.

use crate::database::seed::{definitions, step, task};
use crate::support::world;
use serde_json::{Value, json};
use sqlx::{PgConnection, PgPool};
use tasker_core::models::{TaskTransition, WorkflowStepTransition};
use tasker_core::query::Query;
use tasker_core::state::State;

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn the_most_recent_have_the_greatest_sort_keys(pool: PgPool) {
    let mut tx = world(&pool).await;
    let recent = Query::<WorkflowStepTransition>::new().recent().all(&mut *tx).await.unwrap();
    assert!(recent.is_sorted_by_key(|transition| std::cmp::Reverse(transition.sort_key)));
    let of_error = Query::<TaskTransition>::new().most_recent_to_state(State::Error, &mut *tx).await.unwrap();
    let greatest: i32 =
        sqlx::query_scalar("select max(sort_key) from tasker_task_transitions where to_state = 'error'")
            .fetch_one(&mut *tx)
            .await
            .unwrap();
    assert_eq!(of_error.unwrap().sort_key, greatest);
}

/// Writes a history of a new step: state, metadata, and the second of its creation.
async fn history(connection: &mut PgConnection, rows: &[(&str, Value)]) -> i64 {
    definitions(connection).await;
    let task = task(connection).await;
    let step = step(connection, task).await.id;
    for (place, (state, metadata)) in rows.iter().enumerate() {
        sqlx::query(
            "insert into tasker_workflow_step_transitions
               (workflow_step_id, to_state, metadata, sort_key, most_recent, created_at, updated_at)
             values ($1, $2, $3, $4, $5, timestamp '2025-01-01' + $4 * interval '1.5 seconds', now())",
        )
        .bind(step)
        .bind(state)
        .bind(metadata)
        .bind(place as i32)
        .bind(place + 1 == rows.len())
        .execute(&mut *connection)
        .await
        .unwrap();
    }
    step
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn statistics_count_each_retry_once(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let duration = |seconds: Value| json!({ "execution_duration": seconds });
    let rows = [
        ("error", duration(json!(1))),
        ("pending", json!({})),
        ("error", duration(json!(2.5))),
        ("pending", json!({})),
        ("complete", duration(json!("not a number"))),
    ];
    history(&mut tx, &rows).await;
    let steps = Query::<WorkflowStepTransition>::new();
    let statistics = steps.statistics(&mut *tx).await.unwrap();
    assert_eq!(statistics.total_transitions, 5);
    assert_eq!(
        statistics.states.into_iter().collect::<Vec<_>>(),
        [("complete".to_owned(), 1), ("error".to_owned(), 2), ("pending".to_owned(), 2)]
    );
    assert_eq!((statistics.recent_activity, statistics.retry_attempts), (0, Some(2)));
    assert_eq!(statistics.average_execution_time, Some(1.75));
    assert_eq!(statistics.average_time_between_transitions, Some(1.5));
    assert_eq!(steps.clone().retry_transitions().count(&mut *tx).await.unwrap(), 2);

    let one = steps.to_state(State::Complete).statistics(&mut *tx).await.unwrap();
    assert_eq!((one.total_transitions, one.average_time_between_transitions), (1, None));
    let tasks = Query::<TaskTransition>::new().statistics(&mut *tx).await.unwrap();
    assert_eq!(
        (tasks.total_transitions, tasks.retry_attempts, tasks.average_execution_time),
        (0, None, None)
    );
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_transition_of_a_step_says_what_it_is(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let rows = [
        ("pending", json!({})),
        ("in_progress", json!({ "attempt_number": 2 })),
        (
            "error",
            json!({ "error_message": "timeout", "backoff_until": "2025-01-01T00:00:30Z", "backoff_seconds": 30, "retry_available": true }),
        ),
        ("error", json!({})),
        ("pending", json!({ "retry_attempt": true, "attempt_number": 3 })),
        ("complete", json!({ "execution_duration": 1.239 })),
        ("complete", json!({ "execution_duration": 2 })),
        ("resolved_manually", json!({ "resolved_by": "Ada" })),
        ("cancelled", json!({})),
        ("strange", json!({})),
    ];
    let step = history(&mut tx, &rows).await;
    let mut all = Query::<WorkflowStepTransition>::new().recent().all(&mut *tx).await.unwrap();
    all.reverse();
    let said: Vec<String> = all.iter().map(WorkflowStepTransition::description).collect();
    assert_eq!(
        said,
        [
            "Step initialized and ready for execution",
            "Step execution started (attempt #2)",
            "Step failed: timeout (retry scheduled)",
            "Step failed: Unknown error",
            "Step retry attempt #3",
            "Step completed successfully in 1.24s",
            "Step completed successfully in 2s",
            "Step manually resolved by Ada",
            "Step cancelled due to manual cancellation",
            "Step transitioned to strange",
        ]
    );
    let of = |test: fn(&WorkflowStepTransition) -> bool| -> Vec<usize> {
        (0..all.len()).filter(|place| test(&all[*place])).collect()
    };
    assert_eq!(of(WorkflowStepTransition::is_error_transition), [2, 3]);
    assert_eq!(of(WorkflowStepTransition::is_completion_transition), [5, 6, 7]);
    assert_eq!(of(WorkflowStepTransition::is_cancellation_transition), [8]);
    assert_eq!(of(WorkflowStepTransition::is_retry_transition), [4]);
    let backoff = all[2].backoff_info().unwrap();
    assert_eq!(backoff.backoff_until.unwrap().timestamp(), 1_735_689_630);
    assert_eq!((backoff.backoff_seconds, backoff.retry_available), (Some(30.0), true));
    assert_eq!(all[3].backoff_info(), None);
    assert_eq!((all[5].execution_duration(), all[3].execution_duration()), (Some(1.239), None));
    assert_eq!((all[4].attempt_number(), all[0].attempt_number()), (json!(3), json!(1)));

    assert_eq!(all[0].duration_since_previous(&mut *tx).await.unwrap(), None);
    assert_eq!(all[1].duration_since_previous(&mut *tx).await.unwrap().unwrap().num_milliseconds(), 1_500);
    let formatted = all[1].formatted_metadata(&mut *tx).await.unwrap();
    let expected = json!({
        "attempt_number": 2, "duration_since_previous": 1.5, "step_name": "step",
        "transition_description": "Step execution started (attempt #2)", "transition_timestamp": "2025-01-01T00:00:01Z",
        "task_id": formatted["task_id"],
    });
    assert_eq!(Value::Object(formatted), expected);
    assert!(step > 0);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn metadata_are_read_and_set_also_where_there_are_none(pool: PgPool) {
    let mut tx = world(&pool).await;
    sqlx::raw_sql("update tasker_task_transitions set metadata = null").execute(&mut *tx).await.unwrap();
    let mut transition = Query::<TaskTransition>::new().recent().first(&mut *tx).await.unwrap().unwrap();
    assert!(!transition.has_metadata("actor"));
    assert_eq!(transition.get_metadata("actor"), None);
    transition.set_metadata("actor", "Ada");
    transition.set_metadata("attempts", 2);
    assert_eq!(transition.metadata, Some(json!({ "actor": "Ada", "attempts": 2 })));
    assert!(transition.has_metadata("actor"));
    let formatted = transition.formatted_metadata(&mut *tx).await.unwrap();
    assert_eq!(formatted["transition_description"], transition.description());
    assert!(formatted["duration_since_previous"].is_number());
}
