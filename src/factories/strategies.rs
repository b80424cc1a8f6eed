//! Factories as proptest strategies.

use super::{Pattern, StepCondition, StepSpec, WorkflowFactory, WorkflowGraph, workflow};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Patterns of at most so many steps, at least one. They shrink towards short chains.
///
/// ```
/// use proptest::prelude::*;
/// use tasker_core::factories::strategies::pattern;
///
/// proptest!(|(pattern in pattern(30), seed in any::<u64>())| {
///     let graph = pattern.graph(seed).unwrap();
///     prop_assert!((1..=30).contains(&graph.steps().len()));
/// });
/// ```
pub fn pattern(most_steps: usize) -> BoxedStrategy<Pattern> {
    let most = most_steps.max(1);
    let sized = move |around: usize, each: usize| 1..=(most.saturating_sub(around) / each).max(1);
    let fits = move |pattern: &Pattern| pattern.graph(0).is_ok_and(|graph| graph.steps().len() <= most);
    prop_oneof![
        sized(0, 1).prop_map(Pattern::Linear),
        Just(Pattern::Diamond),
        sized(1, 1).prop_map(Pattern::ParallelMerge),
        (0u32..4, 1usize..4).prop_map(|(depth, fan_out)| Pattern::Tree { depth, fan_out }),
        select(vec![Pattern::MixedDag, Pattern::ApiIntegration, Pattern::DummyTask]),
        sized(2, 2).prop_map(|sources| Pattern::Etl { sources }),
        sized(2, 1).prop_map(|chunks| Pattern::Batch { chunks }),
        sized(0, 1).prop_map(|stages| Pattern::LongRunning { stages }),
        sized(3, 2).prop_map(|systems| Pattern::MultiSystem { systems }),
        (sized(0, 1), 0.0..=1.0f64).prop_map(|(steps, density)| Pattern::Random { steps, density }),
        graph(most).prop_map(Pattern::Custom),
    ]
    // Patterns of a fixed size need not fit.
    .prop_map(move |pattern| if fits(&pattern) { pattern } else { Pattern::Linear(most) })
    .boxed()
}

/// Any acyclic graph of at most so many steps, edges given twice included. It shrinks towards few steps without edges.
pub fn graph(most_steps: usize) -> impl Strategy<Value = WorkflowGraph> {
    let most = most_steps.max(1);
    let parts = (1..=most).prop_flat_map(|steps| (Just(steps), vec((0..steps, 0..steps), 0..=2 * steps)));
    parts.prop_filter_map("an acyclic graph", |(steps, edges)| {
        let ascending = edges.into_iter().filter(|(a, b)| a != b).map(|(a, b)| (a.min(b), a.max(b)));
        let steps = (1..=steps).map(|number| StepSpec::new(format!("step_{number}"))).collect();
        WorkflowGraph::new("any", steps, ascending.collect()).ok()
    })
}

/// Conditions of steps. They shrink towards a fresh step.
///
/// ```
/// use proptest::prelude::*;
/// use tasker_core::factories::strategies::{condition, graph};
///
/// proptest!(|(graph in graph(5), condition in condition())| {
///     prop_assert!(graph.steps().len() <= 5);
///     let _ = condition;
/// });
/// ```
pub fn condition() -> impl Strategy<Value = StepCondition> {
    prop_oneof![
        select(StepCondition::ALL.to_vec()),
        (1i32..8).prop_map(|attempts| StepCondition::Failed { attempts }),
        (1i32..8).prop_map(|attempts| StepCondition::Backoff { attempts }),
        (1i32..8).prop_map(|attempts| StepCondition::Retrying { attempts }),
        (0i32..3_600).prop_map(|seconds| StepCondition::RequestedBackoff { seconds }),
    ]
}

/// Workflows of at most so many steps, each step in a condition of its own.
///
/// ```
/// use proptest::prelude::*;
/// use tasker_core::factories::strategies::any_workflow;
///
/// proptest!(|(workflow in any_workflow(8))| {
///     // workflow.create(&mut connection) …
///     let text = format!("{workflow:?}");
///     prop_assert!(text.starts_with("WorkflowFactory"));
/// });
/// ```
pub fn any_workflow(most_steps: usize) -> impl Strategy<Value = WorkflowFactory> {
    let conditions = vec(condition(), most_steps.max(1));
    (pattern(most_steps), any::<u64>(), conditions).prop_filter_map(
        "a graph",
        |(pattern, seed, conditions)| {
            let graph = pattern.graph(seed).ok()?;
            let names: Vec<String> = graph.steps().iter().map(|step| step.name.clone()).collect();
            let fresh = workflow(pattern).seed(seed);
            Some(
                names
                    .into_iter()
                    .zip(conditions)
                    .fold(fresh, |workflow, (name, condition)| workflow.step(name, condition)),
            )
        },
    )
}
