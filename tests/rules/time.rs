//! Instants and spans.

use crate::support::{SECOND, cases};
use proptest::prelude::*;
use tasker_core::time::{Micros, Timestamp};

const INFINITY: Timestamp = Timestamp(i64::MAX);
const MINUS_INFINITY: Timestamp = Timestamp(i64::MIN);

#[test]
fn an_instant_is_written_as_postgresql_reads_it() {
    for (micros, written) in [
        (0, "1970-01-01 00:00:00.000000"),
        (1_752_242_400_000_001, "2025-07-11 14:00:00.000001"),
        (-1, "1969-12-31 23:59:59.999999"),
    ] {
        assert_eq!(Timestamp(micros).to_string(), written);
        assert_eq!(Timestamp(micros).to_sql(), written);
    }
    for (micros, written) in [
        (-62_135_596_800_000_000, "0001-01-01 00:00:00.000000"),
        (-62_135_596_800_000_001, "0001-12-31 23:59:59.999999 BC"),
        (-210_866_803_200_000_000, "4714-11-24 00:00:00.000000 BC"),
        (-210_866_803_200_000_001, "-infinity"),
        (253_402_300_800_000_000, "10000-01-01 00:00:00.000000"),
        (8_210_000_000_000_000_000, "262134-07-18 03:33:20.000000"),
        (8_220_000_000_000_000_000, "infinity"),
    ] {
        assert_eq!(Timestamp(micros).to_sql(), written, "{micros}");
    }
    assert_eq!((INFINITY.to_sql(), MINUS_INFINITY.to_sql()), ("infinity".into(), "-infinity".into()));
}

#[test]
fn infinity_stays_infinity() {
    for span in [Micros(0), Micros(1), Micros(-1), Micros(i64::MAX), Micros(i64::MIN)] {
        assert_eq!((INFINITY + span, MINUS_INFINITY + span), (INFINITY, MINUS_INFINITY), "{span:?}");
    }
}

#[test]
fn an_instant_beyond_the_calendar_is_still_shown() {
    assert_eq!(Timestamp(i64::MAX).to_chrono(), None);
    assert_eq!(Timestamp(i64::MAX).to_string(), format!("{} microseconds after 1970", i64::MAX));
}

#[test]
fn an_epoch_that_is_none_is_refused() {
    assert_eq!(Timestamp::from_epoch("Infinity"), Some(Timestamp(i64::MAX)));
    assert_eq!(Timestamp::from_epoch("-Infinity"), Some(Timestamp(i64::MIN)));
    assert_eq!(Timestamp::from_epoch("1.5"), Some(Timestamp(1_500_000)));
    for text in ["", "-", ".5", "1.2345678", "1e6", "NaN", "+1", "--1", "1.-5", "99999999999999999"] {
        assert_eq!(Timestamp::from_epoch(text), None, "{text}");
    }
}

proptest! {
    #![proptest_config(cases(1_000))]

    #[test]
    fn the_calendar_keeps_every_microsecond(micros in -62_000_000_000 * SECOND..250_000_000_000 * SECOND) {
        let instant = Timestamp(micros);
        prop_assert_eq!(Timestamp::from(instant.to_chrono().unwrap()), instant);
    }

    #[test]
    fn an_epoch_is_read_to_the_microsecond(micros in -300_000_000_000 * SECOND..300_000_000_000 * SECOND) {
        let sign = if micros < 0 { "-" } else { "" };
        let (whole, rest) = (micros.abs() / SECOND, micros.abs() % SECOND);
        prop_assert_eq!(Timestamp::from_epoch(&format!("{sign}{whole}.{rest:06}")), Some(Timestamp(micros)));
    }

    #[test]
    fn adding_never_wraps_around(instant in any::<i64>(), span in any::<i64>()) {
        prop_assume!(![i64::MIN, i64::MAX].contains(&instant));
        let sum = i128::from(instant) + i128::from(span);
        let expected = sum.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64;
        prop_assert_eq!(Timestamp(instant) + Micros(span), Timestamp(expected));
    }

    #[test]
    fn seconds_are_millions_of_microseconds(seconds in any::<i32>()) {
        prop_assert_eq!(Micros::from_seconds(seconds.into()), Micros(i64::from(seconds) * SECOND));
    }
}
