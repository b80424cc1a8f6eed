//! Claiming and completing steps that do nothing, durably, as quickly as the core can: step by step, a wave at a time, and the waves of
//! many tasks together; beside the insert of one row, which is what the machine's disk allows.

use crate::rounds::{Case, Label, Settings, measure as in_rounds};
use crate::world::{AT, Layered, World, success};
use sqlx::postgres::PgConnection;
use tasker_core::graph::cache::Graphs;
use tasker_core::ids::{StepId, TaskId};
use tasker_core::machine::Owner;
use tasker_core::operations::execution::finish;
use tasker_core::operations::moves::{Move, move_steps};
use tasker_core::operations::ready::{Followed, follow};
use tasker_core::operations::transition::{Request, Subject, transition};
use tasker_core::state::State;
use tasker_core::store::Connection;

/// Steps of a task, and how many of them stand in a layer.
const STEPS: usize = 10;
const WIDTH: usize = 3;

#[derive(Clone, Copy, PartialEq)]
pub enum Way {
    /// One row into a table with one index, committed.
    Insert,
    /// A transition and an ending for each step.
    Singly,
    /// One statement ends a wave and begins the next.
    Waves,
    /// The same for all tasks together.
    Together,
}

/// Several connections, each with work of its own.
struct Throughput {
    way: Way,
    name: &'static str,
    connections: usize,
    /// Tasks of each connection.
    tasks: usize,
    workers: Vec<(PgConnection, Vec<Followed>)>,
}

impl Case for Throughput {
    fn label(&self) -> Label {
        let steps = self.connections * self.tasks * STEPS;
        Label { name: self.name, size: self.connections, units: steps }
    }

    async fn prepare(&mut self, world: &World, connection: &mut PgConnection) {
        while self.workers.len() < self.connections {
            self.workers.push((world.connect().await, Vec::new()));
        }
        for (own, followed) in &mut self.workers {
            let made: Vec<Layered> = match self.way {
                Way::Insert => Vec::new(),
                _ => world.layered(connection, self.tasks, STEPS, WIDTH).await,
            };
            *followed = follow_all(own, &made.iter().map(|task| task.id).collect::<Vec<_>>()).await;
        }
    }

    async fn run(&mut self, _: &mut PgConnection) {
        let (way, inserts) = (self.way, self.tasks * STEPS);
        let mut running = Vec::new();
        for (mut connection, followed) in self.workers.drain(..) {
            running.push(tokio::spawn(async move {
                work(way, &mut connection, followed, inserts).await;
                connection
            }));
        }
        for worker in running {
            self.workers.push((worker.await.unwrap(), Vec::new()));
        }
    }
}

async fn follow_all(connection: &mut PgConnection, tasks: &[TaskId]) -> Vec<Followed> {
    let mut graphs = Graphs::new(1_000_000);
    let mut followed = Vec::new();
    for &task in tasks {
        followed.push(follow(&mut Connection(connection), &mut graphs, task).await.unwrap().unwrap());
    }
    followed
}

/// Works through all tasks of one connection.
pub async fn work(way: Way, connection: &mut PgConnection, mut followed: Vec<Followed>, inserts: usize) {
    match way {
        Way::Insert => {
            for _ in 0..inserts {
                sqlx::query("insert into bench_inserts (at) values (now())")
                    .execute(&mut *connection)
                    .await
                    .unwrap();
            }
        }
        Way::Singly => {
            for task in &mut followed {
                singly(connection, task).await;
            }
        }
        Way::Waves => {
            for task in followed.chunks_mut(1) {
                waves(connection, task).await;
            }
        }
        Way::Together => waves(connection, &mut followed).await,
    }
    assert!(followed.iter().all(|task| task.left() == 0));
}

async fn singly(connection: &mut PgConnection, task: &mut Followed) {
    let session = &mut Connection(connection);
    let mut ready = task.candidates();
    while let Some(step) = ready.pop() {
        let claim = Request {
            subject: Subject { owner: Owner::Step, id: step.0 },
            to: State::InProgress,
            from: None,
            metadata: "{}".into(),
            at: AT,
            parents: None,
        };
        assert!(transition(session, &claim).await.unwrap().is_ok());
        assert!(finish(session, &success(step)).await.unwrap().is_some());
        ready.extend(task.complete(step));
    }
}

/// Ends what is under way and begins what that sets free, in one statement, until nothing is left.
async fn waves(connection: &mut PgConnection, tasks: &mut [Followed]) {
    let session = &mut Connection(connection);
    let mut wave: Vec<(usize, StepId)> = Vec::new();
    let mut next: Vec<(usize, StepId)> = tasks
        .iter()
        .enumerate()
        .flat_map(|(index, task)| task.candidates().into_iter().map(move |step| (index, step)))
        .collect();
    while !(wave.is_empty() && next.is_empty()) {
        let ends = wave.iter().map(|(_, step)| Move::end(&success(*step)));
        let moves: Vec<Move> = ends.chain(next.iter().map(|(_, step)| Move::begin(*step))).collect();
        let made = move_steps(session, &moves, AT).await.unwrap();
        assert!(made.iter().all(Result::is_ok));
        wave = next;
        next = wave
            .iter()
            .flat_map(|&(index, step)| tasks[index].complete(step).into_iter().map(move |step| (index, step)))
            .collect();
    }
}

pub async fn measure(worlds: &[World], settings: &Settings) -> Vec<serde_json::Value> {
    let mut places = Vec::new();
    for world in worlds {
        let mut connection = world.connect().await;
        set_up(world, &mut connection).await;
        places.push((world, cases(settings)));
    }
    in_rounds(places, settings.rounds(7)).await
}

fn cases(settings: &Settings) -> Vec<Throughput> {
    let mut cases = Vec::new();
    for connections in settings.pick(vec![1, 8], vec![1, 2]) {
        for (way, name, tasks) in [
            (Way::Insert, "insert of one row", 30),
            (Way::Singly, "singly", 30),
            (Way::Waves, "a wave at a time", 60),
            (Way::Together, "batched across tasks", 150),
        ] {
            let tasks = settings.pick(tasks, 3);
            cases.push(Throughput { way, name, connections, tasks, workers: Vec::new() });
        }
    }
    cases
}

/// A table for the inserts, and tables that the planner knows.
async fn set_up(world: &World, connection: &mut PgConnection) {
    sqlx::raw_sql(
        "drop table if exists bench_inserts;
         create table bench_inserts (id bigserial primary key, at timestamp not null)",
    )
    .execute(&mut *connection)
    .await
    .unwrap();
    for task in &world.layered(connection, 20, STEPS, WIDTH).await {
        world.complete_half(connection, task).await;
    }
    world.settle(connection).await;
}
