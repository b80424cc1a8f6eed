//! `TaskerCore::Native::StepEnd`

use crate::boundary::guarded;
use crate::conversation::Answer;
use magnus::{Class, Error, IntoValue, Module, RModule, Ruby, Symbol, Value, method};
use tasker_core::run::{StepEnd, StepEnded};

/// What became of an attempt.
#[magnus::wrap(class = "TaskerCore::Native::StepEnd", free_immediately, size)]
pub(super) struct RubyEnd(pub(super) StepEnd);

impl Answer for Option<StepEnd> {
    fn into_ruby(self: Box<Self>, ruby: &Ruby) -> Result<Value, Error> {
        Ok(self.map(|ended| end(ruby, ended)).into_value_with(ruby))
    }
}

/// The ends of one conversation, which are one.
pub(super) fn end_of_one(ends: Vec<StepEnd>) -> Box<dyn Answer> {
    Box::new(ends.into_iter().next())
}

pub(super) fn end(ruby: &Ruby, end: StepEnd) -> Value {
    ruby.obj_wrap(RubyEnd(end)).into_value_with(ruby)
}

impl RubyEnd {
    fn step_id(ruby: &Ruby, this: &Self) -> Result<i64, Error> {
        guarded(ruby, || Ok(this.0.step.0))
    }

    /// `:complete`, `:failed`, `:claim_lost` (nothing was written), `:abandoned` or `:unclaimed`.
    fn kind(ruby: &Ruby, this: &Self) -> Result<Symbol, Error> {
        guarded(ruby, || {
            Ok(ruby.to_symbol(match this.0.ended {
                StepEnded::Complete { .. } => "complete",
                StepEnded::Failed => "failed",
                StepEnded::ClaimLost => "claim_lost",
                StepEnded::Abandoned => "abandoned",
                StepEnded::Unclaimed => "unclaimed",
            }))
        })
    }

    /// The step that was claimed with it, or nil. The run hands out its execution.
    fn successor(ruby: &Ruby, this: &Self) -> Result<Option<i64>, Error> {
        guarded(ruby, || {
            Ok(match &this.0.ended {
                StepEnded::Complete { successor } => successor.as_ref().map(|next| next.step.0),
                _ => None,
            })
        })
    }
}

pub(super) fn init(ruby: &Ruby, native: RModule) -> Result<(), Error> {
    let class = native.define_class("StepEnd", ruby.class_object())?;
    class.undef_default_alloc_func();
    class.define_method("step_id", method!(RubyEnd::step_id, 0))?;
    class.define_method("kind", method!(RubyEnd::kind, 0))?;
    class.define_method("successor", method!(RubyEnd::successor, 0))
}
