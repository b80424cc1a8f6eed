//! `get_task_execution_context` and `get_task_execution_contexts_batch`

use crate::support::rows::{context_rows, json};
use crate::support::world::{Plan, World};
use rand::seq::IndexedRandom;
use serde_json::Value;
use sqlx::PgPool;
use std::collections::BTreeSet;
use tasker_core::ids::TaskId;
use tasker_core::operations::context::{task_condition, task_execution_context, task_execution_contexts};
use tasker_core::operations::readiness::step_readiness;
use tasker_core::progress::ExecutionContext;
use tasker_core::store::Connection;

/// The engine writes nothing of nothing as `0.0` and everything else with two decimals; as numbers they are compared.
fn same_scale(mut row: Value) -> Value {
    let percentage = row["completion_percentage"].as_str().unwrap();
    let digits = if percentage.contains('.') {
        percentage.trim_end_matches('0').trim_end_matches('.')
    } else {
        percentage
    };
    row["completion_percentage"] = digits.into();
    row
}

pub fn assert_same(what: &str, ours: &[ExecutionContext], theirs: Vec<Value>) {
    let ours: Vec<Value> = ours.iter().map(|row| same_scale(serde_json::to_value(row).unwrap())).collect();
    let theirs: Vec<Value> = theirs.into_iter().map(same_scale).collect();
    assert_eq!(ours, theirs, "{what}");
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn of_tasks_alone_and_together(pool: PgPool) {
    let mut world = World::create(&pool, &Plan { steps: 8_000, densities: &[0.0, 0.6, 1.0, 2.0] }).await;
    let mut ids: Vec<i64> = world.tasks.iter().map(|task| task.id).collect();
    ids.extend([999_999, -1]);
    let mut words = BTreeSet::new();
    for &id in &ids {
        let ours = task_execution_context(&mut Connection(&mut world.tx), TaskId(id)).await.unwrap();
        let query = sqlx::query(context_rows!("get_task_execution_context($1)")).bind(id);
        let theirs = json(&mut world.tx, query).await;
        assert_same(&format!("task {id}"), ours.as_slice(), theirs);
        let steps = step_readiness(&mut Connection(&mut world.tx), TaskId(id), None).await.unwrap();
        let condition = task_condition(&mut Connection(&mut world.tx), TaskId(id)).await.unwrap();
        assert_eq!(condition, ours.clone().map(|context| (context, steps)), "condition of task {id}");
        words.extend(ours.iter().flat_map(|row| [row.execution_status.as_str(), row.health_status.as_str()]));
    }
    println!("{} contexts compared: {words:?}", world.tasks.len());
    assert_eq!(words.len(), 8, "not every word was met: {words:?}");

    for size in [0, 1, 2, 10, 40, ids.len()] {
        let mut chosen: Vec<i64> = ids.sample(&mut world.rng, size).copied().collect();
        chosen.extend(chosen.first().copied());
        let asked: Vec<TaskId> = chosen.iter().copied().map(TaskId).collect();
        let ours = task_execution_contexts(&mut Connection(&mut world.tx), &asked).await.unwrap();
        let query = sqlx::query(context_rows!("get_task_execution_contexts_batch($1)")).bind(&chosen);
        assert_same(&format!("tasks {chosen:?}"), &ours, json(&mut world.tx, query).await);
    }
}
