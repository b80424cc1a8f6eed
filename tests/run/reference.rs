//! The engine's loop in the plainest terms: one worker, the rows in vectors, no statements. What a run has to be equal to.

use crate::model::Database;
use tasker_core::run::{Outcome, Pause};
use tasker_core::time::Micros;

const SECOND: i64 = 1_000_000;

/// Whether each attempt at each step succeeds, and the seconds that a slice takes.
#[derive(Clone, Debug)]
pub struct Script {
    pub succeeds: Vec<Vec<bool>>,
    pub seconds: i64,
}

impl Script {
    /// Whether the attempt after `attempts` others succeeds.
    pub fn attempt(&self, place: usize, attempts: i32) -> bool {
        self.succeeds[place].get(attempts as usize).copied().unwrap_or(true)
    }
}

/// Runs the task, and returns the slices that were executed and the outcome.
pub fn run(rows: &mut Database, script: &Script, slots: usize) -> (Vec<Vec<usize>>, Outcome) {
    let mut slices = Vec::new();
    loop {
        let wave: Vec<usize> = (0..rows.steps.len()).filter(|&place| rows.ready(place)).collect();
        if wave.is_empty() {
            break;
        }
        for slice in wave.chunks(slots) {
            rows.now += script.seconds * SECOND;
            for &place in slice {
                let succeeds = script.attempt(place, rows.steps[place].attempts);
                let now = rows.now;
                let step = &mut rows.steps[place];
                step.attempts += 1;
                step.state = if succeeds { "complete" } else { "error" };
                step.failed_at = if succeeds { step.failed_at } else { now };
            }
            slices.push(slice.to_vec());
        }
    }
    (slices, verdict(rows))
}

/// What becomes of a task of which no step is ready, and none in progress.
fn verdict(rows: &Database) -> Outcome {
    let failed: Vec<usize> =
        (0..rows.steps.len()).filter(|&place| rows.steps[place].state == "error").collect();
    if failed.iter().any(|&place| rows.steps[place].attempts >= rows.steps[place].limit) {
        return Outcome::Blocked;
    }
    if !rows.steps.is_empty() && rows.steps.iter().all(|step| step.state == "complete") {
        return Outcome::Complete;
    }
    let due = failed
        .iter()
        .map(|&place| rows.steps[place].failed_at + SECOND * (1 << rows.steps[place].attempts).min(30));
    Outcome::Pending { pause: Pause::Waiting, come_back: due.min().map(|due| Micros(due - rows.now)) }
}
