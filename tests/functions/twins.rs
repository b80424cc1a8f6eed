//! Each function beside its native twin, on random tasks in every state that the schema allows.

use crate::support::seed::record;
use crate::support::world::{Plan, World};
use rand::seq::IndexedRandom;
use sqlx::{PgPool, Postgres, Transaction};
use tasker_core::functions::{Functions, SystemHealthCounts};
use tasker_core::ids::{StepId, TaskId};
use tasker_core::machine::Owner;
use tasker_core::operations::transition::Subject;
use tasker_core::readiness::Readiness;
use tasker_core::state::State;
use tasker_core::store::Connection;
use tasker_core::time::Timestamp;

/// Beyond this many paths the engine's function for levels takes too long.
const MOST_PATHS: f64 = 20_000.0;

/// Evaluates the same method of [`Functions`] and of its twin.
macro_rules! both {
    ($tx:expr, $method:ident($($argument:expr),*)) => {{
        let mut session = Connection(&mut $tx);
        let mut functions = Functions::new(&mut session);
        let theirs = functions.$method($($argument),*).await.unwrap();
        (theirs, functions.native().$method($($argument),*).await.unwrap())
    }};
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn readiness_of_a_task_of_chosen_steps_and_of_many_tasks(pool: PgPool) {
    let mut world = World::create(&pool, &Plan { steps: 6_000, densities: &[0.0, 0.6, 1.5, 3.0] }).await;
    let mut tasks: Vec<TaskId> = world.tasks.iter().map(|task| TaskId(task.id)).collect();
    tasks.push(TaskId(999_999));
    let mut rows: Vec<Readiness> = Vec::new();
    for &task in &tasks {
        let (theirs, ours) = both!(world.tx, step_readiness(task, None));
        assert_eq!(ours, theirs, "task {task}");
        rows.extend(ours);
    }
    let ready = rows.iter().filter(|row| row.ready_for_execution).count();
    assert!(rows.len() >= 6_000 && ready > 100, "expected varied tasks, got {ready} ready of {}", rows.len());

    for task in &world.tasks {
        let mut chosen: Vec<StepId> = task.steps.sample(&mut world.rng, 5).copied().map(StepId).collect();
        chosen.push(StepId(-1));
        let (theirs, ours) = both!(world.tx, step_readiness(TaskId(task.id), Some(&chosen)));
        assert_eq!(ours, theirs, "steps {chosen:?} of task {}", task.id);
    }
    let (theirs, ours) = both!(world.tx, step_readiness_batch(&tasks));
    assert_eq!(ours, theirs);
    assert_eq!(ours, rows);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn execution_contexts_of_a_task_and_of_many(pool: PgPool) {
    let mut world = World::create(&pool, &Plan { steps: 6_000, densities: &[0.0, 0.6, 1.5] }).await;
    let mut tasks: Vec<TaskId> = world.tasks.iter().map(|task| TaskId(task.id)).collect();
    tasks.extend([TaskId(999_999), tasks[0]]);
    let mut met = std::collections::HashSet::new();
    for &task in &tasks {
        let (theirs, ours) = both!(world.tx, task_execution_context(task));
        assert_eq!(ours, theirs, "task {task}");
        met.extend(ours.map(|context| (context.execution_status, context.health_status)));
    }
    assert!(met.len() >= 5, "expected varied contexts, got {met:?}");
    let (theirs, ours) = both!(world.tx, task_execution_contexts_batch(&tasks));
    assert_eq!(ours, theirs);
    assert_eq!(ours.len(), tasks.len() - 1, "the unknown task has no row, the repeated one two");
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn dependency_levels_of_each_task(pool: PgPool) {
    let mut world = World::create(&pool, &Plan { steps: 4_000, densities: &[0.3, 0.6, 1.0, 1.3] }).await;
    let mut compared = 0;
    for task in world.tasks.iter().filter(|task| task.paths() <= MOST_PATHS) {
        let (theirs, ours) = both!(world.tx, dependency_levels(TaskId(task.id)));
        assert_eq!(ours, theirs, "task {}", task.id);
        compared += ours.len();
    }
    assert!(compared >= 1_000, "expected at least 1,000 steps, got {compared}");
}

async fn move_tasks_through_all_states(world: &mut World) {
    for (task, state) in world.tasks.iter().zip(State::ALL) {
        let task = Subject { owner: Owner::Task, id: task.id };
        record(&mut world.tx, task, state.as_str()).await;
    }
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn counts_of_the_system(pool: PgPool) {
    let mut world = World::create(&pool, &Plan { steps: 4_000, densities: &[0.0] }).await;
    move_tasks_through_all_states(&mut world).await;
    let (theirs, ours) = both!(world.tx, system_health_counts());
    assert_eq!(ours, theirs);
    let SystemHealthCounts { pending_tasks, error_steps, exhausted_retry_steps, in_backoff_steps, .. } = ours;
    let counts = [pending_tasks, error_steps, exhausted_retry_steps, in_backoff_steps];
    assert!(counts.iter().all(|&count| count > 0), "expected all states to occur, got {ours:?}");
}

async fn set_creation_times(tx: &mut Transaction<'static, Postgres>) -> i64 {
    sqlx::raw_sql(
        "update tasker_tasks set created_at = now() - task_id % 97 * interval '3 minutes';
         update tasker_workflow_steps set created_at = now() - workflow_step_id % 89 * interval '7.77 seconds';",
    )
    .execute(&mut **tx)
    .await
    .unwrap();
    let now = "select (extract(epoch from localtimestamp) * 1000000)::bigint";
    sqlx::query_scalar(now).fetch_one(&mut **tx).await.unwrap()
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn metrics_since_several_instants(pool: PgPool) {
    let mut world = World::create(&pool, &Plan { steps: 4_000, densities: &[0.0] }).await;
    let now = set_creation_times(&mut world.tx).await;
    let mut throughputs = std::collections::HashSet::new();
    for minutes in [None, Some(0), Some(3), Some(150), Some(-30), Some(100_000)] {
        let since = minutes.map(|minutes| Timestamp(now - minutes * 60_000_000));
        let (theirs, ours) = both!(world.tx, analytics_metrics(since));
        assert_eq!(ours, theirs, "since {since:?}");
        throughputs.insert(ours.task_throughput);
    }
    assert!(throughputs.len() >= 4, "expected varied periods, got {throughputs:?}");
}
