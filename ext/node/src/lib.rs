//! The Node addon of tasker-core. It converts and forwards; it decides nothing and keeps no JavaScript value between calls.

use napi_derive::napi;
use tasker_core::hosted::JsonCoroutine;
use tasker_core::time::Timestamp;

/// An operation whose statements JavaScript runs, in JSON text.
#[napi]
pub struct Coroutine(JsonCoroutine);

#[napi]
impl Coroutine {
    /// Starts `operation` with an object of its arguments; `now` is in microseconds since 1970. The message of an error is a turn.
    #[napi(constructor, catch_unwind)]
    pub fn new(operation: String, arguments: String, now: i64) -> napi::Result<Self> {
        JsonCoroutine::start(&operation, &arguments, Timestamp(now))
            .map(Coroutine)
            .map_err(napi::Error::from_reason)
    }

    /// The next turn.
    #[napi(catch_unwind)]
    pub fn resume(&mut self, rows: Option<String>) -> String {
        self.0.resume(rows.as_deref())
    }
}

/// Panics on purpose, so that the boundary can be tried on the very library that is installed.
#[allow(clippy::panic, reason = "it is what this function is for")]
#[napi(catch_unwind)]
pub fn panic() {
    panic!("asked for");
}
