//! Answers: tables for people, JSON for programs.

use comfy_table::{Cell, Color, ContentArrangement, Table, presets};
use serde_json::Value;
use tasker_core::time::Timestamp;

/// A text for standard output, and its meaning for the exit status.
pub struct Answer {
    pub text: String,
    pub good: bool,
}

impl Answer {
    pub fn text(text: impl Into<String>) -> Self {
        let mut text = text.into();
        if !text.ends_with('\n') {
            text.push('\n');
        }
        Answer { text, good: true }
    }

    /// No text at all.
    pub fn nothing() -> Self {
        Answer { text: String::new(), good: true }
    }

    pub fn json(value: &Value) -> Self {
        Answer::text(format!("{value:#}"))
    }

    pub fn good(self, good: bool) -> Self {
        Answer { good, ..self }
    }
}

/// A table without lines, so that `grep` and `awk` work. Colours appear on terminals only, and not with `NO_COLOR`.
pub fn table<const N: usize>(header: [&str; N], rows: impl IntoIterator<Item = [Cell; N]>) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header);
    for row in rows {
        table.add_row(row);
    }
    if let Some(column) = table.column_mut(0) {
        column.set_padding((0, 1));
    }
    table.trim_fmt()
}

/// A state in its colour.
pub fn state(name: &str) -> Cell {
    let cell = Cell::new(name);
    colour(name).map_or(cell.clone(), |colour| cell.fg(colour))
}

fn colour(state: &str) -> Option<Color> {
    match state {
        "complete" | "resolved_manually" => Some(Color::Green),
        "error" => Some(Color::Red),
        "in_progress" => Some(Color::Cyan),
        "cancelled" => Some(Color::DarkGrey),
        _ => None,
    }
}

/// The name of an event in a column of its own, in the colour of the state that it announces.
pub fn event(name: &str, state: &str) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    let cell = Cell::new(format!("{name:<24}"));
    table.add_row([colour(state).map_or(cell.clone(), |colour| cell.fg(colour))]);
    if let Some(column) = table.column_mut(0) {
        column.set_padding((0, 0));
    }
    table.to_string()
}

/// An instant to the second, in UTC.
pub fn instant(at: Timestamp) -> String {
    let text = at.to_sql();
    text.split('.').next().unwrap_or(&text).to_owned()
}

/// An optional text; `-` where there is none.
pub fn or_dash(text: Option<&str>) -> Cell {
    Cell::new(text.filter(|text| !text.is_empty()).unwrap_or("-"))
}
