//! Scopes over the current state, for the models of both machines.

use crate::models::{Model, Task, WorkflowStep};
use crate::query::{Join, Query};
use crate::state::State;
use chrono::NaiveDateTime;
use sea_query::ExprTrait;

/// A model whose records are in the state of one of their transitions.
pub(super) trait Stateful: Model {
    /// That transition, as `current_transitions`: one row at most, none for a record that has had none.
    fn current_transition() -> Join;
}

impl Stateful for Task {
    fn current_transition() -> Join {
        super::task::current_transitions()
    }
}

impl Stateful for WorkflowStep {
    fn current_transition() -> Join {
        super::step::current_transitions()
    }
}

/// Those that are in a state; with `None`, or a state without a name, all that have had a transition.
pub(super) fn in_state<M: Stateful>(query: Query<M>, state: Option<State>) -> Query<M> {
    let current = M::current_transition();
    let named = state.filter(|state| !state.as_str().trim().is_empty());
    let condition = named.map(|state| ExprTrait::eq(current.column("to_state"), state.as_str()));
    let joined = query.join(current);
    match condition {
        Some(condition) => joined.filter(condition),
        None => joined,
    }
}

/// Those that have come into a state after an instant.
pub(super) fn in_state_since<M: Stateful>(query: Query<M>, state: State, since: NaiveDateTime) -> Query<M> {
    let late = ExprTrait::gt(M::current_transition().column("created_at"), since);
    in_state(query, Some(state)).filter(late)
}
