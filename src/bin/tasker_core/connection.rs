//! The connection to the database.

use crate::exit_status::Failure;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, PgConnection};
use std::io::ErrorKind;
use std::str::FromStr;
use std::time::Duration;
use tasker_core::schema::{self, Impact};

/// The database that the options name; it is not connected before a command needs it.
pub struct Database {
    url: Option<String>,
    timeout: Duration,
}

impl Database {
    pub fn new(url: Option<String>, timeout: Duration) -> Self {
        Self { url, timeout }
    }

    /// The URL and the time to wait for a connection.
    pub fn options(&self) -> (Option<String>, Duration) {
        (self.url.clone(), self.timeout)
    }

    /// The URL as sqlx takes it, with the program's name.
    pub fn connect_options(&self) -> Result<PgConnectOptions, Failure> {
        let missing = "no database: expected --database-url or the variable DATABASE_URL, got neither";
        let url = self.url.as_deref().ok_or_else(|| Failure::Usage(missing.to_owned()))?;
        // The URL itself may hold a password and appears in no message.
        let options = PgConnectOptions::from_str(url).map_err(|error| {
            Failure::Usage(format!(
                "the URL of the database: expected postgres://user@host/name, got an error: {error}"
            ))
        })?;
        // A transaction pooler knows neither the parameter of sqlx nor statements that another session has prepared.
        Ok(options.application_name("tasker-core").extra_float_digits(None).statement_cache_capacity(0))
    }

    pub async fn connect(&self) -> Result<PgConnection, Failure> {
        let options = self.connect_options()?;
        match tokio::time::timeout(self.timeout, options.connect()).await {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(sqlx::Error::Database(refusal))) => {
                Err(Failure::Unreachable(format!("no connection to the database: {}", refusal.message())))
            }
            Ok(Err(error)) => {
                let reason = tls_failure(&error, &options).unwrap_or_else(|| error.to_string());
                Err(Failure::Unreachable(format!("no connection to the database: {reason}")))
            }
            Err(_) => {
                let seconds = self.timeout.as_secs();
                Err(Failure::Unreachable(format!("no connection to the database within {seconds} s")))
            }
        }
    }

    /// A connection for questions: a transaction that only reads, at one moment, with times in UTC, on a schema that can be read.
    ///
    /// It works behind a transaction pooler: nothing is set for the session.
    pub async fn questions(&self) -> Result<PgConnection, Failure> {
        let mut connection = self.connect().await?;
        begin(&mut connection, "begin transaction isolation level repeatable read read only").await?;
        require_schema(&mut connection).await?;
        Ok(connection)
    }

    /// A connection to a schema that can be read, for one transaction after the other.
    pub async fn tables(&self) -> Result<PgConnection, Failure> {
        let mut connection = self.connect().await?;
        begin(&mut connection, "begin transaction read only").await?;
        require_schema(&mut connection).await?;
        commit(&mut connection).await?;
        Ok(connection)
    }
}

/// The sentence for a connection that is not encrypted as the URL wants it. rustls reports a certificate inside an error of the socket, and a
/// missing file looks like a missing server.
fn tls_failure(error: &sqlx::Error, options: &PgConnectOptions) -> Option<String> {
    if let sqlx::Error::Io(io) = error
        && io.kind() == ErrorKind::NotFound
        && options.get_socket().is_none()
    {
        return Some(
            "expected the files of sslrootcert, sslcert and sslkey, got none under one of their names"
                .to_owned(),
        );
    }
    let text = error.to_string();
    let (_, got) = text.split_once("invalid peer certificate: ")?;
    Some(format!(
        "its certificate is refused: expected one for {} that an authority of sslrootcert has signed, got {got}",
        options.get_host()
    ))
}

/// Begins a transaction with times in UTC.
///
/// sqlx gives the statements that it prepares names of its own, which another client of a pooler may have given before on the same session.
pub async fn begin(connection: &mut PgConnection, begin: &str) -> Result<(), sqlx::Error> {
    let statements = format!("{begin}; set local time zone 'UTC'; deallocate all");
    sqlx::raw_sql(AssertSqlSafe(statements)).execute(connection).await.map(|_| ())
}

pub async fn commit(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::raw_sql("commit").execute(connection).await.map(|_| ())
}

async fn require_schema(connection: &mut PgConnection) -> Result<(), Failure> {
    let differences = schema::check(connection).await?;
    let mut broken = differences.iter().filter(|difference| difference.impact() == Impact::Broken);
    let Some(first) = broken.next() else { return Ok(()) };
    let more = match broken.count() {
        0 => String::new(),
        count => format!(" (and {count} more)"),
    };
    Err(Failure::Schema(format!(
        "the schema of this database cannot be used: {first}{more}; `tasker-core schema check` lists every difference, and the \
         Rails application or `tasker-core schema migrate` makes the tables"
    )))
}
