//! The end of a run: what becomes of its task.

use super::event::{Event, EventKind};
use super::outcome::{Outcome, Pause};
use super::request::Request;
use super::stage::{Sight, Stage};
use super::starting::TaskRow;
use super::workflow_run::{WorkflowRun, instant};
use crate::error::Error;
use crate::ids::TransitionId;
use crate::machine::Owner;
use crate::operations::snapshot;
use crate::progress::{ExecutionStatus, execution_context};
use crate::readiness::{next_wait, readiness};
use crate::session::{Rows, Value};
use crate::sql;
use crate::state::State;
use crate::time::Timestamp;

/// The metadata of a transition to pending by which another worker is asked to go on.
const HANDOVER: &str = r#"{"tasker_core": {"handover": true}}"#;

impl WorkflowRun {
    /// The run was ended early.
    pub(super) fn stopped(&mut self) -> Request {
        if self.options.ends_task { self.assess() } else { self.leave_to_host(true) }
    }

    /// No step could be claimed when everything was looked at.
    pub(super) fn nothing_ready(&mut self) -> Result<Request, Error> {
        if self.options.ends_task {
            return Ok(self.assess());
        }
        if self.waited {
            return Ok(self.leave_to_host(true));
        }
        let look = sql::run::Look { retries: Value::Bool(true), ..self.claimant()?.look(self.own_steps()) };
        let query = sql::run::look(look);
        Ok(self.query(Stage::Counting, query))
    }

    /// The steps that are ready though none could be claimed.
    pub(super) fn counted(&mut self, rows: &Rows, now: Timestamp) -> Result<Request, Error> {
        if self.offered(rows)?.is_empty() {
            return Ok(self.leave_to_host(false));
        }
        // They were locked, or became ready since the look.
        self.waited = true;
        self.look_at(Sight::Everything, now)
    }

    /// All steps are complete, as far as the run knows.
    pub(super) fn all_complete(&mut self, now: Timestamp) -> Request {
        if !self.options.ends_task {
            return self.leave_to_host(false);
        }
        self.publish(EventKind::NoStepsReady, || Event::NoStepsReady);
        self.complete(now)
    }

    fn leave_to_host(&mut self, unclaimed: bool) -> Request {
        self.publish(EventKind::NoStepsReady, || Event::NoStepsReady);
        Request::Done(Outcome::NothingReady { unclaimed })
    }

    pub(super) fn complete(&mut self, now: Timestamp) -> Request {
        let query = sql::execution::finish_task(self.task_id(), instant(now), self.task_claim());
        self.query(Stage::Completing, query)
    }

    /// Reads the whole task, since no step was claimed.
    pub(super) fn assess(&mut self) -> Request {
        let tasks = Value::int_array([self.task.0]);
        self.query(Stage::Assessing, sql::records::tasks_with_steps("task execution context", tasks))
    }

    pub(super) fn assessed(&mut self, rows: &Rows, now: Timestamp) -> Result<Request, Error> {
        let Some(row) = rows.first("task execution context") else {
            return Ok(Request::Done(Outcome::Lost));
        };
        let steps = snapshot::steps(row)?;
        let Some(task) = snapshot::tasks(row)?.into_iter().next() else {
            return Ok(Request::Done(Outcome::Lost));
        };
        let context = execution_context(&task, &readiness(&steps));
        let status = context.execution_status;
        self.context = Some(context);
        let divided = self.divided(&steps);
        let (stopped, steps) = (self.options.stop.is_set(), &divided.own);
        if divided.has_own_ready() && !self.waited && !stopped {
            // Steps that were locked, or became ready since the look.
            self.waited = true;
            return self.look_at(Sight::Everything, now);
        }
        // The engine looks for failures after each round, and does not look for ready steps then.
        if status != ExecutionStatus::BlockedByFailures || self.waves == 0 {
            self.publish(EventKind::NoStepsReady, || Event::NoStepsReady);
        }
        let pending = |pause, come_back| Outcome::Pending { pause, come_back };
        Ok(match status {
            ExecutionStatus::AllComplete => self.complete(now),
            ExecutionStatus::BlockedByFailures => self.leave(State::Error, Outcome::Blocked, now),
            _ if divided.hands_over() => {
                self.leave(State::Pending, pending(Pause::OtherSteps, next_wait(steps)), now)
            }
            _ if stopped => self.leave(State::Pending, pending(Pause::Stopped, next_wait(steps)), now),
            ExecutionStatus::HasReadySteps => {
                let outcome = pending(Pause::Stalled, Some(self.options.stall_delay));
                self.leave(State::Pending, outcome, now)
            }
            ExecutionStatus::Processing => {
                let wait = next_wait(steps).unwrap_or(self.options.processing_delay);
                let outcome = pending(Pause::Processing, Some(wait.min(self.options.processing_delay)));
                self.leave(State::Pending, outcome, now)
            }
            ExecutionStatus::WaitingForDependencies => {
                self.leave(State::Pending, pending(Pause::Waiting, next_wait(steps)), now)
            }
        })
    }

    /// Moves the task to the state in which it waits for a worker or a person.
    pub(super) fn leave(&mut self, to: State, outcome: Outcome, now: Timestamp) -> Request {
        let write = sql::transition::Write {
            id: self.task_id(),
            to: Value::text(to.as_str()),
            from: Value::text_array([State::InProgress.as_str()]),
            metadata: Value::text(match outcome {
                Outcome::Pending { pause: Pause::OtherSteps, .. } => HANDOVER,
                _ => "{}",
            }),
            at: instant(now),
            guarded: Value::Bool(false),
            parents: Value::Null,
            claim: self.task_claim(),
            task_claim: Value::Null,
        };
        self.query(Stage::Leaving(outcome), sql::transition::write(Owner::Task, write))
    }

    pub(super) fn left(&mut self, outcome: Outcome, rows: &Rows) -> Request {
        let Some(claim) = self.claim.filter(|_| rows.is_empty()) else {
            match outcome {
                Outcome::Complete => self.publish(EventKind::TaskCompleted, || Event::TaskCompleted),
                Outcome::Blocked => self.publish(EventKind::TaskFailed, || Event::TaskFailed),
                Outcome::Pending { .. } => self.publish(EventKind::TaskPending, || Event::TaskPending),
                Outcome::Refused(_) | Outcome::Lost | Outcome::NothingReady { .. } => {}
            }
            return Request::Done(outcome);
        };
        self.query(Stage::Confirming { claim }, sql::run::task_state(self.task_id()))
    }

    /// A task that is still this run's was not complete: a step was added, or is no longer done.
    pub(super) fn confirmed(
        &mut self,
        claim: TransitionId,
        rows: &Rows,
        now: Timestamp,
    ) -> Result<Request, Error> {
        let ours = TaskRow::first(rows)?.is_some_and(|task| task.transition == Some(claim));
        if !ours {
            return Ok(Request::Done(Outcome::Lost));
        }
        self.tracked = None;
        self.look(now)
    }
}
