//! Cases in turn, round after round, so that what disturbs the machine disturbs all of them.

use crate::world::World;
use serde_json::{Value, json};
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

/// A case in its database, and the seconds of its rounds.
struct Runner<'a, C> {
    place: usize,
    world: &'a World,
    case: C,
    seconds: Vec<f64>,
}

impl<C: Case> Runner<'_, C> {
    async fn run(&mut self, connection: &mut PgConnection) -> f64 {
        self.case.prepare(self.world, connection).await;
        timed(self.case.run(connection)).await.as_secs_f64()
    }

    fn report(self) -> Value {
        let Label { name, size, units } = self.case.label();
        json!({ "case": name, "size": size, "units": units, "beside": self.place > 0, "seconds": self.seconds })
    }
}

/// Runs every case once without counting, then `rounds` times in turn: the first case of each database, the second of each, and so on.
pub async fn measure<C: Case>(places: Vec<(&World, Vec<C>)>, rounds: usize) -> Vec<Value> {
    let mut connections = Vec::new();
    let mut runners = Vec::new();
    for (place, (world, cases)) in places.into_iter().enumerate() {
        connections.push(world.connect().await);
        let cases = cases.into_iter().enumerate();
        runners.extend(cases.map(|(turn, case)| (turn, Runner { place, world, case, seconds: Vec::new() })));
    }
    runners.sort_by_key(|(turn, _)| *turn);
    for round in 0..=rounds {
        for (_, runner) in &mut runners {
            let elapsed = runner.run(&mut connections[runner.place]).await;
            if round > 0 {
                runner.seconds.push(elapsed);
            }
        }
        eprintln!("bench: round {round} of {rounds}");
    }
    runners.into_iter().map(|(_, runner)| runner.report()).collect()
}

/// How long a future takes.
async fn timed(future: impl Future<Output = ()>) -> Duration {
    let from = Instant::now();
    future.await;
    from.elapsed()
}
