//! `tasker_core._native.Coroutine`: an operation whose statements Python runs.

use crate::errors::{guarded, raised, refused};
use crate::rows;
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use pythonize::{Depythonizer, pythonize};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tasker_core::hosted;
use tasker_core::time::Timestamp;

/// An operation on its way: `resume` returns its next statement, `answer` its answer.
#[pyclass(frozen, module = "tasker_core._native")]
pub(crate) struct Coroutine(Mutex<Progress>);

struct Progress {
    coroutine: hosted::HostedCoroutine,
    /// The name of the statement that waits for its rows.
    asked: &'static str,
}

#[pymethods]
impl Coroutine {
    /// Starts `operation` with an object of its arguments; `now` is in microseconds since 1970.
    #[new]
    fn new(py: Python<'_>, operation: &str, arguments: &Bound<'_, PyAny>, now: i64) -> PyResult<Self> {
        guarded(py, || {
            let mut arguments = Depythonizer::from_object(arguments);
            let coroutine = hosted::start(operation, &mut arguments, Timestamp(now));
            let coroutine = coroutine.map_err(|error| refused(py, &error))?;
            Ok(Coroutine(Mutex::new(Progress { coroutine, asked: "no statement" })))
        })
    }

    /// The next statement as `(name, sql, binds, writes)`, or None when the answer is there.
    #[pyo3(signature = (rows=None))]
    fn resume<'py>(
        &self,
        py: Python<'py>,
        rows: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Option<Bound<'py, PyTuple>>> {
        guarded(py, || {
            let asked = self.progress().asked;
            rows::next_statement(py, asked, rows, |rows| self.advance(rows))
        })
    }

    /// The answer, once.
    fn answer<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guarded(py, || {
            let answer = self.progress().coroutine.answer();
            Ok(pythonize(py, &answer.map_err(|error| raised(py, &error))?)?)
        })
    }
}

impl Coroutine {
    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn advance(
        &self,
        rows: Option<tasker_core::session::Rows>,
    ) -> Result<Option<hosted::Statement>, tasker_core::Error> {
        let mut progress = self.progress();
        let next = progress.coroutine.resume(rows)?;
        if let Some(statement) = &next {
            progress.asked = statement.name;
        }
        Ok(next)
    }
}
