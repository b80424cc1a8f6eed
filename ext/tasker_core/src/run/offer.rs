//! `TaskerCore::Native::StepOffer`

use super::end::end;
use super::execution::{claimed, task_record};
use crate::boundary::guarded;
use crate::conversation::{Started, started};
use magnus::{Class, Error, Module, RArray, RModule, Ruby, Value, method};
use tasker_core::run::StepOffer;
use tasker_core::time::Timestamp;

/// A ready step that is not claimed yet.
#[magnus::wrap(class = "TaskerCore::Native::StepOffer", free_immediately, size)]
pub(super) struct RubyOffer(pub(super) StepOffer);

impl RubyOffer {
    fn step_id(ruby: &Ruby, this: &Self) -> Result<i64, Error> {
        guarded(ruby, || Ok(this.0.step.0))
    }

    fn name(ruby: &Ruby, this: &Self) -> Result<String, Error> {
        guarded(ruby, || Ok(this.0.name.to_string()))
    }

    /// As of an execution.
    fn task_row(ruby: &Ruby, this: &Self) -> Result<Option<RArray>, Error> {
        guarded(ruby, || this.0.task.as_deref().map(|task| task_record(ruby, task)).transpose())
    }

    /// A conversation that claims the step; its answer is a `StepExecution`, or nil where the step is not ready any more.
    fn claim(ruby: &Ruby, this: &Self, seam: String, at: i64) -> Started {
        guarded(ruby, || {
            let offer = this.0.clone();
            started!(seam, |session| offer.claim(session, Timestamp(at)), claimed)
        })
    }

    /// The `StepEnd` of a step that the host does not claim.
    fn unclaimed(ruby: &Ruby, this: &Self) -> Result<Value, Error> {
        guarded(ruby, || Ok(end(ruby, this.0.unclaimed())))
    }

    /// The `StepEnd` of a step that could not be claimed.
    fn lost(ruby: &Ruby, this: &Self) -> Result<Value, Error> {
        guarded(ruby, || Ok(end(ruby, this.0.lost())))
    }
}

pub(super) fn init(ruby: &Ruby, native: RModule) -> Result<(), Error> {
    let class = native.define_class("StepOffer", ruby.class_object())?;
    class.undef_default_alloc_func();
    class.define_method("step_id", method!(RubyOffer::step_id, 0))?;
    class.define_method("name", method!(RubyOffer::name, 0))?;
    class.define_method("task_row", method!(RubyOffer::task_row, 0))?;
    class.define_method("claim", method!(RubyOffer::claim, 2))?;
    class.define_method("unclaimed", method!(RubyOffer::unclaimed, 0))?;
    class.define_method("lost", method!(RubyOffer::lost, 0))
}
