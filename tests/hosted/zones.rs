//! Sessions in another time zone than the shared tables.

use crate::cases::{reads, writes};
use crate::host::{answer, create_world};
use serde_json::{Value as Json, json};
use sqlx::{Connection as _, PgConnection, PgPool};

async fn in_zone(
    connection: &mut PgConnection,
    zone: &'static str,
    operation: &str,
    arguments: &Json,
) -> Json {
    let mut tx = connection.begin().await.unwrap();
    sqlx::query("select set_config('TimeZone', $1, true)").bind(zone).execute(&mut *tx).await.unwrap();
    let mut answer = answer(&mut tx, operation, arguments).await;
    tx.rollback().await.unwrap();
    // Sequences go on, and other tests connect.
    if let Json::Object(fields) = &mut answer {
        fields.retain(|name, _| !["id", "active_connections"].contains(&name.as_str()));
    }
    if operation == "create_steps" {
        answer = json!(answer.as_array().map(Vec::len));
    }
    answer
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn answers_do_not_depend_on_the_zone_of_the_session(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    // One transaction, so that the clock stands.
    let mut tx = connection.begin().await.unwrap();
    create_world(&mut tx).await;
    // Due in two seconds, and made just now, by a clock in UTC.
    sqlx::raw_sql(
        "update tasker_workflow_steps set retry_limit = 9, attempts = 1, backoff_request_seconds = 2,
                last_attempted_at = now() at time zone 'UTC' where workflow_step_id = 12;
         update tasker_tasks set created_at = now() at time zone 'UTC' - interval '10 minutes'
         where task_id = 9007199254740993",
    )
    .execute(&mut *tx)
    .await
    .unwrap();
    let wait = json!({ "task": 9_007_199_254_740_993_i64 });
    for (operation, arguments) in reads().into_iter().chain(writes()) {
        let utc = in_zone(&mut tx, "UTC", operation, &arguments).await;
        for zone in ["America/New_York", "Asia/Kathmandu"] {
            let there = in_zone(&mut tx, zone, operation, &arguments).await;
            assert_eq!(there, utc, "{operation} {arguments} in {zone}");
        }
    }
    assert_eq!(in_zone(&mut tx, "America/New_York", "next_wait", &wait).await, json!(2_000_000));
    let activity = in_zone(&mut tx, "America/New_York", "activity", &json!({})).await;
    assert_eq!(activity["period"]["tasks"], 1);
}
