//! Rows and parameters across the boundary.

use crate::boundary::error;
use magnus::value::ReprValue;
use magnus::{Error, Integer, IntoValue, RArray, RString, Ruby, TryConvert, Value as RubyValue};
use tasker_core::session::{Query, Rows, Value};

/// The rows of an `ActiveRecord::Result`: arrays of nil, true, false, Integer and String.
pub(crate) fn from_ruby(ruby: &Ruby, rows: RArray) -> Result<Rows, Error> {
    let mut decoded = Vec::with_capacity(rows.len());
    for row in rows {
        let row = RArray::try_convert(row)?;
        let cells: Result<Vec<Value>, Error> = row.into_iter().map(|cell| from_cell(ruby, cell)).collect();
        decoded.push(cells?);
    }
    Ok(Rows::from(decoded))
}

fn from_cell(ruby: &Ruby, cell: RubyValue) -> Result<Value, Error> {
    if cell.is_nil() {
        Ok(Value::Null)
    } else if let Some(text) = RString::from_value(cell) {
        text.to_string()
            .map(Value::text)
            .map_err(|_| unreadable(ruby, "text in UTF-8", "bytes that are none"))
    } else if let Some(number) = Integer::from_value(cell) {
        number.to_i64().map(Value::Int).map_err(|_| unreadable(ruby, "an integer of 64 bits", "a larger one"))
    } else if cell.equal(ruby.qtrue())? {
        Ok(Value::Bool(true))
    } else if cell.equal(ruby.qfalse())? {
        Ok(Value::Bool(false))
    } else {
        let got = cell.class();
        let message = format!("unexpected cell: expected nil, true, false, Integer or String, got {got}");
        Err(error(ruby, "DecodeError", message))
    }
}

fn unreadable(ruby: &Ruby, expected: &str, got: &str) -> Error {
    error(ruby, "DecodeError", format!("unexpected cell: expected {expected}, got {got}"))
}

/// A question as `[name, sql, binds, writes]`.
pub(crate) fn question(ruby: &Ruby, query: Query) -> Result<RArray, Error> {
    let binds = ruby.ary_new_capa(query.binds.len());
    for bind in query.binds {
        binds.push(into_cell(ruby, bind))?;
    }
    let writes = query.access == tasker_core::session::Access::Write;
    let question = ruby.ary_new_capa(4);
    question.push(query.name)?;
    question.push(query.sql)?;
    question.push(binds)?;
    question.push(writes)?;
    Ok(question)
}

/// Cells of a row.
pub(crate) fn cells(ruby: &Ruby, cells: &[Value]) -> Result<RArray, Error> {
    let row = ruby.ary_new_capa(cells.len());
    for cell in cells {
        row.push(into_cell(ruby, cell.clone()))?;
    }
    Ok(row)
}

fn into_cell(ruby: &Ruby, value: Value) -> RubyValue {
    match value {
        Value::Null => ruby.qnil().into_value_with(ruby),
        Value::Bool(value) => value.into_value_with(ruby),
        Value::Int(value) => value.into_value_with(ruby),
        Value::Text(value) => value.into_string().into_value_with(ruby),
    }
}
