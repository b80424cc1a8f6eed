//! Analyses for people. The engine follows every path; in layers of ten there are more of them than could ever be followed.

use crate::SIZES;
use crate::layers::{edges, half_done, steps};
use criterion::{BenchmarkId, Criterion, Throughput};
use std::collections::HashSet;
use std::hint::black_box;
use tasker_core::analysis::paths::{Limits, StepCondition, Weights, critical_paths};
use tasker_core::analysis::task_graph::TaskGraph;
use tasker_core::analysis::template::TemplateGraph;
use tasker_core::state::State;

/// The engine's defaults.
const WEIGHTS: Weights = Weights {
    length: 10.0,
    completed: 15.0,
    blocked: 25.0,
    error: 30.0,
    retry: 10.0,
    step_seconds: 30.0,
    error_seconds: 60.0,
    attempt_seconds: 30.0,
    trouble: 1.5,
};

/// What is behind each step takes a walk from each, so that the largest task is left out.
const LARGEST: usize = 1_000;

pub fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("analysis");
    for size in SIZES.into_iter().filter(|&size| size <= LARGEST) {
        group.throughput(Throughput::Elements(size as u64));
        let (graph, conditions) = (task_graph(size), conditions(size));
        group.bench_with_input(BenchmarkId::new("critical paths", size), &graph, |bencher, graph| {
            bencher.iter(|| critical_paths(black_box(graph), &conditions, &WEIGHTS, Limits::default()));
        });
        group.bench_with_input(BenchmarkId::new("behind each step", size), &graph, |bencher, graph| {
            bencher.iter(|| black_box(graph).downstream_counts(&HashSet::new()));
        });
        let template = template(size);
        group.bench_with_input(BenchmarkId::new("template", size), &template, |bencher, template| {
            bencher.iter(|| black_box(template).analyse());
        });
    }
    group.finish();
}

fn task_graph(size: usize) -> TaskGraph {
    let named = steps(size).map(|step| (step, format!("step {step}").into())).collect();
    TaskGraph::new(named, edges(size), Vec::new()).expect("no cycle").expect("no edge leads elsewhere")
}

fn conditions(size: usize) -> Vec<StepCondition> {
    let condition = |step: &tasker_core::records::StepRecord| StepCondition {
        id: step.id,
        state: step.state.clone().unwrap_or(State::Pending),
        dependencies_satisfied: step.parents.is_satisfied(),
        attempts: step.attempts.unwrap_or_default().into(),
    };
    half_done(size).steps.iter().map(condition).collect()
}

fn template(size: usize) -> TemplateGraph {
    let mut dependencies = vec![Vec::new(); size];
    for edge in edges(size) {
        dependencies[edge.to.0 as usize - 1].push(edge.from.0 as usize - 1);
    }
    TemplateGraph::new(dependencies).expect("every dependency is a step")
}
