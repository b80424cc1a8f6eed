//! Detects transaction poolers, behind which a session is not the caller's own.

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection, Executor, Postgres, Row};

/// A pooler that takes turns among its sessions shows one of them to both clients within a few turns.
const TURNS: usize = 8;
/// Sent without parameters, since poolers of old mix up the names of prepared statements.
const PROCESS: &str = "select pg_backend_pid()";

/// The process of the server that `client`, connected by `options`, shares with a second client or got instead of its own; `None` for a direct
/// connection.
///
/// sqlx hides the process that a connection was opened with, which a comparison with the server's answer would need. So both clients ask for their
/// process in turns, the second one inside a transaction, which keeps a session of the pooler from the first.
pub(crate) async fn shared_process<C>(
    options: &PgConnectOptions,
    client: &mut C,
) -> Result<Option<i32>, sqlx::Error>
where
    for<'c> &'c mut C: Executor<'c, Database = Postgres>,
{
    let mut second = PgConnection::connect_with(options).await?;
    let own = process(&mut *client).await?;
    let mut shared = None;
    for _ in 0..TURNS {
        let mut transaction = second.begin().await?;
        let other = process(&mut *transaction).await?;
        // A pooler of one session would not answer the first client before the transaction's end.
        let again = if other == own { own } else { process(&mut *client).await? };
        transaction.rollback().await?;
        if other == own || again != own {
            shared = Some(again);
            break;
        }
    }
    second.close().await?;
    Ok(shared)
}

async fn process<'c>(client: impl Executor<'c, Database = Postgres>) -> Result<i32, sqlx::Error> {
    sqlx::raw_sql(PROCESS).fetch_one(client).await?.try_get(0)
}
