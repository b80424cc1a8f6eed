//! Rows of the caller's own types. sqlx decodes their dates, by a panic beyond the range of chrono.

use super::instant::EPOCH;
use crate::time::Timestamp;
use chrono::{Datelike, NaiveDateTime};
use sqlx::postgres::PgRow;
use sqlx::{Column, FromRow, Row, TypeInfo};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

const MICROS_A_DAY: i64 = 86_400_000_000;
/// The calendar repeats itself after 400 years.
const CYCLE: i64 = 146_097 * MICROS_A_DAY;

/// The row as a value of a type that sqlx reads. A type may read infinities, as [`Timestamp`] does, so only its panic shows that it does not.
pub(crate) fn read<R>(row: &PgRow) -> Result<R, sqlx::Error>
where
    R: for<'r> FromRow<'r, PgRow>,
{
    catch_unwind(AssertUnwindSafe(|| R::from_row(row))).unwrap_or_else(|panic| match beyond(row) {
        Some(error) => Err(error),
        None => resume_unwind(panic),
    })
}

/// The first column with an instant that chrono does not have.
fn beyond(row: &PgRow) -> Option<sqlx::Error> {
    row.columns().iter().find_map(|column| {
        let instants = instants(row, column.ordinal(), column.type_info().name()).ok()?;
        let got = instants.into_iter().flatten().find_map(Instant::beyond)?;
        let refusal = format!(
            "expected an instant of the years {} to {}, got {got}; time::Timestamp reads any",
            NaiveDateTime::MIN.year(),
            NaiveDateTime::MAX.year()
        );
        Some(sqlx::Error::ColumnDecode { index: column.name().to_owned(), source: refusal.into() })
    })
}

/// The instants of a column. Their bytes are read whatever their type is, which sqlx would compare with that of the result.
fn instants(row: &PgRow, column: usize, type_name: &str) -> Result<Vec<Option<Instant>>, sqlx::Error> {
    let micros = |instant: Option<Timestamp>| instant.map(Instant::from);
    let days = |days: Option<i32>| days.map(Instant::from);
    Ok(match type_name {
        "TIMESTAMP" | "TIMESTAMPTZ" => vec![micros(row.try_get_unchecked(column)?)],
        "DATE" => vec![days(row.try_get_unchecked(column)?)],
        "TIMESTAMP[]" | "TIMESTAMPTZ[]" => {
            row.try_get_unchecked::<Vec<_>, _>(column)?.into_iter().map(micros).collect()
        }
        "DATE[]" => row.try_get_unchecked::<Vec<_>, _>(column)?.into_iter().map(days).collect(),
        _ => Vec::new(),
    })
}

/// Dates go beyond what a number of 64 bits has in microseconds.
enum Instant {
    First,
    Last,
    Micros(i128),
}

impl From<Timestamp> for Instant {
    fn from(instant: Timestamp) -> Self {
        match instant.0 {
            i64::MIN => Instant::First,
            i64::MAX => Instant::Last,
            micros => Instant::Micros(micros.into()),
        }
    }
}

impl From<i32> for Instant {
    fn from(days: i32) -> Self {
        match days {
            i32::MIN => Instant::First,
            i32::MAX => Instant::Last,
            days => Instant::Micros(i128::from(days) * i128::from(MICROS_A_DAY) + i128::from(EPOCH)),
        }
    }
}

impl Instant {
    /// What it is, where chrono does not have it.
    fn beyond(self) -> Option<String> {
        let micros = match self {
            Instant::First => return Some("-infinity".to_owned()),
            Instant::Last => return Some("infinity".to_owned()),
            Instant::Micros(micros) => micros,
        };
        let known = i64::try_from(micros).is_ok_and(|micros| Timestamp(micros).to_chrono().is_some());
        let cycle = i128::from(CYCLE);
        let within = i64::try_from(micros.rem_euclid(cycle)).unwrap_or_default();
        let year = i128::from(Timestamp(within).clamped().year()) + 400 * micros.div_euclid(cycle);
        (!known).then(|| format!("one of the year {year}"))
    }
}
