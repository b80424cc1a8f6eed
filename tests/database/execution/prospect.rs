//! `prospect`

use crate::support::seed::{self, edge, record, record_at};
use sqlx::{PgConnection, PgPool};
use tasker_core::ids::StepId;
use tasker_core::operations::execution::{Prospect, prospect};
use tasker_core::operations::transition::Subject;
use tasker_core::state::State;
use tasker_core::store::Connection;
use tasker_core::time::Timestamp;

async fn ask(connection: &mut PgConnection, step: Subject) -> Prospect {
    prospect(&mut Connection(connection), StepId(step.id)).await.unwrap().unwrap()
}

fn ids(steps: &[Subject]) -> Vec<StepId> {
    steps.iter().map(|step| StepId(step.id)).collect()
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn the_state_is_that_of_the_flagged_transition(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    seed::definitions(&mut tx).await;
    let task = seed::task(&mut tx).await;
    let step = seed::step(&mut tx, task).await;
    assert_eq!(ask(&mut tx, step).await.state, State::Pending, "no history");
    record_at(&mut tx, step, "complete", 500, false).await;
    assert_eq!(ask(&mut tx, step).await.state, State::Pending, "a history without a flag");
    for state in State::ALL {
        record_at(&mut tx, step, "failed", 400 - state.as_str().len() as i32, false).await;
        record(&mut tx, step, state.as_str()).await;
        assert_eq!(ask(&mut tx, step).await.state, state);
    }
    record(&mut tx, step, "").await;
    assert_eq!(ask(&mut tx, step).await.state, State::Pending, "the empty word");
    record(&mut tx, step, "Complete").await;
    assert_eq!(ask(&mut tx, step).await.state, State::from("Complete"));
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn parents_stand_in_the_order_of_their_edges(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    seed::definitions(&mut tx).await;
    let (task, other) = (seed::task(&mut tx).await, seed::task(&mut tx).await);
    let steps = seed::steps(&mut tx, task, 5).await;
    let foreign = seed::step(&mut tx, other).await;
    assert_eq!(ask(&mut tx, steps[1]).await.parents, []);
    for parent in [steps[3], foreign, steps[0], steps[3]] {
        edge(&mut tx, parent, steps[1]).await;
    }
    edge(&mut tx, steps[1], steps[4]).await;
    let parents = [steps[3], foreign, steps[0], steps[3]];
    assert_eq!(ask(&mut tx, steps[1]).await.parents, ids(&parents));
    assert_eq!(ask(&mut tx, steps[4]).await.parents, ids(&[steps[1]]));
    assert_eq!(ask(&mut tx, steps[3]).await.parents, []);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn the_last_updates_of_the_task_and_of_the_parents(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    seed::definitions(&mut tx).await;
    let task = seed::task(&mut tx).await;
    let steps = seed::steps(&mut tx, task, 4).await;
    let mut touch = async |table: &str, key: &str, id: i64, at: &str| {
        let update = format!("update {table} set updated_at = $1::timestamp where {key} = $2");
        sqlx::query(sqlx::AssertSqlSafe(update)).bind(at).bind(id).execute(&mut *tx).await.unwrap();
    };
    touch("tasker_tasks", "task_id", task.id, "1970-01-01 00:00:01.000001").await;
    for (step, at) in
        [(0, "1970-01-01 00:00:09"), (1, "1970-01-01 00:00:05"), (2, "1970-01-01 00:00:07"), (3, "infinity")]
    {
        touch("tasker_workflow_steps", "workflow_step_id", steps[step].id, at).await;
    }
    let times = |found: Prospect| (found.task_updated_at, found.parents_updated_at);
    let task_at = Timestamp(1_000_001);
    assert_eq!(times(ask(&mut tx, steps[0]).await), (task_at, None));
    edge(&mut tx, steps[2], steps[0]).await;
    edge(&mut tx, steps[1], steps[0]).await;
    assert_eq!(times(ask(&mut tx, steps[0]).await), (task_at, Some(Timestamp(7_000_000))));
    edge(&mut tx, steps[3], steps[0]).await;
    assert_eq!(times(ask(&mut tx, steps[0]).await), (task_at, Some(Timestamp(i64::MAX))));
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn an_unknown_step_is_none(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    for id in [0, -1, 4_711, i64::MAX] {
        assert_eq!(prospect(&mut Connection(&mut connection), StepId(id)).await.unwrap(), None);
    }
}
