//! `snapshot`: a task with everything that is decided about it, read at once.

mod answers;
mod chosen;
mod rows;
mod versions;
