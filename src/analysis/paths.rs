//! Paths from roots to leaves, without following each of them.
//!
//! What a path is worth is linear in what its steps are, so the best paths from a step on are made of the best paths from its children on.
//!
//! ```
//! use tasker_core::analysis::paths::{CriticalPaths, Limits, StepCondition, Weights, critical_paths};
//! use tasker_core::analysis::task_graph::TaskGraph;
//! use tasker_core::records::Edge;
//! use tasker_core::ids::StepId;
//! use tasker_core::state::State;
//!
//! let steps = (1..=3).map(|id| (StepId(id), format!("step {id}").into())).collect();
//! let edges = vec![Edge { from: StepId(1), to: StepId(2) }, Edge { from: StepId(1), to: StepId(3) }];
//! let graph = TaskGraph::new(steps, edges, Vec::new())?.expect("no edge leads elsewhere");
//! let failed = StepCondition { id: StepId(3), state: State::Error, dependencies_satisfied: true, attempts: 1 };
//! let weights = Weights {
//!     length: 10.0, completed: 8.0, blocked: 15.0, error: 20.0, retry: 10.0,
//!     step_seconds: 30.0, error_seconds: 60.0, attempt_seconds: 30.0, trouble: 1.0,
//! };
//!
//! let CriticalPaths { total, paths, .. } =
//!     critical_paths(&graph, &[failed], &weights, Limits { listed: 0, most: 1 }).expect("no cycle");
//! assert_eq!(total, 2u8.into());
//! assert_eq!(paths, [[StepId(1), StepId(3)]]);
//! # Ok::<(), tasker_core::Error>(())
//! ```

use super::task_graph::TaskGraph;
use crate::ids::StepId;
use crate::state::State;
use num_bigint::BigUint;
use std::collections::HashMap;

/// What makes a path critical, in points. Source: the engine's `calculate_path_criticality_score` and
/// `calculate_path_duration`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weights {
    /// For each step.
    pub length: f64,
    /// Off for each satisfied step.
    pub completed: f64,
    /// For each step that waits for a dependency.
    pub blocked: f64,
    /// For each step in error.
    pub error: f64,
    /// For each step in error that has been attempted.
    pub retry: f64,
    /// Seconds that a step takes.
    pub step_seconds: f64,
    /// Seconds that an error takes.
    pub error_seconds: f64,
    /// Seconds that an attempt takes.
    pub attempt_seconds: f64,
    /// By how much points for trouble count in this task: more in one that is not healthy.
    pub trouble: f64,
}

/// Points for a minute of a path's duration.
const MINUTE: f64 = 2.0;

/// What is known of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepCondition {
    /// The step.
    pub id: StepId,
    /// Its state.
    pub state: State,
    /// Are its dependencies satisfied?
    pub dependencies_satisfied: bool,
    /// Attempts made.
    pub attempts: i64,
}

/// What the steps of a path add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Totals {
    length: i64,
    known: i64,
    completed: i64,
    blocked: i64,
    errors: i64,
    retries: i64,
    attempts: i64,
}

impl Totals {
    fn of(condition: Option<&StepCondition>) -> Self {
        let Some(step) = condition else {
            return Totals { length: 1, ..Totals::default() };
        };
        let failed = step.state == State::Error;
        Totals {
            length: 1,
            known: 1,
            completed: i64::from(step.state.satisfies_dependents()),
            blocked: i64::from(!step.dependencies_satisfied),
            errors: i64::from(failed),
            retries: i64::from(failed && step.attempts > 0),
            attempts: step.attempts,
        }
    }

    fn plus(self, other: Totals) -> Self {
        Totals {
            length: self.length + other.length,
            known: self.known + other.known,
            completed: self.completed + other.completed,
            blocked: self.blocked + other.blocked,
            errors: self.errors + other.errors,
            retries: self.retries + other.retries,
            attempts: self.attempts + other.attempts,
        }
    }
}

impl Weights {
    /// Points of a path, before the task's progress scales all of them alike.
    fn score(&self, totals: Totals) -> f64 {
        let seconds = totals.known as f64 * self.step_seconds
            + totals.errors as f64 * self.error_seconds
            + totals.attempts as f64 * self.attempt_seconds;
        totals.length as f64 * self.length - totals.completed as f64 * self.completed
            + totals.blocked as f64 * self.blocked * self.trouble
            + totals.errors as f64 * self.error * self.trouble
            + totals.retries as f64 * self.retry
            + seconds / 60.0 * MINUTE
    }
}

/// The number of returned paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// All of them, if their number times that of the task's steps is not beyond this.
    pub listed: u64,
    /// So many of the most critical ones otherwise.
    pub most: usize,
}

impl Default for Limits {
    /// As many as the engine returns, and as are listed within milliseconds.
    fn default() -> Self {
        Limits { listed: 20_000, most: 5 }
    }
}

/// The paths of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CriticalPaths {
    /// How many lead from a root to a leaf. Duplicate edges make different paths.
    pub total: BigUint,
    /// Where they begin: steps at which no edge of the task ends.
    pub roots: Vec<StepId>,
    /// Where they end.
    pub leaves: Vec<StepId>,
    /// All of them in the engine's order, by root, then leaf, then depth first, if they are few; otherwise the most critical ones, the
    /// most critical first, of equals those whose steps come first.
    pub paths: Vec<Vec<StepId>>,
}

/// A way on from a step: what it is worth to its end, and where it goes first (a child, and which of the ways from there).
#[derive(Clone, Copy, Debug)]
struct Way {
    totals: Totals,
    score: f64,
    next: Option<(usize, usize)>,
}

/// Counts the paths of a task and lists them, or finds the most critical ones; `None` if a root leads into a cycle.
///
/// O(V + E · most · log), and the length of the numbers. The engine follows every path. It sorts them in such a way that of equal ones,
/// as all are in a task that is done, any may come first; where they are few the caller can do the same with the same list.
pub fn critical_paths(
    graph: &TaskGraph,
    conditions: &[StepCondition],
    weights: &Weights,
    limits: Limits,
) -> Option<CriticalPaths> {
    let conditions: HashMap<StepId, &StepCondition> = conditions.iter().map(|step| (step.id, step)).collect();
    let roots: Vec<usize> = graph.places().filter(|&place| graph.is_root(place)).collect();
    let mut counts = vec![BigUint::ZERO; graph.places().len()];
    let mut ways: Vec<Vec<Way>> = vec![Vec::new(); graph.places().len()];
    for place in children_first(graph, &roots)? {
        let totals = Totals::of(conditions.get(&graph.step(place)).copied());
        if graph.children(place).is_empty() {
            counts[place] = BigUint::from(1_u8);
            ways[place] = vec![Way { totals, score: weights.score(totals), next: None }];
            continue;
        }
        counts[place] = graph.children(place).iter().map(|&child| &counts[child]).sum();
        let onwards = graph.children(place).iter().flat_map(|&child| {
            ways[child].iter().enumerate().map(move |(rank, way)| (way.totals.plus(totals), (child, rank)))
        });
        let onwards =
            onwards.map(|(totals, next)| Way { totals, score: weights.score(totals), next: Some(next) });
        ways[place] = best(onwards.collect(), limits.most, |way| way.score);
    }
    let leaves: Vec<usize> = graph.places().filter(|&place| graph.children(place).is_empty()).collect();
    let total: BigUint = roots.iter().map(|&root| &counts[root]).sum();
    let paths = if &total * graph.places().len() <= BigUint::from(limits.listed) {
        listed(graph, &roots, &leaves)
    } else {
        most_critical(graph, &roots, &ways, limits.most)
    };
    let steps = |places: Vec<usize>| places.into_iter().map(|place| graph.step(place)).collect();
    Some(CriticalPaths { total, paths, roots: steps(roots), leaves: steps(leaves) })
}

fn most_critical(graph: &TaskGraph, roots: &[usize], ways: &[Vec<Way>], most: usize) -> Vec<Vec<StepId>> {
    let begun = roots
        .iter()
        .flat_map(|&root| ways[root].iter().enumerate().map(move |(rank, way)| (root, rank, way.score)));
    let chosen = best(begun.collect(), most, |way| way.2);
    chosen.into_iter().map(|(root, rank, _)| follow(graph, ways, root, rank)).collect()
}

/// Every path, depth first, and those of each root by their leaves.
fn listed(graph: &TaskGraph, roots: &[usize], leaves: &[usize]) -> Vec<Vec<StepId>> {
    let mut rank = vec![0; graph.places().len()];
    leaves.iter().enumerate().for_each(|(place, &leaf)| rank[leaf] = place);
    let mut all = Vec::new();
    for &root in roots {
        let mut paths = Vec::new();
        let mut path = vec![(root, 0)];
        while let Some((place, turn)) = path.last_mut() {
            let place = *place;
            if let Some(&child) = graph.children(place).get(*turn) {
                *turn += 1;
                path.push((child, 0));
                continue;
            }
            if graph.children(place).is_empty() {
                let steps: Vec<StepId> = path.iter().map(|&(place, _)| graph.step(place)).collect();
                paths.push((rank[place], steps));
            }
            path.pop();
        }
        paths.sort_by_key(|(leaf, _)| *leaf);
        all.extend(paths.into_iter().map(|(_, steps)| steps));
    }
    all
}

/// The `most` with the highest scores, in descending order; equals keep theirs.
fn best<T>(mut ways: Vec<T>, most: usize, score: impl Fn(&T) -> f64) -> Vec<T> {
    ways.sort_by(|one, other| score(other).total_cmp(&score(one)));
    ways.truncate(most);
    ways
}

fn follow(graph: &TaskGraph, ways: &[Vec<Way>], root: usize, rank: usize) -> Vec<StepId> {
    let mut path = vec![graph.step(root)];
    let mut next = ways[root][rank].next;
    while let Some((place, rank)) = next {
        path.push(graph.step(place));
        next = ways[place][rank].next;
    }
    path
}

/// The steps that roots lead to, each behind its children; `None` if a root leads into a cycle.
fn children_first(graph: &TaskGraph, roots: &[usize]) -> Option<Vec<usize>> {
    #[derive(Clone, Copy, PartialEq)]
    enum Visit {
        None,
        Open,
        Done,
    }
    let mut visits = vec![Visit::None; graph.places().len()];
    let mut order = Vec::new();
    for &root in roots {
        visits[root] = Visit::Open;
        let mut path = vec![(root, 0)];
        while let Some((place, turn)) = path.last_mut() {
            let place = *place;
            let Some(&child) = graph.children(place).get(*turn) else {
                visits[place] = Visit::Done;
                order.push(place);
                path.pop();
                continue;
            };
            *turn += 1;
            match visits[child] {
                Visit::None => {
                    visits[child] = Visit::Open;
                    path.push((child, 0));
                }
                Visit::Open => return None,
                Visit::Done => {}
            }
        }
    }
    Some(order)
}
