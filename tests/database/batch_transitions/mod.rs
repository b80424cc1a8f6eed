//! Moving many steps at once.

mod batches;
mod races;
mod workers;
