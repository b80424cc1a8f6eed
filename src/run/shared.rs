//! An execution that two threads have in hand: the one that executes the step, and the one that waits for its end.

use super::execution::StepExecution;
use super::result::{StepEnd, StepEnded};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// An execution on a thread of its own, of which the run's thread may stop waiting.
///
/// The end of a step may claim the step's successor. That claim is the run's to execute, so it must not be made once the run goes on without
/// it. Whichever comes first holds: [`begin_end`](Self::begin_end) by the step's thread, after which the run has to wait for the end, or
/// [`abandon`](Self::abandon) by the run's thread, after which the end claims nothing. The end of the step itself counts in either case.
///
/// ```
/// # fn shared(execution: tasker_core::run::StepExecution) {
/// use tasker_core::run::{SharedExecution, StepEnded};
///
/// let (of_step, of_run) = { let shared = SharedExecution::new(execution); (shared.clone(), shared) };
/// match of_run.abandon() {
///     Some(end) => assert_eq!(end.ended, StepEnded::Abandoned),
///     None => println!("the step ends right now: wait for it"),
/// }
/// // The step's thread writes the end of this one.
/// let ending = of_step.begin_end();
/// assert_eq!(ending.successor, None);
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct SharedExecution(Arc<Mutex<Shared>>);

#[derive(Debug)]
struct Shared {
    execution: StepExecution,
    ends: bool,
}

impl SharedExecution {
    /// Of an execution that no thread has begun yet.
    pub fn new(execution: StepExecution) -> Self {
        SharedExecution(Arc::new(Mutex::new(Shared { execution, ends: false })))
    }

    /// The execution as it is now.
    pub fn execution(&self) -> StepExecution {
        self.lock().execution.clone()
    }

    /// The execution whose end is to be written now, with the permission to claim its successor, unless that was withdrawn. To write the same
    /// end again, ask again: the answer is the same.
    pub fn begin_end(&self) -> StepExecution {
        let mut shared = self.lock();
        shared.ends = true;
        shared.execution.clone()
    }

    /// Withdraws the permission to claim the successor, before the step ends: for a host that has no room for it.
    ///
    /// `false` where the end, with the claim, is being written.
    pub fn withdraw_successor(&self) -> bool {
        let mut shared = self.lock();
        let withdrawn = !shared.ends || shared.execution.successor.is_none();
        if withdrawn {
            shared.execution.successor = None;
        }
        withdrawn
    }

    /// Stops waiting for the step. `None` where its end, with the claim of its successor, is being written: that is to be waited for. A
    /// step without a successor can be abandoned at any time.
    pub fn abandon(&self) -> Option<StepEnd> {
        let step = self.lock().execution.step;
        self.withdraw_successor().then_some(StepEnd { step, ended: StepEnded::Abandoned })
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
