//! The two machines against tables written out a second time.

use tasker_core::machine::{Guard, Machine, Owner};
use tasker_core::state::State;

/// From each state, its successors in the order in which the engine declares them.
type Table = [(&'static str, &'static [&'static str]); 6];

const TASK: Table = [
    ("pending", &["in_progress", "cancelled", "error"]),
    ("in_progress", &["complete", "error", "cancelled", "pending"]),
    ("complete", &["cancelled"]),
    ("error", &["pending", "resolved_manually"]),
    ("cancelled", &[]),
    ("resolved_manually", &["cancelled"]),
];

const STEP: Table = [
    ("pending", &["in_progress", "error", "cancelled", "resolved_manually"]),
    ("in_progress", &["complete", "error", "cancelled"]),
    ("complete", &[]),
    ("error", &["pending", "resolved_manually"]),
    ("cancelled", &[]),
    ("resolved_manually", &[]),
];

const BOTH: [(Owner, Table); 2] = [(Owner::Task, TASK), (Owner::Step, STEP)];

fn words<'a>(states: impl IntoIterator<Item = &'a State>) -> Vec<&'a str> {
    states.into_iter().map(State::as_str).collect()
}

#[test]
fn successors_are_those_of_the_engine_in_its_order() {
    for (owner, table) in BOTH {
        for (from, to) in table {
            assert_eq!(words(Machine::of(owner).successors(&State::from(from))), to, "{owner:?} from {from}");
        }
    }
}

#[test]
fn every_way_of_asking_gives_the_same_answer() {
    for (owner, _) in BOTH {
        let machine = Machine::of(owner);
        assert_eq!(machine.owner, owner);
        for from in &State::ALL {
            for to in &State::ALL {
                let leads = machine.successors(from).contains(to);
                assert_eq!(machine.leads(from, to), leads, "{owner:?}: {from} to {to}");
                assert_eq!(
                    machine.predecessors(to).any(|state| state == from),
                    leads,
                    "{owner:?}: {from} to {to}"
                );
            }
            let listed = machine.transitions().find(|(state, _)| *state == from).map(|(_, to)| to);
            assert_eq!(listed.unwrap_or_default(), machine.successors(from));
        }
        assert!(machine.transitions().all(|(_, to)| !to.is_empty()), "a final state is listed");
    }
}

#[test]
fn final_states_lead_nowhere() {
    let is_final = |owner, state: &&State| Machine::of(owner).successors(state).is_empty();
    let of = |owner| words(State::ALL.iter().filter(|state| is_final(owner, state)));
    assert_eq!(of(Owner::Task), ["cancelled"]);
    assert_eq!(of(Owner::Step), ["complete", "cancelled", "resolved_manually"]);
}

#[test]
fn no_state_leads_to_itself() {
    for (owner, _) in BOTH {
        assert!(State::ALL.iter().all(|state| !Machine::of(owner).leads(state, state)));
    }
}

#[test]
fn foreign_words_lead_nowhere_and_nothing_leads_to_them() {
    for (owner, _) in BOTH {
        let machine = Machine::of(owner);
        for word in ["", "failed", "PENDING", " pending"].map(State::from) {
            assert!(machine.successors(&word).is_empty());
            assert_eq!(machine.predecessors(&word).count(), 0);
            assert_eq!((machine.guard(&word), machine.event(&word)), (None, None));
        }
    }
}

#[test]
fn guards_stand_before_one_state_each() {
    let guards = |owner| State::ALL.map(|to| Machine::of(owner).guard(&to));
    assert_eq!(guards(Owner::Task), [None, None, Some(Guard::StepsDone), None, None, None]);
    assert_eq!(guards(Owner::Step), [None, Some(Guard::ParentsDone), None, None, None, None]);
}

#[test]
fn every_arrival_is_announced() {
    let events = |owner| State::ALL.map(|to| Machine::of(owner).event(&to).unwrap());
    assert_eq!(
        events(Owner::Task),
        [
            "task.initialize_requested",
            "task.start_requested",
            "task.completed",
            "task.failed",
            "task.cancelled",
            "task.resolved_manually",
        ]
    );
    assert_eq!(
        events(Owner::Step),
        [
            "step.initialize_requested",
            "step.execution_requested",
            "step.completed",
            "step.failed",
            "step.cancelled",
            "step.resolved_manually",
        ]
    );
}

#[test]
fn without_a_record_the_state_is_pending() {
    for (owner, _) in BOTH {
        assert_eq!(Machine::of(owner).current(None), State::Pending);
        for state in State::ALL.into_iter().chain([State::from("failed")]) {
            assert_eq!(Machine::of(owner).current(Some(state.clone())), state);
        }
    }
}

#[test]
fn an_empty_record_is_pending_to_a_step_only() {
    assert_eq!(Machine::of(Owner::Step).current(Some(State::from(""))), State::Pending);
    assert_eq!(Machine::of(Owner::Task).current(Some(State::from(""))), State::from(""));
}
