//! The rule that says which workers are dead: `TaskerCore::Native.observe_workers`.

use crate::boundary::guarded;
use crate::values::{Form, into_ruby};
use magnus::{Error, Object, RArray, RModule, Ruby, Value, function};
use tasker_core::ids::WorkerKey;
use tasker_core::recovery::Suspects;
use tasker_core::time::{Micros, Timestamp};

/// `suspects` is `[[key, microseconds of the first observation], …]`, as is the first part of the answer; the second part are the keys of
/// dead workers.
fn observe_workers(
    ruby: &Ruby,
    suspects: RArray,
    unlocked: Vec<i64>,
    now: i64,
    grace: i64,
) -> Result<Value, Error> {
    guarded(ruby, || {
        let since: Vec<(i64, i64)> = suspects.to_vec()?;
        let mut suspects = Suspects::new(since.into_iter().map(|(key, at)| (WorkerKey(key), Timestamp(at))));
        let dead = suspects.observe(unlocked.into_iter().map(WorkerKey), Timestamp(now), Micros(grace));
        let since: Vec<(WorkerKey, Timestamp)> = suspects.since().collect();
        into_ruby(ruby, Form::Positional, &(since, dead))
    })
}

pub(crate) fn init(native: RModule) -> Result<(), Error> {
    native.define_singleton_method("observe_workers", function!(observe_workers, 4))
}
