//! States as words.

use crate::support::cases;
use proptest::prelude::*;
use std::collections::HashSet;
use tasker_core::state::State;

#[test]
fn the_six_words_are_the_engines() {
    assert_eq!(
        State::ALL.map(|state| state.as_str().to_owned()),
        ["pending", "in_progress", "complete", "error", "cancelled", "resolved_manually"]
    );
    assert_eq!(State::ALL.into_iter().collect::<HashSet<_>>().len(), 6);
}

#[test]
fn only_good_ends_satisfy_dependents() {
    let satisfying = State::ALL.map(|state| state.satisfies_dependents());
    assert_eq!(satisfying, [false, false, true, false, false, true]);
    assert!(!State::from("Complete").satisfies_dependents());
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), proptest::sample::select(&State::ALL[..]).prop_map(String::from)]
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn a_word_comes_back_as_it_was(word in word()) {
        let state = State::from(word.as_str());
        prop_assert_eq!(state.as_str(), &word);
        prop_assert_eq!(state.to_string(), word.clone());
        prop_assert_eq!(String::from(state.clone()), word.clone());
        prop_assert_eq!(word.parse::<State>().unwrap(), state.clone());
        prop_assert_eq!(State::from(word), state);
    }

    #[test]
    fn in_json_a_state_is_its_word(word in any::<String>()) {
        let state = State::from(word.as_str());
        let json = serde_json::to_value(&state).unwrap();
        prop_assert_eq!(json.as_str(), Some(word.as_str()));
        prop_assert_eq!(serde_json::from_value::<State>(json).unwrap(), state);
    }
}
