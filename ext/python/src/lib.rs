//! The Python extension of tasker-core. It converts and forwards; it decides nothing and keeps no Python object between calls.

mod coroutine;
mod errors;
mod rows;
mod run;

use pyo3::prelude::*;
use tasker_core::hosted::OPERATIONS;

/// The extension of `tasker_core`; for that package's own code only.
#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add("OPERATIONS", OPERATIONS.iter().map(|operation| operation.name).collect::<Vec<_>>())?;
    module.add_function(wrap_pyfunction!(panic, module)?)?;
    module.add_function(wrap_pyfunction!(run::finish, module)?)?;
    module.add_class::<run::Run>()?;
    module.add_class::<run::Execution>()?;
    module.add_class::<run::End>()?;
    module.add_class::<run::Writing>()?;
    module.add_class::<coroutine::Coroutine>()
}

/// Panics on purpose, so that the boundary can be tried on the very library that is installed.
#[pyfunction]
fn panic(py: Python<'_>) -> PyResult<()> {
    #[allow(clippy::panic, reason = "it is what this function is for")]
    errors::guarded(py, || panic!("asked for"))
}
