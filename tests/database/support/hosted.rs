//! A host for conversations: runs the questions on a connection, as a Rails application does on its own.

use sqlx::PgConnection;
use tasker_core::coroutine::{Conversation, Turn};
use tasker_core::store::Connection;
use tasker_core::{Error, Session};

pub async fn host<T>(connection: &mut PgConnection, mut talk: Conversation<T>) -> Result<T, Error> {
    let mut answer = None;
    loop {
        match talk.resume(answer)? {
            Turn::Done(value) => return Ok(value),
            Turn::Ask(question) => answer = Some(Connection(connection).rows(question).await?),
        }
    }
}
