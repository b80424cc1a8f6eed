//! The program `tasker-core`, run as a user runs it.

#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod bench;
mod configuration;
mod documents;
mod errors;
mod events;
mod mcp;
mod recover;
mod shared_schema;
mod show;
mod system;
mod task_list;
mod top;

use serde_json::Value;
use sqlx::PgPool;
use std::process::{Command, Output, Stdio};

/// What a run of the program has left.
struct Run {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Run {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {} {}", self.out, self.err))
    }

    /// The words of each line of a table, without its header.
    fn rows(&self) -> Vec<Vec<&str>> {
        self.out.lines().skip(1).map(|line| line.split_whitespace().collect()).collect()
    }
}

const PROGRAM: &str = env!("CARGO_BIN_EXE_tasker-core");

/// The program in an environment without any option.
fn program() -> Command {
    let mut program = Command::new(PROGRAM);
    program.env_remove("DATABASE_URL").stdin(Stdio::null());
    program
}

fn run(program: &mut Command) -> Run {
    let Output { status, stdout, stderr } = program.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run { code: status.code(), out: text(stdout), err: text(stderr) }
}

/// Runs the program on the database of a test.
async fn on(pool: &PgPool, arguments: &str) -> Run {
    let url = url(pool).await;
    run_on(&url, arguments)
}

fn run_on(url: &str, arguments: &str) -> Run {
    run(program().env("DATABASE_URL", url).args(arguments.split_whitespace()))
}

/// The URL of a test's database: the one that the tests are given, with another name.
async fn url(pool: &PgPool) -> String {
    let name: String = sqlx::query_scalar("select current_database()").fetch_one(pool).await.unwrap();
    let url = std::env::var("DATABASE_URL").unwrap();
    let (server, options) =
        url.split_once('?').map_or((url.as_str(), ""), |(server, options)| (server, options));
    let (server, _) = server.rsplit_once('/').unwrap();
    format!("{server}/{name}?{options}")
}

/// The answer of a run that succeeds, without a word on standard error.
fn answer(run: Run) -> Run {
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""), "{}", run.out);
    run
}
