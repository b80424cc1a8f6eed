//! Running a step: what is written after its handler.

mod finish;
mod races;
