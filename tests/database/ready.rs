//! What may run next, next to the engine's `get_step_readiness_status`.

use crate::support::seed::{self, edge, record};
use crate::support::world::{Plan, World};
use sqlx::{PgConnection, PgPool};
use tasker_core::graph::cache::Graphs;
use tasker_core::ids::{StepId, TaskId};
use tasker_core::operations::ready::{
    ReadyStep, TrackedTask, Updates, is_current, ready_steps, ready_steps_of, track,
};
use tasker_core::operations::transition::Subject;
use tasker_core::store::Connection;

const DENSITIES: &[f64] = &[0.0, 0.6, 1.0, 1.5, 3.0];

/// What the engine's function says.
async fn ready(tx: &mut PgConnection, task: i64) -> Vec<ReadyStep> {
    let rows: Vec<(i64, String)> = sqlx::query_as(
        "select workflow_step_id, current_state from get_step_readiness_status($1) where ready_for_execution order by 1",
    )
    .bind(task)
    .fetch_all(tx)
    .await
    .unwrap();
    let step = |(id, state): (i64, String)| ReadyStep {
        task: TaskId(task),
        step: StepId(id),
        failed: state == "error",
    };
    rows.into_iter().map(step).collect()
}

async fn tracked(tx: &mut PgConnection, graphs: &mut Graphs, task: i64) -> Option<TrackedTask> {
    track(&mut Connection(tx), graphs, TaskId(task)).await.unwrap()
}

async fn news(tx: &mut PgConnection, tasks: &mut [TrackedTask]) -> Updates {
    ready_steps_of(&mut Connection(tx), tasks).await.unwrap()
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn alone_together_and_tracked(pool: PgPool) {
    let mut world = World::create(&pool, &Plan { steps: 8_000, densities: DENSITIES }).await;
    let ids: Vec<i64> = world.tasks.iter().map(|task| task.id).collect();
    let mut graphs = Graphs::new(100_000);
    let (mut expected, mut of_tracked, mut all) = (Vec::new(), Vec::new(), Vec::new());
    for &id in &ids {
        let theirs = ready(&mut world.tx, id).await;
        let ours = ready_steps(&mut Connection(&mut world.tx), &[TaskId(id)]).await.unwrap();
        assert_eq!(ours, theirs, "task {id}");
        if let Some(task) = tracked(&mut world.tx, &mut graphs, id).await {
            let mut task = [task];
            let updates = news(&mut world.tx, &mut task).await;
            assert_eq!(updates, Updates { ready: theirs.clone(), outdated: vec![] }, "task {id}");
            all.extend(task);
            of_tracked.extend(theirs.clone());
        }
        expected.extend(theirs);
    }
    assert!(expected.len() > 200 && expected.iter().any(|step| step.failed), "the world is too quiet");
    assert!(of_tracked.len() > 15, "too few tasks could be tracked");

    let asked: Vec<TaskId> = ids.iter().copied().map(TaskId).collect();
    expected.sort_unstable();
    for few in all.chunks_mut(5) {
        let theirs: Vec<TaskId> = few.iter().map(|tracked| tracked.graph().task()).collect();
        let mut theirs: Vec<ReadyStep> =
            of_tracked.iter().filter(|step| theirs.contains(&step.task)).cloned().collect();
        theirs.sort_unstable();
        assert_eq!(news(&mut world.tx, few).await, Updates { ready: theirs, outdated: vec![] });
    }
    of_tracked.sort_unstable();
    assert_eq!(ready_steps(&mut Connection(&mut world.tx), &asked).await.unwrap(), expected);
    assert_eq!(news(&mut world.tx, &mut all).await.ready, of_tracked);
}

/// A task of four steps, a diamond, all of them pending.
async fn diamond(tx: &mut PgConnection) -> (Subject, Vec<Subject>) {
    seed::definitions(tx).await;
    let task = seed::task(tx).await;
    let steps = seed::steps(tx, task, 4).await;
    for (from, to) in [(0, 1), (0, 2), (1, 3), (2, 3)] {
        edge(tx, steps[from], steps[to]).await;
    }
    (task, steps)
}

fn steps_in(news: &Updates) -> Vec<i64> {
    news.ready.iter().map(|step| step.step.0).collect()
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn what_others_have_done_frees_what_waited_for_it(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let (task, steps) = diamond(&mut tx).await;
    let mut tasks = [tracked(&mut tx, &mut Graphs::new(100), task.id).await.unwrap()];
    assert_eq!(steps_in(&news(&mut tx, &mut tasks).await), [steps[0].id]);
    assert_eq!(tasks[0].unfinished(), 4);

    for done in &steps[..3] {
        record(&mut tx, *done, "complete").await;
    }
    assert_eq!(steps_in(&news(&mut tx, &mut tasks).await), [steps[3].id], "over several rounds");
    assert_eq!(tasks[0].unfinished(), 1);
    assert_eq!(tasks[0].candidates(), [StepId(steps[3].id)]);
    record(&mut tx, steps[3], "resolved_manually").await;
    assert_eq!(news(&mut tx, &mut tasks).await, Updates::default());
    assert_eq!(tasks[0].unfinished(), 0);
}

/// Tasks that were made at the same time: the steps of each stand between those of the others.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn tasks_among_one_another_are_told_apart(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    seed::definitions(&mut tx).await;
    let mut made = Vec::new();
    for _ in 0..3 {
        made.push((seed::task(&mut tx).await, Vec::new()));
    }
    for place in 0..4 {
        for (task, steps) in &mut made {
            steps.push(seed::step(&mut tx, *task).await);
            if place > 0 {
                edge(&mut tx, steps[place - 1], steps[place]).await;
            }
        }
    }
    let mut tasks = Vec::new();
    for (task, _) in &made {
        tasks.push(tracked(&mut tx, &mut Graphs::new(100), task.id).await.unwrap());
    }
    // Nothing, one step and three steps are done; one has failed with attempts left.
    record(&mut tx, made[1].1[0], "complete").await;
    for &step in &made[2].1[..3] {
        record(&mut tx, step, "complete").await;
    }
    record(&mut tx, made[2].1[3], "error").await;
    sqlx::query("update tasker_workflow_step_transitions set created_at = now() - interval '1 hour'")
        .execute(&mut *tx)
        .await
        .unwrap();
    let updates = news(&mut tx, &mut tasks).await;
    let step = |of: usize, place: usize| ReadyStep {
        task: TaskId(made[of].0.id),
        step: StepId(made[of].1[place].id),
        failed: of == 2,
    };
    assert_eq!(updates.ready, [step(0, 0), step(1, 1), step(2, 3)]);
    assert_eq!(tasks.iter().map(TrackedTask::unfinished).collect::<Vec<_>>(), [4, 3, 1]);

    seed::step(&mut tx, made[1].0).await;
    let updates = news(&mut tx, &mut tasks).await;
    let outdated = vec![TaskId(made[1].0.id)];
    assert_eq!(updates, Updates { ready: vec![step(0, 0), step(2, 3)], outdated });
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_graph_that_has_changed_is_not_gone_by(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let (task, steps) = diamond(&mut tx).await;
    let mut graphs = Graphs::new(100);
    let mut tasks = [tracked(&mut tx, &mut graphs, task.id).await.unwrap()];
    record(&mut tx, steps[0], "complete").await;
    assert_eq!(steps_in(&news(&mut tx, &mut tasks).await), [steps[1].id, steps[2].id]);

    // A new edge counts at once, since every candidate is checked against the edges.
    edge(&mut tx, steps[1], steps[2]).await;
    assert_eq!(steps_in(&news(&mut tx, &mut tasks).await), [steps[1].id]);
    assert!(!is_current(&mut Connection(&mut tx), tasks[0].graph()).await.unwrap());
    let anew = tracked(&mut tx, &mut graphs, task.id).await.unwrap();
    assert_ne!(anew.graph(), tasks[0].graph(), "the one that was kept is not used any more");
    assert_eq!(graphs.peek(TaskId(task.id)), Some(anew.graph()));

    // An edge that points elsewhere, with the same number of edges.
    tasks = [anew];
    let moved =
        "update tasker_workflow_step_edges set from_step_id = $1 where from_step_id = $2 and to_step_id = $3";
    sqlx::query(moved).bind(steps[0].id).bind(steps[1].id).bind(steps[2].id).execute(&mut *tx).await.unwrap();
    assert!(!is_current(&mut Connection(&mut tx), tasks[0].graph()).await.unwrap());
    tasks = [tracked(&mut tx, &mut graphs, task.id).await.unwrap()];
    assert_eq!(steps_in(&news(&mut tx, &mut tasks).await), [steps[1].id, steps[2].id]);

    // A new step.
    let more = seed::step(&mut tx, task).await;
    let updates = news(&mut tx, &mut tasks).await;
    assert_eq!(updates, Updates { ready: vec![], outdated: vec![TaskId(task.id)] });
    tasks = [tracked(&mut tx, &mut graphs, task.id).await.unwrap()];
    assert_eq!(steps_in(&news(&mut tx, &mut tasks).await), [steps[1].id, steps[2].id, more.id]);

    // An edge that was taken away.
    sqlx::query("delete from tasker_workflow_step_edges where to_step_id = $1")
        .bind(steps[3].id)
        .execute(&mut *tx)
        .await
        .unwrap();
    assert!(!is_current(&mut Connection(&mut tx), tasks[0].graph()).await.unwrap());
    tasks = [tracked(&mut tx, &mut graphs, task.id).await.unwrap()];
    assert_eq!(steps_in(&news(&mut tx, &mut tasks).await).len(), 4);
    assert!(is_current(&mut Connection(&mut tx), tasks[0].graph()).await.unwrap());
}

/// Parents are looked for where steps are read anyway, and one by one where they stand elsewhere.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn parents_count_wherever_they_stand(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    seed::definitions(&mut tx).await;
    // With so many steps between its own, a task is a small one and none.
    for between in [40, 300] {
        for company in [0, 2] {
            parents_count(&mut tx, between, company).await;
        }
    }
}

async fn parents_count(tx: &mut PgConnection, between: i64, company: usize) {
    let (task, other) = (seed::task(tx).await, seed::task(tx).await);
    let far = seed::steps(tx, task, 1).await[0];
    let filler = seed::steps(tx, other, between).await;
    let near = seed::steps(tx, task, 2).await;
    edge(tx, far, near[1]).await;
    edge(tx, near[0], near[1]).await;
    record(tx, far, "complete").await;
    record(tx, near[0], "resolved_manually").await;
    let mut tasks = vec![tracked(tx, &mut Graphs::new(100), task.id).await.unwrap()];
    for _ in 0..company {
        let idle = seed::task(tx).await;
        let step = seed::step(tx, idle).await;
        record(tx, step, "complete").await;
        tasks.push(tracked(tx, &mut Graphs::new(100), idle.id).await.unwrap());
    }
    assert_eq!(tasks[0].unfinished(), 1);
    assert_eq!(steps_in(&news(tx, &mut tasks).await), [near[1].id]);

    // Hands have put a parent back: near or far, the step waits again.
    for parent in [far, near[0]] {
        record(tx, parent, "pending").await;
        assert_eq!(steps_in(&news(tx, &mut tasks).await), [0; 0]);
        record(tx, parent, "complete").await;
        assert_eq!(steps_in(&news(tx, &mut tasks).await), [near[1].id]);
    }

    // So it does for a step of another task, which is not in the graph that is kept.
    for outside in [filler[0], seed::step(tx, other).await] {
        edge(tx, outside, near[1]).await;
        assert_eq!(steps_in(&news(tx, &mut tasks).await), [0; 0]);
        record(tx, outside, "complete").await;
        assert_eq!(steps_in(&news(tx, &mut tasks).await), [near[1].id]);
    }
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_graph_that_is_kept_is_not_read_again(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let (task, steps) = diamond(&mut tx).await;
    let mut graphs = Graphs::new(100);
    let first = tracked(&mut tx, &mut graphs, task.id).await.unwrap();
    record(&mut tx, steps[0], "complete").await;
    let second = tracked(&mut tx, &mut graphs, task.id).await.unwrap();
    assert_eq!(first.graph(), second.graph());
    assert_eq!((first.unfinished(), second.unfinished()), (4, 3), "how far it has come is read anew");
    let read: i64 = sqlx::query_scalar(
        "select generic_plans + custom_plans from pg_prepared_statements where statement like '%given.*%' and statement like '%own.*%'
         and statement not like '%pg_prepared%'",
    )
    .fetch_one(&mut *tx)
    .await
    .unwrap();
    assert_eq!(read, 1);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_task_with_a_parent_in_another_task_cannot_be_tracked(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let (task, steps) = diamond(&mut tx).await;
    let other = seed::task(&mut tx).await;
    let outside = seed::step(&mut tx, other).await;
    edge(&mut tx, outside, steps[0]).await;
    assert!(tracked(&mut tx, &mut Graphs::new(100), task.id).await.is_none());
    assert_eq!(ready_steps(&mut Connection(&mut tx), &[TaskId(task.id)]).await.unwrap(), []);
    let mut unknown = [tracked(&mut tx, &mut Graphs::new(100), 999_999).await.unwrap()];
    assert_eq!(
        news(&mut tx, &mut unknown).await,
        Updates::default(),
        "a task that is not there has no steps"
    );
}
