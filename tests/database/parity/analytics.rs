//! `get_analytics_metrics_v01`

use crate::support::seed::SEEDED_AT;
use crate::support::world::{Plan, World};
use sqlx::{PgConnection, PgPool, Row};
use tasker_core::metrics::Rates;
use tasker_core::operations::analytics::activity;
use tasker_core::store::Connection;
use tasker_core::time::Timestamp;

/// The engine's fourteen columns as text, with the instants as its wrapper hands them out; decimals without trailing zeros.
async fn theirs(connection: &mut PgConnection, since: Option<Timestamp>) -> Vec<String> {
    let row = sqlx::query(
        "select active_tasks_count::text, total_namespaces_count::text, unique_task_types_count::text,
                trim_scale(system_health_score)::text, task_throughput::text, completion_count::text, error_count::text,
                trim_scale(completion_rate)::text, trim_scale(error_rate)::text, trim_scale(avg_task_duration)::text,
                trim_scale(avg_step_duration)::text, step_throughput::text,
                to_char(analysis_period_start, 'YYYY-MM-DD HH24:MI:SS TZHTZM'),
                to_char(calculated_at, 'YYYY-MM-DD HH24:MI:SS TZHTZM')
         from get_analytics_metrics_v01($1::text::timestamptz)",
    )
    .bind(since.map(Timestamp::to_sql))
    .fetch_one(connection)
    .await
    .unwrap();
    (0..14).map(|column| row.get(column)).collect()
}

async fn ours(connection: &mut PgConnection, since: Option<Timestamp>) -> Vec<String> {
    let activity = activity(&mut Connection(connection), since).await.unwrap();
    let rates = Rates::of(&activity);
    vec![
        activity.active_tasks.to_string(),
        activity.namespaces.to_string(),
        activity.task_types.to_string(),
        rates.health.to_string(),
        activity.period.tasks.to_string(),
        activity.period.completed_tasks.to_string(),
        activity.period.failed_tasks.to_string(),
        rates.completion.to_string(),
        rates.failure.to_string(),
        rates.task_seconds.to_string(),
        rates.step_seconds.to_string(),
        activity.period.steps.to_string(),
        activity.since.into(),
        activity.now.into(),
    ]
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn since_whenever(pool: PgPool) {
    let mut world = World::create(&pool, &Plan { steps: 6_000, densities: &[0.0] }).await;
    sqlx::raw_sql(
        "update tasker_tasks set created_at = now() - task_id % 97 * interval '3 minutes';
         update tasker_workflow_steps set created_at = now() - workflow_step_id % 89 * interval '7.77 seconds';",
    )
    .execute(&mut *world.tx)
    .await
    .unwrap();
    let now: i64 = sqlx::query_scalar("select (extract(epoch from localtimestamp) * 1000000)::bigint")
        .fetch_one(&mut *world.tx)
        .await
        .unwrap();
    let minutes = |ago: i64| Some(Timestamp(now - ago * 60_000_000));
    let mut throughputs = Vec::new();
    for zone in ["UTC", "America/St_Johns"] {
        sqlx::query("select set_config('TimeZone', $1, true)")
            .bind(zone)
            .execute(&mut *world.tx)
            .await
            .unwrap();
        for since in [None, minutes(0), minutes(3), minutes(150), minutes(-30), Some(SEEDED_AT)] {
            let ours = ours(&mut world.tx, since).await;
            assert_eq!(ours, theirs(&mut world.tx, since).await, "since {since:?} in {zone}");
            throughputs.push(ours[4].clone());
        }
    }
    println!("throughputs: {throughputs:?}");
    throughputs.sort_unstable();
    throughputs.dedup();
    assert!(throughputs.len() > 4, "the world is too quiet to say anything");
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn of_nothing(pool: PgPool) {
    let mut world = World::create(&pool, &Plan { steps: 0, densities: &[0.0] }).await;
    sqlx::raw_sql("truncate tasker_tasks cascade").execute(&mut *world.tx).await.unwrap();
    let ours = ours(&mut world.tx, None).await;
    assert_eq!(ours, theirs(&mut world.tx, None).await);
    assert_eq!(ours[..5], ["0", "0", "0", "1", "0"]);
}
