//! The steps of a task: finding them, and creating them all at once.

mod create;
mod establish;
mod races;
