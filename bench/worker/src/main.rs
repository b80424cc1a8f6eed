//! Workers beside durable inserts and beside another queue, in rounds: what `rake bench:worker` runs.
//!
//!     cargo run --release --manifest-path bench/worker/Cargo.toml -- [--tiny] [--rounds N]
//!
//! `DATABASE_URL` names a database with the engine's tables. Standard output is one JSON object with the seconds of every round, standard error
//! shows progress. `child` as the first argument runs one worker of several processes.

mod peer;
mod tasks;

use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};
use std::error::Error;
use std::time::{Duration, Instant};
use tasks::Load;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Something to be measured.
enum Case {
    Insert(usize),
    Load(Load),
    Processes(usize, Load),
    Peer(peer::Load),
}

struct Measured {
    name: &'static str,
    units: usize,
    case: Case,
    seconds: Vec<f64>,
}

fn cases(tiny: bool) -> Vec<Measured> {
    let pick = |usual: usize, little: usize| if tiny { little } else { usual };
    let steps = |name, load: Load| Measured { name, units: load.steps(), case: Case::Load(load), seconds: Vec::new() };
    let peer = |name, load: peer::Load| Measured { name, units: load.jobs, case: Case::Peer(load), seconds: Vec::new() };
    let processes = |name, number| {
        let load = Load { tasks: pick(400, 8), layers: 10, width: 1, ..Load::default() };
        Measured { name, units: load.steps(), case: Case::Processes(number, load), seconds: Vec::new() }
    };
    let inserts = pick(1_000, 20);
    vec![
        Measured { name: "insert of one row", units: inserts, case: Case::Insert(inserts), seconds: Vec::new() },
        steps("singly", Load { tasks: pick(10, 1), layers: 50, width: 1, at_once: 1 }),
        steps("a wave at a time", Load { tasks: pick(10, 1), layers: 10, width: 10, at_once: 1 }),
        steps("across tasks", Load { tasks: pick(200, 4), layers: 10, width: 3, ..Load::default() }),
        steps("chain of 50", Load { tasks: 1, layers: 50, width: 1, at_once: 1 }),
        peer("peer: chain of 50", peer::Load { jobs: 50, chained: true, local_queue: false }),
        steps("1,000 steps of one task", Load { tasks: 1, layers: 1, width: pick(1_000, 20), at_once: 1 }),
        steps("1,000 tasks of one step", Load { tasks: pick(1_000, 20), layers: 1, width: 1, ..Load::default() }),
        peer("peer: 1,000 jobs", peer::Load { jobs: pick(1_000, 20), chained: false, local_queue: false }),
        peer("peer: 1,000 jobs, local queue", peer::Load { jobs: pick(1_000, 20), chained: false, local_queue: true }),
        processes("1 process", 1),
        processes("4 processes", 4),
    ]
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let url = std::env::var("DATABASE_URL").map_err(|_| "DATABASE_URL is not set: expected a database with the engine's tables")?;
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|word| word == "child") {
        return tasks::child(&url).await;
    }
    let (tiny, rounds) = settings(&arguments)?;
    let mut connection = PgConnection::connect(&url).await?;
    insist_on_durability(&mut connection).await?;
    sqlx::raw_sql("create table if not exists bench_inserts (id bigserial primary key, at timestamptz)").execute(&mut connection).await?;
    let mut cases = cases(tiny);
    for round in 0..=rounds {
        for measured in &mut cases {
            let took = run(&measured.case, &url, &mut connection).await.map_err(|error| format!("{}: {error}", measured.name))?;
            // The first round warms up.
            if round > 0 {
                measured.seconds.push(took.as_secs_f64());
            }
        }
        eprintln!("bench: round {round} of {rounds}");
    }
    let measured: Vec<Value> = cases
        .iter()
        .map(|case| json!({ "case": case.name, "size": 1, "units": case.units, "beside": false, "seconds": case.seconds }))
        .collect();
    println!("{}", json!({ "subject": "worker", "measured": measured }));
    Ok(())
}

fn settings(arguments: &[String]) -> Outcome<(bool, usize)> {
    let (mut tiny, mut rounds) = (false, None);
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--tiny" => tiny = true,
            "--rounds" => rounds = Some(arguments.next().ok_or("--rounds: expected a number, got nothing")?.parse()?),
            other => return Err(format!("expected --tiny or --rounds N, got {other:?}").into()),
        }
    }
    Ok((tiny, rounds.unwrap_or(if tiny { 1 } else { 5 })))
}

async fn insist_on_durability(connection: &mut PgConnection) -> Outcome<()> {
    for setting in ["synchronous_commit", "fsync"] {
        let value: String = sqlx::query_scalar("select current_setting($1)").bind(setting).fetch_one(&mut *connection).await?;
        if value != "on" {
            return Err(format!("{setting} should be on, got {value}: what is measured is durable").into());
        }
    }
    Ok(())
}

async fn run(case: &Case, url: &str, connection: &mut PgConnection) -> Outcome<Duration> {
    match case {
        Case::Insert(rows) => {
            let from = Instant::now();
            for _ in 0..*rows {
                sqlx::query("insert into bench_inserts (at) values (now())").execute(&mut *connection).await?;
            }
            Ok(from.elapsed())
        }
        Case::Load(load) => load.run(url, connection).await,
        Case::Processes(number, load) => load.run_in_processes(*number, url, connection).await,
        Case::Peer(load) => load.run(url).await,
    }
}
