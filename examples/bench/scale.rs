//! What a step costs in tasks of many sizes, and what is asked about them, beside few finished tasks and beside many.

use crate::creation::{define, templates};
use crate::fill::fill;
use crate::rounds::{Case, Label, Settings, measure as in_rounds};
use crate::throughput::{Way, work};
use crate::world::{AT, World};
use sqlx::postgres::PgConnection;
use std::hint::black_box;
use tasker_core::graph::cache::Graphs;
use tasker_core::ids::TaskId;
use tasker_core::operations::ready::{TrackedTask, ready_steps, ready_steps_of, track};
use tasker_core::operations::sequence::{Template, create_steps};
use tasker_core::operations::statistics::system_load;
use tasker_core::operations::task_snapshot::{KnownVersions, task_snapshot};
use tasker_core::store::Connection;

/// Steps in a layer. Every size is a multiple of it, so that a task of any size has as many steps a wave.
const WIDTH: usize = 5;

/// Questions in a run.
const QUESTIONS: usize = 20;

/// Counting everything takes its time where there is much.
const LOADS: usize = 2;

/// The size of the tasks that are created here; the bench of creation has the others.
const CREATED: usize = 100;

/// The first database gets so many times fewer finished tasks than the second. With none the planner would know a few tasks of thousands of
/// steps and nothing else, take a small task for one of these, and read whole tables for it.
const FEWER: usize = 1_000;

enum Job {
    /// All steps of a task, a wave at a time: a run is what a program does with a task that it has just found.
    Run(Vec<TaskId>),
    /// What may run next in a task that is half done, from nothing.
    FirstTouch(TaskId),
    /// The same where the task is tracked.
    Known(Vec<TrackedTask>),
    /// Everything about the task, as a host asks in each round.
    Snapshot(TaskId),
    /// The steps of a new task and their edges.
    Create(Vec<Template>, Vec<TaskId>),
    /// The load of the whole system.
    Load,
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
            Job::Create(..) => self.tasks,
            _ => self.job.calls(),
        };
        Label { name: self.name, size: self.steps, units }
    }

    async fn prepare(&mut self, world: &World, connection: &mut PgConnection) {
        match &mut self.job {
            Job::Run(tasks) => {
                let made = world.layered(connection, self.tasks, self.steps, WIDTH).await;
                *tasks = made.iter().map(|task| task.id).collect();
            }
            Job::Create(_, tasks) => {
                tasks.clear();
                for _ in 0..self.tasks {
                    tasks.push(world.task(connection).await);
                }
            }
            _ => {}
        }
    }

    async fn run(&mut self, connection: &mut PgConnection) {
        for _ in 0..self.job.calls() {
            self.job.perform(connection).await;
        }
    }
}

impl Job {
    /// How often it is done in a run.
    fn calls(&self) -> usize {
        match self {
            Job::Run(_) | Job::Create(..) => 1,
            Job::FirstTouch(_) | Job::Known(_) | Job::Snapshot(_) => QUESTIONS,
            Job::Load => LOADS,
        }
    }

    async fn perform(&mut self, connection: &mut PgConnection) {
        let session = &mut Connection(&mut *connection);
        match self {
            Job::Run(tasks) => {
                for &task in tasks.iter() {
                    let graphs = &mut Graphs::new(1_000_000);
                    let tracked = track(&mut Connection(connection), graphs, task).await.unwrap().unwrap();
                    work(Way::Waves, connection, vec![tracked], 0).await;
                }
            }
            Job::Create(templates, tasks) => {
                for &task in tasks.iter() {
                    assert!(create_steps(session, task, templates, "{}", AT).await.unwrap().is_some());
                }
            }
            Job::FirstTouch(task) => drop(black_box(ready_steps(session, &[*task]).await.unwrap())),
            Job::Known(tracked) => drop(black_box(ready_steps_of(session, tracked).await.unwrap())),
            Job::Snapshot(task) => {
                drop(black_box(
                    task_snapshot(session, *task, None, &KnownVersions::default()).await.unwrap().unwrap(),
                ));
            }
            Job::Load => drop(black_box(system_load(session).await.unwrap())),
        }
    }
}

/// The first database gets few finished tasks, the second one as many as were asked for; the rounds take turns.
pub async fn measure(worlds: &[World], settings: &Settings) -> Vec<serde_json::Value> {
    let mut places = Vec::new();
    for (place, world) in worlds.iter().enumerate() {
        let mut connection = world.connect().await;
        fill(&mut connection, if place == 0 { settings.finished / FEWER } else { settings.finished }).await;
        let cases = cases(world, &mut connection, settings).await;
        world.settle(&mut connection).await;
        places.push((world, cases));
    }
    in_rounds(places, settings.rounds(5)).await
}

async fn cases(world: &World, connection: &mut PgConnection, settings: &Settings) -> Vec<Scale> {
    let mut cases = Vec::new();
    for steps in settings.pick(vec![10, 100, 1_000, 10_000], vec![10, 30]) {
        let half_done = world.layered(connection, 1, steps, WIDTH).await.remove(0);
        world.complete_half(connection, &half_done).await;
        let graphs = &mut Graphs::new(1_000_000);
        let tracked = track(&mut Connection(connection), graphs, half_done.id).await.unwrap().unwrap();
        let tasks = (1_000 / steps).clamp(1, 20);
        for (name, job) in [
            ("run", Job::Run(Vec::new())),
            ("first touch", Job::FirstTouch(half_done.id)),
            ("cached graph", Job::Known(vec![tracked])),
            ("task snapshot", Job::Snapshot(half_done.id)),
        ] {
            cases.push(Scale { name, steps, tasks, job });
        }
    }
    define(connection, CREATED).await;
    let create = Job::Create(templates(CREATED), Vec::new());
    cases.push(Scale { name: "creation", steps: CREATED, tasks: settings.pick(10, 2), job: create });
    cases.push(Scale { name: "load", steps: 0, tasks: 0, job: Job::Load });
    cases
}
