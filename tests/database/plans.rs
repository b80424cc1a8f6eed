//! How PostgreSQL plans the statements.

use crate::support::seed::{self, AT, attempt, request};
use crate::support::templates::diamond;
use crate::support::world::{Plan, World};
use sqlx::{AssertSqlSafe, PgConnection, PgPool};
use tasker_core::graph::cache::Graphs;
use tasker_core::ids::{StepId, TaskId};
use tasker_core::machine::Owner;
use tasker_core::operations::analytics::activity;
use tasker_core::operations::batch_transitions::{StepTransition, transition_steps};
use tasker_core::operations::context::task_execution_context;
use tasker_core::operations::definitions::named_task;
use tasker_core::operations::edges::{closes_cycle, sibling_edges};
use tasker_core::operations::execution::finish;
use tasker_core::operations::levels::dependency_levels;
use tasker_core::operations::readiness::step_readiness;
use tasker_core::operations::ready::{TrackedTask, ready_steps, ready_steps_of, track};
use tasker_core::operations::relationships;
use tasker_core::operations::sequence::{create_steps, established_steps};
use tasker_core::operations::slowest::{Choice, slowest_steps, slowest_tasks};
use tasker_core::operations::statistics::{completion_statistics, system_load};
use tasker_core::operations::task_graph::task_graph;
use tasker_core::operations::task_kinds::{pending_tasks, task_kind};
use tasker_core::operations::task_snapshot::{KnownVersions, task_snapshot};
use tasker_core::operations::transition::{Claims, Subject, check, current_state, transition};
use tasker_core::records::Edge;
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
        relationships::of_steps(session, &[StepId(task.id)]).await.unwrap();
        relationships::of_tasks(session, &[id]).await.unwrap();
        relationships::of_tasks(session, &[id, TaskId(id.0 + 1)]).await.unwrap();
        let _ = named_task(session, "default", "task", "0.1.0").await.unwrap();
        let kind = task_kind(session, id).await.unwrap().unwrap().kind;
        let _ = pending_tasks(session, &[kind], Some(id), 10).await.unwrap();
        let _ = established_steps(session, id, &diamond()).await.unwrap();
        let _ = create_steps(session, id, &diamond(), "{}", AT).await.unwrap();
        for owner in [Owner::Task, Owner::Step] {
            let subject = Subject { owner, id: task.id };
            current_state(session, subject).await.unwrap();
            let _ = check(session, subject, &State::InProgress, None, Claims::default()).await.unwrap();
            let _ = transition(session, &request(subject, State::InProgress)).await.unwrap();
        }
        let step = Subject { owner: Owner::Step, id: task.id };
        task_snapshot(session, id, None, &KnownVersions::default()).await.unwrap();
        task_snapshot(session, id, Some(&[StepId(step.id)]), &KnownVersions::default()).await.unwrap();
        let _ = finish(session, &attempt(step)).await.unwrap();
        ready_steps(session, &[id]).await.unwrap();
        let _ = transition_steps(session, &[StepTransition::begin(StepId(step.id))], AT).await.unwrap();
    }
    let mut graphs = Graphs::new(10_000);
    let mut tasks = Vec::new();
    for task in &world.tasks {
        // The second time its graph is kept.
        for _ in 0..2 {
            let session = &mut Connection(&mut world.tx);
            tasks.extend(track(session, &mut graphs, TaskId(task.id)).await.unwrap());
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
    assert_eq!(statements.len(), 37);
    for (statement, general, custom) in statements {
        let expected = if statement.contains("$1") { CUSTOM_PLANS } else { 0 };
        assert_eq!(custom, expected, "planned anew in spite of {general} general plans:\n{statement}");
    }
}

/// A task that is given a thousand steps more.
async fn large_task(connection: &mut PgConnection, task: TaskId) -> TrackedTask {
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
    track(&mut Connection(connection), &mut Graphs::new(10_000), task).await.unwrap().unwrap()
}

/// With a list to go through for every edge, a question would cost what is under way times what has been done.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn done_parents_are_found_by_their_hash(pool: PgPool) {
    let mut world = World::create(&pool, &Plan { steps: 3_000, densities: &[1.0] }).await;
    let mut tasks = Vec::new();
    for task in &world.tasks {
        let session = &mut Connection(&mut world.tx);
        tasks.extend(track(session, &mut Graphs::new(10_000), TaskId(task.id)).await.unwrap());
    }
    ready_steps_of(&mut Connection(&mut world.tx), &mut tasks).await.unwrap();
    for rows in ["10", "1000000000"] {
        pretend(&mut world.tx, rows).await;
        let [plan] = &plans(&mut world.tx, "with done as%").await[..] else { panic!("one statement") };
        // From 17 on PostgreSQL writes `NOT (ANY (… = (hashed SubPlan 1).col1))`.
        assert!(plan.contains("(hashed SubPlan"), "with {rows} rows:\n{plan}");
    }
}

/// Has PostgreSQL believe that the tables of steps, transitions and edges have that many rows, and plan anew.
async fn pretend(connection: &mut PgConnection, rows: &str) {
    for table in ["tasker_workflow_steps", "tasker_workflow_step_transitions", "tasker_workflow_step_edges"] {
        let statement = format!(
            "update pg_class set reltuples = {rows} where relname = '{table}';
             alter table {table} alter column created_at set statistics 10"
        );
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut *connection).await.unwrap();
    }
}

/// The plans of the prepared statements whose text is like `text`.
async fn plans(connection: &mut PgConnection, text: &str) -> Vec<String> {
    let statements: Vec<(String, Vec<String>)> = sqlx::query_as(
        "select name, parameter_types::text[] from pg_prepared_statements where statement like $1",
    )
    .bind(text)
    .fetch_all(&mut *connection)
    .await
    .unwrap();
    let mut plans = Vec::new();
    for (name, types) in statements {
        let arguments = types.iter().map(|kind| if kind.ends_with("[]") { "'{1}'" } else { "1" });
        let explain = format!("explain execute {name} ({})", arguments.collect::<Vec<_>>().join(", "));
        let plan = sqlx::query_scalar::<_, String>(AssertSqlSafe(explain)).fetch_all(&mut *connection).await;
        plans.push(plan.unwrap().join("\n"));
    }
    plans
}

/// A task of ten steps beside two thousand others.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn edges_are_looked_up_by_their_steps(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    seed::definitions(&mut connection).await;
    let task = TaskId(seed::task(&mut connection).await.id);
    seed::step(&mut connection, Subject { owner: Owner::Task, id: task.0 }).await;
    sqlx::raw_sql(
        "insert into tasker_tasks (task_id, named_task_id, requested_at, identity_hash, created_at, updated_at)
         select 10000 + n, (select min(named_task_id) from tasker_tasks), now(), n::text, now(), now()
         from generate_series(1, 2000) n;
         insert into tasker_workflow_steps (workflow_step_id, task_id, named_step_id, created_at, updated_at)
         select (10000 + n) * 10 + place, 10000 + n, (select min(named_step_id) from tasker_workflow_steps), now(), now()
         from generate_series(1, 2000) n, generate_series(0, 9) place;
         insert into tasker_workflow_step_edges (from_step_id, to_step_id, name, created_at, updated_at)
         select (10000 + n) * 10 + place - 1, (10000 + n) * 10 + place, 'provides', now(), now()
         from generate_series(1, 2000) n, generate_series(1, 9) place;
         analyze",
    )
    .execute(&mut *connection)
    .await
    .unwrap();
    for _ in 0..=CUSTOM_PLANS {
        let session = &mut Connection(&mut connection);
        assert_eq!(relationships::of_tasks(session, &[TaskId(10_007)]).await.unwrap().len(), 10);
        relationships::of_tasks(session, &[TaskId(10_007), TaskId(10_008)]).await.unwrap();
        relationships::of_steps(session, &[StepId(100_079)]).await.unwrap();
    }
    let plans = plans(&mut connection, "with recursive asked%").await;
    assert_eq!(plans.len(), 3);
    for plan in plans {
        assert!(!plan.contains("Seq Scan on tasker_workflow_step_edges"), "{plan}");
    }
}

/// From what is thought to cost that much on, PostgreSQL compiles a statement before it runs it, which takes longer than these take.
const COMPILED: f64 = 100_000.0;

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn queries_about_tracked_tasks_are_estimated_cheap(pool: PgPool) {
    let mut world = World::create(&pool, &Plan { steps: 3_000, densities: &[1.0] }).await;
    let mut tasks = Vec::new();
    let mut graphs = Graphs::new(10_000);
    for task in world.tasks.iter().chain(&world.tasks) {
        let session = &mut Connection(&mut world.tx);
        tasks.extend(track(session, &mut graphs, TaskId(task.id)).await.unwrap());
    }
    let mut small: Vec<TrackedTask> =
        tasks.iter().filter(|task| task.graph().steps().len() == 1).take(2).cloned().collect();
    for _ in 0..=CUSTOM_PLANS {
        let session = &mut Connection(&mut world.tx);
        ready_steps_of(session, &mut tasks).await.unwrap();
        ready_steps_of(session, &mut small).await.unwrap();
    }
    pretend(&mut world.tx, "1000000000").await;
    for text in ["with done as%", "%) outdated", "%span (first, last)%"] {
        let [plan] = &plans(&mut world.tx, text).await[..] else { panic!("one statement like {text}") };
        let cost =
            plan.lines().next().and_then(|line| line.split("..").nth(1)?.split(' ').next()?.parse().ok());
        assert!(cost.is_some_and(|cost: f64| cost < COMPILED), "{plan}");
    }
}
