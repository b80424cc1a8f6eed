//! `get_system_health_counts_v01`, and the queries of `WorkflowStep.task_completion_stats`

use crate::support::rows::micros;
use crate::support::seed::record;
use crate::support::world::{Plan, World};
use sqlx::{PgConnection, PgPool, Row};
use tasker_core::ids::TaskId;
use tasker_core::machine::Owner;
use tasker_core::operations::statistics::{
    CompletionStatistics, SystemLoad, completion_statistics, system_load,
};
use tasker_core::operations::transition::Subject;
use tasker_core::state::State;
use tasker_core::store::Connection;
use tasker_core::time::Timestamp;

async fn engines_load(connection: &mut PgConnection) -> SystemLoad {
    let row =
        sqlx::query("select * from get_system_health_counts_v01()").fetch_one(connection).await.unwrap();
    let of = |column: &str| row.get::<i64, _>(column);
    SystemLoad {
        tasks: of("total_tasks"),
        tasks_by_state: [
            "pending_tasks",
            "in_progress_tasks",
            "complete_tasks",
            "error_tasks",
            "cancelled_tasks",
        ]
        .map(of),
        steps: of("total_steps"),
        steps_by_state: ["pending_steps", "in_progress_steps", "complete_steps", "error_steps"].map(of),
        retryable: of("retryable_error_steps"),
        exhausted: of("exhausted_retry_steps"),
        in_backoff: of("in_backoff_steps"),
        active_connections: of("active_connections"),
        max_connections: of("max_connections"),
    }
}

/// What is known of connections is read once a transaction, so that both answers know the same of them.
async fn assert_same_load(connection: &mut PgConnection) -> SystemLoad {
    let ours = system_load(&mut Connection(&mut *connection)).await.unwrap();
    assert_eq!(ours, engines_load(connection).await);
    ours
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn the_load_of_the_system(pool: PgPool) {
    let mut world = World::create(&pool, &Plan { steps: 8_000, densities: &[0.0] }).await;
    for (task, state) in world.tasks.iter().zip(State::ALL) {
        let task = Subject { owner: Owner::Task, id: task.id };
        record(&mut world.tx, task, state.as_str()).await;
    }
    let load = assert_same_load(&mut world.tx).await;
    println!("{load:?}");
    let counts = load.tasks_by_state.into_iter().chain(load.steps_by_state);
    let counts: Vec<i64> =
        counts.chain([load.retryable, load.exhausted, load.in_backoff, load.active_connections]).collect();
    assert!(counts.iter().all(|&count| count > 0), "the world is too quiet to say anything: {counts:?}");
    assert!(load.tasks > load.tasks_by_state.iter().sum() && load.steps > load.steps_by_state.iter().sum());
    assert!(load.in_backoff < load.retryable, "{load:?}");
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn the_load_of_nothing(pool: PgPool) {
    let mut world = World::create(&pool, &Plan { steps: 0, densities: &[0.0] }).await;
    sqlx::raw_sql(
        "truncate tasker_tasks, tasker_workflow_steps, tasker_workflow_step_edges,
                  tasker_workflow_step_transitions, tasker_task_transitions cascade",
    )
    .execute(&mut *world.tx)
    .await
    .unwrap();
    let SystemLoad { active_connections, max_connections, .. } = assert_same_load(&mut world.tx).await;
    let nothing = SystemLoad { active_connections, max_connections, ..SystemLoad::default() };
    assert_eq!(system_load(&mut Connection(&mut world.tx)).await.unwrap(), nothing);
}

/// The four queries that the engine's method makes of its scopes, by its own conditions.
pub async fn engines_completion(connection: &mut PgConnection, task: TaskId) -> CompletionStatistics {
    let scope = "from tasker_workflow_steps s
                 join tasker_workflow_step_transitions t on t.workflow_step_id = s.workflow_step_id
                 where s.task_id = $1 and t.most_recent = true and t.to_state";
    let all = "select count(*) from tasker_workflow_steps where task_id = $1";
    let completed = format!("select count(*) {scope} in ('complete', 'resolved_manually')");
    let failed = format!("select count(*) {scope} = 'error'");
    let latest = format!(
        "select {} from (select max(s.processed_at) at {scope} in ('complete', 'resolved_manually')) latest",
        micros!("latest.at")
    );
    let mut count = async |query: &str| -> u32 {
        let count = sqlx::query_scalar::<_, i64>(sqlx::AssertSqlSafe(query)).bind(task.0);
        count.fetch_one(&mut *connection).await.unwrap().try_into().unwrap()
    };
    let (total, completed, failed) = (count(all).await, count(&completed).await, count(&failed).await);
    let latest: Option<i64> =
        sqlx::query_scalar(sqlx::AssertSqlSafe(latest)).bind(task.0).fetch_one(connection).await.unwrap();
    CompletionStatistics { total, completed, failed, latest_completion: latest.map(Timestamp) }
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn the_completion_of_every_task(pool: PgPool) {
    let mut world = World::create(&pool, &Plan { steps: 8_000, densities: &[0.0] }).await;
    sqlx::raw_sql(
        "update tasker_workflow_steps set processed_at = case workflow_step_id % 14 when 0 then timestamp 'infinity'
                                                         else '-infinity' end
         where task_id % 4 = 0 and workflow_step_id % 7 = 0",
    )
    .execute(&mut *world.tx)
    .await
    .unwrap();
    let mut met = [0; 4];
    for task in world.tasks.iter().map(|task| TaskId(task.id)).chain([TaskId(999_999)]) {
        let ours = completion_statistics(&mut Connection(&mut world.tx), task).await.unwrap();
        assert_eq!(ours, engines_completion(&mut world.tx, task).await, "task {task}");
        assert_eq!(ours.pending(), ours.total - ours.completed - ours.failed);
        assert_eq!(ours.all_complete(), ours.completed == ours.total && ours.total > 0);
        met[0] += usize::from(ours.all_complete());
        met[1] += usize::from(ours.failed > 0 && ours.pending() > 0);
        met[2] += usize::from(ours.latest_completion == Some(Timestamp(i64::MAX)));
        met[3] += usize::from(ours.latest_completion.is_none());
    }
    println!("{} tasks; complete, mixed, with an infinity, without an end: {met:?}", world.tasks.len());
    assert!(met.iter().all(|&count| count > 0), "the world is too quiet to say anything: {met:?}");
}
