//! Transitions of steps: one by one, and in batches of several sizes.

use crate::rounds::{Case, Label, Settings, measure as in_rounds};
use crate::world::{AT, World};
use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Executor};
use tasker_core::ids::StepId;
use tasker_core::machine::Owner;
use tasker_core::operations::batch_transitions::{StepTransition, transition_steps};
use tasker_core::operations::transition::{Claims, Request, Subject, transition};
use tasker_core::state::State;
use tasker_core::store::Connection;

enum Way {
    /// The statements that Statesman and the engine's guard need, in a transaction, without what Ruby adds to them.
    Statements,
    /// The core's single transition.
    Single,
    /// The core's batches.
    Batch,
}

struct Transitions {
    way: Way,
    label: Label,
    /// Transitions in a batch.
    batch: usize,
    steps: Vec<StepId>,
}

impl Case for Transitions {
    fn label(&self) -> Label {
        self.label.clone()
    }

    /// Steps in progress, so that every transition has one before it.
    async fn prepare(&mut self, world: &World, connection: &mut PgConnection) {
        let task = world.layered(connection, 1, self.label.units, self.label.units).await.remove(0);
        self.steps = task.steps();
        let begin: Vec<StepTransition> = self.steps.iter().map(|&step| StepTransition::begin(step)).collect();
        let begun = transition_steps(&mut Connection(connection), &begin, AT).await.unwrap();
        assert!(begun.iter().all(Result::is_ok));
    }

    async fn run(&mut self, connection: &mut PgConnection) {
        match self.way {
            Way::Statements => {
                for &step in &self.steps {
                    statements(connection, step).await;
                }
            }
            Way::Single => {
                for &step in &self.steps {
                    let made = transition(&mut Connection(connection), &request(step)).await;
                    assert!(made.unwrap().is_ok());
                }
            }
            Way::Batch => {
                for steps in self.steps.chunks(self.batch) {
                    let moves: Vec<StepTransition> = steps
                        .iter()
                        .map(|&step| StepTransition { to: State::Complete, ..StepTransition::begin(step) })
                        .collect();
                    let made = transition_steps(&mut Connection(connection), &moves, AT).await.unwrap();
                    assert!(made.iter().all(Result::is_ok));
                }
            }
        }
    }
}

fn request(step: StepId) -> Request {
    Request {
        subject: Subject { owner: Owner::Step, id: step.0 },
        to: State::Complete,
        from: None,
        metadata: "{}".into(),
        at: AT,
        parents: None,
        claims: Claims::default(),
    }
}

async fn statements(connection: &mut PgConnection, step: StepId) {
    let mut tx = connection.begin().await.unwrap();
    let last = "select to_state, sort_key from tasker_workflow_step_transitions where workflow_step_id = $1 and most_recent limit 1";
    let (_, key): (String, i32) = sqlx::query_as(last).bind(step.0).fetch_one(&mut *tx).await.unwrap();
    for statement in [
        "select 1 from tasker_workflow_steps where workflow_step_id = $1",
        "update tasker_workflow_step_transitions set most_recent = false, updated_at = now() where workflow_step_id = $1 and most_recent",
    ] {
        tx.execute(sqlx::query(statement).bind(step.0)).await.unwrap();
    }
    let insert = "insert into tasker_workflow_step_transitions
                    (to_state, metadata, sort_key, most_recent, workflow_step_id, created_at, updated_at)
                  values ('complete', '{}', $2, true, $1, now(), now()) returning id";
    tx.execute(sqlx::query(insert).bind(step.0).bind(key + 10)).await.unwrap();
    tx.commit().await.unwrap();
}

pub async fn measure(worlds: &[World], settings: &Settings) -> Vec<serde_json::Value> {
    in_rounds(worlds.iter().map(|world| (world, cases(settings))).collect(), settings.rounds(9)).await
}

fn cases(settings: &Settings) -> Vec<Transitions> {
    let count = settings.pick(200, 10);
    let case = |name, way, batch: usize, units| Transitions {
        way,
        batch,
        steps: Vec::new(),
        label: Label { name, size: batch, units },
    };
    let mut cases = vec![
        case("statement by statement", Way::Statements, 1, count),
        case("single", Way::Single, 1, count),
    ];
    for batch in settings.pick(vec![10, 100, 1_000], vec![5, 10]) {
        cases.push(case("batch", Way::Batch, batch, count.max(batch)));
    }
    cases
}
