//! Conversations about the claims of workers, and the rule that says which workers are dead.

use crate::answer::Answer;
use crate::boundary::guarded;
use crate::conversation::{Started, started};
use magnus::{Error, IntoValue, Object, RArray, RClass, RModule, Ruby, Value, function};
use tasker_core::ids::{TaskId, WorkerKey};
use tasker_core::operations::recovery::{self, Claims};
use tasker_core::recovery::Suspects;
use tasker_core::time::{Micros, Timestamp};

fn unlocked_workers(ruby: &Ruby, seam: String, own: Option<i64>) -> Started {
    guarded(ruby, || {
        let own = own.map(WorkerKey);
        started!(seam, |session| recovery::unlocked_workers(session, own), Answer::Workers)
    })
}

fn worker_claims(ruby: &Ruby, seam: String, key: i64) -> Started {
    guarded(ruby, || {
        started!(seam, |session| recovery::claims(session, WorkerKey(key)), |claims| {
            Answer::Claims(Some(claims))
        })
    })
}

fn claims_of_dead_worker(ruby: &Ruby, seam: String, key: i64) -> Started {
    guarded(ruby, || {
        started!(seam, |session| recovery::claims_of_dead_worker(session, WorkerKey(key)), Answer::Claims)
    })
}

fn jobless_tasks(ruby: &Ruby, seam: String, patience: i64) -> Started {
    guarded(ruby, || {
        started!(seam, |session| recovery::jobless_tasks(session, Micros(patience)), Answer::Tasks)
    })
}

/// `suspects` is `[[key, microseconds of the first observation], …]`, as is the first part of the answer; the second part are the keys of
/// dead workers.
fn observe_workers(
    ruby: &Ruby,
    suspects: RArray,
    unlocked: Vec<i64>,
    now: i64,
    grace: i64,
) -> Result<RArray, Error> {
    guarded(ruby, || {
        let since: Vec<(i64, i64)> = suspects.to_vec()?;
        let mut suspects = Suspects::new(since.into_iter().map(|(key, at)| (WorkerKey(key), Timestamp(at))));
        let dead = suspects.observe(unlocked.into_iter().map(WorkerKey), Timestamp(now), Micros(grace));
        let pair = ruby.ary_new_capa(2);
        pair.push(ruby.ary_from_iter(suspects.since().map(|(key, at)| (key.0, at.0))))?;
        pair.push(ruby.ary_from_iter(dead.into_iter().map(|key| key.0)))?;
        Ok(pair)
    })
}

/// `[key, …]`, or nil on a replica.
pub(crate) fn workers(ruby: &Ruby, keys: Option<Vec<WorkerKey>>) -> Value {
    keys.map(|keys| ruby.ary_from_iter(keys.into_iter().map(|key| key.0))).into_value_with(ruby)
}

/// `[[[step, token, task], …], [[task, token, whether it is shared], …]]`, or nil where the worker lives.
pub(crate) fn claims(ruby: &Ruby, claims: Option<Claims>) -> Result<Value, Error> {
    let Some(claims) = claims else { return Ok(ruby.qnil().into_value_with(ruby)) };
    let pair = ruby.ary_new_capa(2);
    pair.push(
        ruby.ary_from_iter(claims.steps.iter().map(|claim| (claim.step.0, claim.token.0, claim.task.0))),
    )?;
    pair.push(
        ruby.ary_from_iter(claims.tasks.iter().map(|claim| (claim.task.0, claim.token.0, claim.shared))),
    )?;
    Ok(pair.into_value_with(ruby))
}

pub(crate) fn tasks(ruby: &Ruby, tasks: Vec<TaskId>) -> Value {
    ruby.ary_from_iter(tasks.into_iter().map(|task| task.0)).into_value_with(ruby)
}

pub(crate) fn init(native: RModule, class: RClass) -> Result<(), Error> {
    native.define_singleton_method("observe_workers", function!(observe_workers, 4))?;
    class.define_singleton_method("unlocked_workers", function!(unlocked_workers, 2))?;
    class.define_singleton_method("worker_claims", function!(worker_claims, 2))?;
    class.define_singleton_method("claims_of_dead_worker", function!(claims_of_dead_worker, 2))?;
    class.define_singleton_method("jobless_tasks", function!(jobless_tasks, 2))
}
