//! A task as people look at it.

use crate::support::seed;
use sqlx::PgPool;
use tasker_core::blocker::Blocker;
use tasker_core::ids::{StepId, TaskId};
use tasker_core::operations::overview::{StepChange, task_overview};
use tasker_core::operations::readiness::step_readiness;
use tasker_core::readiness::readiness;
use tasker_core::records::Edge;
use tasker_core::state::State;
use tasker_core::store::Connection;

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn steps_edges_and_history(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    seed::definitions(&mut tx).await;
    let (other, task) = (seed::task(&mut tx).await, seed::task(&mut tx).await);
    let outside = seed::step(&mut tx, other).await;
    let steps = seed::steps(&mut tx, task, 3).await;
    // Out of order, so that neither the ids of steps nor those of transitions order anything by chance.
    seed::edge(&mut tx, steps[1], steps[2]).await;
    seed::edge(&mut tx, steps[0], steps[2]).await;
    seed::edge(&mut tx, outside, steps[1]).await;
    seed::record(&mut tx, steps[1], "in_progress").await;
    seed::record(&mut tx, steps[0], "in_progress").await;
    seed::record(&mut tx, steps[1], "cancelled").await;
    seed::record(&mut tx, steps[0], "complete").await;
    seed::record(&mut tx, outside, "in_progress").await;

    let overview = task_overview(&mut Connection(&mut tx), TaskId(task.id)).await.unwrap().unwrap();
    assert_eq!((&*overview.namespace, &*overview.name, &*overview.version), ("default", "task", "0.1.0"));
    assert_eq!((overview.task, &overview.state), (TaskId(task.id), &State::Pending));
    let edge = |from: i64, to: i64| Edge { from: StepId(from), to: StepId(to) };
    let [first, second, third] = [0, 1, 2].map(|place: usize| steps[place].id);
    assert_eq!(overview.edges, [edge(second, third), edge(first, third), edge(outside.id, second)]);
    let change = |step: i64, to: State| StepChange { step: StepId(step), to, at: seed::SEEDED_AT };
    let history = [
        change(first, State::InProgress),
        change(first, State::Complete),
        change(second, State::InProgress),
        change(second, State::Cancelled),
    ];
    assert_eq!(overview.history, history);
    assert_eq!(overview.blockers(), [None, None, Some(Blocker::CancelledParent)]);

    let asked = step_readiness(&mut Connection(&mut tx), TaskId(task.id), None).await.unwrap();
    let snapshot = tasker_core::records::StepSnapshot { now: overview.now, steps: overview.steps };
    assert_eq!(readiness(&snapshot), asked);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn tasks_without_steps_and_unknown_ones(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    seed::definitions(&mut tx).await;
    let task = seed::task(&mut tx).await;
    let overview = task_overview(&mut Connection(&mut tx), TaskId(task.id)).await.unwrap().unwrap();
    assert!(overview.steps.is_empty() && overview.edges.is_empty() && overview.history.is_empty());
    assert_eq!(task_overview(&mut Connection(&mut tx), TaskId(-1)).await.unwrap(), None);
}
