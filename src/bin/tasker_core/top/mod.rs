//! `top`

mod view;

use crate::connection::{Database, begin, commit};
use crate::events::{BEGIN, next};
use crate::exit_status::Failure;
use crate::output::{self, Answer};
use clap::Args;
use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{self, Event as Input, KeyCode, KeyEventKind, KeyModifiers};
use sqlx::PgConnection;
use std::collections::VecDeque;
use std::io::IsTerminal;
use std::time::{Duration, Instant};
use tasker_core::events::{Event, EventName, Feed};
use tasker_core::functions::Functions;
use view::{Running, Snapshot};

/// More than fit on a screen.
const EVENTS: usize = 200;

const RUNNING: &str = "
select extract(epoch from (now() at time zone 'UTC') - m.created_at)::float8 seconds, s.task_id, s.workflow_step_id, n.name, ns.name || '/' || d.name
from tasker_workflow_step_transitions m
  join tasker_workflow_steps s on s.workflow_step_id = m.workflow_step_id
  join tasker_named_steps n on n.named_step_id = s.named_step_id
  join tasker_tasks t on t.task_id = s.task_id
  join tasker_named_tasks d on d.named_task_id = t.named_task_id
  join tasker_task_namespaces ns on ns.task_namespace_id = d.task_namespace_id
where m.most_recent and m.to_state = 'in_progress'
order by m.created_at, m.id limit 100";

#[derive(Args)]
pub struct TopOptions {
    /// Seconds between two looks at the database.
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub interval: u64,
}

pub async fn top(database: &Database, options: &TopOptions) -> Result<Answer, Failure> {
    if !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal() {
        let refusal = "top: expected a terminal, got a pipe or a file; `health`, `ready` and `events --follow` answer there";
        return Err(Failure::Usage(refusal.to_owned()));
    }
    let mut watched = Watched::start(database).await?;
    let failed = |error: std::io::Error| Failure::Statement(format!("the terminal failed: {error}"));
    let mut terminal = ratatui::try_init().map_err(failed)?;
    let ended = show(&mut terminal, &mut watched, database, Duration::from_secs(options.interval)).await;
    ratatui::restore();
    ended.map_err(failed)?;
    Ok(Answer::nothing())
}

async fn show(
    terminal: &mut DefaultTerminal,
    watched: &mut Watched,
    database: &Database,
    interval: Duration,
) -> std::io::Result<()> {
    let mut snapshot = Snapshot::default();
    loop {
        match watched.read().await {
            Ok(read) => snapshot = read,
            Err(failure) => {
                snapshot.trouble = Some(format!("{failure}; trying again"));
                if let Ok(connection) = database.tables().await {
                    watched.connection = connection;
                }
            }
        }
        terminal.draw(|frame| view::draw(frame, &snapshot))?;
        if is_quit(terminal, &snapshot, interval)? {
            return Ok(());
        }
    }
}

/// Waits for a key until it is time to read again.
fn is_quit(terminal: &mut DefaultTerminal, snapshot: &Snapshot, interval: Duration) -> std::io::Result<bool> {
    let end = Instant::now() + interval;
    while event::poll(end.saturating_duration_since(Instant::now()))? {
        match event::read()? {
            Input::Key(key) if key.kind == KeyEventKind::Press => {
                let is_interrupt =
                    key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
                return Ok(is_interrupt || matches!(key.code, KeyCode::Char('q') | KeyCode::Esc));
            }
            Input::Resize(..) => {
                terminal.draw(|frame| view::draw(frame, snapshot))?;
            }
            _ => {}
        }
    }
    Ok(false)
}

/// What is read again and again, and what was read before.
struct Watched {
    connection: PgConnection,
    feed: Feed,
    name: String,
    events: VecDeque<Event>,
    read_at: Option<Instant>,
}

impl Watched {
    async fn start(database: &Database) -> Result<Self, Failure> {
        let mut connection = database.tables().await?;
        begin(&mut connection, BEGIN).await?;
        let feed = Feed::from_last(50, &mut connection).await?;
        let name = sqlx::query_scalar("select current_database()::text").fetch_one(&mut connection).await?;
        commit(&mut connection).await?;
        Ok(Watched { connection, feed, name, events: VecDeque::new(), read_at: None })
    }

    async fn read(&mut self) -> Result<Snapshot, Failure> {
        let mut completed = 0;
        loop {
            let events = next(&mut self.feed, &mut self.connection).await?;
            if events.is_empty() {
                break;
            }
            completed += events.iter().filter(|event| event.name == EventName::StepCompleted).count();
            for event in events {
                self.events.push_front(event);
            }
            self.events.truncate(EVENTS);
        }
        let before = self.read_at.replace(Instant::now());
        begin(&mut self.connection, BEGIN).await?;
        let counts = Functions::new(&mut self.connection).native().system_health_counts().await?;
        let running: Vec<(f64, i64, i64, String, String)> =
            sqlx::query_as(RUNNING).fetch_all(&mut self.connection).await?;
        commit(&mut self.connection).await?;
        let running = running.into_iter().map(|(seconds, task, step, name, of)| Running {
            seconds,
            task,
            step,
            name,
            of,
        });
        Ok(Snapshot {
            title: format!("{}  {} UTC", self.name, chrono::Utc::now().format("%Y-%m-%d %H:%M:%S")),
            tasks: vec![
                ("pending", counts.pending_tasks),
                ("in_progress", counts.in_progress_tasks),
                ("error", counts.error_tasks),
                ("complete", counts.complete_tasks),
                ("cancelled", counts.cancelled_tasks),
            ],
            steps: vec![
                ("pending", counts.pending_steps),
                ("in_progress", counts.in_progress_steps),
                ("error", counts.error_steps),
                ("complete", counts.complete_steps),
            ],
            completed_per_second: before
                .map(|before| completed as f64 / before.elapsed().as_secs_f64().max(0.001)),
            running: running.collect(),
            events: self.events.iter().map(as_row).collect(),
            trouble: None,
        })
    }
}

fn as_row(event: &Event) -> [String; 4] {
    let step = event.step.map_or(String::new(), |step| format!(" step {step}"));
    [
        output::instant(event.at),
        event.name.to_string(),
        event.state.as_ref().map_or("", |state| state.as_str()).to_owned(),
        format!("task {}{step}  {}/{}", event.task, event.namespace, event.task_name),
    ]
}
