//! `events`

use crate::connection::{Database, begin, commit};
use crate::exit_status::Failure;
use crate::output::{self, Answer};
use clap::Args;
use serde_json::json;
use sqlx::PgConnection;
use std::io::Write;
use std::time::Duration;
use tasker_core::events::{Event, EventName, Feed, FeedError, Filter};
use tasker_core::ids::TaskId;
use tasker_core::state::State;

/// Each statement sees what has been committed before it.
pub const BEGIN: &str = "begin transaction isolation level read committed read only";

#[derive(Args)]
pub struct EventsOptions {
    /// Go on as transitions are committed, until interrupted. A lost connection is made again, and nothing is missed.
    #[arg(long, conflicts_with = "names")]
    pub follow: bool,
    /// Begin with so many of the last transitions of tasks and of steps each; 20, or none with `--follow`.
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(0..=10_000))]
    pub last: Option<u16>,
    /// Events of this name, such as `step.failed`; may be repeated, like the filters below.
    #[arg(long = "event", value_name = "NAME")]
    pub event: Vec<EventName>,
    /// Of tasks of this namespace.
    #[arg(long)]
    pub namespace: Vec<String>,
    /// Of tasks of this name.
    #[arg(long)]
    pub name: Vec<String>,
    /// Of this task.
    #[arg(long, value_name = "ID")]
    pub task: Vec<i64>,
    /// That reach this state.
    #[arg(long, value_parser = state)]
    pub state: Vec<State>,
    /// Milliseconds between two looks at the tables with `--follow`.
    #[arg(long, value_name = "MILLISECONDS", default_value = "500", value_parser = clap::value_parser!(u64).range(10..=3_600_000))]
    pub interval: u64,
    /// Print the names of all events, also of those that are no transitions.
    #[arg(long)]
    pub names: bool,
    /// Print one JSON object a line.
    #[arg(long)]
    pub json: bool,
}

impl EventsOptions {
    fn filter(&self) -> Filter {
        Filter {
            names: self.event.clone(),
            namespaces: self.namespace.iter().map(|name| name.as_str().into()).collect(),
            task_names: self.name.iter().map(|name| name.as_str().into()).collect(),
            tasks: self.task.iter().copied().map(TaskId).collect(),
            states: self.state.clone(),
        }
    }
}

fn state(text: &str) -> Result<State, String> {
    let found = State::ALL.into_iter().find(|state| state.as_str() == text);
    found.ok_or_else(|| format!("expected one of {}", State::ALL.map(|state| state.to_string()).join(", ")))
}

pub async fn events(database: &Database, options: &EventsOptions) -> Result<Answer, Failure> {
    if options.names {
        let names: Vec<&str> = EventName::ALL.iter().map(|name| name.as_str()).collect();
        return Ok(if options.json { Answer::json(&json!(names)) } else { Answer::text(names.join("\n")) });
    }
    let mut connection = database.tables().await?;
    let last = options.last.unwrap_or(if options.follow { 0 } else { 20 });
    begin(&mut connection, BEGIN).await?;
    let mut feed = Feed::from_last(last, &mut connection).await?;
    commit(&mut connection).await?;
    let filter = options.filter();
    if options.follow {
        return follow(database, connection, feed, &filter, options).await;
    }
    let mut lines = String::new();
    loop {
        let events = next(&mut feed, &mut connection).await?;
        if events.is_empty() {
            return Ok(if lines.is_empty() { Answer::nothing() } else { Answer::text(lines) });
        }
        for event in events.iter().filter(|event| filter.matches(event)) {
            lines.push_str(&line(event, options.json));
        }
    }
}

/// In a transaction, so that a pooler keeps the session for the whole of a statement.
pub async fn next(feed: &mut Feed, connection: &mut PgConnection) -> Result<Vec<Event>, FeedError> {
    begin(connection, BEGIN).await?;
    let events = feed.next(connection).await?;
    commit(connection).await?;
    Ok(events)
}

/// Each line is written at once, for a reader at the other end of a pipe. A reader that has seen enough ends it.
async fn follow(
    database: &Database,
    mut connection: PgConnection,
    mut feed: Feed,
    filter: &Filter,
    options: &EventsOptions,
) -> Result<Answer, Failure> {
    loop {
        match next(&mut feed, &mut connection).await {
            Ok(events) => {
                let lines: String = events
                    .iter()
                    .filter(|event| filter.matches(event))
                    .map(|event| line(event, options.json))
                    .collect();
                let mut out = std::io::stdout().lock();
                if out.write_all(lines.as_bytes()).and_then(|()| out.flush()).is_err() {
                    return Ok(Answer::nothing());
                }
                drop(out);
                if events.is_empty() {
                    tokio::time::sleep(Duration::from_millis(options.interval)).await;
                }
            }
            Err(error) => {
                let _ =
                    writeln!(std::io::stderr(), "tasker-core: {}; connecting again", Failure::from(error));
                connection = reconnected(database).await?;
            }
        }
    }
}

/// Waits for the database without a limit. An error that a new connection cannot fix is a failure.
async fn reconnected(database: &Database) -> Result<PgConnection, Failure> {
    loop {
        match database.tables().await {
            Err(Failure::Unreachable(_)) => tokio::time::sleep(Duration::from_secs(1)).await,
            connected => return connected,
        }
    }
}

fn line(event: &Event, json: bool) -> String {
    if json {
        return format!("{}\n", json!(event));
    }
    let of = match event.step {
        Some(step) => format!(
            "step {step} {}",
            event.payload.get("step_name").and_then(|name| name.as_str()).unwrap_or("")
        ),
        None => String::new(),
    };
    let name = output::event(event.name.as_str(), event.state.as_ref().map_or("", State::as_str));
    let (at, task) = (output::instant(event.at), event.task);
    let line = format!("{at}  {name}  task {task} {}/{}  {of}", event.namespace, event.task_name);
    format!("{}\n", line.trim_end())
}
