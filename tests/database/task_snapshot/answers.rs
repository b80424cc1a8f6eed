//! What a snapshot says beside what is answered to single questions, here and by the engine's own functions.

use super::rows::assert_whole;
use crate::parity::context::assert_same as assert_same_contexts;
use crate::parity::statistics::engines_completion;
use crate::support::rows::{context_rows, json};
use crate::support::seed;
use crate::support::world::{Plan, Task, World};
use sqlx::{PgConnection, PgPool};
use std::collections::{BTreeMap, BTreeSet};
use tasker_core::ids::{StepId, TaskId};
use tasker_core::machine::Owner;
use tasker_core::operations::context::task_execution_context;
use tasker_core::operations::readiness::{step_readiness, viable_steps};
use tasker_core::operations::statistics::{CompletionStatistics, completion_statistics};
use tasker_core::operations::task_snapshot::{KnownVersions, TaskSnapshot, task_snapshot};
use tasker_core::operations::transition::{Subject, current_state};
use tasker_core::progress::ExecutionContext;
use tasker_core::readiness::readiness;
use tasker_core::records::StepSnapshot;
use tasker_core::store::Connection;
use tasker_core::time::Timestamp;

async fn assert_ready(tx: &mut PgConnection, task: TaskId, found: &TaskSnapshot) -> usize {
    let steps: Vec<_> = found.steps.iter().map(|step| step.facts.clone()).collect();
    let all: Vec<StepId> = steps.iter().map(|step| step.id).collect();
    let ready: Vec<StepId> = found.ready().collect();
    let session = &mut Connection(&mut *tx);
    let viable = viable_steps(session, task, &all).await.unwrap();
    assert_eq!(ready, viable.iter().map(|step| step.0).collect::<Vec<_>>(), "task {task}");
    let single = step_readiness(session, task, None).await.unwrap();
    assert_eq!(readiness(&StepSnapshot { now: found.now, steps }), single, "task {task}");
    let theirs: Vec<i64> = sqlx::query_scalar(
        "select workflow_step_id from get_step_readiness_status($1) where ready_for_execution order by 1",
    )
    .bind(task.0)
    .fetch_all(tx)
    .await
    .unwrap();
    assert_eq!(ready, theirs.into_iter().map(StepId).collect::<Vec<_>>(), "task {task}");
    ready.len()
}

async fn assert_context(tx: &mut PgConnection, task: TaskId, found: &TaskSnapshot) -> ExecutionContext {
    let context = found.execution_context();
    let single = task_execution_context(&mut Connection(&mut *tx), task).await.unwrap();
    assert_eq!(Some(&context), single.as_ref());
    let query = sqlx::query(context_rows!("get_task_execution_context($1)")).bind(task.0);
    assert_same_contexts(&format!("task {task}"), std::slice::from_ref(&context), json(tx, query).await);
    context
}

async fn assert_statistics(
    tx: &mut PgConnection,
    task: TaskId,
    found: &TaskSnapshot,
) -> CompletionStatistics {
    let counts = found.statistics();
    assert_eq!(counts, completion_statistics(&mut Connection(&mut *tx), task).await.unwrap(), "task {task}");
    assert_eq!(counts, engines_completion(tx, task).await, "task {task}");
    counts
}

/// The task's state and those of some of its steps; returns the words that stand in the database for them.
async fn assert_states(tx: &mut PgConnection, task: TaskId, found: &TaskSnapshot) -> BTreeSet<String> {
    let mut recorded = BTreeSet::new();
    let session = &mut Connection(&mut *tx);
    let subject = Subject { owner: Owner::Task, id: task.0 };
    assert_eq!(found.state(), current_state(session, subject).await.unwrap(), "task {task}");
    for step in found.steps.iter().take(25) {
        let subject = Subject { owner: Owner::Step, id: step.facts.id.0 };
        assert_eq!(step.state(), current_state(session, subject).await.unwrap(), "step {}", step.facts.id);
        recorded.extend(step.facts.state.iter().map(|state| state.as_str().to_owned()));
    }
    recorded
}

/// Returns how many edges come from other tasks, and how many stand there a second time.
async fn assert_edges(tx: &mut PgConnection, task: &Task, found: &TaskSnapshot) -> [usize; 2] {
    let theirs: Vec<(i64, i64)> = sqlx::query_as(
        "select e.from_step_id, e.to_step_id from tasker_workflow_step_edges e
         join tasker_workflow_steps s on s.workflow_step_id = e.to_step_id where s.task_id = $1 order by e.id",
    )
    .bind(task.id)
    .fetch_all(tx)
    .await
    .unwrap();
    let ours: Vec<(i64, i64)> = found.edges.iter().map(|edge| (edge.from.0, edge.to.0)).collect();
    assert_eq!(ours, theirs, "edges of task {}", task.id);
    let own: BTreeSet<i64> = task.steps.iter().copied().collect();
    let different: BTreeSet<(i64, i64)> = ours.iter().copied().collect();
    [ours.iter().filter(|edge| !own.contains(&edge.0)).count(), ours.len() - different.len()]
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn of_every_task(pool: PgPool) {
    let mut world = World::create(&pool, &Plan { steps: 6_000, densities: &[0.0, 0.6, 1.0, 2.0] }).await;
    sqlx::raw_sql(
        "update tasker_workflow_steps set processed_at = case workflow_step_id % 14 when 0 then timestamp 'infinity'
                                                         else '-infinity' end
         where task_id % 4 = 0 and workflow_step_id % 7 = 0",
    )
    .execute(&mut *world.tx)
    .await
    .unwrap();
    // What was met, by name.
    let mut met: BTreeMap<&str, usize> = BTreeMap::new();
    let mut words = BTreeSet::new();
    for task in &world.tasks {
        let (id, tx) = (TaskId(task.id), &mut *world.tx);
        let found = task_snapshot(&mut Connection(&mut *tx), id, None, &KnownVersions::default())
            .await
            .unwrap()
            .unwrap();
        let mut steps = task.steps.clone();
        steps.sort_unstable();
        assert_eq!(found.steps.iter().map(|step| step.facts.id.0).collect::<Vec<_>>(), steps);
        *met.entry("ready").or_default() += assert_ready(tx, id, &found).await;
        let context = assert_context(tx, id, &found).await;
        let counts = assert_statistics(tx, id, &found).await;
        words.extend(assert_states(tx, id, &found).await);
        let [foreign, twice] = assert_edges(tx, task, &found).await;
        assert_whole(tx, &found).await;
        *met.entry("without steps").or_default() += usize::from(context.total_steps == 0);
        *met.entry("completed").or_default() += counts.completed as usize;
        *met.entry("failed").or_default() += counts.failed as usize;
        let endless = counts.latest_completion == Some(Timestamp(i64::MAX));
        *met.entry("last completed at infinity").or_default() += usize::from(endless);
        *met.entry("edges from other tasks").or_default() += foreign;
        *met.entry("edges twice").or_default() += twice;
    }
    println!("{} tasks compared: {met:?}, states {words:?}", world.tasks.len());
    assert!(met.values().all(|&count| count > 0), "the world is too quiet to say anything: {met:?}");
    for word in ["", "NULL", "Complete", "two \"words\", {and} a \\", "pending", "resolved_manually"] {
        assert!(words.contains(word), "no step was {word:?}: {words:?}");
    }
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn of_no_task(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    seed::definitions(&mut tx).await;
    let task = seed::task(&mut tx).await;
    seed::step(&mut tx, task).await;
    let known = KnownVersions {
        task: Some("1(0,1)".into()),
        steps: vec![(StepId(1), "1(0,1)".into())],
        all_steps: true,
        ..KnownVersions::default()
    };
    for id in [0, -1, task.id + 1, i64::MAX] {
        for known in [&known, &KnownVersions::default()] {
            for chosen in [None, Some(&[StepId(1)][..])] {
                let session = &mut Connection(&mut tx);
                assert_eq!(
                    task_snapshot(session, TaskId(id), chosen, known).await.unwrap(),
                    None,
                    "task {id}"
                );
            }
        }
    }
}
