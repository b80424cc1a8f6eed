//! The picture of `top`, from what was read.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout};
use ratatui::style::{Color, Style, Stylize};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders, Cell, Paragraph, Row, Table};

/// What `top` shows.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// The database and the instant of the answer.
    pub title: String,
    /// Tasks by state, in the order of the columns.
    pub tasks: Vec<(&'static str, i64)>,
    /// Steps by state.
    pub steps: Vec<(&'static str, i64)>,
    /// Steps that were completed a second, since the last answer.
    pub completed_per_second: Option<f64>,
    /// Steps in progress, the longest first.
    pub running: Vec<Running>,
    /// Events, the newest first: instant, name, state and what it is of.
    pub events: Vec<[String; 4]>,
    /// Why the numbers are old, where the database does not answer.
    pub trouble: Option<String>,
}

/// A step in progress.
#[derive(Clone, Debug)]
pub struct Running {
    pub seconds: f64,
    pub task: i64,
    pub step: i64,
    pub name: String,
    pub of: String,
}

pub fn draw(frame: &mut Frame, snapshot: &Snapshot) {
    let [head, counts, running, events, foot] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(4),
        Constraint::Fill(1),
        Constraint::Fill(1),
        Constraint::Length(1),
    ])
    .areas(frame.area());
    frame.render_widget(Line::from(format!("tasker-core top  {}", snapshot.title)).bold(), head);
    frame.render_widget(Paragraph::new(count_lines(snapshot)).block(block("counts")), counts);
    frame.render_widget(running_table(&snapshot.running), running);
    frame.render_widget(event_table(&snapshot.events), events);
    let foot_line = match &snapshot.trouble {
        Some(trouble) => Line::from(trouble.as_str()).fg(Color::Red),
        None => Line::from("q quits, any other key reads again").dim(),
    };
    frame.render_widget(foot_line, foot);
}

fn block(title: &str) -> Block<'_> {
    Block::new().borders(Borders::TOP).title(title)
}

fn count_lines(snapshot: &Snapshot) -> Vec<Line<'_>> {
    let line = |kind, counts: &[(&'static str, i64)]| {
        let mut spans = vec![Span::from(format!("{kind:<6}"))];
        for (state, count) in counts {
            let style = if *count == 0 { Style::new().dim() } else { style(state) };
            spans.push(Span::styled(format!("  {} {count}", state.replace('_', " ")), style));
        }
        spans
    };
    let rate = match snapshot.completed_per_second {
        Some(rate) => format!("  completed/s {rate:.1}"),
        None => String::new(),
    };
    let mut steps = line("steps", &snapshot.steps);
    steps.push(Span::from(rate));
    vec![Line::from(line("tasks", &snapshot.tasks)), Line::from(steps)]
}

fn running_table(running: &[Running]) -> Table<'_> {
    let rows = running.iter().map(|step| {
        Row::new([
            Cell::from(format!("{:>8.1}", step.seconds)),
            Cell::from(step.task.to_string()),
            Cell::from(step.step.to_string()),
            Cell::from(step.name.as_str()),
            Cell::from(step.of.as_str()),
        ])
    });
    let widths = [
        Constraint::Length(8),
        Constraint::Length(10),
        Constraint::Length(10),
        Constraint::Fill(1),
        Constraint::Fill(1),
    ];
    let header = Row::new([" SECONDS", "TASK", "STEP", "NAME", "OF"]).bold();
    Table::new(rows, widths).header(header).block(block("in progress"))
}

fn event_table(events: &[[String; 4]]) -> Table<'_> {
    let rows = events.iter().map(|[at, name, state, of]| {
        Row::new([
            Cell::from(at.as_str()),
            Cell::from(name.as_str()).style(style(state)),
            Cell::from(of.as_str()),
        ])
    });
    let widths = [Constraint::Length(19), Constraint::Length(25), Constraint::Fill(1)];
    Table::new(rows, widths).block(block("events"))
}

/// The colours of the tables of the other commands.
fn style(state: &str) -> Style {
    match state {
        "complete" | "resolved_manually" => Style::new().fg(Color::Green),
        "error" => Style::new().fg(Color::Red),
        "in_progress" => Style::new().fg(Color::Cyan),
        "cancelled" => Style::new().fg(Color::DarkGray),
        _ => Style::new(),
    }
}
