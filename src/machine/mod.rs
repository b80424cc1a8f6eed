//! The two state machines as data.
//!
//! Source: `TaskStateMachine` and `StepStateMachine` of the engine. Storage and races are the business of
//! [`crate::operations::transition`].
//!
//! ```
//! use tasker_core::machine::{Guard, Machine, Owner};
//! use tasker_core::state::State;
//!
//! let machine: &Machine = Machine::of(Owner::Step);
//! assert!(machine.leads(&State::Pending, &State::InProgress));
//! assert_eq!(machine.successors(&State::Complete), []);
//! assert!(machine.predecessors(&State::Complete).any(|state| *state == State::InProgress));
//! assert_eq!(machine.guard(&State::InProgress), Some(Guard::ParentsDone));
//! assert_eq!(machine.event(&State::Complete), Some("step.completed"));
//! assert_eq!(machine.current(None), State::Pending);
//! assert!(machine.transitions().any(|(from, to)| *from == State::Error && to.contains(&State::Pending)));
//! ```

mod step;
mod task;

use crate::state::State;
use serde::{Deserialize, Serialize};

/// Who moves through a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// A task; its transitions are in `tasker_task_transitions`.
    Task,
    /// A step; its transitions are in `tasker_workflow_step_transitions`.
    Step,
}

/// A condition on entering a state, beyond the one that the state before allows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Guard {
    /// Every parent is complete or resolved manually.
    ParentsDone,
    /// Every step is complete or resolved manually. A task without steps passes.
    StepsDone,
}

/// A state machine.
#[derive(Debug)]
pub struct Machine {
    /// Who moves through it.
    pub owner: Owner,
    transitions: &'static [(State, &'static [State])],
    guards: &'static [(State, Guard)],
    events: &'static [(State, &'static str)],
    blank_is_pending: bool,
}

impl Machine {
    /// The machine of an owner.
    pub fn of(owner: Owner) -> &'static Machine {
        match owner {
            Owner::Task => &task::MACHINE,
            Owner::Step => &step::MACHINE,
        }
    }

    /// Every state that leads somewhere, with its successors, in the order of declaration.
    pub fn transitions(&self) -> impl Iterator<Item = (&'static State, &'static [State])> {
        self.transitions.iter().map(|(from, to)| (from, *to))
    }

    /// The states that `from` may lead to, guards aside.
    pub fn successors(&self, from: &State) -> &'static [State] {
        self.transitions.iter().find(|(state, _)| state == from).map_or(&[], |(_, successors)| successors)
    }

    /// May `from` lead to `to`, guards aside?
    pub fn leads(&self, from: &State, to: &State) -> bool {
        self.successors(from).contains(to)
    }

    /// The states that may lead to `to`, guards aside.
    pub fn predecessors(&self, to: &State) -> impl Iterator<Item = &'static State> {
        self.transitions.iter().filter(move |(_, successors)| successors.contains(to)).map(|(from, _)| from)
    }

    /// The condition on entering `to`, wherever from.
    pub fn guard(&self, to: &State) -> Option<Guard> {
        lookup(self.guards, to)
    }

    /// The event that announces the arrival in `to`.
    ///
    /// The engine looks it up by the recorded from-state, which it never records, so the target alone decides: an error that
    /// goes back to pending is announced as initialised, not as retried.
    pub fn event(&self, to: &State) -> Option<&'static str> {
        lookup(self.events, to)
    }

    /// The state that an owner is in when its most recent transition says `recorded`.
    ///
    /// Without a transition it is pending. An empty word means pending to a step; a task keeps it and can go nowhere.
    pub fn current(&self, recorded: Option<State>) -> State {
        match recorded {
            None => State::Pending,
            Some(State::Other(word)) if self.blank_is_pending && word.is_empty() => State::Pending,
            Some(state) => state,
        }
    }
}

fn lookup<T: Copy>(table: &[(State, T)], key: &State) -> Option<T> {
    table.iter().find(|(state, _)| state == key).map(|(_, value)| *value)
}
