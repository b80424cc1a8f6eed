//! Cells of an sqlx row as [`Value`]s.

use crate::error::Error;
use crate::session::{Rows, Value};
use sqlx::postgres::PgRow;
use sqlx::{Column, Row, TypeInfo, ValueRef};

pub(super) fn decode(query: &'static str, rows: &[PgRow]) -> Result<Rows, Error> {
    let rows: Result<Vec<_>, Error> =
        rows.iter().enumerate().map(|(index, row)| cells(query, index, row)).collect();
    Ok(Rows::from(rows?))
}

fn cells(query: &'static str, index: usize, row: &PgRow) -> Result<Vec<Value>, Error> {
    (0..row.len()).map(|column| cell(query, index, row, column)).collect()
}

fn cell(query: &'static str, index: usize, row: &PgRow, column: usize) -> Result<Value, Error> {
    if row.try_get_raw(column)?.is_null() {
        return Ok(Value::Null);
    }
    Ok(match row.column(column).type_info().name() {
        "BOOL" => Value::Bool(row.try_get(column)?),
        "INT2" => Value::Int(row.try_get::<i16, _>(column)?.into()),
        "INT4" => Value::Int(row.try_get::<i32, _>(column)?.into()),
        "INT8" => Value::Int(row.try_get(column)?),
        "TEXT" | "VARCHAR" => Value::text(row.try_get::<String, _>(column)?),
        other => {
            return Err(Error::Decode {
                query,
                row: index,
                column,
                expected: "a boolean, an integer or a text",
                got: format!("a value of type {other}"),
            });
        }
    })
}
