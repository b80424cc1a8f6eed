//! Analyses of graphs for people: the template of a workflow, and a task on its way.
//!
//! The engine enumerates paths here; these rules count them instead. What they find is worded and weighed by the engine's own code.

pub mod paths;
pub mod task_graph;
pub mod template;
