//! Processes that execute the steps of tasks.
//!
//! A [`Worker`] finds tasks of the kinds that it has handlers for, runs them by [`run`](crate::run), and leaves them complete, in error, or pending with
//! the rows that the engine leaves. Any number of workers, processes and machines share one database, Rails workers with the gem included.
//!
//! # Tasks that Rails and Rust execute together
//!
//! A worker executes only steps that it has handlers for. A task is run by one worker at a time: when only steps of others can go on, the run
//! makes the task pending, with `{"tasker_core": {"handover": true}}` in the metadata of that transition, and notifies
//! [`HANDOVER_CHANNEL`](recovery::HANDOVER_CHANNEL). A Rails process with recovery on listens there and enqueues the engine's job. In the other
//! direction the gem makes the task pending and notifies the same channel. No worker polls a task whose next step is not its own: a task is
//! started only where one of the worker's steps is ready.
//!
//! # Statements
//!
//! An idle worker looks for tasks at most once a second, however many wait. One statement starts a batch of tasks, each end of a step is one
//! more. [`recovery`] costs one statement each grace period and one each ten seconds.

mod connections;
mod error;
mod executor;
mod handler;
mod looking;
mod options;
pub mod recovery;
mod registry;
mod schedule;
mod served;
mod step;
mod task_run;
mod telemetry;
mod totals;
mod wake_ups;
#[allow(clippy::module_inception)]
mod worker;

pub use crate::operations::task_kinds::TaskKind;
pub use error::WorkerError;
pub use handler::{BlockingHandler, Handler, HandlerResult, StepHandler};
pub use options::{ConfigSource, WorkerOptions};
pub use registry::{Registry, TaskHandlers};
pub use step::{Parents, Step};
pub use telemetry::names as metric_names;
pub use tokio_util::sync::CancellationToken;
pub use totals::Totals;
pub use wake_ups::WakeUps;
pub use worker::Worker;
