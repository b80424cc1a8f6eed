//! Operations in JSON text, for hosts whose boundary passes texts.

use super::{Answer, HostedCoroutine, StartError, Statement, start};
use crate::error::Error;
use crate::session::{Access, Rows, Value};
use crate::time::Timestamp;
use serde::de::{Deserializer, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::fmt;

/// An operation on its way, in JSON text: [`resume`](Self::resume) takes rows and returns a turn.
///
/// A turn is an object with one member:
///
/// * `statement`: the next statement to run, as `{"name", "sql", "binds", "writes"}`;
/// * `answer`: the answer of the operation, which is over then;
/// * `error`: `{"kind", "message"}` with the fields of its kind: `argument`, `decode`, `cycle`, `contention` or `internal`. The operation is
///   over then, too.
///
/// ```
/// use tasker_core::hosted::JsonCoroutine;
/// use tasker_core::time::Timestamp;
///
/// let mut coroutine = JsonCoroutine::start("dependency_levels", r#"{"task":7}"#, Timestamp(0))?;
/// assert!(coroutine.resume(None).starts_with(r#"{"statement":{"name":"dependency graph","sql":"#));
/// let turn = coroutine.resume(Some(r#"[["{1,2}","{1}","{2}"]]"#));
/// assert_eq!(turn, r#"{"answer":[{"level":0,"step":1},{"level":1,"step":2}]}"#);
///
/// let refused = JsonCoroutine::start("dependency_levels", r#"{"task":"7"}"#, Timestamp(0)).err();
/// assert!(refused.is_some_and(|turn| turn.starts_with(r#"{"error":{"argument":"task","kind":"argument","#)));
/// # Ok::<(), String>(())
/// ```
pub struct JsonCoroutine {
    coroutine: HostedCoroutine,
    /// The name of the statement that waits for its rows.
    asked: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Message<'a> {
    Statement { name: &'a str, sql: &'a str, binds: &'a [Option<Box<str>>], writes: bool },
    Answer(&'a Answer),
    Error(Json),
}

impl JsonCoroutine {
    /// Starts `operation` with an object of its arguments; `now` is the host's clock, in UTC.
    ///
    /// # Errors
    ///
    /// A turn with an `error` where there is no such operation, or where the arguments do not fit.
    pub fn start(operation: &str, arguments: &str, now: Timestamp) -> Result<Self, String> {
        let arguments =
            serde_json::from_str::<Json>(arguments).map_err(|error| malformed(operation, &error))?;
        match start(operation, arguments, now) {
            Ok(coroutine) => Ok(JsonCoroutine { coroutine, asked: "no statement" }),
            Err(error) => Err(text(&Message::Error(refused(&error)))),
        }
    }

    /// Runs the operation to its next turn. The first call brings no rows, every later one the rows of the statement before: an array of
    /// arrays of cells, each null, a boolean, an integer or a text.
    #[must_use]
    pub fn resume(&mut self, rows: Option<&str>) -> String {
        match rows.map(|rows| parse_rows(self.asked, rows)).transpose() {
            Ok(rows) => match self.advance(rows) {
                Ok(Some(statement)) => text(&Message::from(&statement)),
                Ok(None) => self
                    .coroutine
                    .answer()
                    .map_or_else(|error| failed(&error), |answer| text(&Message::Answer(&answer))),
                Err(error) => failed(&error),
            },
            Err(error) => failed(&error),
        }
    }

    fn advance(&mut self, rows: Option<Rows>) -> Result<Option<Statement>, Error> {
        let statement = self.coroutine.resume(rows)?;
        if let Some(statement) = &statement {
            self.asked = statement.name;
        }
        Ok(statement)
    }
}

impl<'a> From<&'a Statement> for Message<'a> {
    fn from(statement: &'a Statement) -> Self {
        let Statement { name, sql, binds, access } = statement;
        Message::Statement { name, sql, binds, writes: *access == Access::Write }
    }
}

fn text(turn: &Message<'_>) -> String {
    serde_json::to_string(turn).unwrap_or_else(|error| {
        json!({ "error": { "kind": "internal", "message": error.to_string() } }).to_string()
    })
}

fn malformed(operation: &str, error: &serde_json::Error) -> String {
    let problem = format!("expected JSON, got {error}");
    let message = format!("{operation}: {problem}");
    text(&Message::Error(json!({
        "kind": "argument", "message": message, "operation": operation, "argument": null, "problem": problem,
    })))
}

fn failed(error: &Error) -> String {
    text(&Message::Error(described(error)))
}

fn described(error: &Error) -> Json {
    let message = error.to_string();
    match error {
        Error::Decode { query, row, column, expected, got } => json!({
            "kind": "decode", "message": message,
            "query": query, "row": row, "column": column, "expected": expected, "got": got,
        }),
        Error::Cycle(steps) => json!({ "kind": "cycle", "message": message, "steps": steps }),
        Error::Contended { owner, to, attempts } => {
            json!({ "kind": "contention", "message": message, "owner": owner, "to": to, "attempts": attempts })
        }
        _ => json!({ "kind": "internal", "message": message }),
    }
}

fn refused(error: &StartError) -> Json {
    let message = error.to_string();
    let (operation, argument, problem) = match error {
        StartError::UnknownOperation(name) => (name.as_str(), None, "unknown operation"),
        StartError::Argument { operation, argument, problem } => {
            (*operation, argument.as_deref(), problem.as_str())
        }
    };
    json!({ "kind": "argument", "message": message, "operation": operation, "argument": argument, "problem": problem })
}

/// What a cell may be.
const CELL: &str = "null, a boolean, an integer or a text";

struct Cell(Value);

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CellVisitor).map(Cell)
    }
}

struct CellVisitor;

impl Visitor<'_> for CellVisitor {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(CELL)
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Int(value))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Value, E> {
        i64::try_from(value).map(Value::Int).map_err(E::custom)
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::text(value))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::text(value))
    }
}

fn parse_rows(query: &'static str, rows: &str) -> Result<Rows, Error> {
    match serde_json::from_str::<Vec<Vec<Cell>>>(rows) {
        Ok(rows) => {
            let cells = |row: Vec<Cell>| row.into_iter().map(|cell| cell.0).collect::<Vec<_>>();
            Ok(Rows::from(rows.into_iter().map(cells).collect::<Vec<_>>()))
        }
        Err(error) => Err(undecodable(query, rows, error.to_string())),
    }
}

/// The error for rows that could not be parsed: the first cell of another kind, if there is one.
fn undecodable(query: &'static str, rows: &str, problem: String) -> Error {
    let parsed: Vec<Vec<Json>> = serde_json::from_str(rows).unwrap_or_default();
    let cells = parsed
        .iter()
        .enumerate()
        .flat_map(|(row, cells)| cells.iter().enumerate().map(move |(column, cell)| (row, column, cell)));
    let wrong = cells.into_iter().find(|(_, _, cell)| Cell::deserialize(*cell).is_err());
    let (row, column, got) =
        wrong.map_or((0, 0, problem), |(row, column, cell)| (row, column, cell.to_string()));
    Error::Decode { query, row, column, expected: CELL, got }
}
