//! Cases in turn, round after round, so that what disturbs the machine disturbs all of them.

use crate::world::World;
use sqlx::postgres::PgConnection;
use std::time::{Duration, Instant};

/// What was asked for on the command line.
pub struct Settings {
    /// Only prove that it works.
    pub tiny: bool,
    /// Rounds, where not as many as the subject wants.
    pub rounds: Option<usize>,
    /// Finished tasks to fill the tables with.
    pub finished: usize,
}

impl Settings {
    /// How many rounds to make where `usual` are enough.
    pub fn rounds(&self, usual: usize) -> usize {
        self.rounds.unwrap_or(if self.tiny { 2 } else { usual })
    }

    /// One or the other, by size.
    pub fn pick<T>(&self, usual: T, tiny: T) -> T {
        if self.tiny { tiny } else { usual }
    }
}

/// What a case is called and what one run of it does.
#[derive(Clone)]
pub struct Label {
    /// What it is.
    pub name: &'static str,
    /// Its size: steps, tasks or connections, as the subject says.
    pub size: usize,
    /// What a run does, counted: calls, steps, transitions.
    pub units: usize,
}

/// Something to be measured.
pub trait Case {
    /// What is reported of it.
    fn label(&self) -> Label;

    /// What has to be there before a run; not timed.
    async fn prepare(&mut self, world: &World, connection: &mut PgConnection);

    /// What is timed.
    async fn run(&mut self, connection: &mut PgConnection);
}

/// Runs every case once without counting, then `rounds` times in turn.
pub async fn measure<C: Case>(world: &World, mut cases: Vec<C>, rounds: usize) -> Vec<serde_json::Value> {
    let mut connection = world.connect().await;
    let mut seconds: Vec<Vec<f64>> = vec![Vec::new(); cases.len()];
    for round in 0..=rounds {
        for (case, seconds) in cases.iter_mut().zip(&mut seconds) {
            case.prepare(world, &mut connection).await;
            let elapsed = timed(case.run(&mut connection)).await.as_secs_f64();
            if round > 0 {
                seconds.push(elapsed);
            }
        }
        eprintln!("bench: round {round} of {rounds}");
    }
    let labels = cases.iter().map(Case::label);
    labels
        .zip(seconds)
        .map(|(Label { name, size, units }, seconds)| {
            serde_json::json!({ "case": name, "size": size, "units": units, "seconds": seconds })
        })
        .collect()
}

/// How long a future takes.
pub async fn timed(future: impl Future<Output = ()>) -> Duration {
    let from = Instant::now();
    future.await;
    from.elapsed()
}
