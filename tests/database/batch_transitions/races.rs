//! Batches that want the same steps, in different orders.

use crate::support::racers::{RACERS, assert_settled, owners, race_pool};
use crate::support::seed::{AT, attempt, request};
use rand::SeedableRng;
use rand::rngs::SmallRng;
use rand::seq::SliceRandom;
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::sync::Arc;
use tasker_core::ids::StepId;
use tasker_core::machine::Owner;
use tasker_core::operations::batch_transitions::{StepTransition, transition_steps};
use tasker_core::operations::transition::{Outcome, Refusal, Subject, transition};
use tasker_core::state::State;
use tasker_core::store::Connection;
use tokio::sync::Barrier;

const STEPS: i64 = 300;

/// Every racer moves all steps at once, each in an order of its own. Returns the outcomes of each, in the order of `steps`.
async fn race_in_batches(
    pool: &PgPool,
    steps: &[Subject],
    seed: u64,
    to: fn(usize, Subject) -> StepTransition,
) -> Vec<Vec<Outcome>> {
    let start = Arc::new(Barrier::new(RACERS));
    let racers: Vec<_> = (0..RACERS)
        .map(|racer| {
            let (pool, steps, start) = (pool.clone(), steps.to_vec(), Arc::clone(&start));
            tokio::spawn(async move {
                let mut order: Vec<usize> = (0..steps.len()).collect();
                order.shuffle(&mut SmallRng::seed_from_u64(seed + racer as u64));
                let moves: Vec<StepTransition> = order.iter().map(|&index| to(racer, steps[index])).collect();
                let mut connection = pool.acquire().await.unwrap();
                start.wait().await;
                let outcomes = transition_steps(&mut Connection(&mut connection), &moves, AT).await;
                let mut placed: Vec<(usize, Outcome)> =
                    order.into_iter().zip(outcomes.expect("a racer met an error")).collect();
                placed.sort_by_key(|(index, _)| *index);
                placed.into_iter().map(|(_, outcome)| outcome).collect()
            })
        })
        .collect();
    let mut outcomes = Vec::new();
    for racer in racers {
        outcomes.push(racer.await.unwrap());
    }
    outcomes
}

fn assert_one_winner_each(outcomes: &[Vec<Outcome>], steps: usize, to: &State) {
    for step in 0..steps {
        let winners = outcomes.iter().filter(|racer| racer[step].is_ok()).count();
        let refusal = Err(Refusal::NoSuchTransition { from: to.clone() });
        let losers = outcomes.iter().filter(|racer| racer[step] == refusal).count();
        assert_eq!((winners, losers), (1, RACERS - 1), "step {step}");
    }
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn each_step_has_one_winner(pool: PgPoolOptions, options: PgConnectOptions) {
    let pool = race_pool(pool, options).await;
    for seed in 0..5 {
        let steps = owners(&pool, Owner::Step, STEPS, None).await;
        let begin = |_, step: Subject| StepTransition::begin(StepId(step.id));
        let outcomes = race_in_batches(&pool, &steps, seed * 100, begin).await;
        assert_one_winner_each(&outcomes, steps.len(), &State::InProgress);
        let end = |_, step: Subject| StepTransition::end(&attempt(step));
        let outcomes = race_in_batches(&pool, &steps, seed * 100 + 50, end).await;
        assert_one_winner_each(&outcomes, steps.len(), &State::Complete);
        assert_settled(&pool, &steps, "complete").await;
    }
    pool.close().await;
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_cancellation_is_never_lost_to_a_claim(pool: PgPoolOptions, options: PgConnectOptions) {
    let pool = race_pool(pool, options).await;
    for (seed, state) in [(1, None), (2, Some("pending"))] {
        let steps = owners(&pool, Owner::Step, STEPS, state).await;
        let outcomes = race_in_batches(&pool, &steps, seed * 100, |racer, step| {
            let to = if racer % 2 == 0 { State::InProgress } else { State::Cancelled };
            StepTransition { to, ..StepTransition::begin(StepId(step.id)) }
        })
        .await;
        for step in 0..steps.len() {
            let cancelled = outcomes.iter().skip(1).step_by(2).filter(|racer| racer[step].is_ok()).count();
            assert_eq!(cancelled, 1, "step {step}");
        }
        assert_settled(&pool, &steps, "cancelled").await;
    }
    pool.close().await;
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn batches_and_single_transitions_do_not_deadlock(pool: PgPoolOptions, options: PgConnectOptions) {
    let pool = race_pool(pool, options).await;
    let steps = owners(&pool, Owner::Step, STEPS, Some("pending")).await;
    let start = Arc::new(Barrier::new(RACERS));
    let racers: Vec<_> = (0..RACERS)
        .map(|racer| {
            let (pool, mut steps, start) = (pool.clone(), steps.clone(), Arc::clone(&start));
            tokio::spawn(async move {
                steps.shuffle(&mut SmallRng::seed_from_u64(racer as u64));
                let mut connection = pool.acquire().await.unwrap();
                start.wait().await;
                if racer % 2 == 0 {
                    let moves: Vec<StepTransition> =
                        steps.iter().map(|step| StepTransition::begin(StepId(step.id))).collect();
                    let outcomes =
                        transition_steps(&mut Connection(&mut connection), &moves, AT).await.unwrap();
                    return outcomes.iter().filter(|outcome| outcome.is_ok()).count();
                }
                // Many single ones in one transaction, in the order of the batches: what else would be a deadlock of the caller's.
                steps.sort_unstable_by_key(|step| step.id);
                let mut tx = sqlx::Connection::begin(&mut *connection).await.unwrap();
                let mut won = 0;
                for step in steps {
                    let wanted = request(step, State::InProgress);
                    won += usize::from(transition(&mut Connection(&mut tx), &wanted).await.unwrap().is_ok());
                }
                tx.commit().await.unwrap();
                won
            })
        })
        .collect();
    let mut won = 0;
    for racer in racers {
        won += racer.await.unwrap();
    }
    assert_eq!(won, steps.len());
    assert_settled(&pool, &steps, "in_progress").await;
    pool.close().await;
}
