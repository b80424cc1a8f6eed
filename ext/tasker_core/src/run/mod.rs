//! `TaskerCore::Native::WorkflowRun` and what belongs to it: a workflow whose statements Ruby runs and whose steps it executes.
//!
//! ```ruby
//! run = WorkflowRun.start(task_id, { slots: 3 })
//! request = run.resume(nil, now)
//! loop do
//!   request =
//!     case request
//!     in [:query, question] then run.resume(rows_of(question), now)        # as of a conversation: [name, sql, binds, writes]
//!     in [:execute, executions] then run.ended(executions.map { |execution| … }, now)
//!     in [:publish, { name:, steps: }] then run.resume(nil, now)           # name of the event, ids of the steps it is about
//!     in [:done, outcome] then break outcome
//!     end
//! end
//! ```
//!
//! With listeners to `step.execution_requested` there is `[:offer, offers]` in place of `[:execute, executions]`: the steps are not claimed yet.
//!
//! An outcome is `{ outcome: :complete | :blocked | :lost }`, `{ outcome: :nothing_ready, ready: whether steps are ready that could not be claimed }`, `{ outcome: :pending, pause: :waiting | :processing | :stalled, come_back:
//! microseconds from now or nil }` or `{ outcome: :refused, reason: :unknown_task | :already_complete | :not_pending, state: }`. Instants are
//! microseconds. All of it may be called from any thread, a run by one at a time.

mod end;
mod execution;
mod offer;
mod options;
mod request;

use crate::boundary::{error, guarded, raise};
use crate::rows;
use end::RubyEnd;
use magnus::{Class, Error, Module, Object, RArray, RHash, RModule, Ruby, TryConvert, function, method};
use std::sync::{Mutex, MutexGuard, TryLockError};
use tasker_core::ids::{StepId, TaskId};
use tasker_core::run::{Names, Reply, StepEnd, WorkflowRun};
use tasker_core::time::Timestamp;

#[magnus::wrap(class = "TaskerCore::Native::WorkflowRun", free_immediately, size)]
struct RubyRun(Mutex<WorkflowRun>);

impl RubyRun {
    /// `options` has any of those of [`Options`] by their names: `slots` (1 or more), `listeners` (names of events), `claim_metadata` and
    /// `task_metadata` (JSON), `records`, `claims_with_start` (not unless it is true), `retries`, `ends_task`, `processing_delay` and `stall_delay` (microseconds).
    fn start(ruby: &Ruby, task: i64, options: RHash) -> Result<Self, Error> {
        guarded(ruby, || {
            let options = options::from_ruby(ruby, options)?;
            Ok(RubyRun(Mutex::new(WorkflowRun::start(TaskId(task), options))))
        })
    }

    /// The first request, and the one after a statement, whose rows these are, or after an event, which has none.
    fn resume(ruby: &Ruby, this: &Self, answered: Option<RArray>, now: i64) -> Result<RArray, Error> {
        guarded(ruby, || {
            let rows = answered.map(|answered| rows::from_ruby(ruby, answered)).transpose()?;
            this.next(ruby, rows.map_or(Reply::Continue, Reply::Rows), now)
        })
    }

    /// The request after all steps were executed: their ends are those that `StepExecution#finish` and `#abandon` gave.
    fn ended(ruby: &Ruby, this: &Self, ends: RArray, now: i64) -> Result<RArray, Error> {
        guarded(ruby, || {
            let ends: Result<Vec<StepEnd>, Error> =
                ends.into_iter().map(|end| Ok(<&RubyEnd>::try_convert(end)?.0.clone())).collect();
            this.next(ruby, Reply::Ended(ends?), now)
        })
    }

    /// The token of the claim of the task; nil before the start.
    fn claim(ruby: &Ruby, this: &Self) -> Result<Option<i64>, Error> {
        guarded(ruby, || Ok(this.run(ruby)?.claim().map(|claim| claim.0)))
    }

    /// How many steps the statement that was asked for last may claim, for hosts that make room for them before; 0 where it claims none.
    fn claims_at_most(ruby: &Ruby, this: &Self) -> Result<usize, Error> {
        guarded(ruby, || Ok(this.run(ruby)?.claims_at_most()))
    }

    /// Whether the statement that was asked for last waits for locks of other sessions before it claims steps.
    fn claims_wait(ruby: &Ruby, this: &Self) -> Result<bool, Error> {
        guarded(ruby, || Ok(this.run(ruby)?.claims_wait()))
    }

    /// The statement that was asked for last anew, with no more claims than `slots`, 1 or more.
    fn limit_claims(ruby: &Ruby, this: &Self, slots: u32, now: i64) -> Result<RArray, Error> {
        guarded(ruby, || {
            let slots = options::slots(ruby, slots)?;
            let limited = this.run(ruby)?.limit_claims(slots, Timestamp(now));
            request::into_ruby(ruby, limited.map_err(|error| raise(ruby, &error))?)
        })
    }

    /// Has ends of steps that are claimed from now on refused where a later step of the task than this one bears the step's name, or any other
    /// step where it is nil.
    fn set_distinct_to(ruby: &Ruby, this: &Self, step: Option<i64>) -> Result<(), Error> {
        guarded(ruby, || {
            let names = step.map_or(Names::Compared, |step| Names::DistinctTo(StepId(step)));
            this.run(ruby)?.compare_names(names);
            Ok(())
        })
    }

    /// Rounds so far; slices of one wave are one round.
    fn waves(ruby: &Ruby, this: &Self) -> Result<usize, Error> {
        guarded(ruby, || Ok(this.run(ruby)?.waves()))
    }

    /// The steps that were found ready in this round, as `[[step, name], …]` by id. Names are empty without `records`.
    fn ready(ruby: &Ruby, this: &Self) -> Result<RArray, Error> {
        guarded(ruby, || {
            let ready = this.run(ruby)?.ready().to_vec();
            let pairs = ruby.ary_new_capa(ready.len());
            for step in ready {
                pairs.push((step.step.0, step.name.into_string()))?;
            }
            Ok(pairs)
        })
    }

    fn next(&self, ruby: &Ruby, reply: Reply, now: i64) -> Result<RArray, Error> {
        let request = self.run(ruby)?.next(reply, Timestamp(now)).map_err(|error| raise(ruby, &error))?;
        // Ruby values are made with the lock released: making one may end in a longjmp.
        request::into_ruby(ruby, request)
    }

    /// A panic leaves a run that is over.
    fn run(&self, ruby: &Ruby) -> Result<MutexGuard<'_, WorkflowRun>, Error> {
        match self.0.try_lock() {
            Ok(run) => Ok(run),
            Err(TryLockError::Poisoned(run)) => Ok(run.into_inner()),
            Err(TryLockError::WouldBlock) => {
                let message = "a run belongs to one caller: expected no other call on it, got two at once";
                Err(error(ruby, "ConversationError", message.to_owned()))
            }
        }
    }
}

pub(crate) fn init(ruby: &Ruby, native: RModule) -> Result<(), Error> {
    let class = native.define_class("WorkflowRun", ruby.class_object())?;
    class.undef_default_alloc_func();
    class.define_singleton_method("start", function!(RubyRun::start, 2))?;
    class.define_method("resume", method!(RubyRun::resume, 2))?;
    class.define_method("ended", method!(RubyRun::ended, 2))?;
    class.define_method("claim", method!(RubyRun::claim, 0))?;
    class.define_method("claims_at_most", method!(RubyRun::claims_at_most, 0))?;
    class.define_method("claims_wait?", method!(RubyRun::claims_wait, 0))?;
    class.define_method("limit_claims", method!(RubyRun::limit_claims, 2))?;
    class.define_method("distinct_to=", method!(RubyRun::set_distinct_to, 1))?;
    class.define_method("waves", method!(RubyRun::waves, 0))?;
    class.define_method("ready", method!(RubyRun::ready, 0))?;
    offer::init(ruby, native)?;
    execution::init(ruby, native)?;
    end::init(ruby, native)
}
