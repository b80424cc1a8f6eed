//! `calculate_dependency_levels`

use crate::support::world::{Plan, World};
use sqlx::PgPool;
use tasker_core::ids::TaskId;
use tasker_core::operations::levels::dependency_levels;
use tasker_core::store::Connection;

/// The engine's function works through every path; beyond this many it is not asked.
const MOST_PATHS: f64 = 20_000.0;

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn of_every_task(pool: PgPool) {
    let plan = Plan { steps: 8_000, densities: &[0.3, 0.6, 1.0, 1.3, 2.0] };
    let mut world = World::create(&pool, &plan).await;
    let (mut compared, mut deepest) = (0, 0);
    for task in world.tasks.iter().filter(|task| task.paths() <= MOST_PATHS) {
        let theirs: Vec<(i64, i32)> = sqlx::query_as("select * from calculate_dependency_levels($1)")
            .bind(task.id)
            .fetch_all(&mut *world.tx)
            .await
            .unwrap();
        let levels = dependency_levels(&mut Connection(&mut world.tx), TaskId(task.id)).await.unwrap();
        let ours: Vec<(i64, i32)> = levels.iter().map(|level| (level.step.0, level.level as i32)).collect();
        assert_eq!(ours, theirs, "task {}", task.id);
        compared += ours.len();
        deepest = deepest.max(levels.last().map_or(0, |level| level.level));
    }
    println!("{compared} steps compared, the deepest at level {deepest}");
    assert!(compared >= 2_000 && deepest >= 5, "the world is too flat to say anything");
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn of_an_unknown_task(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    assert_eq!(dependency_levels(&mut Connection(&mut connection), TaskId(1)).await.unwrap(), []);
}
