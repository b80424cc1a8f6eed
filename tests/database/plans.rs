//! How PostgreSQL plans the statements.

use crate::support::seed::{AT, attempt, request};
use crate::support::templates::diamond;
use crate::support::world::{Plan, World};
use sqlx::{AssertSqlSafe, PgConnection, PgPool};
use tasker_core::facts::Edge;
use tasker_core::graph::cache::Graphs;
use tasker_core::ids::{StepId, TaskId};
use tasker_core::machine::Owner;
use tasker_core::operations::analytics::activity;
use tasker_core::operations::context::task_execution_context;
use tasker_core::operations::edges::{closes_cycle, sibling_edges};
use tasker_core::operations::execution::finish;
use tasker_core::operations::kinship;
use tasker_core::operations::levels::dependency_levels;
use tasker_core::operations::moves::{Move, move_steps};
use tasker_core::operations::readiness::step_readiness;
use tasker_core::operations::ready::{Followed, follow, ready_steps, ready_steps_of};
use tasker_core::operations::sequence::{create_steps, established_steps};
use tasker_core::operations::slowest::{Choice, slowest_steps, slowest_tasks};
use tasker_core::operations::statistics::{completion_statistics, system_load};
use tasker_core::operations::survey::{Known, survey};
use tasker_core::operations::task_graph::task_graph;
use tasker_core::operations::transition::{Subject, check, current_state, transition};
use tasker_core::state::State;
use tasker_core::store::Connection;

/// Plans made for one execution before PostgreSQL considers a general one.
const CUSTOM_PLANS: i64 = 5;

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn every_statement_keeps_its_general_plan(pool: PgPool) {
    let mut world = World::create(&pool, &Plan { steps: 3_000, densities: &[1.0] }).await;
    for task in world.tasks.iter().take(12) {
        let id = TaskId(task.id);
        let session = &mut Connection(&mut world.tx);
        step_readiness(session, id, None).await.unwrap();
        task_execution_context(session, id).await.unwrap();
        dependency_levels(session, id).await.unwrap();
        completion_statistics(session, id).await.unwrap();
        system_load(session).await.unwrap();
        activity(session, Some(AT)).await.unwrap();
        slowest_steps(session, &Choice::default()).await.unwrap();
        slowest_tasks(session, &Choice::default()).await.unwrap();
        task_graph(session, id).await.unwrap();
        closes_cycle(session, Edge { from: StepId(task.id), to: StepId(task.id + 1) }).await.unwrap();
        sibling_edges(session, StepId(task.id)).await.unwrap();
        kinship::of_steps(session, &[StepId(task.id)]).await.unwrap();
        kinship::of_tasks(session, &[id]).await.unwrap();
        let _ = established_steps(session, id, &diamond()).await.unwrap();
        let _ = create_steps(session, id, &diamond(), "{}", AT).await.unwrap();
        for owner in [Owner::Task, Owner::Step] {
            let subject = Subject { owner, id: task.id };
            current_state(session, subject).await.unwrap();
            let _ = check(session, subject, &State::InProgress, None).await.unwrap();
            let _ = transition(session, &request(subject, State::InProgress)).await.unwrap();
        }
        let step = Subject { owner: Owner::Step, id: task.id };
        survey(session, id, None, &Known::default()).await.unwrap();
        survey(session, id, Some(&[StepId(step.id)]), &Known::default()).await.unwrap();
        let _ = finish(session, &attempt(step)).await.unwrap();
        ready_steps(session, &[id]).await.unwrap();
        let _ = move_steps(session, &[Move::begin(StepId(step.id))], AT).await.unwrap();
    }
    let mut graphs = Graphs::new(10_000);
    let mut tasks = Vec::new();
    for task in &world.tasks {
        // The second time its graph is kept.
        for _ in 0..2 {
            let session = &mut Connection(&mut world.tx);
            tasks.extend(follow(session, &mut graphs, TaskId(task.id)).await.unwrap());
        }
    }
    // A large task, a small one, and small ones together are asked about in different ways.
    let mut small = tasks.iter().filter(|task| task.graph().steps().len() == 1);
    let mut small = vec![small.next().unwrap().clone(), small.next().unwrap().clone()];
    let mut large = vec![large_task(&mut world.tx, tasks[0].graph().task()).await];
    for _ in 0..12 {
        let session = &mut Connection(&mut world.tx);
        ready_steps_of(session, &mut large).await.unwrap();
        ready_steps_of(session, &mut small[..1]).await.unwrap();
        ready_steps_of(session, &mut small).await.unwrap();
    }
    let statements: Vec<(String, i64, i64)> = sqlx::query_as(
        "select statement, generic_plans, custom_plans from pg_prepared_statements
         where statement ~ 'tasker_' and generic_plans + custom_plans >= 12",
    )
    .fetch_all(&mut *world.tx)
    .await
    .unwrap();
    assert_eq!(statements.len(), 33);
    for (statement, general, custom) in statements {
        let expected = if statement.contains("$1") { CUSTOM_PLANS } else { 0 };
        assert_eq!(custom, expected, "planned anew in spite of {general} general plans:\n{statement}");
    }
}

/// A task that is given a thousand steps more.
async fn large_task(connection: &mut PgConnection, task: TaskId) -> Followed {
    sqlx::query(
        "insert into tasker_workflow_steps (workflow_step_id, task_id, named_step_id, created_at, updated_at)
         select s.last + n, $1, s.named, now(), now()
         from generate_series(1, 1000) n,
              (select max(workflow_step_id) as last, min(named_step_id) as named from tasker_workflow_steps) s",
    )
    .bind(task.0)
    .execute(&mut *connection)
    .await
    .unwrap();
    follow(&mut Connection(connection), &mut Graphs::new(10_000), task).await.unwrap().unwrap()
}

/// With a list to go through for every edge, a question would cost what is under way times what has been done.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn done_parents_are_found_by_their_hash(pool: PgPool) {
    let mut world = World::create(&pool, &Plan { steps: 3_000, densities: &[1.0] }).await;
    let mut tasks = Vec::new();
    for task in &world.tasks {
        let session = &mut Connection(&mut world.tx);
        tasks.extend(follow(session, &mut Graphs::new(10_000), TaskId(task.id)).await.unwrap());
    }
    ready_steps_of(&mut Connection(&mut world.tx), &mut tasks).await.unwrap();
    let name: String =
        sqlx::query_scalar("select name from pg_prepared_statements where statement like 'with done as%'")
            .fetch_one(&mut *world.tx)
            .await
            .unwrap();
    for rows in ["10", "1000000000"] {
        // The change of the table makes PostgreSQL plan anew.
        let pretend = format!(
            "update pg_class set reltuples = {rows} where relname = 'tasker_workflow_step_transitions';
             alter table tasker_workflow_step_transitions alter column sort_key set statistics 10"
        );
        sqlx::raw_sql(AssertSqlSafe(pretend)).execute(&mut *world.tx).await.unwrap();
        let plan: Vec<String> = sqlx::query_scalar(AssertSqlSafe(format!(
            "explain execute {name} ('{{1}}', '{{1}}', '{{1}}', '{{1}}', '{{1}}')"
        )))
        .fetch_all(&mut *world.tx)
        .await
        .unwrap();
        assert!(plan.join("\n").contains("NOT (hashed SubPlan"), "with {rows} rows:\n{}", plan.join("\n"));
    }
}
