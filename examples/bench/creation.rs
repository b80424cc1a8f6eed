//! Creating the steps of a task with their edges, through the core.

use crate::rounds::{Case, Label, Settings, measure as in_rounds};
use crate::world::{AT, World};
use sqlx::postgres::PgConnection;
use tasker_core::ids::TaskId;
use tasker_core::operations::sequence::{Template, create_steps};
use tasker_core::store::Connection;

struct Creation {
    templates: Vec<Template>,
    /// Tasks without steps, one a call.
    tasks: Vec<TaskId>,
    calls: usize,
}

impl Case for Creation {
    fn label(&self) -> Label {
        Label { name: "core", size: self.templates.len(), units: self.calls }
    }

    async fn prepare(&mut self, world: &World, connection: &mut PgConnection) {
        self.tasks.clear();
        for _ in 0..self.calls {
            self.tasks.push(world.task(connection).await);
        }
    }

    async fn run(&mut self, connection: &mut PgConnection) {
        for &task in &self.tasks {
            let made = create_steps(&mut Connection(connection), task, &self.templates, "{}", AT).await;
            assert!(made.unwrap().is_some());
        }
    }
}

/// Layers of ten, in which each step waits for three of the layer before.
pub fn templates(count: usize) -> Vec<Template> {
    let name = |place: usize| -> Box<str> { format!("bench {place}").into() };
    (0..count)
        .map(|place| {
            let (layer, column) = (place / 10, place % 10);
            let mut depends_on: Vec<Box<str>> = Vec::new();
            if layer > 0 {
                depends_on.extend((0..3).map(|offset| name((layer - 1) * 10 + (column + offset) % 10)));
            }
            Template {
                system: "bench".into(),
                name: name(place),
                retryable: true,
                retry_limit: 3,
                skippable: false,
                depends_on,
            }
        })
        .collect()
}

/// The definitions that the templates name become the task's.
pub async fn define(connection: &mut PgConnection, count: usize) {
    sqlx::query(
        "insert into tasker_named_tasks_named_steps
           (named_task_id, named_step_id, skippable, default_retryable, default_retry_limit, created_at, updated_at)
         select 1001, 1001 + n, false, true, 3, now(), now() from generate_series(0, $1 - 1) n",
    )
    .bind(count as i64)
    .execute(connection)
    .await
    .unwrap();
}

pub async fn measure(worlds: &[World], settings: &Settings) -> Vec<serde_json::Value> {
    let mut places = Vec::new();
    for world in worlds {
        places.push((world, cases(world, settings).await));
    }
    in_rounds(places, settings.rounds(5)).await
}

async fn cases(world: &World, settings: &Settings) -> Vec<Creation> {
    let sizes = settings.pick(vec![10, 100, 1_000, 10_000], vec![10, 30]);
    let mut connection = world.connect().await;
    define(&mut connection, sizes.iter().copied().max().unwrap_or(0)).await;
    world.settle(&mut connection).await;
    let case = |size| Creation {
        templates: templates(size),
        tasks: Vec::new(),
        calls: settings.pick((1_000 / size).clamp(1, 20), 2),
    };
    sizes.into_iter().map(case).collect()
}
