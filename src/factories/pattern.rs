//! Patterns of workflows.

use super::{FactoryError, StepSpec, WorkflowGraph};
use rand::SeedableRng;
use rand::rngs::SmallRng;
use rand::seq::{SliceRandom, index};

/// The shape of a workflow.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Pattern {
    /// So many steps in a row.
    Linear(usize),
    /// `start`, then `left` and `right`, then `finish`.
    Diamond,
    /// So many steps side by side, then `merge`.
    ParallelMerge(usize),
    /// `root`, and below every step so many others, down to a depth (0 is the root alone).
    Tree {
        /// Edges from the root to each leaf.
        depth: u32,
        /// Children of every step but the leaves.
        fan_out: usize,
    },
    /// Seven steps with arms of unequal length, a shared parent and a merge of three.
    MixedDag,
    /// `fetch_cart` and `fetch_products`, then `validate_products`, `create_order`, `publish_event`, in three systems.
    ApiIntegration,
    /// The engine's dummy task: `step-one` alone, and `step-two`, `step-three`, `step-four` in a row.
    DummyTask,
    /// For each source `extract` and `transform`, then `load` and `verify`.
    Etl {
        /// Sources.
        sources: usize,
    },
    /// `split`, then so many chunks side by side, then `collect`.
    Batch {
        /// Chunks.
        chunks: usize,
    },
    /// So many stages in a row, each with ten attempts.
    LongRunning {
        /// Stages.
        stages: usize,
    },
    /// `plan`, then `prepare` in each system, then `agree`, then `commit` in each system, then `confirm`.
    MultiSystem {
        /// Systems.
        systems: usize,
    },
    /// So many steps and a share of the edges that a graph of this size can have.
    Random {
        /// Steps.
        steps: usize,
        /// 0 (no edges) to 1 (every pair of steps).
        density: f64,
    },
    /// A graph of one's own.
    Custom(WorkflowGraph),
}

impl Pattern {
    /// The steps and edges. The seed decides a random graph; the others do not depend on it. O(steps + edges).
    ///
    /// # Errors
    ///
    /// [`FactoryError::OutOfRange`] for a density outside of 0 to 1, and a tree of more than a million steps.
    ///
    /// ```
    /// use tasker_core::factories::Pattern;
    ///
    /// let diamond = Pattern::Diamond.graph(0)?;
    /// assert_eq!((diamond.steps().len(), diamond.edges().len()), (4, 4));
    /// let random = Pattern::Random { steps: 10, density: 0.4 };
    /// assert_eq!(random.graph(7)?.edges().len(), 18); // of 45
    /// assert_eq!(random.graph(7)?, random.graph(7)?);
    /// # Ok::<(), tasker_core::factories::FactoryError>(())
    /// ```
    pub fn graph(&self, seed: u64) -> Result<WorkflowGraph, FactoryError> {
        match *self {
            Pattern::Linear(steps) => chain(format!("linear_{steps}"), numbered("step", steps)),
            Pattern::Diamond => named(
                "diamond",
                &[
                    ("start", &[]),
                    ("left", &["start"]),
                    ("right", &["start"]),
                    ("finish", &["left", "right"]),
                ],
            ),
            Pattern::ParallelMerge(branches) => parallel_merge(branches),
            Pattern::Tree { depth, fan_out } => tree(depth, fan_out),
            Pattern::MixedDag => named(
                "mixed_dag",
                &[
                    ("init", &[]),
                    ("left", &["init"]),
                    ("right", &["init"]),
                    ("validate", &["left"]),
                    ("transform", &["left", "right"]),
                    ("analyze", &["transform"]),
                    ("finalize", &["validate", "analyze", "right"]),
                ],
            ),
            Pattern::ApiIntegration => api_integration(),
            Pattern::DummyTask => dummy_task(),
            Pattern::Etl { sources } => etl(sources),
            Pattern::Batch { chunks } => batch(chunks),
            Pattern::LongRunning { stages } => {
                let mut graph = chain(format!("long_running_{stages}"), numbered("stage", stages))?;
                graph.change_steps(|step| step.retry_limit = Some(10));
                Ok(graph)
            }
            Pattern::MultiSystem { systems } => multi_system(systems),
            Pattern::Random { steps, density } => random(steps, density, seed),
            Pattern::Custom(ref graph) => Ok(graph.clone()),
        }
    }
}

impl From<WorkflowGraph> for Pattern {
    fn from(graph: WorkflowGraph) -> Self {
        Pattern::Custom(graph)
    }
}

fn numbered(name: &str, count: usize) -> Vec<StepSpec> {
    (1..=count).map(|number| StepSpec::new(format!("{name}_{number}"))).collect()
}

fn chain(name: String, steps: Vec<StepSpec>) -> Result<WorkflowGraph, FactoryError> {
    let edges = (1..steps.len()).map(|to| (to - 1, to)).collect();
    WorkflowGraph::new(name, steps, edges)
}

/// Steps with the names of those that each waits for, which come before it.
fn named(name: &str, steps: &[(&str, &[&str])]) -> Result<WorkflowGraph, FactoryError> {
    let place = |name: &str| steps.iter().position(|(other, _)| *other == name).unwrap_or(usize::MAX);
    let edges = steps.iter().enumerate();
    let edges =
        edges.flat_map(|(to, (_, parents))| parents.iter().map(move |parent| (place(parent), to))).collect();
    WorkflowGraph::new(name, steps.iter().map(|(name, _)| StepSpec::new(*name)).collect(), edges)
}

fn parallel_merge(branches: usize) -> Result<WorkflowGraph, FactoryError> {
    let mut steps = numbered("branch", branches);
    steps.push(StepSpec::new("merge"));
    let edges = (0..branches).map(|branch| (branch, branches)).collect();
    WorkflowGraph::new(format!("parallel_merge_{branches}"), steps, edges)
}

fn tree(depth: u32, fan_out: usize) -> Result<WorkflowGraph, FactoryError> {
    const LARGEST: usize = 1_000_000;
    let mut level = 0..1;
    let mut steps = vec![StepSpec::new("root")];
    let mut edges = Vec::new();
    for _ in 0..depth {
        if level.len().saturating_mul(fan_out).saturating_add(steps.len()) > LARGEST {
            return Err(FactoryError::OutOfRange {
                what: "the size of a tree",
                expected: "at most 1,000,000 steps",
                got: format!("depth {depth}, {fan_out} children each"),
            });
        }
        let first = steps.len();
        for parent in level {
            for _ in 0..fan_out {
                edges.push((parent, steps.len()));
                steps.push(StepSpec::new(format!("node_{}", steps.len())));
            }
        }
        level = first..steps.len();
    }
    WorkflowGraph::new(format!("tree_{depth}_{fan_out}"), steps, edges)
}

fn api_integration() -> Result<WorkflowGraph, FactoryError> {
    let mut graph = named(
        "api_integration",
        &[
            ("fetch_cart", &[]),
            ("fetch_products", &[]),
            ("validate_products", &["fetch_cart", "fetch_products"]),
            ("create_order", &["validate_products"]),
            ("publish_event", &["create_order"]),
        ],
    )?;
    let systems = ["ecommerce_api", "ecommerce_api", "validation", "ecommerce_api", "event_bus"];
    for (place, system) in systems.into_iter().enumerate() {
        graph.change_step(place, |step| step.system = system.to_owned());
    }
    Ok(graph)
}

fn dummy_task() -> Result<WorkflowGraph, FactoryError> {
    let mut graph = named(
        "dummy_task",
        &[
            ("step-one", &[]),
            ("step-two", &[]),
            ("step-three", &["step-two"]),
            ("step-four", &["step-three"]),
        ],
    )?;
    graph.change_steps(|step| step.system = "dummy-system".to_owned());
    Ok(graph)
}

fn etl(sources: usize) -> Result<WorkflowGraph, FactoryError> {
    let mut steps: Vec<StepSpec> = numbered("extract", sources);
    steps.extend(numbered("transform", sources));
    steps.extend(["load", "verify"].map(StepSpec::new));
    let transforms =
        (0..sources).flat_map(|source| [(source, sources + source), (sources + source, 2 * sources)]);
    let edges = transforms.chain([(2 * sources, 2 * sources + 1)]).collect();
    WorkflowGraph::new(format!("etl_{sources}"), steps, edges)
}

fn batch(chunks: usize) -> Result<WorkflowGraph, FactoryError> {
    let mut steps = vec![StepSpec::new("split")];
    steps.extend(numbered("process", chunks));
    steps.push(StepSpec::new("collect"));
    let edges = (1..=chunks).flat_map(|chunk| [(0, chunk), (chunk, chunks + 1)]).collect();
    WorkflowGraph::new(format!("batch_{chunks}"), steps, edges)
}

fn multi_system(systems: usize) -> Result<WorkflowGraph, FactoryError> {
    let of_systems = |name: &str| {
        let steps = numbered(name, systems).into_iter().zip(1..);
        steps.map(|(step, system)| StepSpec { system: format!("system_{system}"), ..step })
    };
    let mut steps = vec![StepSpec::new("plan")];
    steps.extend(of_systems("prepare"));
    steps.push(StepSpec::new("agree"));
    steps.extend(of_systems("commit"));
    steps.push(StepSpec::new("confirm"));
    let (agree, confirm) = (systems + 1, 2 * systems + 2);
    let edges = (1..=systems).flat_map(|system| {
        [(0, system), (system, agree), (agree, agree + system), (agree + system, confirm)]
    });
    WorkflowGraph::new(format!("multi_system_{systems}"), steps, edges.collect())
}

/// So many of the possible edges, each pair of steps with the same probability; the order of ids is not the order of the graph.
fn random(steps: usize, density: f64, seed: u64) -> Result<WorkflowGraph, FactoryError> {
    if !(0.0..=1.0).contains(&density) {
        return Err(FactoryError::OutOfRange {
            what: "the density of a random graph",
            expected: "0 to 1",
            got: density.to_string(),
        });
    }
    let mut rng = SmallRng::seed_from_u64(seed);
    let possible = steps * steps.saturating_sub(1) / 2;
    let count = (possible as f64 * density).round() as usize;
    let mut places: Vec<usize> = (0..steps).collect();
    places.shuffle(&mut rng);
    let edges = index::sample(&mut rng, possible, count).into_iter().map(|index| {
        let (from, to) = pair(index);
        (places[from], places[to])
    });
    WorkflowGraph::new(format!("random_{steps}"), numbered("step", steps), edges.collect())
}

/// The pair with this number among all pairs `from < to`, in the order (0, 1), (0, 2), (1, 2), (0, 3) …
fn pair(index: usize) -> (usize, usize) {
    let mut to = ((1.0 + (1.0 + 8.0 * index as f64).sqrt()) / 2.0) as usize;
    while to * (to - 1) / 2 > index {
        to -= 1;
    }
    while to * (to + 1) / 2 <= index {
        to += 1;
    }
    (index - to * (to - 1) / 2, to)
}
