//! Single tasks, steps, edges and transitions, written by hand.

use sqlx::{AssertSqlSafe, FromRow, PgConnection};
use tasker_core::ids::StepId;
use tasker_core::machine::Owner;
use tasker_core::operations::execution::{Attempt, Changes, Ending};
use tasker_core::operations::transition::{Claims, Request, Subject};
use tasker_core::state::State;
use tasker_core::time::Timestamp;

/// The instant of everything that is seeded.
pub const SEEDED_AT: Timestamp = Timestamp(1_700_000_000_000_000);

/// The instant of the transitions under test.
pub const AT: Timestamp = Timestamp(1_750_000_000_123_456);

/// A row of either transition table, without its id.
#[derive(Clone, Debug, PartialEq, FromRow)]
pub struct Transition {
    pub to_state: String,
    pub from_state: Option<String>,
    pub metadata: String,
    pub sort_key: i32,
    pub most_recent: bool,
    pub created_at: i64,
    pub updated_at: i64,
}

fn tables(owner: Owner) -> (&'static str, &'static str) {
    match owner {
        Owner::Task => ("tasker_task_transitions", "task_id"),
        Owner::Step => ("tasker_workflow_step_transitions", "workflow_step_id"),
    }
}

/// A namespace, a system, a named task and a named step, each with id 1.
pub async fn definitions(connection: &mut PgConnection) {
    sqlx::raw_sql(
        "insert into tasker_task_namespaces values (1, 'default', null, now(), now());
         insert into tasker_dependent_systems values (1, 'default', null, now(), now());
         insert into tasker_named_tasks values (1, 'task', null, now(), now(), 1);
         insert into tasker_named_steps values (1, 1, 'step', null, now(), now());",
    )
    .execute(connection)
    .await
    .unwrap();
}

pub async fn task(connection: &mut PgConnection) -> Subject {
    let id = sqlx::query_scalar(
        "insert into tasker_tasks (named_task_id, requested_at, identity_hash, created_at, updated_at)
         values (1, now(), gen_random_uuid(), now(), now()) returning task_id",
    );
    Subject { owner: Owner::Task, id: id.fetch_one(connection).await.unwrap() }
}

pub async fn steps(connection: &mut PgConnection, task: Subject, count: i64) -> Vec<Subject> {
    let ids = sqlx::query_scalar(
        "insert into tasker_workflow_steps (task_id, named_step_id, created_at, updated_at)
         select $1, 1, now(), now() from generate_series(1, $2) returning workflow_step_id",
    );
    let ids: Vec<i64> = ids.bind(task.id).bind(count).fetch_all(connection).await.unwrap();
    ids.into_iter().map(|id| Subject { owner: Owner::Step, id }).collect()
}

pub async fn step(connection: &mut PgConnection, task: Subject) -> Subject {
    steps(connection, task, 1).await[0]
}

/// Every column of a step's row.
pub async fn step_row(connection: &mut PgConnection, step: Subject) -> serde_json::Value {
    let select = "select to_jsonb(s)::text from tasker_workflow_steps s where workflow_step_id = $1";
    let row: String = sqlx::query_scalar(select).bind(step.id).fetch_one(connection).await.unwrap();
    serde_json::from_str(&row).unwrap()
}

/// An instant as PostgreSQL writes it in JSON; it must not end in a zero, which is left out there.
pub fn json_instant(instant: Timestamp) -> serde_json::Value {
    instant.to_string().replace(' ', "T").into()
}

pub async fn edge(connection: &mut PgConnection, from: Subject, to: Subject) {
    sqlx::query(
        "insert into tasker_workflow_step_edges (from_step_id, to_step_id, name, created_at, updated_at)
         values ($1, $2, 'provides', now(), now())",
    )
    .bind(from.id)
    .bind(to.id)
    .execute(connection)
    .await
    .unwrap();
}

/// Writes the next row of a history, past the machine and its rules.
pub async fn record(connection: &mut PgConnection, subject: Subject, state: &str) {
    let (table, key) = tables(subject.owner);
    let unflag = format!("update {table} set most_recent = false where {key} = $1");
    sqlx::query(AssertSqlSafe(unflag)).bind(subject.id).execute(&mut *connection).await.unwrap();
    let last: i32 = sqlx::query_scalar(AssertSqlSafe(format!(
        "select coalesce(max(sort_key), 0) from {table} where {key} = $1"
    )))
    .bind(subject.id)
    .fetch_one(&mut *connection)
    .await
    .unwrap();
    record_at(connection, subject, state, last + 10, true).await;
}

/// Writes a row with this sort key and flag.
pub async fn record_at(
    connection: &mut PgConnection,
    subject: Subject,
    state: &str,
    sort_key: i32,
    most_recent: bool,
) {
    let (table, key) = tables(subject.owner);
    let insert = format!(
        "insert into {table} (to_state, sort_key, most_recent, {key}, created_at, updated_at)
         values ($1, $2, $3, $4, $5::timestamp, $5::timestamp)"
    );
    sqlx::query(AssertSqlSafe(insert))
        .bind(state)
        .bind(sort_key)
        .bind(most_recent)
        .bind(subject.id)
        .bind(SEEDED_AT.to_string())
        .execute(connection)
        .await
        .unwrap();
}

/// The transitions of an owner in the order of their sort keys.
pub async fn history(connection: &mut PgConnection, subject: Subject) -> Vec<Transition> {
    let (table, key) = tables(subject.owner);
    let select = format!(
        "select to_state, from_state, metadata::text as metadata, sort_key, most_recent,
                (extract(epoch from created_at) * 1000000)::bigint as created_at,
                (extract(epoch from updated_at) * 1000000)::bigint as updated_at
         from {table} where {key} = $1 order by sort_key"
    );
    sqlx::query_as(AssertSqlSafe(select)).bind(subject.id).fetch_all(connection).await.unwrap()
}

/// The successful end of the second attempt of a step, with everything that may change in its row.
pub fn attempt(step: Subject) -> Attempt {
    Attempt {
        claim: None,
        distinct_to: None,
        step: StepId(step.id),
        ending: Ending::Complete,
        attempts: 2,
        last_attempted_at: Timestamp(AT.0 + 1),
        changes: Changes {
            processed: Some(true),
            in_process: Some(false),
            processed_at: Some(Timestamp(AT.0 + 2)),
            results: Some(Some(r#"{"rows": 3}"#.into())),
        },
        at: AT,
    }
}

/// A request without conditions of its own.
pub fn request(subject: Subject, to: State) -> Request {
    Request {
        subject,
        to,
        from: None,
        metadata: "{}".into(),
        at: AT,
        parents: None,
        claims: Claims::default(),
    }
}
