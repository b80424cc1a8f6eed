//! Answers of the core beside those of the engine's SQL functions, row by row, on random worlds.

mod context;
mod divergences;
mod infinities;
mod levels;
mod readiness;
mod statistics;
