//! tasker-core for WebAssembly. It converts and forwards; it decides nothing and keeps no JavaScript value between calls.

use std::cell::RefCell;
use tasker_core::hosted::JsonCoroutine;
use tasker_core::time::Timestamp;
use wasm_bindgen::prelude::{JsError, wasm_bindgen};

/// An operation whose statements JavaScript runs, in JSON text.
#[wasm_bindgen]
pub struct Coroutine(JsonCoroutine);

#[wasm_bindgen]
impl Coroutine {
    /// Starts `operation` with an object of its arguments; `now` is in microseconds since 1970.
    ///
    /// # Errors
    ///
    /// The message of an error is a turn.
    #[wasm_bindgen(constructor)]
    pub fn new(operation: &str, arguments: &str, now: f64) -> Result<Coroutine, JsError> {
        #[allow(clippy::cast_possible_truncation, reason = "JavaScript has whole microseconds up to 2^53")]
        let now = Timestamp(now as i64);
        JsonCoroutine::start(operation, arguments, now).map(Coroutine).map_err(|turn| JsError::new(&turn))
    }

    /// The next turn.
    pub fn resume(&mut self, rows: Option<String>) -> String {
        self.0.resume(rows.as_deref())
    }
}

thread_local! {
    static PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Keeps the message of a panic, which ends in a trap: an error without one.
#[wasm_bindgen(start)]
pub fn keep_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let message = panic.payload_as_str().unwrap_or("no message").to_owned();
        PANIC.with(|kept| kept.replace(Some(message)));
    }));
}

/// The message of the panic that the last trap came from.
#[wasm_bindgen(js_name = takePanic)]
#[must_use]
pub fn take_panic() -> Option<String> {
    PANIC.with(RefCell::take)
}

/// Panics on purpose, so that the boundary can be tried on the very module that is installed.
#[allow(clippy::panic, reason = "it is what this function is for")]
#[wasm_bindgen]
pub fn panic() {
    panic!("asked for");
}
