//! What may run next: the engine's SQL function beside the core, at several sizes, and many small tasks in one question.

use crate::bounds;
use crate::engine;
use crate::rounds::{Case, Label, Settings, measure as in_rounds};
use crate::world::{Layered, World};
use sqlx::postgres::PgConnection;
use std::hint::black_box;
use std::slice;
use tasker_core::graph::cache::Graphs;
use tasker_core::ids::{StepId, TaskId};
use tasker_core::operations::levels::dependency_levels;
use tasker_core::operations::readiness::{step_readiness, step_readiness_of_tasks};
use tasker_core::operations::ready::{TrackedTask, ready_steps, ready_steps_of, track};
use tasker_core::store::Connection;

/// The engine's function for levels follows every path: at 1,000 steps it does not end.
const LEVELS_OF_THE_ENGINE: usize = 100;

/// In larger tasks the core does not look at all that is done, so that it is not bound by what that costs.
const BOUND_BY_WHAT_IS_DONE: usize = 100;

/// Calls in a round at the least, so that one that was disturbed does not make it.
const LEAST: usize = 5;

/// Enough for every graph here.
const CAPACITY: usize = 1_000_000;

/// One way to ask.
enum Way {
    /// The engine's function, once a task.
    Engine(Vec<i64>),
    /// The engine's function for many tasks.
    EngineBatch(Vec<i64>),
    /// Dependency levels from the engine's function.
    EngineLevels(i64),
    /// To the server and back.
    RoundTrip,
    /// Which steps are done, from the first steps to the last ones of tasks.
    DoneAlone(Vec<i64>, Vec<i64>),
    /// The core.
    Core(Operation),
}

/// What the core is asked.
enum Operation {
    /// All columns of the engine's function.
    AllColumns(Vec<TaskId>),
    /// The steps that may be run, from nothing.
    FirstTouch(Vec<TaskId>),
    /// The steps that may be run, where the tasks are tracked already.
    Known(Vec<TrackedTask>),
    /// Reading a graph in order to track its task.
    Track(TaskId),
    /// Following a task whose graph is kept, which is compared with the database's.
    TrackCached(TaskId, Graphs),
    /// Dependency levels.
    Levels(TaskId),
}

struct Question {
    way: Way,
    label: Label,
}

impl Case for Question {
    fn label(&self) -> Label {
        self.label.clone()
    }

    async fn prepare(&mut self, _: &World, _: &mut PgConnection) {}

    async fn run(&mut self, connection: &mut PgConnection) {
        for _ in 0..self.label.units {
            self.way.ask(connection).await;
        }
    }
}

impl Way {
    async fn ask(&mut self, connection: &mut PgConnection) {
        match self {
            Way::Engine(tasks) => {
                for &task in tasks.iter() {
                    engine::readiness(connection, task).await;
                }
            }
            Way::EngineBatch(tasks) => engine::readiness_of_tasks(connection, tasks).await,
            Way::EngineLevels(task) => engine::levels(connection, *task).await,
            Way::RoundTrip => bounds::round_trip(connection).await,
            Way::DoneAlone(first, last) => bounds::done_steps(connection, first, last).await,
            Way::Core(operation) => operation.ask(&mut Connection(connection)).await,
        }
    }
}

impl Operation {
    async fn ask(&mut self, session: &mut Connection<'_>) {
        match self {
            Operation::AllColumns(tasks) => match tasks[..] {
                [task] => drop(black_box(step_readiness(session, task, None).await.unwrap())),
                ref tasks => drop(black_box(step_readiness_of_tasks(session, tasks).await.unwrap())),
            },
            Operation::FirstTouch(tasks) => drop(black_box(ready_steps(session, tasks).await.unwrap())),
            Operation::Known(tracked) => drop(black_box(ready_steps_of(session, tracked).await.unwrap())),
            Operation::Track(task) => {
                drop(black_box(track(session, &mut Graphs::new(CAPACITY), *task).await.unwrap()));
            }
            Operation::TrackCached(task, graphs) => {
                drop(black_box(track(session, graphs, *task).await.unwrap()));
            }
            Operation::Levels(task) => drop(black_box(dependency_levels(session, *task).await.unwrap())),
        }
    }
}

pub async fn measure(worlds: &[World], settings: &Settings) -> Vec<serde_json::Value> {
    let mut places = Vec::new();
    for world in worlds {
        places.push((world, cases(world, settings).await));
    }
    in_rounds(places, settings.rounds(9)).await
}

async fn cases(world: &World, settings: &Settings) -> Vec<Question> {
    let mut connection = world.connect().await;
    let mut tasks = Vec::new();
    for size in settings.pick(vec![10, 100, 1_000, 10_000], vec![10, 50]) {
        let width = if size < 50 { 3 } else { 10 };
        tasks.extend(world.layered(&mut connection, 1, size, width).await);
    }
    let small = world.layered(&mut connection, settings.pick(100, 5), 10, 3).await;
    for task in tasks.iter().chain(&small) {
        world.complete_half(&mut connection, task).await;
    }
    world.settle(&mut connection).await;

    let mut cases = Vec::new();
    for task in &tasks {
        compare(&mut connection, task).await;
        cases.extend(of_one(&mut connection, task, settings).await);
    }
    cases.extend(of_many(&mut connection, &small, settings.pick(20, 1)).await);
    cases
}

/// What all of them say must be the same.
async fn compare(connection: &mut PgConnection, task: &Layered) {
    let theirs: Vec<i64> = sqlx::query_scalar(
        "select workflow_step_id from get_step_readiness_status($1) where ready_for_execution order by 1",
    )
    .bind(task.id.0)
    .fetch_all(&mut *connection)
    .await
    .unwrap();
    assert!(!theirs.is_empty());
    let ours = ready_steps(&mut Connection(connection), &[task.id]).await.unwrap();
    assert!(ours.iter().map(|ready| ready.step).eq(theirs.into_iter().map(StepId)));
    let mut known = tracked(connection, &[task.id]).await;
    let news = ready_steps_of(&mut Connection(connection), &mut known).await.unwrap();
    assert_eq!(news.ready, ours);
}

async fn tracked(connection: &mut PgConnection, tasks: &[TaskId]) -> Vec<TrackedTask> {
    let mut tracked = Vec::new();
    for &task in tasks {
        let session = &mut Connection(connection);
        tracked.push(track(session, &mut Graphs::new(CAPACITY), task).await.unwrap().unwrap());
    }
    tracked
}

async fn of_one(connection: &mut PgConnection, task: &Layered, settings: &Settings) -> Vec<Question> {
    let (id, size) = (task.id, task.steps().len());
    // Short calls are made often enough for the clock.
    let calls = settings.pick((2_000 / size).clamp(LEAST, 100), 2);
    let mut ways = vec![
        ("engine", calls, Way::Engine(vec![id.0])),
        ("all columns", calls, Way::Core(Operation::AllColumns(vec![id]))),
        ("first touch", calls, Way::Core(Operation::FirstTouch(vec![id]))),
        ("cached graph", calls, Way::Core(Operation::Known(tracked(connection, &[id]).await))),
        ("track anew", calls.min(LEAST), Way::Core(Operation::Track(id))),
        ("track, kept", calls.min(LEAST), Way::Core(Operation::TrackCached(id, Graphs::new(CAPACITY)))),
        ("levels: core", calls, Way::Core(Operation::Levels(id))),
    ];
    if size <= LEVELS_OF_THE_ENGINE {
        ways.push(("levels: engine", calls.min(2), Way::EngineLevels(id.0)));
    }
    if size <= BOUND_BY_WHAT_IS_DONE {
        let (first, last) = ends(slice::from_ref(task));
        ways.push(("round trip", calls, Way::RoundTrip));
        ways.push(("done alone", calls, Way::DoneAlone(first, last)));
    }
    let question = |(name, units, way)| Question { way, label: Label { name, size, units } };
    ways.into_iter().map(question).collect()
}

/// The first and the last step of each.
fn ends(tasks: &[Layered]) -> (Vec<i64>, Vec<i64>) {
    let steps = tasks.iter().map(Layered::steps);
    steps.filter_map(|steps| Some((steps.first()?.0, steps.last()?.0))).unzip()
}

async fn of_many(connection: &mut PgConnection, tasks: &[Layered], calls: usize) -> Vec<Question> {
    let ids: Vec<TaskId> = tasks.iter().map(|task| task.id).collect();
    let raw: Vec<i64> = ids.iter().map(|task| task.0).collect();
    let known = tracked(connection, &ids).await;
    let size = ids.len();
    let (first, last) = ends(tasks);
    let ways = [
        ("many: engine, one by one", Way::Engine(raw.clone())),
        ("many: engine's batch", Way::EngineBatch(raw)),
        ("many: all columns", Way::Core(Operation::AllColumns(ids.clone()))),
        ("many: first touch", Way::Core(Operation::FirstTouch(ids))),
        ("many: cached graphs", Way::Core(Operation::Known(known))),
        ("many: round trip", Way::RoundTrip),
        ("many: done alone", Way::DoneAlone(first, last)),
    ];
    ways.into_iter().map(|(name, way)| Question { way, label: Label { name, size, units: calls } }).collect()
}
