//! The models as owners of state machines.

use serde_json::json;
use sqlx::PgPool;
use tasker_core::factories::{Factory, Sequence};
use tasker_core::models::{Task, WorkflowStep};
use tasker_core::state::State;
use tasker_core::transitions::{Change, Metadata, StepState, TaskState, TransitionError, Transitions};

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_task_and_its_step_move_and_keep_their_histories(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let sequence = Sequence::new(1);
    let step = WorkflowStep::create(&sequence, &mut tx).await.unwrap();
    let task = step.task(&mut *tx).await.unwrap();
    task.transition_to(TaskState::InProgress, &mut *tx).await.unwrap();
    let early = task.transition_to(TaskState::Complete, &mut *tx).await.unwrap_err();
    assert!(matches!(early, TransitionError::GuardFailed { .. }));
    step.transition_to(StepState::InProgress, &mut *tx).await.unwrap();
    let metadata: Metadata = serde_json::from_value(json!({ "rows": 3 })).unwrap();
    step.transition_to(Change::to(StepState::Complete).metadata(metadata), &mut *tx).await.unwrap();
    task.transition_to(TaskState::Complete, &mut *tx).await.unwrap();

    let history = step.history(&mut *tx).await.unwrap();
    let rows: Vec<_> =
        history.iter().map(|row| (row.to_state.as_str(), row.sort_key, row.most_recent)).collect();
    assert_eq!(rows, [("in_progress", 10, false), ("complete", 20, true)]);
    assert_eq!(history[1].metadata, Some(json!({ "rows": 3 })));
    assert_eq!(task.history(&mut *tx).await.unwrap().len(), 2);
    assert_eq!(task.state(&mut *tx).await.unwrap(), State::Complete);
    assert_eq!(task.allowed_transitions(&mut *tx).await.unwrap(), [TaskState::Cancelled]);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn records_move_in_batches(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let sequence = Sequence::new(1);
    let mut tasks = Vec::new();
    let mut steps = Vec::new();
    for _ in 0..2 {
        steps.push((WorkflowStep::create(&sequence, &mut tx).await.unwrap(), StepState::Cancelled));
        tasks.push((Task::create(&sequence, &mut tx).await.unwrap(), TaskState::Cancelled));
    }
    let of_steps = WorkflowStep::transition_all(&steps, &Metadata::new(), &mut *tx).await.unwrap();
    let of_tasks = Task::transition_all(&tasks, &Metadata::new(), &mut *tx).await.unwrap();
    assert!(of_steps.iter().all(Result::is_ok) && of_tasks.iter().all(Result::is_ok));
}
