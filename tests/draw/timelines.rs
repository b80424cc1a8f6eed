//! Where the time of a task went.

use crate::support::{NOW, SECOND, change, history, of_class, parsed, task, tooltip};
use proptest::prelude::*;
use tasker_core::draw::{SpanKind, Timeline, Totals};
use tasker_core::operations::overview::{StepChange, TaskOverview};
use tasker_core::state::State;
use tasker_core::time::Timestamp;

fn spans(overview: &TaskOverview) -> Vec<(usize, SpanKind, i64, i64)> {
    let ago = |at: Timestamp| (NOW.0 - at.0) / SECOND;
    let timeline = Timeline::of_task(overview);
    timeline.spans().iter().map(|span| (span.step, span.kind, ago(span.from), ago(span.to))).collect()
}

/// a: failed once, retried and completed; b: waits for a, is in progress; c: has not begun.
fn on_its_way() -> TaskOverview {
    let mut overview =
        task(&[("a", Some(State::Complete)), ("b", Some(State::InProgress)), ("c", None)], &[(0, 1), (1, 2)]);
    overview.history = history([
        (0, State::InProgress, 60),
        (0, State::Error, 50),
        (0, State::Pending, 41),
        (0, State::InProgress, 40),
        (0, State::Complete, 30),
        (1, State::InProgress, 25),
    ]);
    overview
}

#[test]
fn attempts_retries_and_queues_are_told_apart() {
    let expected = [
        (0, SpanKind::Queued, 60, 60),
        (0, SpanKind::Failed, 60, 50),
        (0, SpanKind::RetryWait, 50, 40),
        (0, SpanKind::Completed, 40, 30),
        (1, SpanKind::Queued, 30, 25),
        (1, SpanKind::Running, 25, 0),
    ];
    assert_eq!(spans(&on_its_way()), expected);
    let totals = Timeline::of_task(&on_its_way()).totals();
    let seconds = |seconds: i64| seconds * SECOND;
    let expected =
        Totals { elapsed: seconds(60), attempts: seconds(45), retry_waits: seconds(10), queued: seconds(5) };
    assert_eq!(totals, expected);
}

#[test]
fn the_picture_has_a_row_a_step_in_the_order_in_which_they_began() {
    let mut overview = on_its_way();
    overview.history.extend(history([(2, State::InProgress, 70), (2, State::Complete, 65)]));
    let svg = Timeline::of_task(&overview).to_svg();
    let document = parsed(&svg);
    assert_eq!(of_class(&document, "row").map(tooltip).collect::<Vec<_>>(), ["c", "a", "b"]);
    let tooltips: Vec<&str> = of_class(&document, "span").map(tooltip).collect();
    assert!(tooltips.contains(&"a: waiting for a retry, 10 s"), "{tooltips:?}");
    let summary = "1 min 10 s elapsed; all steps together: 50 s in attempts, 10 s waiting for a retry, 15 s waiting for a worker";
    assert!(svg.contains(summary), "{svg}");
}

#[test]
fn a_task_without_a_history_has_an_empty_timeline() {
    let timeline = Timeline::of_task(&task(&[("a", None)], &[]));
    assert_eq!((timeline.spans().len(), timeline.totals()), (0, Totals::default()));
    assert_eq!(of_class(&parsed(&timeline.to_svg()), "row").count(), 1);
}

#[test]
fn instants_of_infinity_are_left_out() {
    let mut overview = on_its_way();
    overview.history.push(StepChange {
        step: overview.steps[2].id,
        to: State::InProgress,
        at: Timestamp(i64::MAX),
    });
    assert_eq!(spans(&overview), spans(&on_its_way()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Histories written by hand, by clocks that go back.
    #[test]
    fn every_history_gives_spans_that_do_not_end_before_they_begin(
        changes in proptest::collection::vec((0_usize..3, 0_usize..7, -100i64..100), 0..30),
    ) {
        let mut overview = on_its_way();
        let states = [State::ALL.as_slice(), &[State::from("odd")]].concat();
        overview.history = changes.iter().map(|&(step, state, ago)| change(step, states[state].clone(), ago)).collect();
        overview.history.sort_by_key(|change| change.step);
        let timeline = Timeline::of_task(&overview);
        prop_assert!(timeline.spans().iter().all(|span| span.from <= span.to));
        let totals = timeline.totals();
        prop_assert!([totals.elapsed, totals.attempts, totals.retry_waits, totals.queued].iter().all(|&micros| micros >= 0));
        parsed(&timeline.to_svg());
    }
}
