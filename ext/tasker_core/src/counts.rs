//! How often each backed method was answered here.
//!
//! Everything here is called with Ruby's lock held: no thread of the process has the counts in hand when another one forks, so a child
//! never finds them locked by somebody who is not there.

use crate::boundary::guarded;
use magnus::{Error, Object, RHash, RModule, Ruby, function};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

static ANSWERED: Mutex<BTreeMap<String, u64>> = Mutex::new(BTreeMap::new());

fn answered() -> MutexGuard<'static, BTreeMap<String, u64>> {
    ANSWERED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Counts one answer for the backed method `seam`. Not for threads without Ruby's lock.
pub(crate) fn count(seam: &str) {
    let mut answered = answered();
    match answered.get_mut(seam) {
        Some(count) => *count += 1,
        None => {
            answered.insert(seam.to_owned(), 1);
        }
    }
}

/// For an answer that Ruby gives from what an earlier conversation has brought.
fn count_one(ruby: &Ruby, seam: String) -> Result<(), Error> {
    guarded(ruby, || {
        count(&seam);
        Ok(())
    })
}

fn snapshot(ruby: &Ruby) -> Result<RHash, Error> {
    guarded(ruby, || {
        // Ruby values are made with the lock released: making one may end in a longjmp.
        let answered = answered().clone();
        let counts = ruby.hash_new();
        for (seam, count) in answered {
            counts.aset(seam, count)?;
        }
        Ok(counts)
    })
}

fn reset(ruby: &Ruby) -> Result<(), Error> {
    guarded(ruby, || {
        answered().clear();
        Ok(())
    })
}

pub(crate) fn init(native: RModule) -> Result<(), Error> {
    native.define_singleton_method("count", function!(count_one, 1))?;
    native.define_singleton_method("answered", function!(snapshot, 0))?;
    native.define_singleton_method("reset_answered", function!(reset, 0))
}
