//! Many workflows at once.

use crate::cases;
use proptest::collection::vec;
use proptest::prelude::*;
use sqlx::{PgConnection, PgPool};
use tasker_core::factories::{Pattern, workflow, workflows};
use tasker_core::transitions::{StepState, TaskState};

async fn counts(connection: &mut PgConnection) -> (i64, i64, i64, i64) {
    sqlx::query_as(
        "select (select count(*) from tasker_tasks), (select count(*) from tasker_workflow_steps),
                (select count(*) from tasker_workflow_step_edges), (select count(*) from tasker_workflow_step_transitions)",
    )
    .fetch_one(connection)
    .await
    .unwrap()
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn counts_are_those_of_the_shares(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let kinds = [
        (workflow(Pattern::Linear(5)), 0.3),
        (workflow(Pattern::Diamond).steps_in(StepState::Complete).task_in(TaskState::Complete), 0.7),
    ];
    let made = workflows(30, kinds).create(&mut tx).await.unwrap();
    assert_eq!(made.len(), 30);
    assert_eq!(counts(&mut tx).await, (30, 9 * 5 + 21 * 4, 9 * 4 + 21 * 4, 21 * 4 * 2));
    assert!(made[..9].iter().all(|workflow| workflow.steps.len() == 5));
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn random_workflows_of_a_batch_differ_and_come_back_with_the_seed(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let batch = || workflows(6, [(workflow(Pattern::Random { steps: 9, density: 0.4 }), 1.0)]).seed(5);
    let first = batch().create(&mut tx).await.unwrap();
    let second = batch().create(&mut tx).await.unwrap();
    let graphs =
        |made: &[tasker_core::factories::Workflow]| made.iter().map(|w| w.graph.clone()).collect::<Vec<_>>();
    assert_eq!(graphs(&first), graphs(&second));
    assert_ne!(first[0].graph, first[1].graph);
}

/// More than two chunks of rows, a workflow that is larger than a chunk among them.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn chunks_end_anywhere(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let kinds = [
        (workflow(Pattern::Linear(7)), 900.0),
        (workflow(Pattern::Linear(12_345)).steps_in(StepState::Complete), 1.0),
    ];
    let made = workflows(901, kinds).create(&mut tx).await.unwrap();
    assert_eq!(counts(&mut tx).await, (901, 900 * 7 + 12_345, 900 * 6 + 12_344, 2 * 12_345));
    let wrong: i64 = sqlx::query_scalar(
        "select count(*) from tasker_workflow_step_edges e
         join tasker_workflow_steps a on a.workflow_step_id = e.from_step_id
         join tasker_workflow_steps b on b.workflow_step_id = e.to_step_id
         where a.task_id <> b.task_id",
    )
    .fetch_one(&mut *tx)
    .await
    .unwrap();
    assert_eq!(wrong, 0);
    let steps: std::collections::HashSet<_> = made.iter().flat_map(|workflow| &workflow.steps).collect();
    assert_eq!(steps.len(), 900 * 7 + 12_345);
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn any_distribution_adds_up(count in 0usize..400, weights in vec(0.0..5.0f64, 1..6)) {
        prop_assume!(weights.iter().sum::<f64>() > 0.0);
        let kinds = weights.iter().enumerate().map(|(kind, weight)| (workflow(Pattern::Linear(kind)), *weight));
        let batch = workflows(count, kinds).seed(3);
        prop_assert_eq!(batch.factories().unwrap().count(), count);
    }
}
