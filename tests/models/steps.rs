//! Steps.

use crate::support::{messages, rows_of_tasks, step, task};
use serde_json::json;
use sqlx::PgPool;
use tasker_core::models::{
    Model, New, NewDependentSystem, NewNamedStep, NewWorkflowStep, NewWorkflowStepEdge,
    NewWorkflowStepTransition, Record, Task, WorkflowStep,
};

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_fresh_step_is_as_the_columns_defaults_make_it(pool: PgPool) {
    let made = step(&task(&pool).await, "pay", &pool).await;
    sqlx::query(
        "insert into tasker_workflow_steps (task_id, named_step_id, created_at, updated_at)
         select task_id, named_step_id, created_at, updated_at from tasker_workflow_steps",
    )
    .execute(&pool)
    .await
    .unwrap();
    let bare = WorkflowStep::find(made.key() + 1, &pool).await.unwrap();
    assert_eq!(bare, WorkflowStep { workflow_step_id: bare.key(), ..made });
    assert_eq!((bare.attempts, bare.retry_limit, bare.results), (None, Some(3), None));
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn refuses_what_rails_refuses(pool: PgPool) {
    let task = task(&pool).await;
    let mut pay = step(&task, "pay", &pool).await;
    let again = NewWorkflowStep::new(task.key(), pay.named_step_id);
    assert_eq!(
        messages(again.clone().create(&pool).await),
        [
            "Named step must be unique within the same task",
            "Step name 'pay' must be unique within the same task"
        ]
    );
    assert_eq!(again.find_or_create(&pool).await.unwrap(), pay);

    let shop = NewDependentSystem::new("shop").create(&pool).await.unwrap();
    let namesake = NewNamedStep::new("pay", shop.key()).create(&pool).await.unwrap();
    let same_name = NewWorkflowStep::new(task.key(), namesake.key()).create(&pool).await;
    assert_eq!(messages(same_name), ["Step name 'pay' must be unique within the same task"]);
    assert_eq!(
        messages(NewWorkflowStep::new(70, 80).create(&pool).await),
        ["Task must exist", "Named step must exist"]
    );
    // It is not its own namesake.
    pay.update(|pay| pay.inputs = Some(json!({ "amount": 1 })), &pool).await.unwrap();
    assert_eq!(WorkflowStep::find(pay.key(), &pool).await.unwrap(), pay);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn the_same_step_is_created_once_by_two_sessions(pool: PgPool) {
    let task = task(&pool).await;
    let system = NewDependentSystem::new("bank").create(&pool).await.unwrap();
    let kind = NewNamedStep::new("pay", system.key()).create(&pool).await.unwrap();
    let new = NewWorkflowStep::new(task.key(), kind.key());

    let mut theirs = pool.begin().await.unwrap();
    let made = new.clone().find_or_create(&mut theirs).await.unwrap();
    let mut ours = pool.begin().await.unwrap();
    let process: i32 = sqlx::query_scalar("select pg_backend_pid()").fetch_one(&mut *ours).await.unwrap();
    let waiting = tokio::spawn(async move { new.find_or_create(&mut ours).await.unwrap() });
    crate::support::until_blocked(&pool, process).await;
    theirs.commit().await.unwrap();
    assert_eq!(waiting.await.unwrap(), made);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn steps_lead_to_their_neighbours_and_the_rest(pool: PgPool) {
    let task = task(&pool).await;
    let names = ["a", "b", "c"];
    let mut steps = Vec::new();
    for name in names {
        steps.push(step(&task, name, &pool).await);
    }
    let [a, b, c] = &steps[..] else { unreachable!() };
    for (from, to) in [(a, b), (a, c), (b, c)] {
        NewWorkflowStepEdge::new(from.key(), to.key()).create(&pool).await.unwrap();
    }
    let first = NewWorkflowStepTransition::new(a.key(), "pending", 10).create(&pool).await.unwrap();

    assert_eq!(c.parents(&pool).await.unwrap(), [a.clone(), b.clone()]);
    assert_eq!(a.children(&pool).await.unwrap(), [b.clone(), c.clone()]);
    assert_eq!(a.parents(&pool).await.unwrap(), []);
    assert_eq!(
        (a.outgoing_edges(&pool).await.unwrap().len(), c.incoming_edges(&pool).await.unwrap().len()),
        (2, 2)
    );
    assert_eq!(a.task(&pool).await.unwrap(), task);
    assert_eq!(a.named_step(&pool).await.unwrap().name, "a");
    assert_eq!(a.named_step(&pool).await.unwrap().workflow_steps(&pool).await.unwrap(), [a.clone()]);
    assert_eq!(a.workflow_step_transitions(&pool).await.unwrap(), [first]);

    let parents = WorkflowStep::PARENTS.load(&steps, &pool).await.unwrap();
    let found: Vec<Vec<i64>> =
        steps.iter().map(|step| parents.of(step).iter().map(Model::key).collect()).collect();
    assert_eq!(found, [vec![], vec![a.key()], vec![a.key(), b.key()]]);
    let named_steps = WorkflowStep::NAMED_STEP.load(&steps, &pool).await.unwrap();
    let found: Vec<&str> = steps.iter().map(|step| named_steps.one(step).unwrap().name.as_str()).collect();
    assert_eq!(found, names);
    let of_task = Task::WORKFLOW_STEPS.load(std::slice::from_ref(&task), &pool).await.unwrap();
    assert_eq!(of_task.of(&task), steps);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_step_goes_with_its_edges_and_history(pool: PgPool) {
    let task = task(&pool).await;
    let (a, b) = (step(&task, "a", &pool).await, step(&task, "b", &pool).await);
    let c = step(&task, "c", &pool).await;
    for (from, to) in [(&a, &b), (&b, &c)] {
        NewWorkflowStepEdge::new(from.key(), to.key()).create(&pool).await.unwrap();
        NewWorkflowStepTransition::new(to.key(), "pending", 10).create(&pool).await.unwrap();
    }
    b.delete(&pool).await.unwrap();
    assert_eq!(rows_of_tasks(&pool).await, [1, 0, 0, 2, 0, 1]);
}
