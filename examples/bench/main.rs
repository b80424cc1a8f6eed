//! Measures the core through sqlx, without Ruby, on the database that `DATABASE_URL` names: `rake bench:readiness` and its neighbours
//! call this and write docs/benchmarks.md from what it prints.
//!
//!     cargo run --release --example bench -- SUBJECT [--tiny] [--rounds N] [--finished N]
//!
//! The database must hold the engine's tables and functions (`spec/dummy/bin/prepare` makes one) and is filled with tasks. On standard
//! output stands one JSON object: what was measured, with the seconds of every round.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod creation;
mod readiness;
mod rounds;
mod scale;
mod throughput;
mod transitions;
mod world;

use rounds::Settings;
use tokio::runtime::{Builder, Runtime};
use world::World;

const USAGE: &str =
    "usage: bench readiness|transitions|creation|core|scale [--tiny] [--rounds N] [--finished N]";

fn settings(arguments: &mut impl Iterator<Item = String>) -> Settings {
    let mut settings = Settings { tiny: false, rounds: None, finished: 0 };
    while let Some(argument) = arguments.next() {
        let mut number = || match arguments.next().map(|text| (text.parse(), text)) {
            Some((Ok(number), _)) => number,
            Some((Err(_), text)) => refuse(&format!("{argument}: expected a whole number, got {text:?}")),
            None => refuse(&format!("{argument}: expected a whole number, got nothing")),
        };
        match argument.as_str() {
            "--tiny" => settings.tiny = true,
            "--rounds" => settings.rounds = Some(number()),
            "--finished" => settings.finished = number(),
            _ => refuse(&format!("expected an option, got {argument:?}")),
        }
    }
    settings
}

fn refuse(problem: &str) -> ! {
    eprintln!("bench: {problem}\n{USAGE}");
    std::process::exit(2)
}

/// Over one connection a second thread would add to each answer the time in which one thread wakes the other.
fn runtime(subject: &str) -> Runtime {
    let mut builder =
        if subject == "core" { Builder::new_multi_thread() } else { Builder::new_current_thread() };
    builder.enable_all().build().unwrap()
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let subject = arguments.next().unwrap_or_else(|| refuse("expected a subject, got nothing"));
    let settings = settings(&mut arguments);
    let url = std::env::var("DATABASE_URL").unwrap_or_else(|_| refuse("DATABASE_URL is not set"));
    let measured = runtime(&subject).block_on(measure(&subject, &settings, url));
    println!("{}", serde_json::json!({ "subject": subject, "measured": measured }));
}

async fn measure(subject: &str, settings: &Settings, url: String) -> Vec<serde_json::Value> {
    let world = World::open(url).await;
    match subject {
        "readiness" => readiness::measure(&world, settings).await,
        "transitions" => transitions::measure(&world, settings).await,
        "creation" => creation::measure(&world, settings).await,
        "core" => throughput::measure(&world, settings).await,
        "scale" => scale::measure(&world, settings).await,
        _ => refuse(&format!("expected a subject, got {subject:?}")),
    }
}
