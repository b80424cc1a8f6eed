//! The rows that a snapshot sends, column by column.

use crate::support::rows::{json, micros};
use crate::support::seed;
use serde_json::{Value, json};
use sqlx::{PgConnection, PgPool};
use tasker_core::ids::TaskId;
use tasker_core::operations::task_snapshot::{KnownVersions, TaskSnapshot, TaskSnapshotStep, task_snapshot};
use tasker_core::store::Connection;
use tasker_core::time::Timestamp;

const STEPS: &str = concat!(
    "select (to_jsonb(s) || jsonb_build_object('inputs', s.inputs::text, 'results', s.results::text,
       'processed_at', ",
    micros!("s.processed_at"),
    ", 'last_attempted_at', ",
    micros!("s.last_attempted_at"),
    ", 'created_at', ",
    micros!("s.created_at"),
    ", 'updated_at', ",
    micros!("s.updated_at"),
    "))::text from tasker_workflow_steps s where s.task_id = $1 order by s.workflow_step_id"
);

const TASK: &str = concat!(
    "select (to_jsonb(t) || jsonb_build_object('bypass_steps', t.bypass_steps::text, 'tags', t.tags::text,
       'context', t.context::text, 'requested_at', ",
    micros!("t.requested_at"),
    ", 'created_at', ",
    micros!("t.created_at"),
    ", 'updated_at', ",
    micros!("t.updated_at"),
    "))::text from tasker_tasks t where t.task_id = $1"
);

fn step(step: &TaskSnapshotStep) -> Value {
    let (facts, details) = (&step.facts, step.details.as_ref().expect("a row that was not known is sent"));
    json!({
        "workflow_step_id": facts.id.0,
        "task_id": facts.task_id.0,
        "named_step_id": facts.named_step_id.0,
        "retryable": facts.retryable,
        "retry_limit": facts.retry_limit,
        "in_process": facts.in_process,
        "processed": facts.processed,
        "processed_at": details.processed_at.map(|at| at.0),
        "attempts": facts.attempts,
        "last_attempted_at": facts.last_attempted_at.map(|at| at.0),
        "backoff_request_seconds": facts.backoff_request_seconds,
        "inputs": details.inputs,
        "results": details.results,
        "created_at": details.created_at.0,
        "updated_at": details.updated_at.0,
        "skippable": details.skippable,
    })
}

fn task(snapshot: &TaskSnapshot) -> Value {
    let details = snapshot.task_details.as_ref().expect("a row that was not known is sent");
    json!({
        "task_id": snapshot.task.id.0,
        "named_task_id": snapshot.task.named_task_id.0,
        "complete": details.complete,
        "requested_at": details.requested_at.0,
        "initiator": details.initiator,
        "source_system": details.source_system,
        "reason": details.reason,
        "bypass_steps": details.bypass_steps,
        "tags": details.tags,
        "context": details.context,
        "identity_hash": details.identity_hash,
        "created_at": details.created_at.0,
        "updated_at": details.updated_at.0,
    })
}

/// Fails unless a snapshot that knew nothing has every column of the task and of all of its steps.
pub async fn assert_whole(tx: &mut PgConnection, found: &TaskSnapshot) {
    let id = found.task.id;
    let theirs = json(tx, sqlx::query(TASK).bind(id.0)).await;
    assert_eq!(theirs, [task(found)], "task {id}");
    let theirs = json(tx, sqlx::query(STEPS).bind(id.0)).await;
    for (ours, theirs) in found.steps.iter().map(step).zip(&theirs) {
        assert_eq!(ours, *theirs, "a step of task {id}");
    }
    assert_eq!(found.steps.len(), theirs.len(), "steps of task {id}");
}

const TEXTS: [Option<&str>; 9] = [
    None,
    Some(""),
    Some(" "),
    Some("NULL"),
    Some("{a,\"b\"}"),
    Some("say \"hi\", twice"),
    Some("back\\slash\\\\"),
    Some("line\nbreak\ttab"),
    Some("größer ✓ 🦀"),
];

const JSON: [Option<&str>; 10] = [
    None,
    Some("null"),
    Some("\"NULL\""),
    Some("{}"),
    Some("[]"),
    Some("{\"a\": \"{1,2}\", \"b\": [null, 1.50, true]}"),
    Some(r#""say \"hi\" \\ and back\\slash""#),
    Some(r#""line\nbreak, größer ✓ 🦀 \u0001""#),
    Some("[1, {\"x\": {\"y\": \"a, b\"}}, \"{NULL}\"]"),
    Some("  [ \"kept\" ,\n \"as it is\" ]  "),
];

/// Null is the last: columns that are never null take the others. Microseconds of a bigint reach into the year 294247.
const INSTANTS: [Option<&str>; 7] = [
    Some("infinity"),
    Some("-infinity"),
    Some("2026-11-23 22:59:59.999999"),
    Some("1969-12-31 23:59:59.000001"),
    Some("0044-03-15 12:00:00 BC"),
    Some("294246-12-31 23:59:59.999999"),
    None,
];

/// Writes the `number`th combination into a task and each of its steps.
async fn vary(tx: &mut PgConnection, task: i64, number: usize) {
    let text = |offset: usize| TEXTS[(number + offset) % TEXTS.len()];
    let document = |offset: usize| JSON[(number + offset) % JSON.len()];
    let instant = |offset: usize| INSTANTS[(number + offset) % INSTANTS.len()];
    let always = |offset: usize| INSTANTS[(number + offset) % (INSTANTS.len() - 1)];
    sqlx::query(
        "update tasker_tasks set initiator = $2, source_system = $3, reason = $4, bypass_steps = $5::json,
           tags = $6::jsonb, context = $7::jsonb, requested_at = $8::timestamp, created_at = $9::timestamp,
           updated_at = $10::timestamp, identity_hash = $11, complete = $12
         where task_id = $1",
    )
    .bind(task)
    .bind(text(0))
    .bind(text(1))
    .bind(text(2))
    .bind(document(0))
    .bind(document(1))
    .bind(document(2))
    .bind(always(0))
    .bind(always(1))
    .bind(always(2))
    .bind(format!("{number} {}", text(3).unwrap_or_default()))
    .bind(number.is_multiple_of(2))
    .execute(&mut *tx)
    .await
    .unwrap();
    sqlx::query(
        "update tasker_workflow_steps set inputs = $2::jsonb, results = $3::jsonb, processed_at = $4::timestamp,
           last_attempted_at = $5::timestamp, created_at = $6::timestamp, updated_at = $7::timestamp,
           skippable = $8, retryable = not $8, processed = $8, in_process = not $8,
           attempts = $9, retry_limit = -$9, backoff_request_seconds = $9
         where task_id = $1",
    )
    .bind(task)
    .bind(document(0))
    .bind(document(3))
    .bind(instant(0))
    .bind(instant(1))
    .bind(always(3))
    .bind(always(4))
    .bind(number.is_multiple_of(2))
    .bind([None, Some(0), Some(i32::MAX)][number % 3])
    .execute(tx)
    .await
    .unwrap();
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn every_column_is_that_of_the_row(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    seed::definitions(&mut tx).await;
    let mut ends = 0;
    for number in 0..TEXTS.len() * JSON.len() {
        let task = seed::task(&mut tx).await;
        seed::steps(&mut tx, task, 2).await;
        vary(&mut tx, task.id, number).await;
        // A third step as it was made: the columns of the first two must not slip.
        seed::step(&mut tx, task).await;
        let session = &mut Connection(&mut tx);
        let found =
            task_snapshot(session, TaskId(task.id), None, &KnownVersions::default()).await.unwrap().unwrap();
        assert_whole(&mut tx, &found).await;
        let created = found.task_details.as_ref().map(|details| details.created_at);
        ends += usize::from([Some(Timestamp(i64::MAX)), Some(Timestamp(i64::MIN))].contains(&created));
    }
    assert!(ends > 20, "infinities were met {ends} times");
}
