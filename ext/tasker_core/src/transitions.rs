//! Conversations with the state machines of tasks and steps.

use crate::answer::Answer;
use crate::boundary::guarded;
use crate::conversation::{Started, started, steps};
use crate::machine::owner;
use magnus::{Error, Object, RArray, RClass, Ruby, function};
use tasker_core::ids::TransitionId;
use tasker_core::operations::transition;
use tasker_core::operations::transition::{Claims, Request, Subject};
use tasker_core::state::State;
use tasker_core::time::Timestamp;

fn current_state(ruby: &Ruby, seam: String, kind: String, id: i64) -> Started {
    guarded(ruby, || {
        let subject = Subject { owner: owner(ruby, &kind)?, id };
        started!(seam, |session| transition::current_state(session, subject), Answer::State)
    })
}

/// `wanted` is `[to, parent ids or nil, claims]`.
fn check_transition(ruby: &Ruby, seam: String, kind: String, id: i64, wanted: RArray) -> Started {
    guarded(ruby, || {
        let subject = Subject { owner: owner(ruby, &kind)?, id };
        let (to, parents): (String, Option<Vec<i64>>) = (wanted.entry(0)?, wanted.entry(1)?);
        let (to, parents, claims) = (State::from(to), steps(parents), claims(wanted.entry(2)?));
        started!(
            seam,
            |session| transition::check(session, subject, &to, parents.as_deref(), claims),
            Answer::Check
        )
    })
}

fn allowed_transitions(
    ruby: &Ruby,
    seam: String,
    kind: String,
    id: i64,
    parents: Option<Vec<i64>>,
) -> Started {
    guarded(ruby, || {
        let subject = Subject { owner: owner(ruby, &kind)?, id };
        let parents = steps(parents);
        started!(
            seam,
            |session| transition::allowed_transitions(session, subject, parents.as_deref()),
            Answer::Allowed
        )
    })
}

/// `[own claim or nil, claim of the task or nil]`, as the ids of transitions.
fn claims((own, task): (Option<i64>, Option<i64>)) -> Claims {
    Claims { own: own.map(TransitionId), task: task.map(TransitionId) }
}

/// `wanted` is `[to, from or nil, metadata as JSON, microseconds, parent ids or nil, claims]`.
fn transition_to(ruby: &Ruby, seam: String, kind: String, id: i64, wanted: RArray) -> Started {
    guarded(ruby, || {
        let (to, from, metadata, at, parents): (String, Option<String>, String, i64, Option<Vec<i64>>) =
            (wanted.entry(0)?, wanted.entry(1)?, wanted.entry(2)?, wanted.entry(3)?, wanted.entry(4)?);
        let request = Request {
            subject: Subject { owner: owner(ruby, &kind)?, id },
            to: State::from(to),
            from: from.map(State::from),
            metadata: metadata.into_boxed_str(),
            at: Timestamp(at),
            parents: steps(parents),
            claims: claims(wanted.entry(5)?),
        };
        started!(seam, |session| transition::transition(session, &request), Answer::Outcome)
    })
}

pub(crate) fn init(class: RClass) -> Result<(), Error> {
    class.define_singleton_method("current_state", function!(current_state, 3))?;
    class.define_singleton_method("check_transition", function!(check_transition, 4))?;
    class.define_singleton_method("allowed_transitions", function!(allowed_transitions, 4))?;
    class.define_singleton_method("transition_to", function!(transition_to, 4))
}
