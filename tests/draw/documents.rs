//! The pictures in docs/pictures, made anew and compared; `UPDATE_PICTURES=1` writes them.

use crate::support::{history, task};
use std::path::Path;
use tasker_core::draw::{Diagram, Timeline};
use tasker_core::operations::overview::TaskOverview;
use tasker_core::state::State;

fn order() -> TaskOverview {
    let complete = || Some(State::Complete);
    let names = [
        ("validate_order", complete()),
        ("reserve_stock", complete()),
        ("check_fraud", complete()),
        ("charge_card", Some(State::Error)),
        ("print_label", Some(State::InProgress)),
        ("notify_warehouse", None),
        ("ship", None),
        ("send_invoice", None),
    ];
    let edges = [(0, 1), (0, 2), (1, 3), (2, 3), (1, 4), (1, 5), (3, 6), (4, 6), (5, 6), (3, 7)];
    let mut order = task(&names, &edges);
    order.steps[3].attempts = Some(2);
    order.history = history([
        (0, State::InProgress, 32),
        (0, State::Complete, 29),
        (1, State::InProgress, 28),
        (1, State::Complete, 19),
        (2, State::InProgress, 28),
        (2, State::Error, 25),
        (2, State::InProgress, 23),
        (2, State::Complete, 18),
        (3, State::InProgress, 17),
        (3, State::Error, 12),
        (3, State::InProgress, 9),
        (3, State::Error, 3),
        (4, State::InProgress, 15),
    ]);
    order
}

fn compare(name: &str, picture: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/pictures").join(name);
    if std::env::var_os("UPDATE_PICTURES").is_some() {
        std::fs::write(&file, picture).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(kept == picture, "{} is out of date: run the tests with UPDATE_PICTURES=1", file.display());
}

#[test]
fn pictures_are_up_to_date() {
    compare("task.svg", &Diagram::of_task(&order()).to_svg());
    compare("timeline.svg", &Timeline::of_task(&order()).to_svg());
}
