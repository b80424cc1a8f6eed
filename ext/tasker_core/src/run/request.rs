//! What a run asks for.

use super::execution::execution;
use super::offer::RubyOffer;
use crate::rows;
use crate::values::{Form, into_ruby as values};
use magnus::{Error, IntoValue, RArray, RHash, Ruby};
use tasker_core::run::{Event, Outcome, Pause, Request, StartRefusal};

/// `[kind, content]`; see the [module](super).
pub(super) fn into_ruby(ruby: &Ruby, request: Request) -> Result<RArray, Error> {
    let (kind, content) = match request {
        Request::Query(query) => ("query", rows::question(ruby, query)?.into_value_with(ruby)),
        Request::Execute(steps) => {
            let executions = ruby.ary_new_capa(steps.len());
            for step in steps {
                executions.push(execution(ruby, step))?;
            }
            ("execute", executions.into_value_with(ruby))
        }
        Request::Offer(steps) => {
            let offers = ruby.ary_new_capa(steps.len());
            for step in steps {
                offers.push(ruby.obj_wrap(RubyOffer(step)))?;
            }
            ("offer", offers.into_value_with(ruby))
        }
        Request::Publish(event) => ("publish", self::event(ruby, &event)?.into_value_with(ruby)),
        Request::Done(outcome) => ("done", self::outcome(ruby, &outcome)?.into_value_with(ruby)),
    };
    let request = ruby.ary_new_capa(2);
    request.push(ruby.to_symbol(kind))?;
    request.push(content)?;
    Ok(request)
}

fn event(ruby: &Ruby, event: &Event) -> Result<RHash, Error> {
    let steps = match event {
        Event::StepsDiscovered(steps) => values(ruby, Form::Positional, steps)?,
        Event::StepCompleted(step) | Event::StepFailed(step) => values(ruby, Form::Positional, &[*step])?,
        _ => ruby.ary_new().into_value_with(ruby),
    };
    let hash = ruby.hash_new();
    hash.aset(ruby.to_symbol("name"), event.kind().as_str())?;
    hash.aset(ruby.to_symbol("steps"), steps)?;
    Ok(hash)
}

fn outcome(ruby: &Ruby, outcome: &Outcome) -> Result<RHash, Error> {
    let hash = ruby.hash_new();
    let set = |key: &str, word: &str| hash.aset(ruby.to_symbol(key), ruby.to_symbol(word));
    match outcome {
        Outcome::Complete => set("outcome", "complete")?,
        Outcome::Blocked => set("outcome", "blocked")?,
        Outcome::Lost => set("outcome", "lost")?,
        Outcome::NothingReady { unclaimed } => {
            set("outcome", "nothing_ready")?;
            hash.aset(ruby.to_symbol("ready"), *unclaimed)?;
        }
        Outcome::Pending { pause, come_back } => {
            set("outcome", "pending")?;
            let pause = match pause {
                Pause::Waiting => "waiting",
                Pause::Processing => "processing",
                Pause::Stalled => "stalled",
                Pause::OtherSteps => "other_steps",
                Pause::Stopped => "stopped",
            };
            set("pause", pause)?;
            hash.aset(ruby.to_symbol("come_back"), come_back.map(|delay| delay.0))?;
        }
        Outcome::Refused(refusal) => {
            set("outcome", "refused")?;
            let (reason, state) = match refusal {
                StartRefusal::UnknownTask => ("unknown_task", None),
                StartRefusal::AlreadyComplete => ("already_complete", None),
                StartRefusal::NotPending(state) => ("not_pending", Some(state)),
            };
            set("reason", reason)?;
            hash.aset(ruby.to_symbol("state"), state.map(|state| state.as_str()))?;
        }
    }
    Ok(hash)
}
