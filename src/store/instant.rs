//! Instants as PostgreSQL sends them. sqlx's own decoding of dates panics beyond the range of chrono, which `infinity` is.

use crate::time::Timestamp;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgHasArrayType, PgTypeInfo, PgValueFormat, PgValueRef};
use sqlx::types::chrono::NaiveDateTime;
use sqlx::{Decode, Postgres, Type};

/// Microseconds from 1970 to 2000, from which PostgreSQL counts.
pub(super) const EPOCH: i64 = 946_684_800_000_000;

impl Type<Postgres> for Timestamp {
    fn type_info() -> PgTypeInfo {
        <NaiveDateTime as Type<Postgres>>::type_info()
    }
}

impl PgHasArrayType for Timestamp {
    fn array_type_info() -> PgTypeInfo {
        <NaiveDateTime as PgHasArrayType>::array_type_info()
    }
}

impl Decode<'_, Postgres> for Timestamp {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        match value.format() {
            PgValueFormat::Binary => Ok(match <i64 as Decode<Postgres>>::decode(value)? {
                infinite @ (i64::MIN | i64::MAX) => Timestamp(infinite),
                micros => Timestamp(micros.saturating_add(EPOCH)),
            }),
            PgValueFormat::Text => match value.as_str()? {
                "infinity" => Ok(Timestamp(i64::MAX)),
                "-infinity" => Ok(Timestamp(i64::MIN)),
                _ => Ok(<NaiveDateTime as Decode<Postgres>>::decode(value)?.into()),
            },
        }
    }
}
