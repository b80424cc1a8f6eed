//! A host for conversations: runs the questions on a connection, as a Rails application does on its own.

use sqlx::PgConnection;
use tasker_core::coroutine::{Coroutine, CoroutineState};
use tasker_core::store::Connection;
use tasker_core::{Error, Session};

pub async fn host<T>(connection: &mut PgConnection, mut coroutine: Coroutine<T>) -> Result<T, Error> {
    let mut answer = None;
    loop {
        match coroutine.resume(answer)? {
            CoroutineState::Done(value) => return Ok(value),
            CoroutineState::Ask(question) => answer = Some(Connection(connection).rows(question).await?),
        }
    }
}
