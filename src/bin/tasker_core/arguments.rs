//! Commands and options.

use crate::bench::BenchOptions;
use crate::events::EventsOptions;
use crate::top::TopOptions;
use chrono::{NaiveDateTime, Utc};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use std::time::Duration;
use tasker_core::transitions::{MachineState, TaskState};

/// Looks at the workflows of a database with tasker-engine's tables.
///
/// Exit status: 0 yes; 1 no (not found, refused, different); 2 wrong usage; 3 no database; 4 a schema that cannot be used; 5 a statement failed.
#[derive(Parser)]
#[command(name = "tasker-core", version)]
pub struct Arguments {
    /// URL of the database, such as `postgres://user@host/name`.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, global = true, value_name = "URL")]
    pub database_url: Option<String>,

    /// Seconds to wait for a connection.
    #[arg(long, default_value = "10", global = true, value_name = "SECONDS", value_parser = seconds)]
    pub connect_timeout: Duration,

    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Tasks.
    Task {
        #[command(subcommand)]
        command: TaskCommand,
    },
    /// Steps that may run now.
    Ready(ReadyOptions),
    /// Counts over all tasks, steps and connections, and what to look at.
    Health(JsonOption),
    /// Complete steps or tasks that took longest.
    Slowest(SlowestOptions),
    /// Transitions of tasks and steps, as they are committed.
    Events(EventsOptions),
    /// Counts, steps in progress and events on a terminal, read again every few seconds.
    Top(TopOptions),
    /// Measure what the database does with workflows, in a schema that is made for it and dropped.
    Bench(BenchOptions),
    /// Serve the questions as tools to an assistant, over the Model Context Protocol on standard input and output.
    Mcp,
    /// The tables of the database.
    Schema {
        #[command(subcommand)]
        command: SchemaCommand,
    },
    /// The settings of Rust programs.
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Print a script that completes commands and options in a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// End the claims of workers that are gone, so that others continue their tasks. Exit status 1 where something could not be done.
    Recover(RecoverOptions),
}

#[derive(Args)]
pub struct RecoverOptions {
    /// Report only what there is to do.
    #[arg(long)]
    pub dry_run: bool,
    /// Seconds for which a worker must be without its lock.
    #[arg(long, default_value = "30", value_name = "SECONDS", value_parser = grace)]
    pub grace: Duration,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Subcommand)]
pub enum TaskCommand {
    /// A task with its steps: states, attempts, next retries, and why each waits.
    Show(ShowOptions),
    /// Tasks, the newest first.
    List(ListOptions),
}

#[derive(Subcommand)]
pub enum SchemaCommand {
    /// Every difference between the database and what this version expects. Exit status 1 where statements would fail.
    Check(JsonOption),
    /// Make or change the tables of a database that no Rails application migrates.
    Migrate,
    /// Have PostgreSQL notify of each commit that records transitions, by triggers; `--remove` drops them.
    Notify(NotifyOptions),
}

#[derive(Subcommand)]
pub enum ConfigCommand {
    /// Load a configuration from its layers, or print every problem. Exit status 1 where it is refused.
    Check(CheckOptions),
    /// Print the JSON Schema of configuration files.
    Schema,
}

#[derive(Args)]
pub struct JsonOption {
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub struct NotifyOptions {
    /// Drop the triggers.
    #[arg(long)]
    pub remove: bool,
}

#[derive(Args)]
pub struct ShowOptions {
    /// The task.
    pub id: i64,
    #[command(flatten)]
    pub format: ShowFormat,
}

#[derive(Args)]
#[group(multiple = false)]
pub struct ShowFormat {
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// Print a graph for Graphviz.
    #[arg(long)]
    pub dot: bool,
    /// Print a graph for Mermaid.
    #[arg(long)]
    pub mermaid: bool,
    /// Print a picture of the graph.
    #[arg(long)]
    pub svg: bool,
    /// Print a picture of the attempts and waits over time.
    #[arg(long)]
    pub timeline: bool,
}

/// Which tasks; all filters apply together.
#[derive(Args)]
pub struct TaskFilters {
    /// Of this namespace.
    #[arg(long)]
    pub namespace: Option<String>,
    /// Of this name.
    #[arg(long)]
    pub name: Option<String>,
    /// Of this version of the name's definition.
    #[arg(long = "task-version", value_name = "VERSION")]
    pub version: Option<String>,
}

#[derive(Args)]
pub struct ListOptions {
    #[command(flatten)]
    pub filters: TaskFilters,
    /// Whose last transition is to this state; a task without any has none.
    #[arg(long, value_parser = state)]
    pub state: Option<TaskState>,
    /// With a step whose last transition is no end of it.
    #[arg(long)]
    pub active: bool,
    /// With this annotation.
    #[arg(long, num_args = 3, value_names = ["TYPE", "KEY", "VALUE"])]
    pub annotation: Option<Vec<String>>,
    /// Created since then: `90s`, `15m`, `6h`, `2d` ago, or `2026-01-31`, or `2026-01-31T12:00:00` in UTC.
    #[arg(long, value_parser = instant, value_name = "TIME")]
    pub created_since: Option<NaiveDateTime>,
    /// With a step that was completed since then.
    #[arg(long, value_parser = instant, value_name = "TIME")]
    pub completed_since: Option<NaiveDateTime>,
    /// That failed since then.
    #[arg(long, value_parser = instant, value_name = "TIME")]
    pub failed_since: Option<NaiveDateTime>,
    /// With ids below this one: the last id of a list, for the next one.
    #[arg(long, value_name = "ID")]
    pub before: Option<i64>,
    /// So many at most.
    #[arg(long, default_value = "50", value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub limit: u64,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub struct ReadyOptions {
    #[command(flatten)]
    pub filters: TaskFilters,
    /// Of this task.
    #[arg(long, value_name = "ID")]
    pub task: Option<i64>,
    /// With ids above this one: the last id of a list, for the next one.
    #[arg(long, value_name = "ID")]
    pub after: Option<i64>,
    /// So many at most.
    #[arg(long, default_value = "50", value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub limit: u64,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Slow {
    /// Complete steps.
    Steps,
    /// Tasks of which a step has ended.
    Tasks,
}

#[derive(Args)]
pub struct SlowestOptions {
    /// Steps or tasks.
    #[arg(default_value = "steps")]
    pub kind: Slow,
    #[command(flatten)]
    pub filters: TaskFilters,
    /// Made since then: `6h` or `2d` ago, or a date in UTC.
    #[arg(long, value_parser = instant, value_name = "TIME", default_value = "1d")]
    pub since: NaiveDateTime,
    /// So many at most.
    #[arg(long, default_value = "10", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub limit: u32,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub struct CheckOptions {
    /// Configuration files, later ones win.
    pub files: Vec<PathBuf>,
    /// The environment, such as `production`.
    #[arg(long, value_name = "NAME")]
    pub environment: Option<String>,
    /// A value for conditions.
    #[arg(long, value_parser = pair, value_name = "KEY=VALUE")]
    pub context: Vec<(String, String)>,
    /// Read the layer of the database, too.
    #[arg(long)]
    pub database: bool,
    /// Print every option that is not a default, with its source.
    #[arg(long)]
    pub settings: bool,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: u64 = text.parse().map_err(|_| format!("expected whole seconds, got {text:?}"))?;
    if seconds == 0 {
        Err("expected at least 1 second, got 0".to_owned())
    } else {
        Ok(Duration::from_secs(seconds))
    }
}

fn grace(text: &str) -> Result<Duration, String> {
    let seconds: Option<f64> = text.parse().ok().filter(|seconds| *seconds > 0.0);
    let duration = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    duration.ok_or_else(|| format!("expected seconds above zero, got {text:?}"))
}

fn state(text: &str) -> Result<TaskState, String> {
    let states = TaskState::ALL;
    states.into_iter().find(|state| state.to_string() == text).ok_or_else(|| {
        let names: Vec<String> = states.iter().map(ToString::to_string).collect();
        format!("expected one of {}", names.join(", "))
    })
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or_else(|| format!("expected KEY=VALUE, got {text:?}"))?;
    Ok((key.to_owned(), value.to_owned()))
}

/// An instant in UTC, or so long ago.
fn instant(text: &str) -> Result<NaiveDateTime, String> {
    let refused = || format!("expected 90s, 15m, 6h, 2d, 2026-01-31 or 2026-01-31T12:00:00, got {text:?}");
    if let Ok(instant) = format!("{text}T00:00:00").parse::<NaiveDateTime>() {
        return Ok(instant);
    }
    if let Ok(instant) = text.parse::<NaiveDateTime>() {
        return Ok(instant);
    }
    let unit = text.chars().last().ok_or_else(refused)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(refused()),
    };
    let count: u32 = text[..text.len() - 1].parse().map_err(|_| refused())?;
    let ago = Duration::from_secs(u64::from(count) * seconds);
    let ago = chrono::TimeDelta::from_std(ago).map_err(|_| refused())?;
    Utc::now().naive_utc().checked_sub_signed(ago).ok_or_else(refused)
}
