//! Random tasks in every state that the schema allows, also those that only hands write.
//!
//! A world is written and questioned inside one transaction, so that `now()` is the same for both sides and waits can end
//! on the very microsecond.

mod draw;
mod write;

pub use draw::NAMES;

use super::engine;
use rand::SeedableRng;
use rand::rngs::SmallRng;
use sqlx::{PgPool, Postgres, Transaction};
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

/// Sizes and shapes of a world.
pub struct Plan {
    /// Steps, at the least.
    pub steps: usize,
    /// Edges to a step, on average, drawn for each task.
    pub densities: &'static [f64],
}

pub struct World {
    /// The transaction that holds the world; nothing of it is ever committed.
    pub tx: Transaction<'static, Postgres>,
    pub rng: SmallRng,
    pub tasks: Vec<Task>,
}

pub struct Task {
    pub id: i64,
    /// Ancestors before descendants.
    pub steps: Vec<i64>,
    /// Edges that end here, from here and elsewhere.
    pub edges: Vec<(i64, i64)>,
}

/// `TASKER_CORE_SEED`, or any number. It is printed, so that a failure can be had again.
fn seed() -> u64 {
    let seed = match std::env::var("TASKER_CORE_SEED") {
        Ok(text) => {
            text.parse().unwrap_or_else(|_| panic!("TASKER_CORE_SEED should be a number, got {text:?}"))
        }
        Err(_) => RandomState::new().hash_one(()),
    };
    println!("TASKER_CORE_SEED={seed}");
    seed
}

impl World {
    /// Writes a random world beside the engine's functions.
    pub async fn create(pool: &PgPool, plan: &Plan) -> World {
        let mut rng = SmallRng::seed_from_u64(seed());
        let mut tx = pool.begin().await.unwrap();
        engine::install_functions(&mut tx).await;
        let now = sqlx::query_scalar("select (extract(epoch from localtimestamp) * 1000000)::bigint");
        let now: i64 = now.fetch_one(&mut *tx).await.unwrap();

        let drawn = draw::world(&mut rng, plan, now);
        write::world(&mut tx, &drawn).await;
        sqlx::raw_sql("set local jit = off; analyze").execute(&mut *tx).await.unwrap();
        World { tx, rng, tasks: drawn.tasks }
    }

    pub fn step_ids(&self) -> Vec<i64> {
        self.tasks.iter().flat_map(|task| task.steps.iter().copied()).collect()
    }
}

impl Task {
    /// How many paths lead from the roots to all of the steps: the rows that the engine's function for levels works
    /// through.
    pub fn paths(&self) -> f64 {
        let mut paths: HashMap<i64, f64> = HashMap::new();
        for step in &self.steps {
            let parents: Vec<i64> =
                self.edges.iter().filter(|edge| edge.1 == *step).map(|edge| edge.0).collect();
            let through = parents.iter().map(|parent| paths.get(parent).copied().unwrap_or(0.0)).sum();
            paths.insert(*step, if parents.is_empty() { 1.0 } else { through });
        }
        paths.values().sum()
    }
}
