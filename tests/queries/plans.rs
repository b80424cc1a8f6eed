//! What PostgreSQL makes of the statements.

use crate::support::world;
use sqlx::{AssertSqlSafe, PgPool};
use tasker_core::models::{Statement, WorkflowStep};
use tasker_core::query::Query;
use tasker_core::state::State;

/// A generic plan has no values, so that a parameter for `most_recent` would keep it from the partial index.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn generic_plans_use_the_index_on_most_recent_rows(pool: PgPool) {
    let mut tx = world(&pool).await;
    let query = Query::<WorkflowStep>::new().for_task(9010).by_current_state(State::Error);
    let statement = Statement::new(&query.select().unwrap());
    assert!(statement.sql().contains("TRUE"), "{}", statement.sql());
    sqlx::raw_sql("set local plan_cache_mode = force_generic_plan; set local enable_seqscan = off")
        .execute(&mut *tx)
        .await
        .unwrap();
    sqlx::raw_sql(AssertSqlSafe(format!("prepare q as {}", statement.sql())))
        .execute(&mut *tx)
        .await
        .unwrap();
    let plan: Vec<String> =
        sqlx::query_scalar("explain execute q(9010, 'error')").fetch_all(&mut *tx).await.unwrap();
    let plan = plan.join("\n");
    let partial = ["most_recent", "current_state", "completed_parents", "current_errors"];
    assert!(
        plan.lines().any(|line| line.contains("Index") && partial.iter().any(|name| line.contains(name))),
        "{plan}"
    );
}

#[test]
fn the_text_does_not_depend_on_the_number_of_values() {
    let text = |ids: Vec<i64>| {
        let query = Query::<WorkflowStep>::new().filter(WorkflowStep::workflow_step_id.is_in(ids));
        Statement::new(&query.select().unwrap()).sql().to_owned()
    };
    assert_eq!(text(vec![]), text(vec![1, 2, 3]));
    assert!(text(vec![1]).contains("= ANY($1)"), "{}", text(vec![1]));
}
