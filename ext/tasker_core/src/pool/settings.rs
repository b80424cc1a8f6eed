//! What a pool is opened with.

use magnus::{Error, RHash};
use sqlx::Executor;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use std::time::Duration;

/// As `lib/tasker_core/native/bulk_read_pool/settings.rb` reads them from the engine's database configuration.
pub(super) struct Settings {
    /// The most connections, and threads.
    pub(super) size: u32,
    /// A host's name or address, or the folder of a socket.
    host: String,
    port: u16,
    user: String,
    password: Option<String>,
    database: String,
    application_name: Option<String>,
    /// Statements that each new connection begins with.
    setup: Vec<String>,
    /// Seconds to wait for a connection.
    checkout_timeout: f64,
    /// Seconds after which a connection that nobody uses is closed.
    idle_timeout: Option<f64>,
}

impl Settings {
    pub(super) fn from_ruby(settings: RHash) -> Result<Self, Error> {
        Ok(Settings {
            size: settings.fetch("size")?,
            host: settings.fetch("host")?,
            port: settings.fetch("port")?,
            user: settings.fetch("user")?,
            password: settings.fetch("password")?,
            database: settings.fetch("database")?,
            application_name: settings.fetch("application_name")?,
            setup: settings.fetch("setup")?,
            checkout_timeout: settings.fetch("checkout_timeout")?,
            idle_timeout: settings.fetch("idle_timeout")?,
        })
    }

    pub(super) fn options(&self) -> PgConnectOptions {
        let options = PgConnectOptions::new_without_pgpass()
            .port(self.port)
            .username(&self.user)
            .database(&self.database)
            .ssl_mode(sqlx::postgres::PgSslMode::Disable);
        let options =
            if self.host.starts_with('/') { options.socket(&self.host) } else { options.host(&self.host) };
        let options = match &self.password {
            Some(password) => options.password(password),
            None => options,
        };
        match &self.application_name {
            Some(name) => options.application_name(name),
            None => options,
        }
    }

    /// To be called within a runtime. No connection is opened yet.
    pub(super) fn pool(&self, options: &PgConnectOptions) -> PgPool {
        let setup = self.setup.join("; ");
        PgPoolOptions::new()
            .max_connections(self.size)
            .acquire_timeout(Duration::from_secs_f64(self.checkout_timeout))
            .idle_timeout(self.idle_timeout.map(Duration::from_secs_f64))
            .after_connect(move |connection, _| {
                let setup = setup.clone();
                Box::pin(async move {
                    connection.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(setup))).await.map(|_| ())
                })
            })
            .connect_lazy_with(options.clone())
    }
}
