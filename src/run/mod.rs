//! A workflow from its start to its end.
//!
//! [`WorkflowRun`] decides: which steps may be executed, how many are claimed at once, when to look again, what ends the loop, what becomes of
//! the task and when to come back to it. It is a coroutine without I/O and without a clock. A host runs its statements, executes steps and
//! publishes events:
//!
//! ```text
//! let mut run = WorkflowRun::start(task, Options::default());
//! let mut reply = Reply::Continue;
//! let outcome = loop {
//!     reply = match run.next(reply, now())? {
//!         Request::Query(query) => Reply::Rows(session.rows(query).await?),
//!         Request::Execute(steps) => Reply::Ended(/* execute each, then finish_steps */),
//!         Request::Publish(event) => { publish(event); Reply::Continue }
//!         Request::Done(outcome) => break outcome,
//!     }
//! };
//! ```
//!
//! A host in Rust calls `run_workflow` (feature `store`), which is that loop. A host without async wraps [`finish_steps`] into a
//! [`Coroutine`](crate::coroutine::Coroutine).
//!
//! # Claims
//!
//! A claim is a transition to in progress, and its id is the token of the claim. The end of a step compares its step's token, the claim
//! of a step and the end of the task compare the task's. So a worker whose task or step was given to another worker writes nothing.
//!
//! # Lost answers
//!
//! A statement may have been run though its answer is an error: the connection was lost, or it took too long. An end can be written again
//! ([`finish_again`], and each single end of [`finish_steps`] with the same instant): where nothing is left to write, the end that is there is read,
//! and taken for this one if it records the same claim, state and instant. So nothing is executed twice, and a successor that was claimed is
//! handed out.
//!
//! # Statements
//!
//! A run of `n` steps in a row takes `n + 2` statements, each its own commit: *start and claim*, `n` times *finish* (all but the last claim the
//! successor), *finish task*. A wave of many steps takes two: *look and claim*, and one for ends that are reported together. A large task is
//! looked at in part, at the steps that may be ready as far as the run knows, and as a whole where none of these is.
//!
//! A step and its successor are joined into one statement only where the successor is the whole next wave, so that failed steps that
//! are due do not starve, and where no listener expects an event between the two. Two workers that end two parents of one step at the
//! same time both leave it to the other; each looks afterwards, and one of them finds it.

mod closing;
mod event;
mod execution;
mod finish;
#[cfg(feature = "store")]
mod host;
mod looking;
mod offer;
mod options;
mod outcome;
mod request;
mod result;
mod resume;
mod rows;
mod shared;
mod stage;
mod starting;
mod tracked;
mod workflow_run;

#[allow(deprecated)]
#[doc(hidden)]
pub use crate::deprecated::run::*;
pub use event::{Event, EventKind};
pub use execution::{Names, ParentResults, StepExecution};
pub use finish::{finish_again, finish_steps};
#[cfg(feature = "worker")]
pub(crate) use host::run_started;
#[cfg(feature = "store")]
pub use host::{run_workflow, run_workflow_with_listener};
pub use offer::StepOffer;
pub use options::Options;
pub use outcome::{Outcome, Pause, StartRefusal};
pub use request::{Reply, Request};
pub use result::{StepEnd, StepEnded, StepFailure, StepResult};
#[cfg(feature = "worker")]
pub(crate) use resume::StartedTask;
pub use resume::Stop;
pub use rows::{StepRow, StepRows, TaskRow};
pub use shared::SharedExecution;
pub use workflow_run::{ReadyStep, WorkflowRun};
