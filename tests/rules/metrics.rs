//! Rates of a system's activity.

use crate::support::cases;
use proptest::prelude::*;
use tasker_core::metrics::{Activity, Period, Rates};

fn rates(recent: (i64, i64), period: Period) -> Rates {
    let (recently_completed, recently_failed) = recent;
    Rates::of(&Activity { recently_completed, recently_failed, period, ..Activity::default() })
}

fn period(tasks: i64, completed_tasks: i64, failed_tasks: i64) -> Period {
    Period { tasks, completed_tasks, failed_tasks, ..Period::default() }
}

fn seconds(steps: i64, micros: i128) -> f64 {
    rates((0, 0), Period { completed_steps: steps, since_task: micros, ..Period::default() }).task_seconds
}

#[test]
fn nothing_is_healthy() {
    let idle = Rates { health: 1.0, completion: 0.0, failure: 0.0, task_seconds: 0.0, step_seconds: 0.0 };
    assert_eq!(rates((0, 0), Period::default()), idle);
}

#[test]
fn shares_have_three_digits_and_percentages_two() {
    assert_eq!(rates((2, 1), Period::default()).health, 0.667);
    assert_eq!(rates((0, 5), Period::default()).health, 0.0);
    let thirds = rates((0, 0), period(3, 1, 2));
    assert_eq!((thirds.completion, thirds.failure), (33.33, 66.67));
    assert_eq!(rates((0, 0), period(7, 7, 0)).completion, 100.0);
}

#[test]
fn ties_are_rounded_away_from_zero() {
    assert_eq!(rates((1, 1_999), Period::default()).health, 0.001);
    assert_eq!(rates((0, 0), period(20_000, 1, 0)).completion, 0.01);
    assert_eq!([seconds(2, 1_000), seconds(2, -1_000), seconds(2, 999)], [0.001, -0.001, 0.0]);
    assert_eq!(seconds(1, 1_234_499), 1.234);
}

#[test]
fn sums_may_exceed_sixty_four_bits() {
    let year = 365 * 86_400 * 1_000_000_i128;
    assert_eq!(seconds(10_000_000, 10_000_000 * year), 31_536_000.0);
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn rates_are_the_nearest_decimals(done in 0i64..1_000, failed in 0i64..1_000, more in 1i64..1_000, micros in -10_000_000i128..10_000_000) {
        let tasks = done + more;
        let rates = rates((done, failed), Period { completed_steps: more, since_step: micros, ..period(tasks, done, 0) });
        let near = |rate: f64, exact: f64, unit: f64| (rate - exact).abs() <= unit / 2.0 + 1e-9;
        prop_assert!(near(rates.completion, done as f64 / tasks as f64 * 100.0, 0.01));
        prop_assert!(done + failed == 0 || near(rates.health, done as f64 / (done + failed) as f64, 0.001));
        prop_assert!(near(rates.step_seconds, micros as f64 / more as f64 / 1e6, 0.001));
    }
}
