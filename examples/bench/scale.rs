//! What a step costs in tasks of many sizes, in empty tables and beside many finished tasks.

use crate::rounds::{Case, Label, Settings, measure as in_rounds};
use crate::throughput::{Way, work};
use crate::world::World;
use sqlx::postgres::PgConnection;
use std::hint::black_box;
use tasker_core::graph::cache::Graphs;
use tasker_core::ids::TaskId;
use tasker_core::operations::ready::{Followed, follow, ready_steps, ready_steps_of};
use tasker_core::store::Connection;

/// Steps in a layer, whatever the size of the task.
const WIDTH: usize = 10;

/// Questions in a run.
const QUESTIONS: usize = 20;

enum Job {
    /// All steps of a task, a wave at a time: a run is what a program does with a task that it has just found.
    Run(Vec<TaskId>),
    /// What may run next in a task that is half done, from nothing.
    FirstTouch(Vec<TaskId>),
    /// The same where the task is followed.
    Known(Vec<Followed>),
}

struct Scale {
    name: &'static str,
    steps: usize,
    /// Tasks in a run, so that small ones take long enough for the clock.
    tasks: usize,
    job: Job,
}

impl Case for Scale {
    fn label(&self) -> Label {
        let units = match self.job {
            Job::Run(_) => self.tasks * self.steps,
            Job::FirstTouch(_) | Job::Known(_) => QUESTIONS,
        };
        Label { name: self.name, size: self.steps, units }
    }

    async fn prepare(&mut self, world: &World, connection: &mut PgConnection) {
        if let Job::Run(tasks) = &mut self.job {
            let made = world.layered(connection, self.tasks, self.steps, WIDTH).await;
            *tasks = made.iter().map(|task| task.id).collect();
        }
    }

    async fn run(&mut self, connection: &mut PgConnection) {
        match &mut self.job {
            Job::Run(tasks) => {
                for &task in tasks.iter() {
                    let graphs = &mut Graphs::new(1_000_000);
                    let followed = follow(&mut Connection(connection), graphs, task).await.unwrap().unwrap();
                    work(Way::Waves, connection, vec![followed], 0).await;
                }
            }
            Job::FirstTouch(tasks) => {
                for _ in 0..QUESTIONS {
                    black_box(ready_steps(&mut Connection(connection), tasks).await.unwrap());
                }
            }
            Job::Known(followed) => {
                for _ in 0..QUESTIONS {
                    black_box(ready_steps_of(&mut Connection(connection), followed).await.unwrap());
                }
            }
        }
    }
}

pub async fn measure(world: &World, settings: &Settings) -> Vec<serde_json::Value> {
    let mut connection = world.connect().await;
    let sizes = settings.pick(vec![10, 100, 1_000, 10_000], vec![10, 30]);
    let names = ["run", "first touch", "known graph"];
    let mut measured = in_tables(world, &mut connection, settings, &sizes, names).await;
    if settings.finished > 0 {
        world.fill(&mut connection, settings.finished).await;
        let names = ["run, full tables", "first touch, full tables", "known graph, full tables"];
        measured.extend(in_tables(world, &mut connection, settings, &sizes, names).await);
    }
    measured
}

async fn in_tables(
    world: &World,
    connection: &mut PgConnection,
    settings: &Settings,
    sizes: &[usize],
    [run, first_touch, known_graph]: [&'static str; 3],
) -> Vec<serde_json::Value> {
    let mut cases = Vec::new();
    for &steps in sizes {
        let half_done = world.layered(connection, 1, steps, WIDTH.min(steps / 2)).await.remove(0);
        world.complete_half(connection, &half_done).await;
        let graphs = &mut Graphs::new(1_000_000);
        let followed = follow(&mut Connection(connection), graphs, half_done.id).await.unwrap().unwrap();
        for (name, job) in [
            (run, Job::Run(Vec::new())),
            (first_touch, Job::FirstTouch(vec![half_done.id])),
            (known_graph, Job::Known(vec![followed])),
        ] {
            cases.push(Scale { name, steps, tasks: (1_000 / steps).clamp(1, 20), job });
        }
    }
    world.settle(connection).await;
    in_rounds(world, cases, settings.rounds(5)).await
}
