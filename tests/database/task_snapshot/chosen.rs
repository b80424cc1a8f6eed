//! Surveys of chosen steps and their parents.

use crate::support::seed::{definitions, edge, steps, task};
use crate::support::world::{Plan, World};
use rand::RngExt;
use rand::seq::IndexedRandom;
use sqlx::{PgConnection, PgPool};
use std::collections::BTreeSet;
use tasker_core::ids::{StepId, TaskId};
use tasker_core::operations::task_snapshot::{KnownVersions, task_snapshot};
use tasker_core::store::Connection;

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn they_are_a_part_of_the_whole(pool: PgPool) {
    let mut world = World::create(&pool, &Plan { steps: 3_000, densities: &[0.6, 1.0, 2.0] }).await;
    let everywhere = world.step_ids();
    let edges: Vec<(i64, i64)> = world.tasks.iter().flat_map(|task| task.edges.iter().copied()).collect();
    let (mut left_out, mut parents) = (0, 0);
    for task in &world.tasks {
        let mut chosen = vec![-1, i64::MAX];
        let own = world.rng.random_range(0..=task.steps.len().min(6));
        chosen.extend(task.steps.sample(&mut world.rng, own));
        chosen.extend(everywhere.sample(&mut world.rng, 2));
        chosen.extend(chosen.last().copied());

        let before = edges.iter().filter(|edge| chosen.contains(&edge.1)).map(|edge| edge.0);
        let wanted: BTreeSet<i64> =
            chosen.iter().copied().chain(before).filter(|step| task.steps.contains(step)).collect();

        let session = &mut Connection(&mut world.tx);
        let whole =
            task_snapshot(session, TaskId(task.id), None, &KnownVersions::default()).await.unwrap().unwrap();
        let asked: Vec<StepId> = chosen.iter().copied().map(StepId).collect();
        let part = task_snapshot(session, TaskId(task.id), Some(&asked), &KnownVersions::default())
            .await
            .unwrap()
            .unwrap();

        let steps = whole.steps.iter().filter(|step| wanted.contains(&step.facts.id.0)).cloned();
        assert_eq!(part.steps, steps.collect::<Vec<_>>(), "steps {chosen:?} of task {}", task.id);
        let ends_there = whole.edges.iter().filter(|edge| wanted.contains(&edge.to.0)).copied();
        assert_eq!(part.edges, ends_there.collect::<Vec<_>>(), "steps {chosen:?} of task {}", task.id);
        assert_eq!(
            (part.now, &part.task, part.task_details),
            (whole.now, &whole.task, whole.task_details.clone())
        );
        left_out += whole.steps.len() - part.steps.len();
        parents += wanted.iter().filter(|step| !chosen.contains(step)).count();
    }
    println!("{left_out} steps left out, {parents} seen as parents");
    assert!(left_out > 500 && parents > 20, "the world is too quiet to say anything");
}

/// A round of a task of thousands looks at what comes next, and must not pay for all the others.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn the_other_steps_are_not_read(pool: PgPool) {
    let mut connection = pool.begin().await.unwrap();
    definitions(&mut connection).await;
    let subject = task(&mut connection).await;
    let made = steps(&mut connection, subject, 2_000).await;
    edge(&mut connection, made[0], made[1]).await;
    sqlx::raw_sql("analyze tasker_workflow_steps").execute(&mut *connection).await.unwrap();
    let before = rows_read(&mut connection).await;
    let session = &mut Connection(&mut connection);
    let found =
        task_snapshot(session, TaskId(subject.id), Some(&[StepId(made[1].id)]), &KnownVersions::default())
            .await
            .unwrap();
    assert_eq!(found.unwrap().steps.len(), 2);
    assert_eq!(rows_read(&mut connection).await - before, 2);
}

/// Rows of steps that this transaction has read so far.
async fn rows_read(connection: &mut PgConnection) -> i64 {
    sqlx::query_scalar(
        "select seq_tup_read + idx_tup_fetch from pg_stat_xact_user_tables where relname = 'tasker_workflow_steps'",
    )
    .fetch_one(connection)
    .await
    .unwrap()
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn nothing_chosen_is_no_step(pool: PgPool) {
    let mut world = World::create(&pool, &Plan { steps: 300, densities: &[1.0] }).await;
    let task = TaskId(world.tasks[2].id);
    let session = &mut Connection(&mut world.tx);
    let found = task_snapshot(session, task, Some(&[]), &KnownVersions::default()).await.unwrap().unwrap();
    assert_eq!((found.steps, found.edges), (vec![], vec![]));
    assert_eq!(found.task.id, task);
}
