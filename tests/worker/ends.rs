//! Tasks of which nothing but the end remains: a worker starts these alone, where it executes no step of theirs.

use crate::support::{create, done, eventually, fan, options, start, state};
use sqlx::PgPool;
use tasker_core::ids::TaskId;
use tasker_core::worker::{StepHandler, TaskHandlers};

/// What may have become of a step, with its attempts.
const STEPS: [(&str, i32); 8] = [
    ("", 0),
    ("pending", 0),
    ("in_progress", 0),
    ("error", 1),
    ("error", 3),
    ("complete", 1),
    ("resolved_manually", 1),
    ("cancelled", 0),
];

fn is_done(step: (&str, i32)) -> bool {
    ["complete", "resolved_manually"].contains(&step.0)
}

/// By the rule, from the states of both steps: an error with a retry left may run again.
fn only_the_end_remains(steps: [(&str, i32); 2]) -> bool {
    let goes_on = |(state, attempts): (&str, i32)| {
        state == "in_progress" || (["", "pending", "error"].contains(&state) && attempts < 3)
    };
    steps.iter().all(|step| is_done(*step))
        || steps.contains(&("error", 3)) && !steps.iter().any(|step| goes_on(*step))
}

async fn put(task: TaskId, name: &str, (state, attempts): (&str, i32), pool: &PgPool) {
    let step =
        "select workflow_step_id from tasker_workflow_steps s join tasker_named_steps n using (named_step_id)
                where s.task_id = $1 and n.name = $2";
    let step: i64 = sqlx::query_scalar(step).bind(task.0).bind(name).fetch_one(pool).await.unwrap();
    sqlx::query(
        "update tasker_workflow_steps set attempts = $2, processed = $3, in_process = $4, last_attempted_at = now() - interval '1 hour'
         where workflow_step_id = $1",
    )
    .bind(step)
    .bind(attempts)
    .bind(is_done((state, attempts)))
    .bind(state == "in_progress")
    .execute(pool)
    .await
    .unwrap();
    sqlx::query("delete from tasker_workflow_step_transitions where workflow_step_id = $1")
        .bind(step)
        .execute(pool)
        .await
        .unwrap();
    if state.is_empty() {
        return;
    }
    sqlx::query(
        "insert into tasker_workflow_step_transitions (workflow_step_id, to_state, sort_key, most_recent, created_at, updated_at)
         values ($1, $2, 10, true, now() - interval '1 hour', now())",
    )
    .bind(step)
    .bind(state)
    .execute(pool)
    .await
    .unwrap();
}

async fn transitions(task: TaskId, pool: &PgPool) -> i64 {
    let count = "select count(*) from tasker_task_transitions where task_id = $1";
    sqlx::query_scalar(count).bind(task.0).fetch_one(pool).await.unwrap()
}

/// A task whose third step, the worker's own, is not there.
async fn task(pool: &PgPool) -> TaskId {
    let task = create(&fan("order", 3), pool).await;
    let delete = "with gone as (
                    select workflow_step_id as id from tasker_workflow_steps s join tasker_named_steps n using (named_step_id)
                    where s.task_id = $1 and n.name = 'step_2'
                  ), transitions as (
                    delete from tasker_workflow_step_transitions where workflow_step_id in (select id from gone)
                  )
                  delete from tasker_workflow_steps where workflow_step_id in (select id from gone)";
    sqlx::query(delete).bind(task.0).execute(pool).await.unwrap();
    task
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn are_started_and_no_others(pool: PgPool) {
    let mut ending = Vec::new();
    let mut staying = Vec::new();
    for first in STEPS {
        for second in STEPS {
            let task = task(&pool).await;
            put(task, "step_0", first, &pool).await;
            put(task, "step_1", second, &pool).await;
            let tasks = if only_the_end_remains([first, second]) { &mut ending } else { &mut staying };
            tasks.push((task, first, second));
        }
    }
    let empty = task(&pool).await;
    sqlx::query("delete from tasker_workflow_step_transitions where workflow_step_id in (select workflow_step_id from tasker_workflow_steps where task_id = $1)")
        .bind(empty.0).execute(&pool).await.unwrap();
    sqlx::query("delete from tasker_workflow_steps where task_id = $1")
        .bind(empty.0)
        .execute(&pool)
        .await
        .unwrap();
    staying.push((empty, ("no steps", 0), ("no steps", 0)));
    // The oldest are started first, so that any other would be started by the time the last one has ended.
    let last = task(&pool).await;
    put(last, "step_0", ("complete", 1), &pool).await;
    put(last, "step_1", ("complete", 1), &pool).await;
    ending.push((last, ("complete", 1), ("complete", 1)));
    // All done: four pairs and the last. Failed for good, beside itself, what is done or what is cancelled: seven.
    assert_eq!(ending.len(), 12, "{ending:?}");

    let mut before = Vec::new();
    for (task, ..) in &staying {
        before.push(transitions(*task, &pool).await);
    }
    let handlers = TaskHandlers::of(&fan("order", 3)).step("step_2", StepHandler::new(done));
    let worker = start(&pool, [handlers], options()).await;
    eventually("the tasks to end", async || {
        for (task, ..) in &ending {
            if !["complete", "error"].contains(&state(*task, &pool).await.as_str()) {
                return false;
            }
        }
        true
    })
    .await;
    worker.stop().await;
    for ((task, first, second), before) in staying.iter().zip(before) {
        assert_eq!(transitions(*task, &pool).await, before, "{first:?} {second:?}");
    }
}
