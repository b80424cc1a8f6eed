//! Queries over the models, beside the same statements through sqlx alone. bench/models asks ActiveRecord for the same rows.

use crate::fill::upkeep;
use crate::memory::{forget_peak, megabytes};
use crate::rounds::{Case, Label, Settings, measure as in_rounds};
use crate::world::World;
use chrono::NaiveDateTime;
use serde_json::{Value, json};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection};
use std::cell::RefCell;
use std::hint::black_box;
use std::rc::Rc;
use tasker_core::models::{Model, New, NewTask, Statement, Task, WorkflowStep};
use tasker_core::query::Query;
use tasker_core::state::State;

/// How far the program's memory has grown in each run, in megabytes.
type Grown = Rc<RefCell<Vec<f64>>>;

enum Way {
    /// The text and the parameters of a query of three scopes.
    Build,
    /// Its rows.
    Scoped,
    /// The same text and parameters, and the same rows, through sqlx alone.
    Bare(String),
    /// Tasks, each valid, in a transaction that is rolled back.
    Create,
    /// A task by its key.
    Find(i64),
    /// A hundred tasks with their steps and transitions.
    Eager,
    /// Every step there is, one by one.
    Stream(Grown),
}

struct Reading {
    way: Way,
    size: usize,
    calls: usize,
}

fn since() -> NaiveDateTime {
    chrono::DateTime::UNIX_EPOCH.naive_utc()
}

fn scoped() -> Query<Task> {
    Query::<Task>::new().in_namespace("bench models").by_current_state(State::Error).created_since(since())
}

impl Case for Reading {
    fn label(&self) -> Label {
        let name = match self.way {
            Way::Build => "build",
            Way::Scoped => "scoped",
            Way::Bare(_) => "bare",
            Way::Create => "create",
            Way::Find(_) => "find",
            Way::Eager => "eager",
            Way::Stream(_) => "stream",
        };
        Label { name, size: self.size, units: self.calls }
    }

    async fn prepare(&mut self, _world: &World, _connection: &mut PgConnection) {}

    async fn run(&mut self, connection: &mut PgConnection) {
        let mut transaction = connection.begin().await.unwrap();
        let connection = &mut *transaction;
        for _ in 0..self.calls {
            let rows = match &self.way {
                Way::Build => {
                    black_box(Statement::new(&scoped().select().unwrap()));
                    self.size
                }
                Way::Scoped => scoped().all(&mut *connection).await.unwrap().len(),
                Way::Bare(sql) => {
                    let bound = sqlx::query_as::<_, Task>(AssertSqlSafe(sql.as_str()));
                    let bound = bound.bind(1i64).bind("bench models").bind("error").bind(since());
                    bound.fetch_all(&mut *connection).await.unwrap().len()
                }
                Way::Create => {
                    let new = NewTask::new(1001, json!({ "order": 7, "lines": [1, 2, 3] }));
                    usize::from(new.create(&mut *connection).await.unwrap().task_id > 0)
                }
                Way::Find(id) => usize::from(Task::find(*id, &mut *connection).await.unwrap().task_id == *id),
                Way::Eager => eager(connection).await,
                Way::Stream(grown) => stream(connection, grown).await,
            };
            assert_eq!(rows, self.size);
        }
        transaction.rollback().await.unwrap();
    }
}

async fn eager(connection: &mut PgConnection) -> usize {
    let hundred = Query::<Task>::new().limit(100);
    let (tasks, steps) = hundred.all_with(Task::WORKFLOW_STEPS, &mut *connection).await.unwrap();
    let transitions = Task::TASK_TRANSITIONS.load(&tasks, &mut *connection).await.unwrap();
    tasks.iter().filter(|task| steps.of(task).len() == 5 && transitions.of(task).len() == 2).count()
}

async fn stream(connection: &mut PgConnection, grown: &Grown) -> usize {
    forget_peak();
    let before = megabytes("VmRSS");
    let mut rows = Query::<WorkflowStep>::new().stream(connection).unwrap();
    let mut count = 0;
    while let Some(step) = rows.try_next().await.unwrap() {
        black_box(step);
        count += 1;
    }
    drop(rows);
    grown.borrow_mut().push((megabytes("VmHWM") - before).max(0.0));
    count
}

/// Makes the tasks, then fills the table of steps with rows of one task. Indexes and references are made anew afterwards.
async fn fill(connection: &mut PgConnection, steps: usize) -> i64 {
    sqlx::raw_sql(include_str!("models.sql")).execute(&mut *connection).await.unwrap();
    let first = sqlx::query_scalar("select min(task_id) from tasker_tasks where initiator = 'bench'");
    let first: i64 = first.fetch_one(&mut *connection).await.unwrap();
    let upkeep = upkeep(connection).await;
    let mut tx = connection.begin().await.unwrap();
    for (drop, _) in &upkeep {
        sqlx::raw_sql(AssertSqlSafe(drop.as_str())).execute(&mut *tx).await.unwrap();
    }
    sqlx::query(
        "with task as (
           insert into tasker_tasks (named_task_id, requested_at, identity_hash, created_at, updated_at)
           values (1001, now(), 'models, streamed', now(), now()) returning task_id
         )
         insert into tasker_workflow_steps (task_id, named_step_id, attempts, inputs, results, created_at, updated_at)
         select task_id, 1001, 0, '{\"order\": 7}', '{}', now(), now()
         from task, generate_series(1, $1 - (select count(*) from tasker_workflow_steps))",
    )
    .bind(steps as i64)
    .execute(&mut *tx)
    .await
    .unwrap();
    for (_, make) in upkeep {
        sqlx::raw_sql(AssertSqlSafe(make)).execute(&mut *tx).await.unwrap();
    }
    tx.commit().await.unwrap();
    first
}

pub async fn measure(worlds: &[World], settings: &Settings) -> Vec<Value> {
    let world = &worlds[0];
    let rows = settings.pick(1_000_000, 20_000);
    let mut connection = world.connect().await;
    let first = fill(&mut connection, rows).await;
    world.settle(&mut connection).await;

    let grown = Grown::default();
    let bare = Statement::new(&scoped().select().unwrap()).sql().to_owned();
    let calls = |calls| settings.pick(calls, 2);
    let cases = vec![
        Reading { way: Way::Build, size: 3, calls: calls(5_000) },
        Reading { way: Way::Scoped, size: 20, calls: calls(200) },
        Reading { way: Way::Bare(bare), size: 20, calls: calls(200) },
        Reading { way: Way::Create, size: 1, calls: calls(200) },
        Reading { way: Way::Find(first), size: 1, calls: calls(500) },
        Reading { way: Way::Eager, size: 100, calls: calls(20) },
        Reading { way: Way::Stream(grown.clone()), size: rows, calls: 1 },
    ];
    let mut measured = in_rounds(vec![(world, cases)], settings.rounds(9)).await;
    let megabytes = grown.borrow().clone();
    measured.push(
        json!({ "case": "stream: megabytes", "size": rows, "units": 1, "beside": false, "seconds": megabytes }),
    );
    measured
}
