//! Databases to test with.

pub mod engine;
pub mod hosted;
pub mod racers;
pub mod rows;
pub mod seed;
pub mod templates;
pub mod world;
