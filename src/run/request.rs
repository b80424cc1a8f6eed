//! What passes between a run and its host.

use super::event::Event;
use super::execution::StepExecution;
use super::offer::StepOffer;
use super::outcome::Outcome;
use super::result::StepEnd;
use crate::session::{Query, Rows};

/// What a run asks of its host.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// Run the statement, and reply with its rows.
    Query(Query),
    /// Execute these steps, all at once or one after the other, write their ends with [`finish_steps`](super::finish_steps), and reply with
    /// what became of all of them.
    Execute(Vec<StepExecution>),
    /// The same for steps that are not claimed yet, for a host with listeners to [`EventKind::StepRequested`](super::EventKind::StepRequested):
    /// publish that for each, claim it ([`StepOffer::claim`]) and execute it.
    Offer(Vec<StepOffer>),
    /// Publish the event to the host's listeners, and reply with [`Reply::Continue`].
    Publish(Event),
    /// The run is over.
    Done(Outcome),
}

/// What a host replies.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// The first call, and the call after an event.
    Continue,
    /// The rows of the statement.
    Rows(Rows),
    /// What became of the executed or offered steps, each once, in any order.
    Ended(Vec<StepEnd>),
}

impl Reply {
    pub(super) fn describe(&self) -> &'static str {
        match self {
            Reply::Continue => "Reply::Continue",
            Reply::Rows(_) => "Reply::Rows",
            Reply::Ended(_) => "Reply::Ended",
        }
    }
}
