//! Graphs: building them, their levels and cycles, and following a task along one.

use crate::SIZES;
use crate::layers::{edges, known, steps};
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput};
use std::hint::black_box;
use tasker_core::graph::Dag;
use tasker_core::graph::frontier::Frontier;

pub fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("graph");
    for size in SIZES {
        group.throughput(Throughput::Elements(size as u64));
        let given = edges(size);
        let dag = Dag::new(steps(size), given.iter().copied());
        group.bench_with_input(BenchmarkId::new("build", size), &given, |bencher, given| {
            bencher.iter(|| Dag::new(steps(size), black_box(given).iter().copied()));
        });
        group.bench_with_input(BenchmarkId::new("levels", size), &dag, |bencher, dag| {
            bencher.iter(|| black_box(dag).levels());
        });
        group.bench_with_input(BenchmarkId::new("cycle", size), &dag, |bencher, dag| {
            bencher.iter(|| black_box(dag).cycle());
        });
    }
    group.finish();
    track(criterion);
}

fn track(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("frontier");
    for size in SIZES {
        group.throughput(Throughput::Elements(size as u64));
        let graph = known(size);
        group.bench_function(BenchmarkId::new("cached graph", size), |bencher| bencher.iter(|| known(size)));
        group.bench_with_input(BenchmarkId::new("of a task half done", size), &graph, |bencher, graph| {
            bencher.iter(|| Frontier::new(black_box(graph), steps(size / 2)));
        });
        let fresh = Frontier::new(&graph, []);
        group.bench_with_input(
            BenchmarkId::new("every step done in turn", size),
            &graph,
            |bencher, graph| {
                bencher.iter_batched(
                    || fresh.clone(),
                    |mut frontier| {
                        steps(size).map(|step| frontier.complete(graph, step).len()).sum::<usize>()
                    },
                    BatchSize::SmallInput,
                );
            },
        );
    }
    group.finish();
}
