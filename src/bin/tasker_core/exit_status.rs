//! Exit statuses of failed commands.

use std::fmt;
use std::process::ExitCode;
use tasker_core::Error;
use tasker_core::events::FeedError;

/// The reason why a command failed, as a message; the kind decides the exit status.
#[derive(Debug)]
pub enum Failure {
    /// The answer is no: no such task, a configuration that is refused.
    Refused(String),
    /// Options that contradict the environment.
    Usage(String),
    /// No connection.
    Unreachable(String),
    /// A schema that this version cannot work with.
    Schema(String),
    /// A statement failed.
    Statement(String),
}

impl Failure {
    pub fn code(&self) -> ExitCode {
        ExitCode::from(match self {
            Failure::Refused(_) => 1,
            Failure::Usage(_) => 2,
            Failure::Unreachable(_) => 3,
            Failure::Schema(_) => 4,
            Failure::Statement(_) => 5,
        })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Failure::Refused(text)
        | Failure::Usage(text)
        | Failure::Unreachable(text)
        | Failure::Schema(text)
        | Failure::Statement(text)) = self;
        f.write_str(text)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Database(error) => error.into(),
            other => Failure::Statement(other.to_string()),
        }
    }
}

impl From<FeedError> for Failure {
    fn from(error: FeedError) -> Self {
        match error {
            FeedError::Database(error) => error.into(),
            other => Failure::Schema(other.to_string()),
        }
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            // The display of a database error ends with a line of PostgreSQL's own source.
            sqlx::Error::Database(refusal) => {
                let code = refusal.code().unwrap_or_default();
                Failure::Statement(format!(
                    "the database refused a statement: {} ({code})",
                    refusal.message()
                ))
            }
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) => {
                Failure::Unreachable(format!("the connection to the database is lost: {error}"))
            }
            _ => Failure::Statement(error.to_string()),
        }
    }
}
