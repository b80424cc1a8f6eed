//! Creating many workflows by the factory, beside the least that PostgreSQL needs for the same rows.

use crate::memory::{forget_peak, megabytes};
use crate::rounds::{Case, Label, Settings, measure as in_rounds};
use crate::world::World;
use serde_json::{Value, json};
use sqlx::postgres::PgConnection;
use std::cell::RefCell;
use std::hint::black_box;
use std::rc::Rc;
use tasker_core::factories::{Pattern, workflow, workflows};

/// Steps of a workflow.
const STEPS: usize = 100;

enum Way {
    /// The factory; keeps how far the program's memory has grown in each run, in megabytes.
    Factory(Rc<RefCell<Vec<f64>>>),
    /// `INSERT … SELECT` on the server, of the same columns into the same indexes.
    Server,
}

struct Creation {
    way: Way,
    workflows: usize,
}

impl Case for Creation {
    fn label(&self) -> Label {
        let name = match self.way {
            Way::Factory(_) => "factory",
            Way::Server => "server",
        };
        Label { name, size: self.workflows * STEPS, units: 1 }
    }

    async fn prepare(&mut self, _world: &World, _connection: &mut PgConnection) {}

    async fn run(&mut self, connection: &mut PgConnection) {
        match &self.way {
            Way::Factory(grown) => {
                forget_peak();
                let before = megabytes("VmRSS");
                let kinds = [(workflow(Pattern::Linear(STEPS)), 1.0)];
                let made = workflows(self.workflows, kinds).create(connection).await.unwrap();
                assert_eq!(black_box(made).len(), self.workflows);
                grown.borrow_mut().push((megabytes("VmHWM") - before).max(0.0));
            }
            Way::Server => on_the_server(connection, self.workflows).await,
        }
    }
}

async fn on_the_server(connection: &mut PgConnection, workflows: usize) {
    sqlx::query(
        "with task as (
           insert into tasker_tasks (named_task_id, complete, requested_at, initiator, source_system, reason, bypass_steps, tags, context,
                                     identity_hash, created_at, updated_at)
           select 1001, false, now(), 'factory', 'factory', 'test', '[]', '[]', '{\"factory\": true}', gen_random_uuid(), now(), now()
           from generate_series(1, $1)
           returning task_id
         ), step as (
           insert into tasker_workflow_steps (task_id, named_step_id, retryable, retry_limit, skippable, processed, created_at, updated_at)
           select task_id, 1000 + n, true, 3, false, false, now(), now() from task, generate_series(1, $2) n order by task_id, n
           returning workflow_step_id, task_id
         )
         insert into tasker_workflow_step_edges (from_step_id, to_step_id, name, created_at, updated_at)
         select from_step, to_step, 'provides', now(), now()
         from (select lag(workflow_step_id) over (partition by task_id order by workflow_step_id) as from_step,
                      workflow_step_id as to_step
               from step) e
         where from_step is not null",
    )
    .bind(workflows as i64)
    .bind(STEPS as i64)
    .execute(connection)
    .await
    .unwrap();
}

pub async fn measure(worlds: &[World], settings: &Settings) -> Vec<Value> {
    let grown = Rc::new(RefCell::new(Vec::new()));
    let workflows = settings.pick(1_000, 3);
    let ways = [Way::Factory(grown.clone()), Way::Server];
    let cases = ways.map(|way| Creation { way, workflows });
    let mut measured = in_rounds(vec![(&worlds[0], cases.into())], settings.rounds(5)).await;
    let megabytes = grown.borrow().clone();
    measured.push(json!({
        "case": "factory: megabytes", "size": workflows * STEPS, "units": 1, "beside": false, "seconds": megabytes,
    }));
    measured
}
