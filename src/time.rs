//! Instants as the shared tables keep them.
//!
//! ```
//! use tasker_core::time::{Micros, Timestamp};
//!
//! let at = Timestamp::from_epoch("1750000000.25").expect("seconds with decimals");
//! assert_eq!(at, Timestamp(1_750_000_000_250_000));
//! assert_eq!((at + Micros::from_seconds(1)).to_sql(), "2025-06-15 15:06:41.250000");
//! assert_eq!(at.to_chrono().map(|date| date.to_string()).as_deref(), Some("2025-06-15 15:06:40.250"));
//! assert_eq!(Timestamp(i64::MAX).to_sql(), "infinity");
//! ```

use chrono::{DateTime, Datelike, NaiveDateTime, Timelike};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::iter;
use std::ops::Add;
use std::time::Duration;

/// The first instant that PostgreSQL has: midnight of the 24th of November 4714 BC.
const FIRST: i64 = -210_866_803_200_000_000;

/// A `timestamp without time zone`, in microseconds since 1970-01-01 00:00:00 of the session's own time zone.
///
/// `infinity` and `-infinity` are the two ends of the range. PostgreSQL's resolution is the microsecond and its range exceeds that of most calendar types, so the count is kept as
/// it is and turned into a calendar date only for people ([`Timestamp::to_chrono`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl From<NaiveDateTime> for Timestamp {
    fn from(date: NaiveDateTime) -> Self {
        Timestamp(date.and_utc().timestamp_micros())
    }
}

/// A span of time in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Micros(pub i64);

impl Micros {
    /// `seconds` whole seconds.
    pub const fn from_seconds(seconds: i64) -> Self {
        Micros(seconds.saturating_mul(1_000_000))
    }
}

impl From<Duration> for Micros {
    /// Whole microseconds; what goes beyond the range becomes its end.
    fn from(span: Duration) -> Self {
        Micros(i64::try_from(span.as_micros()).unwrap_or(i64::MAX))
    }
}

impl Add<Micros> for Timestamp {
    type Output = Timestamp;

    /// An infinity stays what it is, and what goes beyond the range becomes one.
    fn add(self, span: Micros) -> Timestamp {
        match self.0 {
            i64::MIN | i64::MAX => self,
            micros => Timestamp(micros.saturating_add(span.0)),
        }
    }
}

impl Timestamp {
    /// The calendar date, or `None` beyond the range of [`chrono`].
    pub fn to_chrono(self) -> Option<NaiveDateTime> {
        DateTime::from_timestamp_micros(self.0).map(|instant| instant.naive_utc())
    }

    /// The calendar date; beyond the range of [`chrono`], its first or last one.
    ///
    /// ```
    /// use chrono::NaiveDateTime;
    /// use tasker_core::time::Timestamp;
    ///
    /// assert_eq!(Timestamp(i64::MAX).clamped(), NaiveDateTime::MAX);
    /// assert_eq!(Timestamp(i64::MIN).clamped(), NaiveDateTime::MIN);
    /// assert_eq!(Some(Timestamp(0).clamped()), Timestamp(0).to_chrono());
    /// ```
    pub fn clamped(self) -> NaiveDateTime {
        let end = if self.0 < 0 { NaiveDateTime::MIN } else { NaiveDateTime::MAX };
        self.to_chrono().unwrap_or(end)
    }

    /// As PostgreSQL reads it: a date with microseconds, years before the first as those BC, or one of the infinities. Instants before the
    /// first or after the last that PostgreSQL and [`chrono`] know become the infinity on their side.
    pub fn to_sql(self) -> String {
        match self.to_chrono() {
            _ if self.0 < FIRST => "-infinity".to_owned(),
            None => "infinity".to_owned(),
            Some(date) => {
                let (year, era) = match date.year() {
                    year @ 1.. => (year, ""),
                    year => (1 - year, " BC"),
                };
                format!("{year:04}-{}{era}", WithinYear(date))
            }
        }
    }

    /// From PostgreSQL's `extract(epoch from …)`: seconds since 1970 with up to six decimals, or one of the infinities. O(1).
    ///
    /// `None` where the text is none of that.
    pub fn from_epoch(seconds: &str) -> Option<Self> {
        let (negative, digits) = seconds.strip_prefix('-').map_or((false, seconds), |digits| (true, digits));
        if digits == "Infinity" {
            return Some(Timestamp(if negative { i64::MIN } else { i64::MAX }));
        }
        let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || decimals.len() > 6 || !all_digits(whole) || !all_digits(decimals) {
            return None;
        }
        let micros = decimals.bytes().chain(iter::repeat(b'0')).take(6);
        let micros = micros.fold(0, |micros, digit| micros * 10 + i64::from(digit - b'0'));
        let micros = whole.parse::<i64>().ok()?.checked_mul(1_000_000)?.checked_add(micros)?;
        Some(Timestamp(if negative { -micros } else { micros }))
    }
}

/// `%m-%d %H:%M:%S%.6f`. Format strings of chrono would bring tables of Unicode into a WebAssembly module, a tenth of its size.
struct WithinYear(NaiveDateTime);

impl fmt::Display for WithinYear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = self.0;
        write!(f, "{:02}-{:02} ", date.month(), date.day())?;
        write!(f, "{:02}:{:02}:{:02}.", date.hour(), date.minute(), date.second())?;
        write!(f, "{:06}", date.nanosecond() / 1000)
    }
}

impl fmt::Display for Timestamp {
    /// ISO 8601 with microseconds; the bare count outside of the calendar's range.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_chrono() {
            Some(date) if (0..=9999).contains(&date.year()) => {
                write!(f, "{:04}-{}", date.year(), WithinYear(date))
            }
            Some(date) => write!(f, "{:+05}-{}", date.year(), WithinYear(date)),
            None => write!(f, "{} microseconds after 1970", self.0),
        }
    }
}
