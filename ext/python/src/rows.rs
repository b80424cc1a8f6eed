//! Rows and statements between Python and the core.

use crate::errors::{raised, undecodable};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyInt, PyString, PyTuple};
use tasker_core::hosted::Statement;
use tasker_core::session::{Access, Rows, Value};

/// Rows of any kind of sequence; `query` is what they answer.
pub(crate) fn from_python(query: &str, rows: &Bound<'_, PyAny>) -> PyResult<Rows> {
    let mut decoded = Vec::with_capacity(rows.len().unwrap_or_default());
    for (index, row) in rows.try_iter()?.enumerate() {
        let row = row?;
        let cells: PyResult<Vec<Value>> = match row.cast::<PyTuple>() {
            Ok(row) => {
                row.iter().enumerate().map(|(column, cell)| from_cell(query, index, column, &cell)).collect()
            }
            Err(_) => row
                .try_iter()?
                .enumerate()
                .map(|(column, cell)| from_cell(query, index, column, &cell?))
                .collect(),
        };
        decoded.push(cells?);
    }
    Ok(Rows::from(decoded))
}

fn from_cell(query: &str, row: usize, column: usize, cell: &Bound<'_, PyAny>) -> PyResult<Value> {
    if cell.is_none() {
        Ok(Value::Null)
    } else if let Ok(text) = cell.cast::<PyString>() {
        Ok(Value::text(&*text.to_cow()?))
    } else if let Ok(flag) = cell.cast::<PyBool>() {
        Ok(Value::Bool(flag.is_true()))
    } else if let Some(number) = cell.cast::<PyInt>().ok().and_then(|number| number.extract().ok()) {
        Ok(Value::Int(number))
    } else {
        let got = format!("{} {}", cell.get_type().name()?, cell.repr()?);
        Err(undecodable(cell.py(), query, row, column, &got))
    }
}

/// Resumes a coroutine with the rows of the statement `asked`, and returns its next one.
///
/// The rows may be of any class, whose code runs here: the caller holds no lock.
pub(crate) fn next_statement<'py>(
    py: Python<'py>,
    asked: &str,
    rows: Option<&Bound<'py, PyAny>>,
    advance: impl FnOnce(Option<Rows>) -> Result<Option<Statement>, tasker_core::Error>,
) -> PyResult<Option<Bound<'py, PyTuple>>> {
    let rows = rows.map(|rows| from_python(asked, rows)).transpose()?;
    let next = advance(rows).map_err(|error| raised(py, &error))?;
    next.map(|next| statement(py, next)).transpose()
}

/// A statement as `(name, sql, binds, writes)`.
pub(crate) fn statement<'py>(py: Python<'py>, statement: Statement) -> PyResult<Bound<'py, PyTuple>> {
    let Statement { name, sql, binds, access } = statement;
    let binds: Vec<Option<&str>> = binds.iter().map(Option::as_deref).collect();
    (PyString::intern(py, name), PyString::intern(py, sql), binds, access == Access::Write).into_pyobject(py)
}
