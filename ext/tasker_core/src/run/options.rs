//! The options of a run.

use crate::boundary::error;
use magnus::value::ReprValue;
use magnus::{Error, RArray, RHash, Ruby, TryConvert};
use std::num::NonZeroU32;
use tasker_core::run::{EventKind, Options};
use tasker_core::time::Micros;

/// The names are those of [`Options`].
pub(super) fn from_ruby(ruby: &Ruby, given: RHash) -> Result<Options, Error> {
    let mut options = Options::default();
    let known = [
        "slots",
        "listeners",
        "claim_metadata",
        "task_metadata",
        "records",
        "claims_with_start",
        "retries",
        "ends_task",
        "processing_delay",
        "stall_delay",
    ];
    for key in given.funcall::<_, _, RArray>("keys", ())? {
        let name = key.to_string();
        if !known.contains(&name.as_str()) {
            let message =
                format!("unknown option of a run: expected one of {}, got {name}", known.join(", "));
            return Err(error(ruby, "ConversationError", message));
        }
    }
    if let Some(count) = option(ruby, given, "slots")? {
        options.slots = slots(ruby, count)?;
    }
    if let Some(names) = option::<Vec<String>>(ruby, given, "listeners")? {
        let kinds = EventKind::ALL.iter().copied();
        options.listeners = kinds.filter(|kind| names.iter().any(|name| name == kind.as_str())).collect();
    }
    if let Some(metadata) = option::<String>(ruby, given, "claim_metadata")? {
        options.claim_metadata = metadata.into();
    }
    options.task_metadata = option::<String>(ruby, given, "task_metadata")?.map(Into::into);
    options.records = option(ruby, given, "records")?.unwrap_or(options.records);
    options.claims_with_start = option(ruby, given, "claims_with_start")?.unwrap_or(false);
    options.retries = option(ruby, given, "retries")?.unwrap_or(options.retries);
    options.ends_task = option(ruby, given, "ends_task")?.unwrap_or(options.ends_task);
    if let Some(delay) = option::<i64>(ruby, given, "processing_delay")? {
        options.processing_delay = Micros(delay);
    }
    if let Some(delay) = option::<i64>(ruby, given, "stall_delay")? {
        options.stall_delay = Micros(delay);
    }
    Ok(options)
}

pub(super) fn slots(ruby: &Ruby, slots: u32) -> Result<NonZeroU32, Error> {
    NonZeroU32::new(slots).ok_or_else(|| {
        error(ruby, "ConversationError", "slots of a run: expected 1 or more, got 0".to_owned())
    })
}

fn option<T: TryConvert>(ruby: &Ruby, given: RHash, name: &str) -> Result<Option<T>, Error> {
    given.lookup2(ruby.to_symbol(name), ruby.qnil())
}
