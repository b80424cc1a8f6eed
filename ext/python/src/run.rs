//! `tasker_core._native.Run` and what belongs to it: a workflow whose statements Python runs and whose steps it executes.

use crate::errors::{guarded, raised};
use crate::rows;
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tasker_core::Error;
use tasker_core::coroutine::{Coroutine, CoroutineState};
use tasker_core::hosted::Statement;
use tasker_core::ids::TaskId;
use tasker_core::run::{
    Options, Outcome, ParentResults, Pause, Reply, Request, StartRefusal, StepEnd, StepExecution,
    StepFailure, StepResult, WorkflowRun, finish_steps,
};
use tasker_core::session::Rows;
use tasker_core::time::Timestamp;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A run of one task: `resume` and `ended` return its next request.
///
/// A request is `("query", statement)`, `("execute", executions)` or `("done", outcome)`.
#[pyclass(frozen, module = "tasker_core._native")]
pub(crate) struct Run(Mutex<Progress>);

struct Progress {
    run: WorkflowRun,
    /// The name of the statement that waits for its rows.
    asked: &'static str,
}

#[pymethods]
impl Run {
    /// `slots` is the number of steps that are executed at the same time, `claim_metadata` a JSON object.
    #[new]
    fn new(py: Python<'_>, task: i64, slots: NonZeroU32, claim_metadata: &str) -> PyResult<Self> {
        guarded(py, || {
            let options = Options { slots, claim_metadata: claim_metadata.into(), ..Options::default() };
            let run = WorkflowRun::start(TaskId(task), options);
            Ok(Run(Mutex::new(Progress { run, asked: "no statement" })))
        })
    }

    /// The first request, and the one after a statement, whose rows these are; `now` is in microseconds since 1970.
    fn resume<'py>(
        &self,
        py: Python<'py>,
        rows: Option<&Bound<'py, PyAny>>,
        now: i64,
    ) -> PyResult<Bound<'py, PyTuple>> {
        guarded(py, || {
            // Rows may be of any class, whose code runs here: the lock is not held meanwhile.
            let asked = lock(&self.0).asked;
            let rows = rows.map(|rows| rows::from_python(asked, rows)).transpose()?;
            self.next(py, rows.map_or(Reply::Continue, Reply::Rows), now)
        })
    }

    /// The request after all steps were executed; `ends` are what `finish` has returned.
    fn ended<'py>(
        &self,
        py: Python<'py>,
        ends: Vec<PyRef<'py, End>>,
        now: i64,
    ) -> PyResult<Bound<'py, PyTuple>> {
        guarded(py, || self.next(py, Reply::Ended(ends.iter().map(|end| end.0.clone()).collect()), now))
    }
}

impl Run {
    fn next<'py>(&self, py: Python<'py>, reply: Reply, now: i64) -> PyResult<Bound<'py, PyTuple>> {
        match self.advance(reply, now).map_err(|error| raised(py, &error))? {
            Request::Query(query) => {
                ("query", rows::statement(py, Statement::from(query))?).into_pyobject(py)
            }
            Request::Execute(steps) => {
                let steps: Vec<Execution> = steps.into_iter().map(Execution).collect();
                (
                    "execute",
                    PyList::new(
                        py,
                        steps.into_iter().map(|step| Py::new(py, step)).collect::<PyResult<Vec<_>>>()?,
                    )?,
                )
                    .into_pyobject(py)
            }
            Request::Done(outcome) => ("done", self::outcome(py, &outcome)?).into_pyobject(py),
            Request::Publish(_) | Request::Offer(_) => {
                let expected = "no event and no offer without a listener";
                Err(raised(py, &Error::OutOfTurn { expected, got: "one of them" }))
            }
        }
    }

    /// There are no listeners, so no event comes out.
    fn advance(&self, reply: Reply, now: i64) -> Result<Request, Error> {
        let mut progress = lock(&self.0);
        let mut request = progress.run.next(reply, Timestamp(now))?;
        while matches!(request, Request::Publish(_)) {
            request = progress.run.next(Reply::Continue, Timestamp(now))?;
        }
        if let Request::Query(query) = &request {
            progress.asked = query.name;
        }
        Ok(request)
    }
}

fn outcome<'py>(py: Python<'py>, outcome: &Outcome) -> PyResult<Bound<'py, PyDict>> {
    let fields = PyDict::new(py);
    match outcome {
        Outcome::Complete => fields.set_item("result", "complete")?,
        Outcome::Blocked => fields.set_item("result", "blocked")?,
        Outcome::Lost => fields.set_item("result", "lost")?,
        Outcome::Pending { pause, come_back } => {
            fields.set_item("result", "pending")?;
            fields.set_item("pause", self::pause(*pause))?;
            fields.set_item("come_back", come_back.map(|delay| delay.0))?;
        }
        Outcome::NothingReady { .. } => {
            return Err(raised(
                py,
                &Error::OutOfTurn { expected: "a run that ends its task", got: "another" },
            ));
        }
        Outcome::Refused(refusal) => {
            fields.set_item("result", "refused")?;
            let reason = match refusal {
                StartRefusal::UnknownTask => "unknown_task",
                StartRefusal::AlreadyComplete => "already_complete",
                StartRefusal::NotPending(_) => "not_pending",
            };
            fields.set_item("reason", reason)?;
            if let StartRefusal::NotPending(state) = refusal {
                fields.set_item("state", state.as_str())?;
            }
        }
    }
    Ok(fields)
}

fn pause(pause: Pause) -> &'static str {
    match pause {
        Pause::Waiting => "waiting",
        Pause::Processing => "processing",
        Pause::Stalled => "stalled",
        Pause::OtherSteps => "other_steps",
        Pause::Stopped => "stopped",
    }
}

/// One attempt at a step, which is claimed.
#[pyclass(frozen, module = "tasker_core._native")]
pub(crate) struct Execution(StepExecution);

#[pymethods]
impl Execution {
    #[getter]
    fn task(&self) -> i64 {
        self.0.task.0
    }

    #[getter]
    fn step(&self) -> i64 {
        self.0.step.0
    }

    #[getter]
    fn name(&self) -> &str {
        &self.0.name
    }

    /// As JSON text.
    #[getter]
    fn inputs(&self) -> Option<&str> {
        self.0.inputs.as_deref()
    }

    /// Of earlier attempts, as JSON text.
    #[getter]
    fn results(&self) -> Option<&str> {
        self.0.results.as_deref()
    }

    /// Before this one.
    #[getter]
    fn attempts(&self) -> i32 {
        self.0.attempts
    }

    #[getter]
    fn retry_limit(&self) -> i32 {
        self.0.retry_limit
    }

    /// Asks for the results of the steps that this one waits for: `[(id, name, JSON text or None), …]`.
    fn parents(&self, py: Python<'_>) -> PyResult<Writing> {
        guarded(py, || {
            let execution = self.0.clone();
            Ok(Writing::start(Coroutine::start(|mut session| async move {
                execution.parents(&mut session).await.map(Written::Parents)
            })))
        })
    }
}

/// Writes the ends of attempts, each `(execution, results)` or `(execution, failure)`; answers with their ends, in order.
///
/// Results are JSON text; a failure is `(error, error class, backtrace, whether it is permanent, seconds to wait or None)`.
#[pyfunction]
pub(crate) fn finish(
    py: Python<'_>,
    attempts: Vec<(PyRef<'_, Execution>, Ended)>,
    now: i64,
) -> PyResult<Writing> {
    guarded(py, || {
        let attempts: Vec<(StepExecution, StepResult)> =
            attempts.into_iter().map(|(execution, ended)| (execution.0.clone(), ended.into())).collect();
        Ok(Writing::start(Coroutine::start(move |mut session| async move {
            finish_steps(&mut session, &attempts, Timestamp(now)).await.map(Written::Ends)
        })))
    })
}

/// How an attempt ended.
#[derive(FromPyObject)]
pub(crate) enum Ended {
    Complete(String),
    Failed((String, String, String, bool, Option<u16>)),
}

impl From<Ended> for StepResult {
    fn from(ended: Ended) -> Self {
        match ended {
            Ended::Complete(results) => StepResult::Complete { results: Some(results.into()) },
            Ended::Failed((error, error_class, backtrace, is_permanent, backoff_seconds)) => {
                StepResult::Failed(StepFailure {
                    error,
                    error_class,
                    backtrace,
                    is_permanent,
                    backoff_seconds,
                })
            }
        }
    }
}

/// What became of an attempt.
#[pyclass(frozen, module = "tasker_core._native")]
pub(crate) struct End(StepEnd);

enum Written {
    Parents(Vec<ParentResults>),
    Ends(Vec<StepEnd>),
}

/// Statements of a run beside its own; used as a `Coroutine`.
#[pyclass(frozen, module = "tasker_core._native")]
pub(crate) struct Writing(Mutex<Conversing>);

struct Conversing {
    conversation: Coroutine<Written>,
    asked: &'static str,
    answer: Option<Written>,
}

impl Writing {
    fn start(conversation: Coroutine<Written>) -> Self {
        Writing(Mutex::new(Conversing { conversation, asked: "no statement", answer: None }))
    }

    fn advance(&self, rows: Option<Rows>) -> Result<Option<Statement>, Error> {
        let mut conversing = lock(&self.0);
        match conversing.conversation.resume(rows)? {
            CoroutineState::Ask(query) => {
                conversing.asked = query.name;
                Ok(Some(Statement::from(query)))
            }
            CoroutineState::Done(answer) => {
                conversing.answer = Some(answer);
                Ok(None)
            }
        }
    }
}

#[pymethods]
impl Writing {
    /// The next statement as `(name, sql, binds, writes)`, or None when the answer is there.
    #[pyo3(signature = (rows=None))]
    fn resume<'py>(
        &self,
        py: Python<'py>,
        rows: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Option<Bound<'py, PyTuple>>> {
        guarded(py, || {
            let asked = lock(&self.0).asked;
            rows::next_statement(py, asked, rows, |rows| self.advance(rows))
        })
    }

    /// The answer, once.
    fn answer<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guarded(py, || match lock(&self.0).answer.take() {
            Some(Written::Parents(parents)) => {
                let parents = parents.into_iter();
                let parents = parents.map(|parent| {
                    (parent.step.0, parent.name.into_string(), parent.results.map(String::from))
                });
                parents.collect::<Vec<_>>().into_bound_py_any(py)
            }
            Some(Written::Ends(ends)) => ends.into_iter().map(End).collect::<Vec<_>>().into_bound_py_any(py),
            None => {
                let got = "a request for its answer";
                Err(raised(
                    py,
                    &Error::OutOfTurn { expected: "a coroutine that is over and was not read yet", got },
                ))
            }
        })
    }
}
