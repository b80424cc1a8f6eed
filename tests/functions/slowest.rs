//! The two functions that fail as the engine installs them, and what they return once their declared types are corrected.

use crate::support::engine;
use crate::support::world::{Plan, World};
use sqlx::{AssertSqlSafe, PgConnection, PgPool};
use tasker_core::Error;
use tasker_core::functions::{Functions, Native};
use tasker_core::operations::slowest::{Choice, SlowTask};
use tasker_core::store::Connection;
use tasker_core::time::Timestamp;

/// Redeclares the two instants that the functions return as what their queries return.
async fn correct(connection: &mut PgConnection) {
    for name in ["get_slowest_steps_v01", "get_slowest_tasks_v01"] {
        let definition = "select pg_get_functiondef(oid) from pg_proc where proname = $1";
        let definition: String =
            sqlx::query_scalar(definition).bind(name).fetch_one(&mut *connection).await.unwrap();
        let corrected = definition
            .replace("created_at timestamp with time zone", "created_at timestamp without time zone")
            .replace("completed_at timestamp with time zone", "completed_at timestamp without time zone");
        assert_ne!(corrected, definition);
        let create = format!("drop function {name}; {corrected}");
        sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut *connection).await.unwrap();
    }
}

async fn world(pool: &PgPool) -> World {
    let mut world = World::create(pool, &Plan { steps: 3_000, densities: &[0.0] }).await;
    sqlx::raw_sql(
        "update tasker_workflow_steps set created_at = now() - workflow_step_id * interval '0.9 seconds';
         update tasker_tasks set created_at = now() - task_id * interval '5 minutes', initiator = 'task ' || task_id % 3;
         update tasker_named_tasks set version = '0.' || named_task_id || '.0';",
    )
    .execute(&mut *world.tx)
    .await
    .unwrap();
    world
}

/// The default period, a longer one, a limit, and each filter. Equal durations are in any order in the engine's function, so limits are those
/// that end between two durations.
fn choices(now: i64) -> Vec<Choice> {
    let since = Some(Timestamp(now - 40 * 3_600_000_000));
    vec![
        Choice::default(),
        Choice { since, ..Choice::default() },
        Choice { limit: Some(1), since, ..Choice::default() },
        Choice { namespace: Some("default".into()), ..Choice::default() },
        Choice { namespace: Some("elsewhere".into()), ..Choice::default() },
        Choice { task_name: Some("task 3".into()), ..Choice::default() },
        Choice {
            version: Some("0.2.0".into()),
            task_name: Some("task 2".into()),
            since,
            ..Choice::default()
        },
    ]
}

async fn now(connection: &mut PgConnection) -> i64 {
    let now = "select (extract(epoch from localtimestamp) * 1000000)::bigint";
    sqlx::query_scalar(now).fetch_one(connection).await.unwrap()
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn steps_equal_those_of_the_corrected_function(pool: PgPool) {
    let mut world = world(&pool).await;
    correct(&mut world.tx).await;
    let mut compared = 0;
    for choice in choices(now(&mut world.tx).await) {
        let mut session = Connection(&mut world.tx);
        let mut functions = Functions::new(&mut session);
        let mut theirs = functions.slowest_steps(&choice).await.unwrap();
        let ours = functions.native().slowest_steps(&choice).await.unwrap();
        theirs.sort_by(|a, b| b.seconds.total_cmp(&a.seconds).then(a.step.cmp(&b.step)));
        let mut sorted = ours.clone();
        sorted.sort_by(|a, b| b.seconds.total_cmp(&a.seconds).then(a.step.cmp(&b.step)));
        assert_eq!(sorted, theirs, "{choice:?}");
        compared += ours.len();
    }
    assert!(compared > 500, "expected at least 500 steps, got {compared}");
}

/// The function counts a step once for each of its transitions, so the counts are compared where each step has one.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn tasks_equal_those_of_the_corrected_function(pool: PgPool) {
    let mut world = world(&pool).await;
    correct(&mut world.tx).await;
    sqlx::raw_sql(
        "delete from tasker_workflow_step_transitions t
         where exists (select from tasker_workflow_step_transitions l
                       where l.workflow_step_id = t.workflow_step_id and l.sort_key > t.sort_key)",
    )
    .execute(&mut *world.tx)
    .await
    .unwrap();
    let by_duration = |rows: &mut Vec<SlowTask>| {
        rows.sort_by(|a, b| b.seconds.total_cmp(&a.seconds).then(a.task.cmp(&b.task)));
    };
    let mut compared = 0;
    for choice in choices(now(&mut world.tx).await) {
        let mut session = Connection(&mut world.tx);
        let mut functions = Functions::new(&mut session);
        let mut theirs = functions.slowest_tasks(&choice).await.unwrap();
        let mut ours = functions.native().slowest_tasks(&choice).await.unwrap();
        by_duration(&mut theirs);
        by_duration(&mut ours);
        assert_eq!(ours, theirs, "{choice:?}");
        compared += ours.len();
    }
    assert!(compared > 50, "expected at least 50 tasks, got {compared}");
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn as_installed_they_fail_and_the_native_twins_answer(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    engine::install_functions(&mut connection).await;
    let choice = Choice::default();
    let mut session = Connection(&mut connection);
    let mut functions = Functions::new(&mut session);
    let steps = functions.slowest_steps(&choice).await.unwrap_err();
    let tasks = functions.slowest_tasks(&choice).await.unwrap_err();
    for error in [steps, tasks] {
        let Error::Database(error) = error else { panic!("expected the database's error, got {error:?}") };
        assert_eq!(error.as_database_error().unwrap().code().unwrap(), "42804");
    }
    let mut native = Native::new(&mut session);
    assert_eq!(native.slowest_steps(&choice).await.unwrap(), []);
    assert_eq!(native.slowest_tasks(&choice).await.unwrap(), []);
}
