//! The steps of a task: finding them, and creating them all at once.

mod create;
mod created;
mod definitions;
mod establish;
mod races;
