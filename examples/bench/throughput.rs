//! Claiming and completing steps that do nothing, durably, as quickly as the core can: step by step, a wave at a time, and the waves of
//! many tasks together; beside the insert of one row, which is what the machine's disk allows.

use crate::rounds::{Case, Label, Settings, measure as in_rounds};
use crate::workers::{Order, Worker};
use crate::world::{AT, World, success};
use sqlx::postgres::PgConnection;
use tasker_core::ids::StepId;
use tasker_core::machine::Owner;
use tasker_core::operations::batch_transitions::{StepTransition, transition_steps};
use tasker_core::operations::execution::{Attempt, finish};
use tasker_core::operations::ready::TrackedTask;
use tasker_core::operations::transition::{Claims, Request, Subject, transition};
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
    workers: Vec<Worker>,
}

impl Case for Throughput {
    fn label(&self) -> Label {
        let steps = self.connections * self.tasks * STEPS;
        Label { name: self.name, size: self.connections, units: steps }
    }

    async fn prepare(&mut self, world: &World, connection: &mut PgConnection) {
        while self.workers.len() < self.connections {
            self.workers.push(Worker::start(world));
        }
        if self.way == Way::Insert {
            return;
        }
        for worker in &self.workers {
            let made = world.layered(connection, self.tasks, STEPS, WIDTH).await;
            worker.order(Order::Track(made.iter().map(|task| task.id).collect()));
            worker.wait();
        }
    }

    async fn run(&mut self, _: &mut PgConnection) {
        for worker in &self.workers {
            worker.order(Order::Work(self.way, self.tasks * STEPS));
        }
        self.workers.iter().for_each(Worker::wait);
    }
}

/// Works through all tasks of one connection.
pub async fn work(way: Way, connection: &mut PgConnection, mut tracked: Vec<TrackedTask>, inserts: usize) {
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
            for task in &mut tracked {
                singly(connection, task).await;
            }
        }
        Way::Waves => {
            for task in tracked.chunks_mut(1) {
                waves(connection, task).await;
            }
        }
        Way::Together => waves(connection, &mut tracked).await,
    }
    assert!(tracked.iter().all(|task| task.unfinished() == 0));
}

async fn singly(connection: &mut PgConnection, task: &mut TrackedTask) {
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
            claims: Claims::default(),
        };
        let claimed = transition(session, &claim).await.unwrap().unwrap();
        let end = Attempt { claim: Some(claimed.id), ..success(step) };
        assert!(finish(session, &end).await.unwrap().is_some());
        ready.extend(task.complete(step));
    }
}

/// Ends what is under way and begins what that sets free, in one statement, until nothing is left.
async fn waves(connection: &mut PgConnection, tasks: &mut [TrackedTask]) {
    let session = &mut Connection(connection);
    let mut wave: Vec<(usize, StepId)> = Vec::new();
    let mut next: Vec<(usize, StepId)> = tasks
        .iter()
        .enumerate()
        .flat_map(|(index, task)| task.candidates().into_iter().map(move |step| (index, step)))
        .collect();
    while !(wave.is_empty() && next.is_empty()) {
        let ends = wave.iter().map(|(_, step)| StepTransition::end(&success(*step)));
        let moves: Vec<StepTransition> =
            ends.chain(next.iter().map(|(_, step)| StepTransition::begin(*step))).collect();
        let made = transition_steps(session, &moves, AT).await.unwrap();
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
    in_rounds(places, settings.rounds(5)).await
}

fn cases(settings: &Settings) -> Vec<Throughput> {
    let mut cases = Vec::new();
    for connections in settings.pick(vec![1, 2, 4, 8], vec![1, 2]) {
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
pub async fn set_up(world: &World, connection: &mut PgConnection) {
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
