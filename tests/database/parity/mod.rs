//! Answers of the core beside those of the engine's SQL functions, row by row, on random worlds.

mod analytics;
pub mod context;
mod divergences;
mod edges;
mod infinities;
mod levels;
mod readiness;
mod relationships;
pub mod statistics;
