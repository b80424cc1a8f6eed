//! Tables that scopes and callers join.

use crate::support::world;
use sqlx::PgPool;
use tasker_core::Error;
use tasker_core::models::{Model, NamedTask, Task, TaskNamespace, TaskTransition, WorkflowStep};
use tasker_core::query::{Join, Ordering, Query};
use tasker_core::sea_query::{Expr, ExprTrait, Query as Sql};
use tasker_core::state::State;

#[test]
fn a_table_that_several_scopes_need_is_joined_once() {
    let since = "2025-01-01T00:00:00".parse().unwrap();
    let tasks = Query::<Task>::new()
        .in_namespace("payments")
        .with_task_name("settle")
        .with_version("1.0.0")
        .in_namespace("payments")
        .by_current_state(State::Error)
        .failed_since(since);
    let sql = tasks.psql().unwrap();
    assert_eq!(sql.matches(" JOIN ").count(), 3, "{sql}");
    assert_eq!(sql.matches("'payments'").count(), 1, "{sql}");

    let steps = Query::<WorkflowStep>::new().completed().failed().completed_since(since).failed_since(since);
    assert_eq!(steps.psql().unwrap().matches(" JOIN ").count(), 1);
}

#[test]
fn two_joins_of_one_name_are_refused_also_within_a_subquery() {
    let on = Task::named_task_id.equals(NamedTask::named_task_id);
    let tasks = Query::<Task>::new().join(Join::left(NamedTask::TABLE, on)).with_version("1.0.0");
    for error in [
        tasks.psql().unwrap_err(),
        Query::<WorkflowStep>::new().of_tasks(&tasks).psql().unwrap_err(),
        tasks.select().unwrap_err(),
    ] {
        assert!(matches!(error, Error::Query { .. }));
        assert!(error.to_string().contains("a second, different join named tasker_named_tasks"), "{error}");
    }
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn orders_and_conditions_may_look_at_what_scopes_join(pool: PgPool) {
    let mut tx = world(&pool).await;
    let tasks = Query::<Task>::new()
        .in_namespace("payments")
        .filter(NamedTask::version.is_in(["1.0.0", "2.0.0"]))
        .order_by(NamedTask::name.desc())
        .order_by(NamedTask::version.asc());
    let rows: Vec<(String, String, i64, String)> = tasks
        .pluck(
            [
                NamedTask::name.expr(),
                NamedTask::version.expr(),
                Task::task_id.expr(),
                TaskNamespace::name.expr(),
            ],
            &mut *tx,
        )
        .await
        .unwrap();
    let mut sorted = rows.clone();
    sorted.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
    assert!(!rows.is_empty());
    assert_eq!(rows, sorted);
    assert!(rows.iter().all(|row| row.3 == "payments"));
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_lateral_subquery_looks_at_each_row(pool: PgPool) {
    let mut tx = world(&pool).await;
    let mut history = Sql::select();
    history
        .expr_as(Expr::cust("count(*)"), "length")
        .from(TaskTransition::TABLE)
        .and_where(TaskTransition::task_id.equals(Task::task_id));
    let length = || Expr::col(("history", "length"));
    let tasks = Query::<Task>::new()
        .join(Join::lateral("history", history))
        .filter(length().gt(1i64))
        .order_by(Ordering::desc(length()));
    let rows: Vec<(i64, i64)> = tasks.pluck([Task::task_id.expr(), length()], &mut *tx).await.unwrap();
    let expected: Vec<(i64, i64)> = sqlx::query_as(
        "select task_id, count(*) from tasker_task_transitions group by 1 having count(*) > 1 order by 2 desc, 1",
    )
    .fetch_all(&mut *tx)
    .await
    .unwrap();
    assert!(!rows.is_empty());
    assert_eq!(rows, expected);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_left_join_under_a_name_keeps_rows_without_a_partner(pool: PgPool) {
    let mut tx = world(&pool).await;
    let on = Expr::col(("latest", "task_id")).equals((Task::TABLE, "task_id"));
    let on = on.and(ExprTrait::eq(Expr::col(("latest", "most_recent")), true));
    let joined = Query::<Task>::new().join(Join::left(TaskTransition::TABLE, on).named("latest"));
    assert_eq!(joined.count(&mut *tx).await.unwrap(), 60);
    let without = joined.filter(Expr::col(("latest", "id")).is_null()).count(&mut *tx).await.unwrap();
    let expected: i64 = sqlx::query_scalar(
        "select count(*) from tasker_tasks where task_id not in (select task_id from tasker_task_transitions where most_recent)",
    )
    .fetch_one(&mut *tx)
    .await
    .unwrap();
    assert_eq!(without, expected as u64);
}
