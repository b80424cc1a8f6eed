//! Pages by number, and from the last row.

use crate::support::world;
use sqlx::PgPool;
use tasker_core::Error;
use tasker_core::models::{Task, WorkflowStep};
use tasker_core::query::Query;

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_page_beyond_the_last_knows_the_total(pool: PgPool) {
    let mut tx = world(&pool).await;
    let page = Query::<Task>::new().limit(3).offset(5).page(9, 10, &mut *tx).await.unwrap();
    assert_eq!((page.rows.len(), page.total, page.pages(), page.is_last()), (0, 60, 6, true));
    let page = Query::<Task>::new().page(6, 10, &mut *tx).await.unwrap();
    assert_eq!((page.rows.len(), page.is_last()), (10, true));
    let nothing = Query::<Task>::new().in_namespace("nowhere").page(1, 10, &mut *tx).await.unwrap();
    assert_eq!((nothing.total, nothing.pages(), nothing.is_last()), (0, 0, true));
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn pages_without_number_or_size_are_refused(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    for (number, size) in [(0, 10), (1, 0), (u64::MAX, 2)] {
        let error = Query::<Task>::new().page(number, size, &mut *tx).await.unwrap_err();
        assert!(matches!(error, Error::Query { model: "Task", .. }));
        assert!(error.to_string().ends_with(&format!("got page {number} of {size} rows")), "{error}");
    }
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn keyset_pages_in_a_column_see_each_row_once_also_where_it_repeats(pool: PgPool) {
    let mut tx = world(&pool).await;
    for descending in [false, true] {
        let order = || if descending { Task::created_at.desc() } else { Task::created_at.asc() };
        let mut expected = Query::<Task>::new().all(&mut *tx).await.unwrap();
        expected.sort_by_key(|task| (task.created_at, task.task_id));
        if descending {
            expected.reverse();
        }
        let (mut found, mut last) = (Vec::new(), None);
        loop {
            let page = Query::<Task>::new().after_in(order(), last, 7).all(&mut *tx).await.unwrap();
            let Some(task) = page.last() else { break };
            last = Some((task.created_at, task.task_id));
            found.extend(page);
        }
        assert_eq!(found, expected);
    }
}

#[test]
fn keyset_pages_refuse_what_would_lose_rows() {
    let nullable = Query::<WorkflowStep>::new().after_in(WorkflowStep::processed_at.asc(), None, 10);
    let ordered = Query::<Task>::new().order_by(Task::created_at.desc()).after(None, 10);
    let two = Query::<Task>::new().after(None, 10).after_in(Task::created_at.asc(), None, 10);
    for (problem, got) in [
        (nullable.psql().unwrap_err(), "got tasker_workflow_steps.processed_at"),
        (ordered.psql().unwrap_err(), "got an order_by beside them"),
        (two.psql().unwrap_err(), "got two orders"),
    ] {
        assert!(problem.to_string().ends_with(got), "{problem}");
    }
}
