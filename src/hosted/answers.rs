//! Answers that only hosts have: named fields where the operations answer tuples and results.

use crate::analysis::task_graph::TaskGraph;
use crate::draw::{Diagram, Timeline};
use crate::ids::StepId;
use crate::operations::overview::TaskOverview;
use crate::operations::transition::{Recorded, Refusal};
use crate::progress::ExecutionContext;
use crate::readiness::Readiness;
use crate::records::Edge;
use crate::state::State;
use serde::Serialize;
use std::collections::HashMap;

/// The result of a transition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum TransitionResult {
    /// It was recorded.
    Recorded(Recorded),
    /// It is not possible, and nothing was written.
    Refused(Refusal),
}

impl From<Result<Recorded, Refusal>> for TransitionResult {
    fn from(outcome: Result<Recorded, Refusal>) -> Self {
        outcome.map_or_else(TransitionResult::Refused, TransitionResult::Recorded)
    }
}

/// Whether a transition is possible.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum Check {
    /// It is.
    Permitted {
        /// The state that it would come from.
        from: State,
    },
    /// It is not.
    Refused(Refusal),
}

impl From<Result<State, Refusal>> for Check {
    fn from(check: Result<State, Refusal>) -> Self {
        check.map_or_else(Check::Refused, |from| Check::Permitted { from })
    }
}

/// A state with those that may follow it now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AllowedTransitions {
    /// The current state.
    pub state: State,
    /// The states that may follow it, in the machine's order.
    pub allowed: Vec<State>,
}

/// A step that may be run now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ViableStep {
    /// The step.
    pub step: StepId,
    /// Its state.
    pub state: State,
}

/// A task's execution context with the readiness of its steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TaskCondition {
    /// How far the task has come.
    pub context: ExecutionContext,
    /// Its steps, by id.
    pub steps: Vec<Readiness>,
}

/// A step in a graph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GraphNode {
    /// The step.
    pub id: StepId,
    /// Its name.
    pub name: Box<str>,
    /// Its longest distance from a root.
    pub level: u32,
}

/// The graph of a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Graph {
    /// Its steps, by id.
    pub nodes: Vec<GraphNode>,
    /// Its edges.
    pub edges: Vec<Edge>,
}

impl From<TaskGraph> for Graph {
    fn from(graph: TaskGraph) -> Self {
        let levels: HashMap<_, _> = graph.levels().iter().map(|level| (level.step, level.level)).collect();
        let node = |(id, name): &(StepId, Box<str>)| GraphNode {
            id: *id,
            name: name.clone(),
            level: levels.get(id).copied().unwrap_or_default(),
        };
        Graph { nodes: graph.steps().iter().map(node).collect(), edges: graph.edges().to_vec() }
    }
}

/// Pictures of a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Drawing {
    /// Its graph as SVG.
    pub svg: String,
    /// Its graph as a Mermaid flowchart.
    pub mermaid: String,
    /// Its graph in Graphviz' language.
    pub dot: String,
    /// Its attempts over time as SVG.
    pub timeline: String,
}

impl From<&TaskOverview> for Drawing {
    fn from(task: &TaskOverview) -> Self {
        let diagram = Diagram::of_task(task);
        Drawing {
            svg: diagram.to_svg(),
            mermaid: diagram.to_mermaid(),
            dot: diagram.to_dot(),
            timeline: Timeline::of_task(task).to_svg(),
        }
    }
}
