//! Running a step: what is read before its handler and written after it.

mod finish;
mod prospect;
mod races;
