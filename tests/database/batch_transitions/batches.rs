//! A batch does what single transitions do.

use crate::support::seed::{self, AT, attempt, edge, history, record, request, step_row};
use crate::support::world::{Plan, World};
use rand::seq::{IndexedRandom, SliceRandom};
use sqlx::{Connection as _, PgConnection, PgPool};
use tasker_core::ids::StepId;
use tasker_core::machine::{Guard, Owner};
use tasker_core::operations::batch_transitions::{StepTransition, transition_steps};
use tasker_core::operations::execution::{Attempt, Changes, Ending, finish};
use tasker_core::operations::transition::{Claims, Outcome, Refusal, Subject, transition};
use tasker_core::state::State;
use tasker_core::store::Connection;

async fn go(connection: &mut PgConnection, moves: &[StepTransition]) -> Vec<Outcome> {
    transition_steps(&mut Connection(connection), moves, AT).await.unwrap()
}

fn plain(step: Subject, to: State) -> StepTransition {
    StepTransition {
        step: StepId(step.id),
        to,
        metadata: "{}".into(),
        attempt: None,
        claims: Claims::default(),
    }
}

/// Ids of transitions differ from run to run.
fn without_id(outcome: Outcome) -> Result<(i64, State), Refusal> {
    outcome.map(|recorded| (recorded.sort_key, recorded.from))
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn every_state_to_every_state(pool: PgPool) {
    let mut world = World::create(&pool, &Plan { steps: 4_000, densities: &[0.0, 0.6, 2.0] }).await;
    let mut steps = world.step_ids();
    steps.push(999_999);
    steps.shuffle(&mut world.rng);
    let wanted: Vec<(Subject, State)> = steps
        .iter()
        .map(|&id| (Subject { owner: Owner::Step, id }, State::ALL.choose(&mut world.rng).unwrap().clone()))
        // Steps that end here would let others begin that could not have begun before.
        .filter(|(_, to)| !to.satisfies_dependents())
        .collect();
    let mut singly = Vec::new();
    let mut histories = Vec::new();
    let mut attempt = world.tx.begin().await.unwrap();
    for (subject, to) in &wanted {
        let outcome =
            transition(&mut Connection(&mut attempt), &request(*subject, to.clone())).await.unwrap();
        singly.push(without_id(outcome));
        histories.push(history(&mut attempt, *subject).await);
    }
    attempt.rollback().await.unwrap();
    let made = singly.iter().filter(|outcome| outcome.is_ok()).count();
    assert!(made > 100 && made < wanted.len() / 2, "{made} of {} is a poor mixture", wanted.len());

    let moves: Vec<StepTransition> = wanted.iter().map(|(step, to)| plain(*step, to.clone())).collect();
    let together = go(&mut world.tx, &moves).await;
    for (((subject, to), single), outcome) in wanted.iter().zip(singly).zip(together) {
        assert_eq!(without_id(outcome), single, "{subject} to {to}");
    }
    for ((subject, to), expected) in wanted.iter().zip(histories) {
        assert_eq!(history(&mut world.tx, *subject).await, expected, "{subject} to {to}");
    }
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn an_attempt_ends_as_it_does_alone(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    seed::definitions(&mut tx).await;
    let bare = Attempt {
        ending: Ending::Error,
        changes: Changes::default(),
        ..attempt(Subject { owner: Owner::Step, id: 0 })
    };
    let null = Changes { results: Some(None), ..Changes::default() };
    let variants =
        [attempt(Subject { owner: Owner::Step, id: 0 }), bare.clone(), Attempt { changes: null, ..bare }];
    let (mut alone, mut moves, mut together) = (Vec::new(), Vec::new(), Vec::new());
    for variant in variants {
        for here in [&mut alone, &mut together] {
            let task = seed::task(&mut tx).await;
            let step = seed::step(&mut tx, task).await;
            record(&mut tx, step, "in_progress").await;
            let results = "update tasker_workflow_steps set results = '{\"old\": 1}', in_process = true where workflow_step_id = $1";
            sqlx::query(results).bind(step.id).execute(&mut *tx).await.unwrap();
            here.push((step, Attempt { step: StepId(step.id), ..variant.clone() }));
        }
    }
    for (_, attempt) in &alone {
        finish(&mut Connection(&mut tx), attempt).await.unwrap().unwrap();
    }
    moves.extend(together.iter().map(|(_, attempt)| StepTransition::end(attempt)));
    let outcomes = go(&mut tx, &moves).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    for ((one, _), (other, _)) in alone.iter().zip(&together) {
        assert_eq!(history(&mut tx, *one).await, history(&mut tx, *other).await);
        let mut rows = [step_row(&mut tx, *one).await, step_row(&mut tx, *other).await];
        for row in &mut rows {
            for own in ["workflow_step_id", "task_id"] {
                assert!(row.as_object_mut().unwrap().remove(own).is_some());
            }
        }
        assert_eq!(rows[0], rows[1]);
    }
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_step_begins_where_its_last_parent_ends(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    seed::definitions(&mut tx).await;
    let task = seed::task(&mut tx).await;
    let steps = seed::steps(&mut tx, task, 4).await;
    for (from, to) in [(0, 2), (1, 2), (1, 3)] {
        edge(&mut tx, steps[from], steps[to]).await;
    }
    for parent in &steps[..2] {
        record(&mut tx, *parent, "in_progress").await;
    }
    let begin = |index: usize| StepTransition::begin(StepId(steps[index].id));
    let end = |index: usize| StepTransition::end(&attempt(steps[index]));
    let failed = Err(Refusal::GuardFailed { from: State::Pending, guard: Guard::ParentsDone });

    let outcomes = go(&mut tx, &[begin(2), end(0), begin(3)]).await;
    assert!(outcomes[1].is_ok());
    assert_eq!(outcomes[0], failed, "one parent is still at work");
    assert_eq!(outcomes[2], failed);
    let failing = Attempt { ending: Ending::Error, ..attempt(steps[1]) };
    let outcomes = go(&mut tx, &[begin(2), StepTransition::end(&failing)]).await;
    assert_eq!(outcomes[0], failed, "a parent that fails is not done");
    record(&mut tx, steps[1], "in_progress").await;
    let outcomes = go(&mut tx, &[begin(2), end(1), begin(3)]).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    let states: Vec<Vec<String>> = [history(&mut tx, steps[2]).await, history(&mut tx, steps[3]).await]
        .iter()
        .map(|rows| rows.iter().map(|row| row.to_state.clone()).collect())
        .collect();
    assert_eq!(states, [["in_progress"], ["in_progress"]]);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn several_moves_of_one_step_come_one_after_the_other(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    seed::definitions(&mut tx).await;
    let task = seed::task(&mut tx).await;
    let step = seed::step(&mut tx, task).await;
    let moves = [
        StepTransition::begin(StepId(step.id)),
        StepTransition::end(&attempt(step)),
        plain(step, State::Cancelled),
    ];
    let outcomes = go(&mut tx, &moves).await;
    let refused = Err(Refusal::NoSuchTransition { from: State::Complete });
    assert!(outcomes[0].is_ok() && outcomes[1].is_ok());
    assert_eq!(outcomes[2], refused);
    assert_eq!(go(&mut tx, &[]).await, []);
    let keys: Vec<i32> = history(&mut tx, step).await.iter().map(|row| row.sort_key).collect();
    assert_eq!(keys, [10, 20]);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn an_attempt_may_end_without_having_begun(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    seed::definitions(&mut tx).await;
    let task = seed::task(&mut tx).await;
    let step = seed::step(&mut tx, task).await;
    let failing = Attempt { ending: Ending::Error, ..attempt(step) };
    let outcomes = go(&mut tx, &[StepTransition::end(&failing)]).await;
    assert!(outcomes[0].is_ok(), "{outcomes:?}");
    assert_eq!(step_row(&mut tx, step).await["attempts"], 2);
    assert_eq!(history(&mut tx, step).await[0].to_state, "error");
}
