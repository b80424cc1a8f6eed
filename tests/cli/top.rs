//! `top`: its picture, and what it says without a terminal.

#[path = "../../src/bin/tasker_core/top/view.rs"]
mod view;

use crate::run_on;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::style::Color;
use view::{Running, Snapshot, draw};

fn snapshot() -> Snapshot {
    Snapshot {
        title: "shop  2026-12-01 03:00:00 UTC".to_owned(),
        tasks: vec![("pending", 3), ("in_progress", 1), ("error", 0)],
        steps: vec![("pending", 12), ("complete", 40)],
        completed_per_second: Some(12.34),
        running: vec![Running {
            seconds: 61.25,
            task: 7,
            step: 70,
            name: "pay".to_owned(),
            of: "shop/order".to_owned(),
        }],
        events: vec![
            ["2026-12-01 02:59:59", "step.failed", "error", "task 7 step 71  shop/order"].map(str::to_owned),
        ],
        trouble: None,
    }
}

fn drawn(width: u16, height: u16, snapshot: &Snapshot) -> TestBackend {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw(frame, snapshot)).unwrap();
    terminal.backend().clone()
}

#[test]
fn it_shows_counts_steps_in_progress_and_events() {
    let backend = drawn(80, 14, &snapshot());
    let lines: Vec<String> = (0..14).map(|row| line(&backend, row).trim_end().to_owned()).collect();
    assert_eq!(lines[0], "tasker-core top  shop  2026-12-01 03:00:00 UTC");
    assert_eq!(lines[2], "tasks   pending 3  in progress 1  error 0");
    assert_eq!(lines[3], "steps   pending 12  complete 40  completed/s 12.3");
    let with = |words: &str| {
        lines.iter().position(|line| line.contains(words)).unwrap_or_else(|| panic!("{words}: {lines:#?}"))
    };
    let words = |row: usize| lines[row].split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(words(with("SECONDS") + 1), "61.2 7 70 pay shop/order");
    let event = with("step.failed");
    assert_eq!(words(event), "2026-12-01 02:59:59 step.failed task 7 step 71 shop/order");
    let column = u16::try_from(lines[event].find("step.failed").unwrap()).unwrap();
    assert_eq!(backend.buffer()[(column, u16::try_from(event).unwrap())].fg, Color::Red);
    assert_eq!(lines[13], "q quits, any other key reads again");
}

#[test]
fn it_says_why_the_numbers_are_old() {
    let trouble = Snapshot { trouble: Some("no connection; trying again".to_owned()), ..snapshot() };
    let backend = drawn(60, 12, &trouble);
    let last = line(&backend, 11);
    assert_eq!(last.trim(), "no connection; trying again");
    assert_eq!(backend.buffer()[(0, 11)].fg, Color::Red);
}

/// A window may be smaller than the picture.
#[test]
fn it_is_drawn_at_any_size() {
    for (width, height) in [(1, 1), (3, 2), (20, 5), (300, 100)] {
        drawn(width, height, &snapshot());
        drawn(width, height, &Snapshot::default());
    }
}

#[test]
fn without_a_terminal_it_names_what_answers_there() {
    let refused = run_on("postgres://nowhere.invalid/x", "top");
    assert_eq!((refused.code, refused.out.as_str()), (Some(2), ""));
    assert!(refused.err.contains("top: expected a terminal, got a pipe or a file"), "{}", refused.err);
}

fn line(backend: &TestBackend, row: u16) -> String {
    let buffer = backend.buffer();
    (0..buffer.area.width).map(|column| buffer[(column, row)].symbol()).collect()
}
