//! Measures the core through sqlx, without Ruby, on the database that `DATABASE_URL` names: `rake bench:readiness` and its neighbours
//! call this and write docs/benchmarks.md from what it prints.
//!
//!     cargo run --release --features factories --example bench -- SUBJECT [--tiny] [--rounds N] [--finished N] [--beside URL]
//!
//! The database must hold the engine's tables and functions (`spec/dummy/bin/prepare` makes one) and is filled with tasks. With `--beside`
//! the same is measured in a second database, in turn with the first. On standard output stands one JSON object: what was measured, with
//! the seconds of every round. The subject `fill` measures nothing: it fills the tables with finished tasks.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod bounds;
mod creation;
mod engine;
mod factories;
mod fill;
mod memory;
mod models;
mod readiness;
mod rounds;
mod runs;
mod scale;
mod throughput;
mod transitions;
mod workers;
mod world;

use rounds::Settings;
use tokio::runtime::Builder;
use world::World;

const USAGE: &str = "usage: bench readiness|transitions|creation|core|run|scale|factories|models|fill [--tiny] [--rounds N] [--finished N] [--beside URL]";

/// What was asked for, and the second database.
fn settings(arguments: &mut impl Iterator<Item = String>) -> (Settings, Option<String>) {
    let mut settings = Settings { tiny: false, rounds: None, finished: 0 };
    let mut beside = None;
    while let Some(argument) = arguments.next() {
        let mut value = |expected: &str| {
            arguments
                .next()
                .unwrap_or_else(|| refuse(&format!("{argument}: expected {expected}, got nothing")))
        };
        match argument.as_str() {
            "--tiny" => settings.tiny = true,
            "--rounds" => settings.rounds = Some(number(&argument, value("a whole number"))),
            "--finished" => settings.finished = number(&argument, value("a whole number")),
            "--beside" => beside = Some(value("the URL of a database")),
            _ => refuse(&format!("expected an option, got {argument:?}")),
        }
    }
    (settings, beside)
}

fn number(argument: &str, text: String) -> usize {
    text.parse().unwrap_or_else(|_| refuse(&format!("{argument}: expected a whole number, got {text:?}")))
}

fn refuse(problem: &str) -> ! {
    eprintln!("bench: {problem}\n{USAGE}");
    std::process::exit(2)
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let subject = arguments.next().unwrap_or_else(|| refuse("expected a subject, got nothing"));
    let (settings, beside) = settings(&mut arguments);
    let url = std::env::var("DATABASE_URL").unwrap_or_else(|_| refuse("DATABASE_URL is not set"));
    let urls = [url].into_iter().chain(beside).collect();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let measured = runtime.block_on(measure(&subject, &settings, urls));
    println!("{}", serde_json::json!({ "subject": subject, "measured": measured }));
}

async fn measure(subject: &str, settings: &Settings, urls: Vec<String>) -> Vec<serde_json::Value> {
    let mut worlds = Vec::new();
    for url in urls {
        worlds.push(World::open(url).await);
    }
    match subject {
        "readiness" => readiness::measure(&worlds, settings).await,
        "transitions" => transitions::measure(&worlds, settings).await,
        "creation" => creation::measure(&worlds, settings).await,
        "core" => throughput::measure(&worlds, settings).await,
        "run" => runs::measure(&worlds, settings).await,
        "scale" => scale::measure(&worlds, settings).await,
        "factories" => factories::measure(&worlds, settings).await,
        "models" => models::measure(&worlds, settings).await,
        "fill" => fill::measure(&worlds, settings).await,
        _ => refuse(&format!("expected a subject, got {subject:?}")),
    }
}
