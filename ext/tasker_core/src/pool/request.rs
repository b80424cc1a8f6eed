//! `TaskerCore::Native::Request`: one statement under way on a connection of the pool.

use crate::boundary::{error, guarded, raise};
use crate::conversation::Talk;
use crate::rows;
use magnus::{Error, IntoValue, Module, RModule, Ruby, Value, method};
use sqlx::Connection as _;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool};
use std::io::{PipeReader, PipeWriter, Write};
use std::os::fd::{IntoRawFd, OwnedFd};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tasker_core::session::{Query, Rows, Session};
use tasker_core::store::Connection;
use tokio::runtime::Runtime;
use tokio::sync::Notify;

#[magnus::wrap(class = "TaskerCore::Native::Request", free_immediately, size)]
pub(crate) struct RubyRequest(Arc<Shared>);

/// What Ruby and the thread of the pool have in common.
struct Shared {
    outcome: Mutex<Option<Outcome>>,
    given_up: Notify,
    /// Where the bell is heard. Open as long as anybody has the request: who rings is never told by a signal that nobody listens.
    end: PipeReader,
}

/// Rings when it goes out of use, in a panic as well. That alone would close the pipe, too, but not while a child of the process has it.
struct Bell(PipeWriter);

impl Drop for Bell {
    fn drop(&mut self) {
        // The pipe is empty and open at the other end; should it fail all the same, it is closed next.
        let _ = self.0.write(&[1]);
    }
}

enum Outcome {
    /// The conversation's next question, or none at its end.
    Turn(Option<Query>),
    /// No connection could be had.
    Unconnected(sqlx::Error),
    /// Of the core, or of the database amid the statement.
    Failed(tasker_core::Error),
    /// Nobody waits any more.
    GivenUp,
}

impl RubyRequest {
    pub(super) fn start(
        runtime: &Runtime,
        connections: &PgPool,
        options: &PgConnectOptions,
        talk: Arc<Mutex<Talk>>,
    ) -> std::io::Result<Self> {
        let (end, bell) = std::io::pipe()?;
        let shared = Arc::new(Shared { outcome: Mutex::default(), given_up: Notify::new(), end });
        let work = Work {
            connections: connections.clone(),
            options: options.clone(),
            talk,
            bell: Bell(bell),
            shared: Arc::clone(&shared),
        };
        runtime.spawn(work.run());
        Ok(RubyRequest(shared))
    }

    /// The number of a file that can be read once the request is over; the caller's to close.
    fn descriptor(ruby: &Ruby, this: &Self) -> Result<i32, Error> {
        guarded(ruby, || match this.0.end.try_clone() {
            Ok(end) => Ok(OwnedFd::from(end).into_raw_fd()),
            Err(problem) => {
                Err(error(ruby, "InternalError", format!("a request cannot be waited for: {problem}")))
            }
        })
    }

    /// Nobody waits for it: its statement is cancelled. Returns at once.
    fn give_up(ruby: &Ruby, this: &Self) -> Result<(), Error> {
        guarded(ruby, || {
            this.0.given_up.notify_one();
            Ok(())
        })
    }

    /// What has come of it: the next question or nil, as `Conversation#resume` gives it, or `[kind, SQLSTATE or nil, message]` of what the
    /// database has refused, where the kind is `:unconnected`, `:lost` or `:refused`. Whether it is a failure is the first value.
    fn outcome(ruby: &Ruby, this: &Self) -> Result<(bool, Value), Error> {
        guarded(ruby, || {
            let outcome = lock(&this.0.outcome).take();
            match outcome {
                Some(Outcome::Turn(question)) => {
                    let question = question.map(|question| rows::question(ruby, question)).transpose()?;
                    Ok((false, question.into_value_with(ruby)))
                }
                Some(Outcome::Unconnected(problem)) => Ok((true, failure(ruby, "unconnected", &problem))),
                Some(Outcome::Failed(tasker_core::Error::Database(problem))) => {
                    let kind = if problem.as_database_error().is_some() { "refused" } else { "lost" };
                    Ok((true, failure(ruby, kind, &problem)))
                }
                Some(Outcome::Failed(problem)) => Err(raise(ruby, &problem)),
                Some(Outcome::GivenUp) | None => Err(error(
                    ruby,
                    "InternalError",
                    "a request ended without an outcome: expected rows or an error, got a panic or no end"
                        .to_owned(),
                )),
            }
        })
    }
}

fn failure(ruby: &Ruby, kind: &str, problem: &sqlx::Error) -> Value {
    let of_database = problem.as_database_error();
    let state = of_database.and_then(|refusal| refusal.code()).map(|code| code.into_owned());
    let message = of_database.map_or_else(|| problem.to_string(), |refusal| refusal.message().to_owned());
    (ruby.to_symbol(kind), state, message).into_value_with(ruby)
}

struct Work {
    connections: PgPool,
    options: PgConnectOptions,
    talk: Arc<Mutex<Talk>>,
    /// Before what is shared, so that it rings before that is let go.
    bell: Bell,
    shared: Arc<Shared>,
}

impl Work {
    async fn run(self) {
        let outcome = self.outcome().await;
        *lock(&self.shared.outcome) = Some(outcome);
        drop(self.bell);
    }

    async fn outcome(&self) -> Outcome {
        let mut connection = tokio::select! {
            acquired = self.connections.acquire() => match acquired {
                Ok(connection) => connection,
                Err(problem) => return Outcome::Unconnected(problem),
            },
            () = self.shared.given_up.notified() => return Outcome::GivenUp,
        };
        let Some(question) = lock(&self.talk).asked.take() else {
            return Outcome::GivenUp;
        };
        match self.rows(&mut connection, question).await {
            Ok(rows) => {
                drop(connection);
                lock(&self.talk).advance(Some(rows)).map_or_else(Outcome::Failed, Outcome::Turn)
            }
            Err(problem) => Outcome::Failed(problem),
        }
    }

    /// The statement is cancelled while its connection is still held, so that no other one can be hit.
    async fn rows(&self, connection: &mut PgConnection, question: Query) -> Result<Rows, tasker_core::Error> {
        let server = sqlx::query_scalar("select pg_backend_pid()").fetch_one(&mut *connection).await?;
        let mut session = Connection(connection);
        let mut asked = pin!(session.rows(question));
        tokio::select! {
            answered = &mut asked => answered,
            () = self.shared.given_up.notified() => {
                let (answered, _) = tokio::join!(asked, self.cancel(server));
                answered
            }
        }
    }

    async fn cancel(&self, server: i32) -> Result<(), sqlx::Error> {
        let mut connection = PgConnection::connect_with(&self.options).await?;
        sqlx::query("select pg_cancel_backend($1)").bind(server).execute(&mut connection).await?;
        connection.close().await
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn init(ruby: &Ruby, native: RModule) -> Result<(), Error> {
    use magnus::Class;
    let class = native.define_class("Request", ruby.class_object())?;
    class.undef_default_alloc_func();
    class.define_method("descriptor", method!(RubyRequest::descriptor, 0))?;
    class.define_method("give_up", method!(RubyRequest::give_up, 0))?;
    class.define_method("outcome", method!(RubyRequest::outcome, 0))
}
