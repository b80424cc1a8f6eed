//! Continuing the work of workers that are gone, by the protocol of the gem: Rails and Rust workers recover each other.
//!
//! The worker has a random key, which stands in the metadata of its claims, and holds the advisory lock of that key in a session of its own
//! while it lives. A sweep ends claims whose worker does not hold its lock in two observations that are a grace period apart.
//! docs/recovery.md describes the protocol.

mod endings;
mod keeper;
mod lock_session;
mod report;
mod sweep;

pub use report::RecoveryReport;
pub use sweep::recover;

pub(super) use keeper::{Keeper, LockHolder};
pub(super) use sweep::{end_own_claims, notify, since};

/// The channel on which a worker names tasks that others can go on with; the payload is the task's id.
pub const HANDOVER_CHANNEL: &str = "tasker_core_handover";
