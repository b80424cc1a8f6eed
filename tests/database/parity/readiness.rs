//! `get_step_readiness_status` and `get_step_readiness_status_batch`

use crate::support::rows::{assert_same, json, readiness_rows};
use crate::support::world::{Plan, World};
use rand::RngExt;
use rand::seq::IndexedRandom;
use sqlx::{PgConnection, PgPool};
use tasker_core::ids::{StepId, TaskId};
use tasker_core::operations::readiness::{step_readiness, step_readiness_of_tasks, viable_steps};
use tasker_core::readiness::Readiness;
use tasker_core::store::Connection;

const DENSITIES: &[f64] = &[0.0, 0.6, 1.0, 1.5, 3.0];

async fn of_task(tx: &mut PgConnection, task: i64) -> Vec<serde_json::Value> {
    json(tx, sqlx::query(readiness_rows!("get_step_readiness_status($1)")).bind(task)).await
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn of_tasks_alone_and_together(pool: PgPool) {
    let mut world = World::create(&pool, &Plan { steps: 20_000, densities: DENSITIES }).await;
    let mut ids: Vec<i64> = world.tasks.iter().map(|task| task.id).collect();
    ids.push(999_999);
    let mut rows: Vec<Readiness> = Vec::new();
    for &id in &ids {
        let ours = step_readiness(&mut Connection(&mut world.tx), TaskId(id), None).await.unwrap();
        let theirs = of_task(&mut world.tx, id).await;
        assert_same(&format!("task {id}"), &ours, &theirs);
        rows.extend(ours);
    }
    assert!(rows.len() >= 20_000);
    let count = |of: fn(&Readiness) -> bool| rows.iter().filter(|row| of(row)).count();
    let ready = count(|row| row.ready_for_execution);
    let waiting = count(|row| row.next_retry_at.is_some());
    println!(
        "{} tasks, {} steps compared, {ready} ready, {waiting} with a wait",
        world.tasks.len(),
        rows.len()
    );
    assert!(ready > 500 && waiting > 5_000, "the world is too quiet to say anything");

    let mut compared = 0;
    for size in [0, 1, 2, 10, 40, ids.len()] {
        let mut chosen: Vec<i64> = ids.sample(&mut world.rng, size).copied().collect();
        chosen.extend(chosen.first().copied());
        let asked: Vec<TaskId> = chosen.iter().copied().map(TaskId).collect();
        let ours = step_readiness_of_tasks(&mut Connection(&mut world.tx), &asked).await.unwrap();
        let query = sqlx::query(readiness_rows!("get_step_readiness_status_batch($1)")).bind(&chosen);
        compared += assert_same(&format!("tasks {chosen:?}"), &ours, &json(&mut world.tx, query).await);
    }
    println!("{compared} steps compared in groups of tasks");
    assert!(compared >= rows.len());
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn of_chosen_steps(pool: PgPool) {
    let mut world = World::create(&pool, &Plan { steps: 4_000, densities: DENSITIES }).await;
    let everywhere = world.step_ids();
    let mut compared = 0;
    for task in &world.tasks {
        let mut chosen = vec![-1, 999_999];
        let own = world.rng.random_range(0..=task.steps.len());
        chosen.extend(task.steps.sample(&mut world.rng, own));
        chosen.extend(everywhere.sample(&mut world.rng, 3));
        chosen.extend(chosen.last().copied());
        let asked: Vec<StepId> = chosen.iter().copied().map(StepId).collect();

        let query = sqlx::query(readiness_rows!("get_step_readiness_status($1, $2)"));
        let theirs = json(&mut world.tx, query.bind(task.id).bind(&chosen)).await;
        let mut session = Connection(&mut world.tx);
        let ours = step_readiness(&mut session, TaskId(task.id), Some(&asked)).await.unwrap();
        compared += assert_same(&format!("steps {chosen:?} of task {}", task.id), &ours, &theirs);

        let viable = viable_steps(&mut session, TaskId(task.id), &asked).await.unwrap();
        let ready = ours.into_iter().filter(|row| row.ready_for_execution);
        let ready = ready.map(|row| (row.workflow_step_id, row.current_state));
        assert_eq!(viable, ready.collect::<Vec<_>>());
    }
    println!("{compared} steps compared");
    assert!(compared >= 1_000);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn of_nothing(pool: PgPool) {
    let mut world = World::create(&pool, &Plan { steps: 300, densities: DENSITIES }).await;
    assert!(of_task(&mut world.tx, 999_999).await.is_empty());
    let task = TaskId(world.tasks[2].id);
    let mut session = Connection(&mut world.tx);
    assert_eq!(step_readiness(&mut session, TaskId(999_999), None).await.unwrap(), []);
    assert_eq!(step_readiness(&mut session, task, Some(&[])).await.unwrap(), []);
    assert_eq!(step_readiness_of_tasks(&mut session, &[]).await.unwrap(), []);
    assert_eq!(viable_steps(&mut session, task, &[]).await.unwrap(), []);
    assert_eq!(step_readiness(&mut session, task, None).await.unwrap().len(), 200);
}

/// The tables keep instants without a zone; the session's own decides what they are compared with.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn in_another_time_zone(pool: PgPool) {
    let mut world = World::create(&pool, &Plan { steps: 1_000, densities: DENSITIES }).await;
    let mut ready = Vec::new();
    for zone in ["set local time zone 'Asia/Kathmandu'", "set local time zone 'America/Caracas'"] {
        sqlx::query(zone).execute(&mut *world.tx).await.unwrap();
        let mut rows = Vec::new();
        for task in &world.tasks {
            let theirs = of_task(&mut world.tx, task.id).await;
            let ours = step_readiness(&mut Connection(&mut world.tx), TaskId(task.id), None).await.unwrap();
            assert_same(&format!("task {}, {zone}", task.id), &ours, &theirs);
            rows.extend(ours);
        }
        ready.push(rows.iter().filter(|row| row.ready_for_execution).count());
    }
    assert!(ready[0] > ready[1], "east of Greenwich more waits are over: {ready:?}");
}
