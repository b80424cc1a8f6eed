//! The graph of a workflow's templates. Steps are places in the list of templates.
//!
//! ```
//! use tasker_core::analysis::template::{TemplateAnalysis, TemplateGraph};
//!
//! // Step 2 depends on 0 and 1.
//! let graph = TemplateGraph::new(vec![vec![], vec![], vec![0, 1]]).expect("each dependency is one of the steps");
//! let TemplateAnalysis { cycles, roots, leaves, depth, width, .. } = graph.analyse();
//! assert_eq!((cycles, roots, leaves, depth, width), (vec![], vec![0, 1], vec![2], 1, 2));
//! assert!(TemplateGraph::new(vec![vec![7]]).is_none());
//! ```

use serde::Serialize;

/// Which steps each step depends on, in the order of declaration; one that is named twice counts twice.
#[derive(Clone, Debug)]
pub struct TemplateGraph {
    dependencies: Vec<Vec<usize>>,
}

/// What is said of a template.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TemplateAnalysis {
    /// Walks along the dependencies, depth first, that end where they have been before; that step stands at both ends.
    pub cycles: Vec<Vec<usize>>,
    /// All steps, each behind those that it depends on; none at all if there is a cycle.
    pub topology: Vec<usize>,
    /// In the order of the topology: edges on the longest path from a step without dependencies.
    pub levels: Vec<usize>,
    /// Steps without dependencies.
    pub roots: Vec<usize>,
    /// Steps on which none depends.
    pub leaves: Vec<usize>,
    /// The highest level; 0 if there is none.
    pub depth: usize,
    /// The most steps on one level; 1 if there is none.
    pub width: usize,
}

impl TemplateGraph {
    /// `None` if a dependency is none of the steps.
    pub fn new(dependencies: Vec<Vec<usize>>) -> Option<Self> {
        let known = dependencies.iter().flatten().all(|&step| step < dependencies.len());
        known.then_some(TemplateGraph { dependencies })
    }

    /// Everything at once. O(V + E), and the length of the cycles. Source: the engine's `TemplateGraphAnalyzer`.
    pub fn analyse(&self) -> TemplateAnalysis {
        let cycles = self.cycles();
        let topology = if cycles.is_empty() { self.topology() } else { Vec::new() };
        let level_of = self.levels(&topology);
        let levels: Vec<usize> = topology.iter().map(|&step| level_of[step]).collect();
        let depth = levels.iter().copied().max().unwrap_or_default();
        let mut widths = vec![0; depth + 1];
        levels.iter().for_each(|&level| widths[level] += 1);
        TemplateAnalysis {
            cycles,
            topology,
            roots: self.places(|step| self.dependencies[step].is_empty()),
            leaves: self.leaves(),
            depth,
            width: widths.into_iter().max().unwrap_or_default().max(1),
            levels,
        }
    }

    /// Depth first from each step in turn, along the dependencies, up to the first step that is still open; each walk from there on, with
    /// that step at both ends. Steps of a walk that has ended so stay open, and steps that were met are not begun at again. A walk that
    /// runs into a step left open by an earlier one is returned from its beginning, although it is no cycle by itself, as in the engine.
    fn cycles(&self) -> Vec<Vec<usize>> {
        let steps = self.dependencies.len();
        let (mut met, mut open) = (vec![false; steps], vec![false; steps]);
        let mut cycles = Vec::new();
        for start in 0..steps {
            if !met[start] {
                cycles.extend(self.walk(start, &mut met, &mut open));
            }
        }
        cycles
    }

    fn walk(&self, start: usize, met: &mut [bool], open: &mut [bool]) -> Option<Vec<usize>> {
        (met[start], open[start]) = (true, true);
        let mut path = vec![start];
        let mut next = vec![0];
        while let (Some(&step), Some(turn)) = (path.last(), next.last_mut()) {
            let Some(&dependency) = self.dependencies[step].get(*turn) else {
                open[step] = false;
                path.pop();
                next.pop();
                continue;
            };
            *turn += 1;
            if open[dependency] {
                let begin = path.iter().position(|&step| step == dependency).unwrap_or_default();
                path.push(dependency);
                return Some(path.split_off(begin));
            }
            if !met[dependency] {
                (met[dependency], open[dependency]) = (true, true);
                path.push(dependency);
                next.push(0);
            }
        }
        None
    }

    /// Kahn's algorithm, first come, first served.
    fn topology(&self) -> Vec<usize> {
        let mut dependents = vec![Vec::new(); self.dependencies.len()];
        for (step, dependencies) in self.dependencies.iter().enumerate() {
            dependencies.iter().for_each(|&dependency| dependents[dependency].push(step));
        }
        let mut waiting: Vec<usize> = self.dependencies.iter().map(Vec::len).collect();
        let mut topology = self.places(|step| waiting[step] == 0);
        let mut done = 0;
        while let Some(&step) = topology.get(done) {
            done += 1;
            for &dependent in &dependents[step] {
                waiting[dependent] -= 1;
                if waiting[dependent] == 0 {
                    topology.push(dependent);
                }
            }
        }
        topology
    }

    fn levels(&self, topology: &[usize]) -> Vec<usize> {
        let mut levels = vec![0; self.dependencies.len()];
        for &step in topology {
            let above = self.dependencies[step].iter().map(|&dependency| levels[dependency] + 1);
            levels[step] = above.max().unwrap_or_default();
        }
        levels
    }

    fn leaves(&self) -> Vec<usize> {
        let mut leaf = vec![true; self.dependencies.len()];
        self.dependencies.iter().flatten().for_each(|&dependency| leaf[dependency] = false);
        self.places(|step| leaf[step])
    }

    fn places(&self, is_one: impl Fn(usize) -> bool) -> Vec<usize> {
        (0..self.dependencies.len()).filter(|&step| is_one(step)).collect()
    }
}
