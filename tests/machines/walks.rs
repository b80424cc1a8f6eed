//! Single transitions: rows, allowed states, random walks.

use crate::support::seed::{self, Transition, history};
use rand::RngExt;
use rand::SeedableRng;
use rand::rngs::SmallRng;
use serde_json::json;
use sqlx::{PgConnection, PgPool};
use tasker_core::factories::{StepSpec, WorkflowGraph, workflow};
use tasker_core::ids::{StepId, TaskId};
use tasker_core::operations::transition::{Request, transition};
use tasker_core::state::State;
use tasker_core::time::Timestamp;
use tasker_core::transitions::{
    Change, MachineState, StepEvent, StepState, TaskState, TransitionError, Transitions,
};

async fn task_with_steps(connection: &mut PgConnection, steps: i64) -> (TaskId, Vec<StepId>) {
    let side_by_side = (0..steps).map(|step| StepSpec::new(format!("step {step}"))).collect();
    let graph = WorkflowGraph::new("side by side", side_by_side, vec![]).unwrap();
    let made = workflow(graph).create(connection).await.unwrap();
    (made.task, made.steps)
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn the_row_is_the_one_that_the_operation_writes(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let (_, steps) = task_with_steps(&mut tx, 2).await;
    let metadata = serde_json::from_value(json!({ "by": "größer \"x\"", "n": [1, null] })).unwrap();
    let change = Change::to(StepState::InProgress).from(StepState::Pending).metadata(metadata).at(seed::AT);
    let transitioned = steps[0].transition_to(change, &mut *tx).await.unwrap();
    assert_eq!(
        (transitioned.sort_key, transitioned.from, transitioned.to),
        (10, StepState::Pending, StepState::InProgress)
    );
    assert_eq!(transitioned.event, StepEvent::ExecutionRequested);

    let request = Request {
        metadata: r#"{"by": "größer \"x\"", "n": [1, null]}"#.into(),
        ..seed::request(steps[1].subject(), State::InProgress)
    };
    transition(&mut *tx, &request).await.unwrap().unwrap();
    let ours = history(&mut tx, steps[0].subject()).await;
    assert_eq!(ours, history(&mut tx, steps[1].subject()).await);
    assert_eq!(
        ours,
        [Transition {
            to_state: "in_progress".into(),
            from_state: None,
            metadata: r#"{"n": [1, null], "by": "größer \"x\""}"#.into(),
            sort_key: 10,
            most_recent: true,
            created_at: seed::AT.0,
            updated_at: seed::AT.0,
        }]
    );
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_state_alone_is_recorded_now_without_metadata(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let (task, _) = task_with_steps(&mut tx, 0).await;
    let clock =
        || std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_micros() as i64;
    let before = clock();
    task.transition_to(TaskState::InProgress, &mut *tx).await.unwrap();
    task.transition_to(TaskState::Complete, &mut *tx).await.unwrap();
    let rows = history(&mut tx, task.subject()).await;
    assert_eq!(
        rows.iter().map(|row| (row.sort_key, row.most_recent)).collect::<Vec<_>>(),
        [(10, false), (20, true)]
    );
    assert!(rows.iter().all(|row| row.metadata == "{}" && (before..=clock()).contains(&row.created_at)));
}

/// The transitions of the engine's documentation, written out once more.
fn leads<S: MachineState>(from: S, to: S) -> bool {
    let leads = match (from.to_string().as_str(), S::OWNER == TaskState::OWNER) {
        ("pending", true) => "in_progress cancelled error",
        ("in_progress", true) => "complete error cancelled pending",
        ("complete" | "resolved_manually", true) => "cancelled",
        ("pending", false) => "in_progress error cancelled resolved_manually",
        ("in_progress", false) => "complete error cancelled",
        ("error", _) => "pending resolved_manually",
        _ => "",
    };
    leads.split(' ').any(|word| word == to.to_string())
}

/// A walk over random targets; each step of it is refused or made as the rules say, and allowed_transitions says the same before.
async fn walk<T: Transitions>(subject: T, tx: &mut PgConnection, rng: &mut SmallRng) -> usize {
    let mut state = T::State::ALL[0];
    let mut made = 0;
    for _ in 0..24 {
        let to = T::State::ALL[rng.random_range(0..6)];
        let allowed = subject.allowed_transitions(tx).await.unwrap();
        let expected: Vec<T::State> =
            state.successors().into_iter().filter(|next| leads(state, *next)).collect();
        assert_eq!(allowed, expected);
        assert_eq!(subject.can_transition_to(to, tx).await.unwrap(), leads(state, to));
        match subject.transition_to(to, tx).await {
            Ok(transitioned) => {
                assert!(leads(state, to), "{state} led to {to}");
                assert_eq!((transitioned.from, transitioned.to), (state, to));
                state = to;
                made += 1;
                assert_eq!(transitioned.sort_key, made as i64 * 10);
            }
            Err(TransitionError::Invalid { from, to: refused, .. }) => {
                assert!(!leads(state, to), "{state} did not lead to {to}");
                assert_eq!((from, refused), (state.into(), to.into()));
            }
            Err(error) => panic!("{error:?}"),
        }
        assert_eq!(subject.state(tx).await.unwrap(), state.into());
    }
    assert_eq!(history(tx, subject.subject()).await.len(), made);
    made
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn random_walks_follow_the_machines(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let mut rng = SmallRng::seed_from_u64(7);
    let mut made = 0;
    for _ in 0..12 {
        let (task, steps) = task_with_steps(&mut tx, 1).await;
        made += walk(steps[0], &mut tx, &mut rng).await;
        let (alone, _) = task_with_steps(&mut tx, 0).await;
        made += walk(alone, &mut tx, &mut rng).await;
        assert_ne!(task, alone);
    }
    assert!(made > 40, "expected more transitions, got {made}");
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_transition_belongs_to_the_callers_transaction(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let (task, _) = task_with_steps(&mut connection, 0).await;
    let mut tx = pool.begin().await.unwrap();
    task.transition_to(TaskState::InProgress, &mut *tx).await.unwrap();
    assert_eq!(task.state(&mut *connection).await.unwrap(), State::Pending);
    tx.rollback().await.unwrap();
    assert_eq!(task.state(&mut *connection).await.unwrap(), State::Pending);
    let change = Change::to(TaskState::InProgress).at(Timestamp(0));
    assert_eq!(task.transition_to(change, &mut *connection).await.unwrap().sort_key, 10);
}
