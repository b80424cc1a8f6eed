//! Whole workflows in one process, durable: `run_workflow` over several connections at once, with handlers that do nothing; beside the insert of
//! one row over as many connections.

use crate::rounds::{Case, Label, Settings, measure as in_rounds};
use crate::world::World;
use futures_util::future::join_all;
use serde_json::Value;
use sqlx::postgres::PgConnection;
use std::num::NonZeroU32;
use tasker_core::ids::TaskId;
use tasker_core::run::{Options, Outcome, run_workflow};

const STEPS: usize = 10;

/// One row, or tasks of ten steps in layers of this width.
#[derive(Clone, Copy)]
enum Way {
    Insert,
    Layers(usize),
}

struct Runs {
    way: Way,
    name: &'static str,
    /// Connections, each with a lane of work.
    lanes: Vec<(PgConnection, Vec<TaskId>)>,
    connections: usize,
    tasks: usize,
}

impl Case for Runs {
    fn label(&self) -> Label {
        Label { name: self.name, size: self.connections, units: self.connections * self.tasks * STEPS }
    }

    async fn prepare(&mut self, world: &World, connection: &mut PgConnection) {
        while self.lanes.len() < self.connections {
            self.lanes.push((world.connect().await, Vec::new()));
        }
        let Way::Layers(width) = self.way else { return };
        for (_, tasks) in &mut self.lanes {
            let made = world.layered(connection, self.tasks, STEPS, width).await;
            *tasks = made.iter().map(|task| task.id).collect();
        }
    }

    async fn run(&mut self, _: &mut PgConnection) {
        let (way, units) = (self.way, self.tasks * STEPS);
        join_all(self.lanes.iter_mut().map(|(connection, tasks)| async move {
            match way {
                Way::Insert => insert(connection, units).await,
                Way::Layers(_) => run(connection, tasks).await,
            }
        }))
        .await;
    }
}

async fn insert(connection: &mut PgConnection, rows: usize) {
    for _ in 0..rows {
        sqlx::query("insert into bench_inserts (at) values (now())").execute(&mut *connection).await.unwrap();
    }
}

async fn run(connection: &mut PgConnection, tasks: &[TaskId]) {
    let slots = NonZeroU32::new(3).unwrap();
    for &task in tasks {
        let options = Options { slots, ..Options::default() };
        let outcome = run_workflow(connection, task, options, async |_| Ok(Value::Null)).await.unwrap();
        assert_eq!(outcome, Outcome::Complete);
    }
}

pub async fn measure(worlds: &[World], settings: &Settings) -> Vec<Value> {
    let mut places = Vec::new();
    for world in worlds {
        let mut connection = world.connect().await;
        crate::throughput::set_up(world, &mut connection).await;
        places.push((world, cases(settings)));
    }
    in_rounds(places, settings.rounds(5)).await
}

fn cases(settings: &Settings) -> Vec<Runs> {
    let mut cases = Vec::new();
    for connections in settings.pick(vec![1, 2, 4, 8], vec![1, 2]) {
        for (way, name) in [
            (Way::Insert, "insert of one row"),
            (Way::Layers(1), "steps in a row"),
            (Way::Layers(3), "layers of three"),
        ] {
            let tasks = settings.pick(30, 2);
            cases.push(Runs { way, name, lanes: Vec::new(), connections, tasks });
        }
    }
    cases
}
