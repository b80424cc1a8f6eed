//! The steps of a workflow and their dependencies, before they are rows.

use super::FactoryError;
use std::collections::HashMap;

/// A step of a workflow to create.
///
/// ```
/// use tasker_core::factories::StepSpec;
///
/// let step = StepSpec { retry_limit: Some(5), ..StepSpec::new("charge") };
/// assert_eq!((step.system.as_str(), step.retryable), ("default-system", true));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StepSpec {
    /// The named step's name, at most 128 characters.
    pub name: String,
    /// The dependent system's name, at most 64 characters.
    pub system: String,
    /// May it be retried?
    pub retryable: bool,
    /// Attempts allowed; the readiness rule counts 3 where it is `None`.
    pub retry_limit: Option<i32>,
    /// May it be skipped?
    pub skippable: bool,
}

impl StepSpec {
    /// A step of the system `default-system`, retryable, with three attempts, not skippable.
    pub fn new(name: impl Into<String>) -> Self {
        StepSpec {
            name: name.into(),
            system: "default-system".to_owned(),
            retryable: true,
            retry_limit: Some(3),
            skippable: false,
        }
    }
}

/// The steps of one workflow and the edges between them, by their places in the list. Its edges never form a cycle.
///
/// ```
/// use tasker_core::factories::{StepSpec, WorkflowGraph};
///
/// let steps = ["fetch", "check", "store"].map(StepSpec::new).to_vec();
/// let graph = WorkflowGraph::new("import", steps, vec![(0, 1), (1, 2)])?;
/// assert_eq!(graph.order(), [0, 1, 2]);
///
/// let steps = ["fetch", "check"].map(StepSpec::new).to_vec();
/// let cycle = WorkflowGraph::new("import", steps, vec![(0, 1), (1, 0)]).unwrap_err();
/// assert!(cycle.to_string().contains("form a cycle"));
/// # Ok::<(), tasker_core::factories::FactoryError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkflowGraph {
    name: String,
    steps: Vec<StepSpec>,
    edges: Vec<(usize, usize)>,
    order: Vec<usize>,
}

impl WorkflowGraph {
    /// A workflow with this name, the default of the named task's. O(steps + edges).
    ///
    /// # Errors
    ///
    /// [`FactoryError::Cycle`], [`FactoryError::DuplicateStep`]; [`FactoryError::OutOfRange`] for an edge that leads to no step.
    pub fn new(
        name: impl Into<String>,
        steps: Vec<StepSpec>,
        edges: Vec<(usize, usize)>,
    ) -> Result<Self, FactoryError> {
        let name = name.into();
        let mut names = HashMap::with_capacity(steps.len());
        if let Some(twice) = steps.iter().find(|step| names.insert(step.name.as_str(), ()).is_some()) {
            return Err(FactoryError::DuplicateStep { workflow: name, name: twice.name.clone() });
        }
        if let Some(edge) = edges.iter().find(|edge| edge.0.max(edge.1) >= steps.len()) {
            return Err(FactoryError::OutOfRange {
                what: "an end of an edge",
                expected: "the place of a step, counted from 0",
                got: format!("{edge:?} of {} steps", steps.len()),
            });
        }
        let order = topological_order(steps.len(), &edges);
        match order {
            Ok(order) => Ok(WorkflowGraph { name, steps, edges, order }),
            Err(cycle) => {
                let steps = cycle.into_iter().map(|place| steps[place].name.clone()).collect();
                Err(FactoryError::Cycle { workflow: name, steps })
            }
        }
    }

    /// The workflow's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The steps, in the order of their ids.
    pub fn steps(&self) -> &[StepSpec] {
        &self.steps
    }

    /// The edges: the place of the step that comes first, then that of the one that waits for it.
    pub fn edges(&self) -> &[(usize, usize)] {
        &self.edges
    }

    /// The places of the steps, each after those that it waits for.
    pub fn order(&self) -> &[usize] {
        &self.order
    }

    /// The place of a step. O(steps).
    ///
    /// # Errors
    ///
    /// [`FactoryError::UnknownStep`].
    ///
    /// ```
    /// use tasker_core::factories::{StepSpec, WorkflowGraph};
    ///
    /// let steps = vec![StepSpec::new("reserve"), StepSpec::new("pay")];
    /// let graph = WorkflowGraph::new("settle", steps, vec![(0, 1)]).unwrap();
    /// assert_eq!((graph.name(), graph.edges(), graph.order()), ("settle", &[(0, 1)][..], &[0, 1][..]));
    /// assert_eq!(graph.place("pay").unwrap(), 1);
    /// ```
    pub fn place(&self, name: &str) -> Result<usize, FactoryError> {
        self.steps.iter().position(|step| step.name == name).ok_or_else(|| FactoryError::UnknownStep {
            workflow: self.name.clone(),
            name: name.to_owned(),
            known: self.steps.iter().map(|step| step.name.clone()).collect(),
        })
    }

    pub(super) fn change_steps(&mut self, change: impl FnMut(&mut StepSpec)) {
        self.steps.iter_mut().for_each(change);
    }

    pub(super) fn change_step(&mut self, place: usize, change: impl FnOnce(&mut StepSpec)) {
        change(&mut self.steps[place]);
    }
}

/// Kahn's algorithm; where it does not get to the end, the places of one cycle.
fn topological_order(steps: usize, edges: &[(usize, usize)]) -> Result<Vec<usize>, Vec<usize>> {
    let mut children = vec![Vec::new(); steps];
    let mut parents = vec![0usize; steps];
    for &(from, to) in edges {
        children[from].push(to);
        parents[to] += 1;
    }
    let mut order: Vec<usize> = (0..steps).filter(|&step| parents[step] == 0).collect();
    let mut next = 0;
    while next < order.len() {
        for &child in &children[order[next]] {
            parents[child] -= 1;
            if parents[child] == 0 {
                order.push(child);
            }
        }
        next += 1;
    }
    if order.len() == steps { Ok(order) } else { Err(cycle(edges, &parents)) }
}

/// Every step that is left has a parent that is left: going from parent to parent ends in a cycle.
fn cycle(edges: &[(usize, usize)], parents_left: &[usize]) -> Vec<usize> {
    let parent_of: HashMap<usize, usize> = edges
        .iter()
        .filter(|(from, to)| parents_left[*from] > 0 && parents_left[*to] > 0)
        .map(|&(from, to)| (to, from))
        .collect();
    let mut place_on_path = HashMap::new();
    let mut path = Vec::new();
    let mut step = parents_left.iter().position(|&left| left > 0).unwrap_or_default();
    while !place_on_path.contains_key(&step) {
        place_on_path.insert(step, path.len());
        path.push(step);
        step = parent_of.get(&step).copied().unwrap_or(step);
    }
    let mut cycle = path.split_off(place_on_path[&step]);
    cycle.reverse();
    cycle
}
