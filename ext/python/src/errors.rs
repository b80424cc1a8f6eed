//! What goes wrong in Rust, as Python exceptions.
//!
//! The classes are defined, and documented, in `python/tasker_core/errors.py`.

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tasker_core::Error;
use tasker_core::error::panic_message;
use tasker_core::hosted::StartError;

/// Runs `body`; a panic in it becomes `InternalError`. PyO3 would raise a `BaseException`, which `except Exception` lets pass.
pub(crate) fn guarded<T>(py: Python<'_>, body: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|panic| {
        let message = format!(
            "tasker-core panicked, please report it: {}",
            panic_message(panic.as_ref()).unwrap_or("no message")
        );
        Err(exception(py, "InternalError", &message, |_| Ok(())))
    })
}

/// The exception for an error of the core.
pub(crate) fn raised(py: Python<'_>, error: &Error) -> PyErr {
    let message = error.to_string();
    match error {
        Error::Decode { query, row, column, expected, got } => {
            exception(py, "DecodeError", &message, |fields| {
                fields.set_item("query", query)?;
                fields.set_item("row", row)?;
                fields.set_item("column", column)?;
                fields.set_item("expected", expected)?;
                fields.set_item("got", got)
            })
        }
        Error::Cycle(steps) => exception(py, "CycleError", &message, |fields| {
            fields.set_item("steps", steps.iter().map(|step| step.0).collect::<Vec<_>>())
        }),
        Error::Contended { owner, to, attempts } => exception(py, "ContentionError", &message, |fields| {
            fields.set_item("owner", owner)?;
            fields.set_item("to", to)?;
            fields.set_item("attempts", attempts)
        }),
        _ => exception(py, "InternalError", &message, |_| Ok(())),
    }
}

/// The exception for arguments that do not fit.
pub(crate) fn refused(py: Python<'_>, error: &StartError) -> PyErr {
    let message = error.to_string();
    exception(py, "ArgumentError", &message, |fields| match error {
        StartError::UnknownOperation(name) => {
            fields.set_item("operation", name)?;
            fields.set_item("argument", py.None())?;
            fields.set_item("problem", "unknown operation")
        }
        StartError::Argument { operation, argument, problem } => {
            fields.set_item("operation", operation)?;
            fields.set_item("argument", argument)?;
            fields.set_item("problem", problem)
        }
    })
}

/// The exception for a cell of another type than the core decodes.
pub(crate) fn undecodable(py: Python<'_>, query: &str, row: usize, column: usize, got: &str) -> PyErr {
    let expected = "None, bool, int or str";
    let message =
        format!("unexpected answer to {query}: column {column} of row {row} should be {expected}, got {got}");
    exception(py, "DecodeError", &message, |fields| {
        fields.set_item("query", query)?;
        fields.set_item("row", row)?;
        fields.set_item("column", column)?;
        fields.set_item("expected", expected)?;
        fields.set_item("got", got)
    })
}

/// An exception of class `tasker_core.errors.<name>` with its fields.
fn exception(
    py: Python<'_>,
    name: &str,
    message: &str,
    fill: impl FnOnce(&Bound<'_, PyDict>) -> PyResult<()>,
) -> PyErr {
    let fields = PyDict::new(py);
    let made = fill(&fields)
        .and_then(|()| py.import("tasker_core.errors")?.getattr(name)?.call((message,), Some(&fields)));
    made.map_or_else(|_| PyRuntimeError::new_err(message.to_owned()), PyErr::from_value)
}
