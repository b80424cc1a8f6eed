//! Rows that a workflow leaves behind.

use serde_json::{Value, json};
use sqlx::{PgConnection, PgPool};
use tasker_core::factories::{
    FactoryError, Pattern, Sequence, StepCondition, StepSpec, WorkflowGraph, workflow,
};
use tasker_core::ids::{StepId, TaskId};
use tasker_core::time::Timestamp;
use tasker_core::transitions::StepState;

async fn row(sql: &'static str, id: i64, connection: &mut PgConnection) -> Value {
    let row: String = sqlx::query_scalar(sql).bind(id).fetch_one(connection).await.unwrap();
    serde_json::from_str(&row).unwrap()
}

async fn task(id: TaskId, connection: &mut PgConnection) -> Value {
    row("select to_jsonb(t)::text from tasker_tasks t where task_id = $1", id.0, connection).await
}

async fn step(id: StepId, connection: &mut PgConnection) -> Value {
    row("select to_jsonb(s)::text from tasker_workflow_steps s where workflow_step_id = $1", id.0, connection)
        .await
}

const AT: Timestamp = Timestamp(1_750_000_000_123_456);

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn every_column_of_a_task_and_of_its_steps(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let made = workflow(Pattern::Diamond)
        .context(json!({ "order": "größer" }))
        .tags(["urgent"])
        .bypass(["left"])
        .skippable(["right"])
        .step("start", StepState::Complete)
        .retry_limit(5)
        .at(AT)
        .seed(9)
        .create(&mut tx)
        .await
        .unwrap();
    let row = task(made.task, &mut tx).await;
    let expected = json!({
        "task_id": made.task.0, "named_task_id": row["named_task_id"], "complete": false,
        "requested_at": "2025-06-15T14:36:40.123456", "initiator": "factory", "source_system": "factory", "reason": "test",
        "bypass_steps": ["left"], "tags": ["urgent"], "context": { "order": "größer" },
        "identity_hash": format!("factory-9-{}", made.task),
        "created_at": "2025-06-15T14:36:40.123456", "updated_at": "2025-06-15T14:36:40.123456",
    });
    assert_eq!(row, expected);

    let start = step(made.step("start").unwrap(), &mut tx).await;
    let expected = json!({
        "workflow_step_id": made.step("start").unwrap().0, "task_id": made.task.0, "named_step_id": start["named_step_id"],
        "retryable": true, "retry_limit": 5, "in_process": false, "processed": true, "processed_at": "2025-06-15T14:56:40.123456",
        "attempts": 1, "last_attempted_at": "2025-06-15T14:56:40.123456", "backoff_request_seconds": null, "inputs": null,
        "results": {}, "created_at": "2025-06-15T14:36:40.123456", "updated_at": "2025-06-15T14:36:40.123456", "skippable": false,
    });
    assert_eq!(start, expected);
    let fresh = step(made.step("left").unwrap(), &mut tx).await;
    for column in ["attempts", "last_attempted_at", "processed_at", "results"] {
        assert_eq!(fresh[column], Value::Null, "{column}");
    }
    assert_eq!(
        (&fresh["skippable"], &step(made.step("right").unwrap(), &mut tx).await["skippable"]),
        (&json!(true), &json!(true))
    );

    let edges: Vec<(i64, i64, String)> = sqlx::query_as(
        "select from_step_id, to_step_id, name::text from tasker_workflow_step_edges order by id",
    )
    .fetch_all(&mut *tx)
    .await
    .unwrap();
    let expected: Vec<_> = made.edges().map(|(from, to)| (from.0, to.0, "provides".to_owned())).collect();
    assert_eq!(edges, expected);
    assert_eq!(edges.len(), 4);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn sub_workflows_are_linked_by_annotations(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let grandchild = workflow(Pattern::Linear(1));
    let child = workflow(Pattern::Linear(2)).sub_workflow("step_2", grandchild);
    let made = workflow(Pattern::Diamond)
        .sub_workflow("left", child)
        .sub_workflow("right", workflow(Pattern::DummyTask))
        .create(&mut tx)
        .await
        .unwrap();
    let [(left, child), (right, dummy)] = &made.sub_workflows[..] else { panic!("{:?}", made.sub_workflows) };
    assert_eq!((*left, *right), (made.step("left").unwrap(), made.step("right").unwrap()));
    let (step, grandchild) = &child.sub_workflows[0];
    assert_eq!(*step, child.steps[1]);
    let links: Vec<(i64, i64, i64)> = sqlx::query_as(
        "select a.task_id, (a.annotation ->> 'parent_task_id')::bigint, (a.annotation ->> 'parent_step_id')::bigint
         from tasker_task_annotations a join tasker_annotation_types y using (annotation_type_id)
         where y.name = 'sub_workflow' order by a.task_id",
    )
    .fetch_all(&mut *tx)
    .await
    .unwrap();
    let mut expected = vec![
        (child.task.0, made.task.0, left.0),
        (dummy.task.0, made.task.0, right.0),
        (grandchild.task.0, child.task.0, step.0),
    ];
    expected.sort_unstable();
    assert_eq!(links, expected);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn an_identity_is_found_again(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let factory = workflow(Pattern::MixedDag).identity("order-17");
    let first = factory.clone().find_or_create(&mut tx).await.unwrap();
    let again = factory.clone().find_or_create(&mut tx).await.unwrap();
    assert_eq!(first, again);
    assert_ne!(workflow(Pattern::MixedDag).find_or_create(&mut tx).await.unwrap(), first);

    let other = workflow(Pattern::Diamond).identity("order-17").find_or_create(&mut tx).await.unwrap_err();
    assert!(matches!(&other, FactoryError::UnknownStep { name, .. } if name == "start"), "{other}");
    let twice = factory.create(&mut tx).await.unwrap_err();
    assert!(matches!(twice, FactoryError::Core(_)), "{twice}");
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn what_is_refused_leaves_nothing_behind(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let misspelled =
        workflow(Pattern::Diamond).step("rihgt", StepState::Error).create(&mut connection).await.unwrap_err();
    assert!(matches!(misspelled, FactoryError::UnknownStep { .. }));
    let child = workflow(Pattern::Linear(1)).step("step_9", StepState::Error);
    let refused =
        workflow(Pattern::Diamond).sub_workflow("left", child).create(&mut connection).await.unwrap_err();
    assert!(matches!(refused, FactoryError::UnknownStep { .. }));
    let long = WorkflowGraph::new("long", vec![StepSpec::new("x".repeat(129))], vec![]).unwrap();
    workflow(long).create(&mut connection).await.unwrap_err();
    let left: i64 = sqlx::query_scalar(
        "select (select count(*) from tasker_tasks) + (select count(*) from tasker_task_namespaces)",
    )
    .fetch_one(&mut *connection)
    .await
    .unwrap();
    assert_eq!(left, 0);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn an_empty_workflow_is_a_task_alone(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let made = workflow(Pattern::Linear(0)).steps_in(StepCondition::Complete).create(&mut tx).await.unwrap();
    assert_eq!(made.steps, []);
    assert_eq!(task(made.task, &mut tx).await["tags"], json!([]));
}

#[test]
fn sequences_never_repeat() {
    let sequence = Sequence::new(3);
    let names = std::thread::scope(|scope| {
        let take = || scope.spawn(|| (0..500).map(|_| sequence.name("step")).collect::<Vec<_>>());
        let threads = [take(), take(), take()];
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect::<std::collections::HashSet<_>>()
    });
    assert_eq!((names.len(), sequence.number(), sequence.seed()), (1_500, 1_501, 3));
}
