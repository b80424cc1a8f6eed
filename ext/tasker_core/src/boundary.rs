//! What goes wrong in Rust, as Ruby exceptions.
//!
//! The classes are defined, and documented, in `lib/tasker_core/errors.rb`.

use magnus::{Error, ExceptionClass, Module, RModule, Ruby};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU32, Ordering};
use tasker_core::error::panic_message;

/// Which call from now is to panic on purpose; zero for none.
static PANIC_IN: AtomicU32 = AtomicU32::new(0);

/// Runs `body`; a panic in it becomes `TaskerCore::InternalError`.
///
/// magnus would turn it into Ruby's `fatal`, which nobody can rescue and which ends the process.
pub(crate) fn guarded<T>(ruby: &Ruby, body: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    let call = || {
        panic_if_due();
        body()
    };
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|panic| {
        let message = format!(
            "tasker-core panicked, please report it: {}",
            panic_message(panic.as_ref()).unwrap_or("no message")
        );
        Err(error(ruby, "InternalError", message))
    })
}

/// Has the `calls`th call from now panic, whichever function that is; zero calls it off.
pub(crate) fn panic_in(calls: u32) -> u32 {
    PANIC_IN.swap(calls, Ordering::Relaxed)
}

fn panic_if_due() {
    let before = PANIC_IN.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |calls| calls.checked_sub(1));
    #[allow(clippy::panic, reason = "it was asked for")]
    if before == Ok(1) {
        panic!("asked for");
    }
}

/// The Ruby exception for an error of the core.
pub(crate) fn raise(ruby: &Ruby, error_of_core: &tasker_core::Error) -> Error {
    error(ruby, class_name(error_of_core), error_of_core.to_string())
}

fn class_name(error: &tasker_core::Error) -> &'static str {
    use tasker_core::Error;
    match error {
        Error::Decode { .. } => "DecodeError",
        Error::Cycle(_) => "CycleError",
        Error::OutOfTurn { .. } => "ConversationError",
        Error::Contended { .. } => "ContentionError",
        _ => "InternalError",
    }
}

/// An exception of class `TaskerCore::<name>`.
pub(crate) fn error(ruby: &Ruby, name: &str, message: String) -> Error {
    let class = ruby
        .class_object()
        .const_get::<_, RModule>("TaskerCore")
        .and_then(|module| module.const_get::<_, ExceptionClass>(name));
    Error::new(class.unwrap_or_else(|_| ruby.exception_runtime_error()), message)
}
