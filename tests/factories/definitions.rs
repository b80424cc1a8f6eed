//! Definitions that workflows share, and those that they do not.

use sqlx::{PgConnection, PgPool};
use tasker_core::factories::{Pattern, Workflow, workflow};

async fn count(table: &'static str, connection: &mut PgConnection) -> i64 {
    let count = sqlx::AssertSqlSafe(format!("select count(*) from {table}"));
    sqlx::query_scalar(count).fetch_one(connection).await.unwrap()
}

async fn counts(connection: &mut PgConnection) -> [i64; 5] {
    let mut counts = [0; 5];
    let tables = [
        "tasker_task_namespaces",
        "tasker_named_tasks",
        "tasker_dependent_systems",
        "tasker_named_steps",
        "tasker_named_tasks_named_steps",
    ];
    for (count_of, table) in counts.iter_mut().zip(tables) {
        *count_of = count(table, connection).await;
    }
    counts
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn workflows_of_one_kind_share_their_definitions(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    for _ in 0..2 {
        workflow(Pattern::Diamond).create(&mut tx).await.unwrap();
        assert_eq!(counts(&mut tx).await, [1, 1, 1, 4, 4]);
    }
    workflow(Pattern::Diamond).version("2.0.0").create(&mut tx).await.unwrap();
    assert_eq!(counts(&mut tx).await, [1, 2, 1, 4, 8]);
    workflow(Pattern::ApiIntegration).in_namespace("shop").named("order").create(&mut tx).await.unwrap();
    assert_eq!(counts(&mut tx).await, [2, 3, 4, 9, 13]);
}

async fn definitions(
    made: &Workflow,
    connection: &mut PgConnection,
) -> (String, String, String, Vec<String>) {
    let (namespace, name, source) = sqlx::query_as(
        "select n.name::text, d.name::text, t.source_system::text
         from tasker_tasks t join tasker_named_tasks d using (named_task_id) join tasker_task_namespaces n
           on n.task_namespace_id = d.task_namespace_id
         where t.task_id = $1",
    )
    .bind(made.task.0)
    .fetch_one(&mut *connection)
    .await
    .unwrap();
    let systems = sqlx::query_scalar(
        "select distinct y.name::text from tasker_workflow_steps s join tasker_named_steps n using (named_step_id)
         join tasker_dependent_systems y using (dependent_system_id) where s.task_id = $1 order by 1",
    );
    (namespace, name, source, systems.bind(made.task.0).fetch_all(connection).await.unwrap())
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn tenants_share_nothing(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let mut seen = Vec::new();
    for tenant in ["acme", "globex"] {
        let made = workflow(Pattern::MultiSystem { systems: 1 }).tenant(tenant).in_namespace("payments");
        let made = made.create(&mut tx).await.unwrap();
        let (namespace, name, source, systems) = definitions(&made, &mut tx).await;
        assert_eq!(
            (namespace, name.as_str(), source.as_str()),
            (format!("{tenant}/payments"), "multi_system_1", tenant)
        );
        assert_eq!(systems, [format!("{tenant}/default-system"), format!("{tenant}/system_1")]);
        seen.push(made);
    }
    let shared: i64 = sqlx::query_scalar(
        "select count(*) from tasker_workflow_steps a join tasker_workflow_steps b using (named_step_id)
         where a.task_id = $1 and b.task_id = $2",
    )
    .bind(seen[0].task.0)
    .bind(seen[1].task.0)
    .fetch_one(&mut *tx)
    .await
    .unwrap();
    assert_eq!(shared, 0);
}

/// Each session inserts what it does not see, waits for the other, and finds what that has made.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn sessions_that_need_the_same_definitions_at_once_share_them(pool: PgPool) {
    let create = || async {
        let mut connection = pool.acquire().await.unwrap();
        workflow(Pattern::MultiSystem { systems: 4 }).create(&mut connection).await.unwrap()
    };
    let made = tokio::join!(create(), create(), create());
    assert_ne!(made.0.task, made.1.task);
    let mut connection = pool.acquire().await.unwrap();
    assert_eq!(counts(&mut connection).await, [1, 1, 5, 11, 11]);
    assert_eq!(count("tasker_workflow_steps", &mut connection).await, 33);
}
