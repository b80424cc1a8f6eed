//! Databases to test with.

pub mod engine;
pub mod hosted;
pub mod rows;
pub mod seed;
pub mod templates;
pub mod track;
pub mod world;
