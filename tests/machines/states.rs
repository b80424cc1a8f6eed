//! The typed states beside the machines as data.

use std::collections::HashSet;
use tasker_core::machine::{Machine, Owner};
use tasker_core::state::State;
use tasker_core::transitions::{MachineState, StepState, TaskState};

fn assert_as_declared<S: MachineState>(owner: Owner) {
    assert_eq!(S::OWNER, owner);
    let machine = Machine::of(owner);
    assert_eq!(S::ALL.map(Into::into), State::ALL);
    let mut events = HashSet::new();
    for state in S::ALL {
        let word: State = state.into();
        assert_eq!(state.to_string(), word.as_str());
        assert_eq!(S::try_from(word.clone()), Ok(state));
        assert_eq!(machine.event(&word), Some(&*state.event().to_string()));
        let successors: Vec<State> = state.successors().into_iter().map(Into::into).collect();
        assert_eq!(successors, machine.successors(&word));
        events.insert(state.event());
    }
    assert_eq!(events.len(), 6);
}

#[test]
fn each_type_has_the_states_and_events_of_its_machine() {
    assert_as_declared::<TaskState>(Owner::Task);
    assert_as_declared::<StepState>(Owner::Step);
}

#[test]
fn other_words_are_no_state() {
    for word in ["", "Pending", "failed", "skipped"] {
        let error = word.parse::<TaskState>().unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "{word:?} is no state: expected one of pending, in_progress, complete, error, cancelled, resolved_manually"
            )
        );
        assert_eq!(word.parse::<StepState>().unwrap_err(), error);
    }
}
