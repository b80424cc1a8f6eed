//! The state machines' tables, for comparing with those of the application.

use crate::boundary::{error, guarded};
use magnus::{Error, Object, RHash, RModule, Ruby, function};
use tasker_core::machine::{Machine, Owner};

/// `"task"` or `"step"`.
fn owner(ruby: &Ruby, name: &str) -> Result<Owner, Error> {
    match name {
        "task" => Ok(Owner::Task),
        "step" => Ok(Owner::Step),
        other => Err(error(
            ruby,
            "ConversationError",
            format!("unknown owner of a state machine: expected \"task\" or \"step\", got {other:?}"),
        )),
    }
}

/// `{ from => [to, ...] }`, in the form of Statesman's `successors`.
fn successors(ruby: &Ruby, name: String) -> Result<RHash, Error> {
    guarded(ruby, || {
        let table = ruby.hash_new();
        for (from, to) in Machine::of(owner(ruby, &name)?).transitions() {
            table.aset(from.as_str(), ruby.ary_from_iter(to.iter().map(|state| state.as_str())))?;
        }
        Ok(table)
    })
}

/// The event that announces the arrival in each state.
fn events(ruby: &Ruby, name: String) -> Result<RHash, Error> {
    guarded(ruby, || {
        let table = ruby.hash_new();
        let machine = Machine::of(owner(ruby, &name)?);
        for state in tasker_core::state::State::ALL {
            table.aset(state.as_str(), machine.event(&state))?;
        }
        Ok(table)
    })
}

pub(crate) fn init(native: RModule) -> Result<(), Error> {
    native.define_singleton_method("successors", function!(successors, 1))?;
    native.define_singleton_method("events", function!(events, 1))
}
