//! Recorded conversations, which every host replays.
//!
//! `rake hosted:record` records them anew. What is recorded are the statements' names and parameters, the rows of a real database and the
//! answers; hosts in other languages must come to the same answers from the same rows.

use crate::cases::{reads, writes};
use crate::host::{answer_with, begin, create_world};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use sqlx::{Connection as _, PgPool};
use std::collections::BTreeSet;
use tasker_core::hosted::OPERATIONS;
use tasker_core::session::{Access, Rows, Value};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/hosted/conversations.json");

#[derive(Deserialize, Serialize)]
pub struct Recording {
    pub operation: String,
    pub arguments: Json,
    pub now: i64,
    pub statements: Vec<Exchange>,
    pub answer: Json,
}

#[derive(Deserialize, Serialize)]
pub struct Exchange {
    pub name: String,
    pub binds: Vec<Option<String>>,
    pub writes: bool,
    pub rows: Vec<Vec<Json>>,
}

pub fn recordings() -> Vec<Recording> {
    serde_json::from_str(&std::fs::read_to_string(PATH).unwrap()).unwrap()
}

fn to_json(rows: &Rows) -> Vec<Vec<Json>> {
    let cell = |value: &Value| match value {
        Value::Null => Json::Null,
        Value::Bool(value) => (*value).into(),
        Value::Int(value) => (*value).into(),
        Value::Text(text) => (**text).into(),
    };
    rows.iter("recorded").map(|row| row.cells().iter().map(cell).collect()).collect()
}

fn typed(cell: &Json) -> Value {
    match cell {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(value) => Value::Int(value.as_i64().unwrap()),
        Json::String(text) => Value::text(text.as_str()),
        other => panic!("no cell: {other}"),
    }
}

/// As a driver that leaves a type alone hands it over.
fn as_text(cell: &Json) -> Value {
    match typed(cell) {
        Value::Bool(value) => Value::text(if value { "t" } else { "f" }),
        Value::Int(value) => Value::text(value.to_string()),
        other => other,
    }
}

fn replay(recording: &Recording, cell: fn(&Json) -> Value) -> Json {
    let mut coroutine = begin(&recording.operation, &recording.arguments);
    let mut rows = None;
    for exchange in &recording.statements {
        let statement = coroutine.resume(rows).unwrap().unwrap();
        assert_eq!(statement.name, exchange.name, "{}", recording.operation);
        assert!(statement.binds.iter().map(Option::as_deref).eq(exchange.binds.iter().map(Option::as_deref)));
        assert_eq!(statement.access == Access::Write, exchange.writes);
        let cells = exchange.rows.iter().map(|row| row.iter().map(cell).collect());
        rows = Some(Rows::from(cells.collect::<Vec<_>>()));
    }
    assert_eq!(coroutine.resume(rows).unwrap(), None, "{} has one statement more", recording.operation);
    serde_json::to_value(coroutine.answer().unwrap()).unwrap()
}

#[test]
fn recorded_rows_lead_to_the_recorded_answers() {
    for recording in recordings() {
        assert_eq!(
            replay(&recording, typed),
            recording.answer,
            "{} {}",
            recording.operation,
            recording.arguments
        );
    }
}

#[test]
fn cells_may_come_as_text() {
    for recording in recordings() {
        assert_eq!(
            replay(&recording, as_text),
            recording.answer,
            "{} {}",
            recording.operation,
            recording.arguments
        );
    }
}

#[test]
fn every_operation_and_case_is_recorded() {
    let recorded: Vec<(String, Json)> =
        recordings().into_iter().map(|one| (one.operation, one.arguments)).collect();
    let names: BTreeSet<&str> = recorded.iter().map(|(operation, _)| operation.as_str()).collect();
    assert_eq!(names, OPERATIONS.iter().map(|operation| operation.name).collect());
    let cases =
        reads().into_iter().chain(writes()).map(|(operation, arguments)| (operation.to_owned(), arguments));
    assert!(cases.eq(recorded), "record the conversations anew: rake hosted:record");
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn conversations_are_recorded_on_request(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    create_world(&mut connection).await;
    let mut recordings = Vec::new();
    for (operation, arguments) in reads().into_iter().chain(writes()) {
        let mut tx = connection.begin().await.unwrap();
        let mut statements = Vec::new();
        let answer = answer_with(&mut tx, operation, &arguments, |statement, rows| {
            statements.push(Exchange {
                name: statement.name.to_owned(),
                binds: statement.binds.iter().map(|bind| bind.as_deref().map(str::to_owned)).collect(),
                writes: statement.access == Access::Write,
                rows: to_json(rows),
            });
        })
        .await;
        tx.rollback().await.unwrap();
        let now = crate::host::NOW.0;
        recordings.push(Recording { operation: operation.to_owned(), arguments, now, statements, answer });
    }
    if std::env::var_os("TASKER_CORE_RECORD").is_some() {
        let lines: Vec<String> = recordings.iter().map(|one| serde_json::to_string(one).unwrap()).collect();
        std::fs::write(PATH, format!("[\n{}\n]\n", lines.join(",\n"))).unwrap();
    }
    // What does not depend on the clock is the same as when it was recorded.
    for (now, then) in recordings.iter().zip(self::recordings()) {
        assert_eq!(now.statements.len(), then.statements.len(), "{}", now.operation);
    }
}
