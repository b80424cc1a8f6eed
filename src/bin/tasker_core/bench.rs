//! `bench`: what this database does with workflows, in tables of its own.

use crate::connection::Database;
use crate::exit_status::Failure;
use crate::output::{self, Answer};
use clap::Args;
use comfy_table::Cell;
use serde_json::json;
use sqlx::{AssertSqlSafe, PgConnection};
use std::io::{IsTerminal, Write};
use std::num::NonZeroU32;
use std::time::{Duration, Instant};
use tasker_core::ids::TaskId;
use tasker_core::run::{Options, Outcome, run_workflow};
use tasker_core::store;
use tasker_core::templates::{StepTemplate, TaskRequest, TaskTemplate};

#[derive(Args)]
pub struct BenchOptions {
    /// Seconds for each of the three measurements.
    #[arg(long, value_name = "SECONDS", default_value = "3", value_parser = clap::value_parser!(u64).range(1..=600))]
    pub seconds: u64,
    /// Steps of each workflow.
    #[arg(long, default_value = "20", value_parser = clap::value_parser!(u32).range(1..=500))]
    pub steps: u32,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// What the server says of itself.
struct Server {
    version: String,
    fsync: String,
    synchronous_commit: String,
}

/// Steps or rows a second.
struct Rates {
    inserts: f64,
    chain: f64,
    wave: f64,
}

/// In a schema of its own, which is dropped whatever happens, and by the next bench where this process is killed.
pub async fn bench(database: &Database, options: &BenchOptions) -> Result<Answer, Failure> {
    let mut connection = database.connect().await?;
    let server = permitted(&mut connection).await?;
    drop_abandoned(&mut connection).await?;
    let process: i32 = sqlx::query_scalar("select pg_backend_pid()").fetch_one(&mut connection).await?;
    let schema = format!("tasker_core_bench_{process}");
    run_sql(
        &mut connection,
        format!("create schema {schema}; set search_path to {schema}; set time zone 'UTC'"),
    )
    .await?;
    let measured = tokio::select! {
        measured = measure(&mut connection, options) => measured,
        _ = tokio::signal::ctrl_c() => Err(Failure::Refused("interrupted; nothing was measured".to_owned())),
    };
    // Statements of a measurement that was interrupted may still run there.
    let mut cleaner = database.connect().await?;
    let stop = format!("select pg_terminate_backend({process}) where {}", measured.is_err());
    run_sql(
        &mut cleaner,
        format!("{stop}; set client_min_messages to warning; drop schema {schema} cascade"),
    )
    .await?;
    Ok(answer(&server, &measured?, options))
}

async fn permitted(connection: &mut PgConnection) -> Result<Server, Failure> {
    let (standby, read_only, may_create, version, fsync, synchronous_commit): (
        bool,
        bool,
        bool,
        String,
        String,
        String,
    ) = sqlx::query_as(
        "select pg_is_in_recovery(), current_setting('default_transaction_read_only') = 'on',
               has_database_privilege(current_database(), 'CREATE'), current_setting('server_version'),
               current_setting('fsync'), current_setting('synchronous_commit')",
    )
    .fetch_one(connection)
    .await?;
    let refused = match () {
        () if standby => "a standby, which cannot be written to",
        () if read_only => "one that is read-only",
        () if !may_create => "a role without the privilege CREATE on it",
        () => return Ok(Server { version, fsync, synchronous_commit }),
    };
    Err(Failure::Refused(format!(
        "bench: expected a database in which a schema can be made and dropped again, got {refused}"
    )))
}

/// Schemas of benches whose sessions have ended.
async fn drop_abandoned(connection: &mut PgConnection) -> Result<(), Failure> {
    let abandoned: Vec<String> = sqlx::query_scalar(
        "select n.nspname::text from pg_namespace n
         where n.nspname ~ '^tasker_core_bench_[0-9]+$'
           and not exists (select from pg_stat_activity a where n.nspname = 'tasker_core_bench_' || a.pid)",
    )
    .fetch_all(&mut *connection)
    .await?;
    for schema in abandoned {
        run_sql(
            connection,
            format!(
                "set client_min_messages to warning; drop schema {schema} cascade; reset client_min_messages"
            ),
        )
        .await?;
    }
    Ok(())
}

async fn run_sql(connection: &mut PgConnection, statements: String) -> Result<(), Failure> {
    sqlx::raw_sql(AssertSqlSafe(statements)).execute(connection).await?;
    Ok(())
}

async fn measure(connection: &mut PgConnection, options: &BenchOptions) -> Result<Rates, Failure> {
    store::migrate(connection).await?;
    run_sql(connection, "create table bench_rows (id bigserial primary key, body text)".to_owned()).await?;
    let span = Duration::from_secs(options.seconds);
    progress("rows, one a commit");
    let inserts = inserts(connection, span).await?;
    progress("chains of steps");
    let chain = workflows(connection, span, options.steps, true).await?;
    progress("waves of steps");
    let wave = workflows(connection, span, options.steps, false).await?;
    Ok(Rates { inserts, chain, wave })
}

fn progress(what: &str) {
    let mut err = std::io::stderr();
    if err.is_terminal() {
        let _ = writeln!(err, "measuring {what} …");
    }
}

async fn inserts(connection: &mut PgConnection, span: Duration) -> Result<f64, Failure> {
    let started = Instant::now();
    let mut rows = 0_u32;
    while started.elapsed() < span {
        sqlx::query("insert into bench_rows (body) values ($1)")
            .bind("row")
            .execute(&mut *connection)
            .await?;
        rows += 1;
    }
    Ok(f64::from(rows) / started.elapsed().as_secs_f64())
}

/// Only the time of the runs counts, not that of making the tasks.
async fn workflows(
    connection: &mut PgConnection,
    span: Duration,
    steps: u32,
    is_chain: bool,
) -> Result<f64, Failure> {
    let name = if is_chain { "chain" } else { "wave" };
    let mut template = TaskTemplate { namespace: "bench".into(), ..TaskTemplate::new(name) };
    for step in 0..steps {
        let made = StepTemplate::new("bench", format!("step_{step}"));
        template =
            template.step(if is_chain && step > 0 { made.after(format!("step_{}", step - 1)) } else { made });
    }
    let slots = NonZeroU32::new(steps).unwrap_or(NonZeroU32::MIN);
    let mut spent = Duration::ZERO;
    let mut done = 0_u32;
    while spent < span {
        let context = json!({ "round": done });
        let refused = |error: &dyn std::fmt::Display| {
            Failure::Statement(format!("a task of the bench was refused: {error}"))
        };
        let request = TaskRequest::new(name, &context).map_err(|error| refused(&error))?;
        let request = TaskRequest { namespace: "bench".into(), ..request };
        let task = template.create(&request, &mut *connection).await.map_err(|error| refused(&error))?;
        let started = Instant::now();
        let options = Options { slots, ..Options::default() };
        let outcome =
            run_workflow(&mut *connection, TaskId(task.task_id), options, async |_| Ok(json!({}))).await?;
        spent += started.elapsed();
        if outcome != Outcome::Complete {
            return Err(Failure::Statement(format!(
                "a workflow of the bench should be complete, got {outcome:?}"
            )));
        }
        done += steps;
    }
    Ok(f64::from(done) / spent.as_secs_f64())
}

fn answer(server: &Server, rates: &Rates, options: &BenchOptions) -> Answer {
    if options.json {
        return Answer::json(&json!({
            "inserts_per_second": rates.inserts, "chain_steps_per_second": rates.chain, "wave_steps_per_second": rates.wave,
            "steps": options.steps, "seconds": options.seconds, "server_version": server.version,
            "fsync": server.fsync, "synchronous_commit": server.synchronous_commit,
        }));
    }
    let row = |what: String, rate: f64| {
        [Cell::new(what), Cell::new(format!("{rate:.0}")), Cell::new(format!("{:.2}", rate / rates.inserts))]
    };
    let rows = [
        row("rows, one a commit".to_owned(), rates.inserts),
        row(format!("steps of chains of {}", options.steps), rates.chain),
        row(format!("steps of waves of {}", options.steps), rates.wave),
    ];
    let mut text = output::table(["MEASURED", "A SECOND", "TO ROWS"], rows);
    text.push_str(&format!(
        "\n\nPostgreSQL {}, fsync {}, synchronous_commit {}; one connection, {} s each, handlers that do nothing\n",
        server.version, server.fsync, server.synchronous_commit, options.seconds
    ));
    if server.fsync != "on" || server.synchronous_commit == "off" {
        text.push_str("commits are not durable here: a server that waits for its disk is slower\n");
    }
    Answer::text(text)
}
