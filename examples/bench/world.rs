//! The database of a bench, and tasks to fill it with.

use crate::refuse;
use sqlx::Connection;
use sqlx::postgres::PgConnection;
use tasker_core::ids::{StepId, TaskId};
use tasker_core::operations::execution::{Attempt, Changes, Ending};
use tasker_core::time::Timestamp;

/// The instant of everything.
pub const AT: Timestamp = Timestamp(1_750_000_000_123_456);

/// Where the tasks are.
#[derive(Clone)]
pub struct World {
    url: String,
}

/// A task in layers: each step waits for up to three of the layer before.
pub struct Layered {
    pub id: TaskId,
    /// Steps by layer.
    pub layers: Vec<Vec<StepId>>,
}

impl World {
    /// Connects, and makes the definitions that tasks need.
    pub async fn open(url: String) -> World {
        let world = World { url };
        let mut connection = world.connect().await;
        insist_on_durability(&mut connection).await;
        sqlx::raw_sql(
            "insert into tasker_task_namespaces (task_namespace_id, name, created_at, updated_at)
               values (1001, 'bench', now(), now()) on conflict do nothing;
             insert into tasker_dependent_systems (dependent_system_id, name, created_at, updated_at)
               values (1001, 'bench', now(), now()) on conflict do nothing;
             insert into tasker_named_tasks (named_task_id, name, created_at, updated_at, task_namespace_id)
               values (1001, 'bench', now(), now(), 1001) on conflict do nothing;
             insert into tasker_named_steps (named_step_id, dependent_system_id, name, created_at, updated_at)
               select 1001 + n, 1001, 'bench ' || n, now(), now() from generate_series(0, 9999) n on conflict do nothing;
             -- An application that defines steps of its own must not come upon these.
             select setval(pg_get_serial_sequence('tasker_named_steps', 'named_step_id'), 20000);",
        )
        .execute(&mut connection)
        .await
        .unwrap();
        world
    }

    /// A connection of its own, with the server's settings: commits are durable.
    pub async fn connect(&self) -> PgConnection {
        PgConnection::connect(&self.url).await.unwrap()
    }

    /// A new task without steps.
    pub async fn task(&self, connection: &mut PgConnection) -> TaskId {
        let id = sqlx::query_scalar(
            "insert into tasker_tasks (named_task_id, requested_at, identity_hash, complete, created_at, updated_at)
             values (1001, now(), gen_random_uuid(), false, now(), now()) returning task_id",
        );
        TaskId(id.fetch_one(connection).await.unwrap())
    }

    /// New tasks of `steps` steps (10,000 at most) in layers of `width`, none of which has begun.
    pub async fn layered(
        &self,
        connection: &mut PgConnection,
        tasks: usize,
        steps: usize,
        width: usize,
    ) -> Vec<Layered> {
        let mut made = Vec::with_capacity(tasks);
        let mut tx = connection.begin().await.unwrap();
        for _ in 0..tasks {
            let id = self.task(&mut tx).await;
            let ids: Vec<i64> = sqlx::query_scalar(
                "insert into tasker_workflow_steps (task_id, named_step_id, retryable, retry_limit, in_process, processed, attempts,
                   inputs, results, created_at, updated_at)
                 select $1, 1000 + n, true, 3, false, false, 0, '{}', '{}', now(), now() from generate_series(1, $2) n order by n
                 returning workflow_step_id",
            )
            .bind(id.0)
            .bind(steps as i64)
            .fetch_all(&mut *tx)
            .await
            .unwrap();
            let layers: Vec<Vec<i64>> = ids.chunks(width).map(<[i64]>::to_vec).collect();
            let (mut from, mut to): (Vec<i64>, Vec<i64>) = (Vec::new(), Vec::new());
            for pair in layers.windows(2) {
                for (place, step) in pair[1].iter().enumerate() {
                    let mut parents: Vec<i64> =
                        (0..3).map(|offset| pair[0][(place + offset) % pair[0].len()]).collect();
                    parents.sort_unstable();
                    parents.dedup();
                    from.extend(&parents);
                    to.extend(parents.iter().map(|_| *step));
                }
            }
            sqlx::query(
                "insert into tasker_workflow_step_edges (from_step_id, to_step_id, name, created_at, updated_at)
                 select f, t, 'provides', now(), now() from unnest($1::bigint[], $2::bigint[]) e (f, t)",
            )
            .bind(from)
            .bind(to)
            .execute(&mut *tx)
            .await
            .unwrap();
            let layers = layers.into_iter().map(|layer| layer.into_iter().map(StepId).collect()).collect();
            made.push(Layered { id, layers });
        }
        tx.commit().await.unwrap();
        made
    }

    /// Completes the first half of the layers, as the engine leaves completed steps behind.
    pub async fn complete_half(&self, connection: &mut PgConnection, task: &Layered) {
        let half = &task.layers[..task.layers.len() / 2];
        let ids: Vec<i64> = half.iter().flatten().map(|step| step.0).collect();
        self.complete(connection, &ids).await;
    }

    async fn complete(&self, connection: &mut PgConnection, ids: &[i64]) {
        sqlx::query(
            "with done as (
               update tasker_workflow_steps set processed = true, processed_at = now(), attempts = 1, last_attempted_at = now()
               where workflow_step_id = any ($1)
             )
             insert into tasker_workflow_step_transitions (to_state, sort_key, most_recent, workflow_step_id, created_at, updated_at)
             select state, key, key = 20, id, now(), now()
             from unnest($1) id, (values ('in_progress', 10), ('complete', 20)) s (state, key)",
        )
        .bind(ids)
        .execute(connection)
        .await
        .unwrap();
    }

    /// Gives the planner statistics, and leaves pages that can be read by index only, as autovacuum does.
    pub async fn settle(&self, connection: &mut PgConnection) {
        for statement in ["vacuum analyze", "checkpoint"] {
            sqlx::raw_sql(statement).execute(&mut *connection).await.unwrap();
        }
    }
}

impl Layered {
    /// All steps.
    pub fn steps(&self) -> Vec<StepId> {
        self.layers.iter().flatten().copied().collect()
    }
}

/// Every figure is one of commits that are on the disk.
async fn insist_on_durability(connection: &mut PgConnection) {
    let found: Vec<(String, String)> = sqlx::query_as(
        "select name, setting from pg_settings where name in ('synchronous_commit', 'fsync') and setting <> 'on'",
    )
    .fetch_all(connection)
    .await
    .unwrap();
    if let Some((name, setting)) = found.first() {
        refuse(&format!("expected {name} = on, so that every commit is durable, got {setting}"));
    }
}

/// The successful end of a first attempt of a step that has nothing to say.
pub fn success(step: StepId) -> Attempt {
    Attempt {
        claim: None,
        distinct_to: None,
        step,
        ending: Ending::Complete,
        attempts: 1,
        last_attempted_at: AT,
        changes: Changes {
            processed: Some(true),
            in_process: Some(false),
            processed_at: Some(AT),
            results: Some(Some("{}".into())),
        },
        at: AT,
    }
}
