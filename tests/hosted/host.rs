//! A host that sends a statement as drivers do: every parameter is text.

use serde_json::Value as Json;
use sqlx::PgConnection;
use tasker_core::hosted::{HostedCoroutine, Statement, start};
use tasker_core::session::{Query, Rows, Value};
use tasker_core::store::Connection;
use tasker_core::time::Timestamp;
use tasker_core::{Error, Session};

/// The host's clock in all tests.
pub const NOW: Timestamp = Timestamp(1_750_000_000_123_456);

/// The tables of all tests: odd ids, names and instants.
pub async fn create_world(connection: &mut PgConnection) {
    sqlx::raw_sql(include_str!("world.sql")).execute(connection).await.unwrap();
}

pub fn begin(operation: &str, arguments: &Json) -> HostedCoroutine {
    start(operation, arguments, NOW).unwrap()
}

/// The rows of a statement.
pub async fn rows_of(connection: &mut PgConnection, statement: &Statement) -> Result<Rows, Error> {
    let binds = statement.binds.iter().cloned().map(|bind| bind.map_or(Value::Null, Value::Text));
    let query =
        Query { name: statement.name, sql: statement.sql, binds: binds.collect(), access: statement.access };
    Connection(connection).rows(query).await
}

/// The answer of an operation, with `each` called for each statement.
pub async fn answer_with(
    connection: &mut PgConnection,
    operation: &str,
    arguments: &Json,
    mut each: impl FnMut(&Statement, &Rows),
) -> Json {
    let mut coroutine = begin(operation, arguments);
    let mut rows = None;
    while let Some(statement) = coroutine.resume(rows).unwrap() {
        let answered = rows_of(connection, &statement).await;
        let answered = answered.unwrap_or_else(|error| panic!("{operation}: {error}\n{}", statement.sql));
        each(&statement, &answered);
        rows = Some(answered);
    }
    serde_json::to_value(coroutine.answer().unwrap()).unwrap()
}

pub async fn answer(connection: &mut PgConnection, operation: &str, arguments: &Json) -> Json {
    answer_with(connection, operation, arguments, |_, _| ()).await
}
