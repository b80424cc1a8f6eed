//! Many workers over the same tasks.

use crate::support::racers::{RACERS, race_pool};
use crate::support::seed::{self, AT, attempt, edge};
use rand::rngs::SmallRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::sync::Arc;
use tasker_core::graph::cache::Graphs;
use tasker_core::ids::{StepId, TaskId};
use tasker_core::machine::Owner;
use tasker_core::operations::batch_transitions::{StepTransition, transition_steps};
use tasker_core::operations::ready::{TrackedTask, ready_steps_of, track};
use tasker_core::operations::transition::Subject;
use tasker_core::store::Connection;
use tokio::sync::Barrier;

/// Tasks of a dozen steps, each of which waits for a few of those before it.
async fn tasks(pool: &PgPool, count: usize) -> Vec<TaskId> {
    let mut rng = SmallRng::seed_from_u64(7);
    let mut tx = pool.begin().await.unwrap();
    let mut tasks = Vec::new();
    for _ in 0..count {
        let task = seed::task(&mut tx).await;
        let steps = seed::steps(&mut tx, task, 12).await;
        for to in 1..steps.len() {
            for _ in 0..rng.random_range(0..3) {
                edge(&mut tx, steps[rng.random_range(0..to)], steps[to]).await;
            }
        }
        tasks.push(TaskId(task.id));
    }
    tx.commit().await.unwrap();
    tasks
}

/// Works through all tasks, a few at a time, until nothing is left to do; returns the steps that it has done.
async fn work(pool: PgPool, mut tasks: Vec<TaskId>, racer: usize, start: Arc<Barrier>) -> Vec<StepId> {
    tasks.shuffle(&mut SmallRng::seed_from_u64(racer as u64));
    let mut graphs = Graphs::new(300);
    let mut connection = pool.acquire().await.unwrap();
    let session = &mut Connection(&mut connection);
    let mut done = Vec::new();
    start.wait().await;
    for group in tasks.chunks(5) {
        let mut tracked = Vec::new();
        for &task in group {
            tracked.push(track(session, &mut graphs, task).await.unwrap().expect("no foreign parents"));
        }
        while tracked.iter().any(|task| task.unfinished() > 0) {
            let news = ready_steps_of(session, &mut tracked).await.unwrap();
            assert_eq!(news.outdated, []);
            let claims: Vec<StepTransition> =
                news.ready.iter().map(|ready| StepTransition::begin(ready.step)).collect();
            let claimed: Vec<StepId> = won(session, &claims).await;
            let ends: Vec<StepTransition> = claimed
                .iter()
                .map(|step| StepTransition::end(&attempt(Subject { owner: Owner::Step, id: step.0 })))
                .collect();
            let ended = won(session, &ends).await;
            assert_eq!(ended, claimed, "the worker that has claimed a step ends it");
            note(&mut tracked, &ended);
            done.extend(ended);
        }
    }
    done
}

async fn won(session: &mut Connection<'_>, moves: &[StepTransition]) -> Vec<StepId> {
    let outcomes = transition_steps(session, moves, AT).await.unwrap();
    moves.iter().zip(outcomes).filter(|(_, outcome)| outcome.is_ok()).map(|(one, _)| one.step).collect()
}

fn note(tracked: &mut [TrackedTask], ended: &[StepId]) {
    for task in tracked {
        for &step in ended {
            task.complete(step);
        }
    }
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn nothing_is_done_twice_and_nothing_is_left(pool: PgPoolOptions, options: PgConnectOptions) {
    let pool = race_pool(pool, options).await;
    let tasks = tasks(&pool, 40).await;
    let start = Arc::new(Barrier::new(RACERS));
    let workers: Vec<_> = (0..RACERS)
        .map(|racer| tokio::spawn(work(pool.clone(), tasks.clone(), racer, Arc::clone(&start))))
        .collect();
    let mut done = Vec::new();
    for worker in workers {
        done.extend(worker.await.unwrap());
    }
    let count = done.len();
    done.sort_unstable();
    done.dedup();
    assert_eq!(done.len(), count, "a step was done twice");
    assert_eq!(count, tasks.len() * 12);
    let out_of_order: i64 = sqlx::query_scalar(
        "select count(*) from tasker_workflow_step_edges e
         join tasker_workflow_step_transitions parent on parent.workflow_step_id = e.from_step_id and parent.to_state = 'complete'
         join tasker_workflow_step_transitions child on child.workflow_step_id = e.to_step_id and child.to_state = 'in_progress'
         where child.id < parent.id",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(out_of_order, 0);
    pool.close().await;
}
