//! Where a run stands.

use super::outcome::Outcome;
use super::result::StepEnd;
use crate::ids::{StepId, TransitionId};

/// What a run waits for.
#[derive(Clone, Debug)]
pub(super) enum Stage {
    /// The first call.
    New,
    /// The first call of a run whose task is claimed.
    Resumed,
    /// The rows of *start and claim*.
    StartingToClaim,
    /// The rows of *start*.
    Starting { lost_races: u32 },
    /// The state of the task that was not started.
    Refused { lost_races: u32 },
    /// The rows of *look and claim*, or of *look*.
    Looking(Sight),
    /// The ends of these steps, by id.
    Executing(Vec<StepId>),
    /// The steps that are ready though none could be claimed.
    Counting,
    /// All steps of the task, since none was claimed.
    Assessing,
    /// The row of *finish task*.
    Completing,
    /// The row of the task's transition to another state.
    Leaving(Outcome),
    /// The state of the task that could not be moved.
    Confirming { claim: TransitionId },
    /// Nothing.
    Over,
}

/// Which steps a look is at.
#[derive(Clone, Debug)]
pub(super) enum Sight {
    /// The next slice of the wave.
    Slice(Vec<StepId>),
    /// Those that may be ready, as far as the run knows.
    Candidates,
    /// All steps.
    Everything,
}

impl Stage {
    pub(super) fn expected(&self) -> &'static str {
        match self {
            Stage::New | Stage::Resumed => "Reply::Continue",
            Stage::Executing(_) => "Reply::Ended with one end for each step that was handed out",
            Stage::Over => "no call after the end of the run",
            _ => "Reply::Rows",
        }
    }

    /// Whether these are the ends that are waited for.
    pub(super) fn are_ends_of(steps: &[StepId], ends: &[StepEnd]) -> bool {
        let mut reported: Vec<StepId> = ends.iter().map(|end| end.step).collect();
        reported.sort_unstable();
        reported == steps
    }
}
