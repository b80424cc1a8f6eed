//! The program of docs/configuration.md: reads a configuration from its layers, refuses a wrong one, follows a change.
//!
//!     DATABASE_URL=… cargo run --features config --example configuration
//!
//! `rake spec:rust` runs it; a test compares the document with it. The table that it makes is rolled back.

#![allow(missing_docs)]

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::{Connection, PgConnection};
use std::error::Error;
use tasker_core::config::{DatabaseLayer, Live, Loader, Migration, Reload, Section};

const FILE: &str = "
backoff:
  max_backoff_seconds: 600
environments:
  production:
    backoff: { default_backoff_seconds: [5, 30, 120] }
conditions:
  - when: { environment: [production, staging], region: eu }
    set: { telemetry: { service_name: tasker-eu } }
";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::var("DATABASE_URL")
        .map_err(|_| "DATABASE_URL is not set: expected the URL of a database")?;
    layers()?;
    refusals();
    own_section()?;
    versions()?;
    let mut connection = PgConnection::connect(&url).await?;
    let mut tx = connection.begin().await?;
    database(&mut tx).await?;
    tx.rollback().await?;
    Ok(reloads()?)
}

fn layers() -> Result<(), Box<dyn Error>> {
    let loader = Loader::new()
        .yaml("config/tasker_core.yml", FILE)
        .environment("production")
        .context("region", "eu")
        .variables([("TASKER__EXECUTION__MIN_CONCURRENT_STEPS", "2")])
        .set("cache.default_ttl", 60);
    let config = loader.load()?;
    assert_eq!(config.backoff.max_backoff_seconds, 600);
    assert_eq!(config.backoff.default_backoff_seconds, [5, 30, 120]);
    assert_eq!(config.telemetry.service_name, "tasker-eu");
    assert_eq!((config.execution.min_concurrent_steps, config.cache.default_ttl), (2, 60));

    let (_, settings) = loader.load_settings()?;
    for setting in settings.iter().filter(|setting| setting.source != "defaults") {
        println!("{} = {} ({})", setting.key, setting.value, setting.source);
    }
    Ok(())
}

fn refusals() {
    let loader = Loader::new()
        .yaml("a.yml", "backoff: { bufer_seconds: 3 }\nhealth: { cache_duration_seconds: 0 }")
        .variables([("TASKER__BACKOFF__JITTER_ENABLED", "maybe")]);
    let problems = loader.load().map_or_else(|error| error.problems, |_| Vec::new());
    let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        problems,
        [
            "a.yml, line 1: backoff.bufer_seconds: expected the key buffer_seconds, got the unknown key bufer_seconds",
            "variable TASKER__BACKOFF__JITTER_ENABLED: backoff.jitter_enabled: expected true or false, got \"maybe\"",
            "a.yml, line 2: health.cache_duration_seconds: expected an integer of at least 1, got 0",
        ]
    );
}

#[derive(Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Payments {
    /// The bank that payouts go through.
    bank: Option<String>,
    #[schemars(range(max = 9))]
    retries: u32,
}

impl Section for Payments {
    const NAME: &'static str = "payments";
}

fn own_section() -> Result<(), Box<dyn Error>> {
    let loader = Loader::new().section::<Payments>().set("payments.bank", "first").set("payments.retries", 3);
    let config = loader.load()?;
    let payments = config.section::<Payments>().ok_or("the section was added")?;
    assert_eq!((payments.bank.as_deref(), payments.retries), (Some("first"), 3));
    Ok(())
}

fn versions() -> Result<(), Box<dyn Error>> {
    let to_version_2 = Migration::new()
        .rename("payments.attempts", "payments.retries")
        .map("payments.retries", |attempts| json!(attempts.as_i64().unwrap_or(1) - 1));
    let loader = Loader::new().section::<Payments>().migration(to_version_2);
    let old = loader.clone().yaml("old.yml", "payments: { attempts: 4 }").load()?;
    let new = loader.yaml("new.yml", "version: 2\npayments: { retries: 3 }").load()?;
    assert_eq!(old, new);
    Ok(())
}

async fn database(connection: &mut PgConnection) -> Result<(), Box<dyn Error>> {
    DatabaseLayer::create_table(connection).await?;
    DatabaseLayer::write(connection, None, "backoff.buffer_seconds", &json!(7)).await?;
    DatabaseLayer::write(connection, Some("production"), "backoff.buffer_seconds", &json!(9)).await?;

    let layer = DatabaseLayer::read(connection, Some("production")).await?;
    assert_eq!(Loader::new().database(layer).load()?.backoff.buffer_seconds, 9);
    Ok(())
}

fn reloads() -> Result<(), tasker_core::config::ConfigError> {
    let live = Live::start_with(Loader::new(), |reload| match reload {
        Reload::Replaced(_) => println!("the configuration was replaced"),
        Reload::Unchanged => {}
        Reload::Refused(error) => println!("{error}"),
    })?;
    live.watch()?;
    let snapshot = live.current();
    live.change(|loader| loader.set("cache.default_ttl", 60));
    assert_eq!((snapshot.cache.default_ttl, live.current().cache.default_ttl), (300, 60));

    live.change(|loader| loader.set("cache.default_ttl", "soon"));
    assert_eq!(live.current().cache.default_ttl, 60);
    assert!(live.refused().is_some());
    Ok(())
}
