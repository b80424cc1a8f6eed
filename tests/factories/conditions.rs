//! Conditions of steps, as the readiness rules see them.

use sqlx::{PgConnection, PgPool};
use std::collections::HashMap;
use tasker_core::backoff::failure_wait;
use tasker_core::factories::{Pattern, StepCondition, Workflow, workflow};
use tasker_core::operations::readiness::step_readiness;
use tasker_core::readiness::Readiness;
use tasker_core::state::State;
use tasker_core::time::{Micros, Timestamp};
use tasker_core::transitions::{MachineState, StepState, TaskState, Transitions};

async fn readiness(made: &Workflow, connection: &mut PgConnection) -> HashMap<String, Readiness> {
    let steps = step_readiness(connection, made.task, None).await.unwrap();
    steps.into_iter().map(|step| (step.name.to_string(), step)).collect()
}

async fn now(connection: &mut PgConnection) -> Timestamp {
    let now = "select (extract(epoch from localtimestamp) * 1000000)::bigint";
    Timestamp(sqlx::query_scalar(now).fetch_one(connection).await.unwrap())
}

/// A step alone, in a condition.
async fn alone(condition: StepCondition, connection: &mut PgConnection) -> Readiness {
    let made = workflow(Pattern::Linear(1)).steps_in(condition).create(connection).await.unwrap();
    readiness(&made, connection).await.remove("step_1").unwrap()
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn each_condition_is_what_it_says(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let now = now(&mut tx).await;
    for condition in StepCondition::ALL {
        let step = alone(condition, &mut tx).await;
        assert_eq!(step.current_state, State::from(condition.state()), "{condition:?}");
        let ready = matches!(
            condition,
            StepCondition::Fresh
                | StepCondition::Failed { .. }
                | StepCondition::Retrying { .. }
                | StepCondition::TimedOut
        );
        assert_eq!(step.ready_for_execution, ready, "{condition:?}");
        assert_eq!(step.is_permanently_blocked(), condition == StepCondition::Exhausted, "{condition:?}");
    }
    for attempts in 1..=3 {
        let step = alone(StepCondition::Backoff { attempts }, &mut tx).await;
        assert_eq!((step.attempts, step.next_retry_at), (attempts, Some(now + failure_wait(Some(attempts)))));
    }
    let step = alone(StepCondition::RequestedBackoff { seconds: 90 }, &mut tx).await;
    assert_eq!(step.next_retry_at, Some(now + Micros::from_seconds(90)));
    let stalled = alone(StepCondition::Stalled, &mut tx).await;
    assert_eq!((stalled.current_state, stalled.attempts), (State::InProgress, 0));
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn exhaustion_counts_the_steps_own_limit(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    for limit in [Some(1), Some(4), None] {
        let made = workflow(Pattern::Linear(1)).steps_in(StepCondition::Exhausted).retry_limit(limit);
        let made = made.create(&mut tx).await.unwrap();
        let step = &readiness(&made, &mut tx).await["step_1"];
        assert_eq!((step.attempts, step.retry_eligible), (limit.unwrap_or(3), false));
    }
}

/// Every history is one that the machine allows, by the sort keys that the engine counts, and goes on from where it stands.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn histories_follow_the_machine(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let failed = [2, 3].map(|attempts| StepCondition::Failed { attempts });
    for condition in StepCondition::ALL.into_iter().chain(failed) {
        let made =
            workflow(Pattern::Linear(1)).steps_in(condition).retry_limit(9).create(&mut tx).await.unwrap();
        let rows: Vec<(String, i32, bool)> = sqlx::query_as(
            "select to_state::text, sort_key, most_recent from tasker_workflow_step_transitions where workflow_step_id = $1
             order by sort_key, created_at",
        )
        .bind(made.steps[0].0)
        .fetch_all(&mut *tx)
        .await
        .unwrap();
        let mut state = StepState::Pending;
        for (index, (to, sort_key, most_recent)) in rows.iter().enumerate() {
            let to: StepState = to.parse().unwrap();
            assert!(state.successors().contains(&to), "{condition:?}: {state} to {to}");
            assert_eq!(
                (*sort_key, *most_recent),
                (index as i32 * 10 + 10, index + 1 == rows.len()),
                "{condition:?}"
            );
            state = to;
        }
        assert_eq!(state, condition.state());
        let next = state.successors();
        if let Some(&to) = next.first() {
            let transitioned = made.steps[0].transition_to(to, &mut *tx).await.unwrap();
            assert_eq!(transitioned.sort_key, rows.len() as i64 * 10 + 10);
        }
    }
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn what_is_said_later_goes_first(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let made = workflow(Pattern::Diamond)
        .steps_in(StepState::Error)
        .step("left", StepState::Cancelled)
        .progressed(1)
        .create(&mut tx)
        .await
        .unwrap();
    let steps = readiness(&made, &mut tx).await;
    let states = ["start", "left", "right", "finish"].map(|name| steps[name].current_state.clone());
    assert_eq!(states, [State::Complete, State::Cancelled, State::Error, State::Error]);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn progress_completes_parents_before_children(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    for complete in 0..=7 {
        let made = workflow(Pattern::MixedDag).progressed(complete).create(&mut tx).await.unwrap();
        let steps = readiness(&made, &mut tx).await;
        let done: Vec<&Readiness> =
            steps.values().filter(|step| step.current_state == State::Complete).collect();
        assert_eq!(done.len(), complete);
        assert!(done.iter().all(|step| step.dependencies_satisfied));
    }
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn shares_of_conditions_are_exact(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let shares =
        [(StepCondition::Complete, 0.5), (StepCondition::Exhausted, 0.3), (StepCondition::Fresh, 0.2)];
    let count = |steps: &HashMap<String, Readiness>, state| {
        steps.values().filter(|step| step.current_state == state).count()
    };
    let mut arrangements = Vec::new();
    for seed in 0..2 {
        let made = workflow(Pattern::ParallelMerge(40))
            .steps_by_share(shares)
            .seed(seed)
            .create(&mut tx)
            .await
            .unwrap();
        let steps = readiness(&made, &mut tx).await;
        let counts = [State::Complete, State::Error, State::Pending].map(|state| count(&steps, state));
        assert_eq!(counts, [21, 12, 8]);
        arrangements.push(
            made.graph.steps().iter().map(|step| steps[&step.name].current_state.clone()).collect::<Vec<_>>(),
        );
    }
    assert_ne!(arrangements[0], arrangements[1], "the seed decides which");
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn tasks_in_each_state(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    for state in TaskState::ALL {
        let made = workflow(Pattern::Linear(1)).task_in(state).create(&mut tx).await.unwrap();
        assert_eq!(made.task.state(&mut *tx).await.unwrap(), state.into());
        let complete: bool = sqlx::query_scalar("select complete from tasker_tasks where task_id = $1")
            .bind(made.task.0)
            .fetch_one(&mut *tx)
            .await
            .unwrap();
        assert_eq!(complete, state == TaskState::Complete);
    }
}
