//! How steps stand to each other: every step of a task among its neighbours, its last one alone, and the siblings of that.

use crate::SIZES;
use crate::layers::{NOW, edges, steps};
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput};
use std::hint::black_box;
use tasker_core::ids::{EdgeId, NamedStepId, StepId, TaskId};
use tasker_core::records::{Edge, EdgeRow, StepIdentity};
use tasker_core::relationships::{Neighborhood, relationships, sibling_edges};

pub fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("relationships");
    for size in SIZES {
        group.throughput(Throughput::Elements(size as u64));
        let every = Neighborhood {
            steps: steps(size).map(identity).collect(),
            above: edges(size),
            below: edges(size),
        };
        let last =
            Neighborhood { steps: steps(size).skip(size - 1).map(identity).collect(), ..every.clone() };
        for (name, kin) in
            [("every step", every), ("the last step", Neighborhood { below: Vec::new(), ..last })]
        {
            group.bench_with_input(BenchmarkId::new(name, size), &kin, |bencher, kin| {
                bencher.iter_batched(
                    || kin.clone(),
                    |kin| relationships(black_box(kin)),
                    BatchSize::LargeInput,
                );
            });
        }
        let (parents, rows) = (parents(size), rows(size));
        group.bench_with_input(BenchmarkId::new("siblings", size), &rows, |bencher, rows| {
            bencher.iter_batched(
                || (parents.clone(), rows.clone()),
                |(parents, rows)| sibling_edges(black_box(parents), rows),
                BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

fn identity(id: StepId) -> StepIdentity {
    StepIdentity { id, task_id: TaskId(1), named_step_id: NamedStepId(id.0) }
}

/// What the last step waits for.
fn parents(size: usize) -> Vec<StepId> {
    let ends = |edge: &Edge| edge.to == StepId(size as i64);
    edges(size).iter().filter(|edge| ends(edge)).map(|edge| edge.from).collect()
}

fn rows(size: usize) -> Vec<EdgeRow> {
    let row = |(index, edge)| EdgeRow {
        id: EdgeId(index as i64),
        edge,
        name: "provides".into(),
        created_at: NOW,
        updated_at: NOW,
    };
    edges(size).into_iter().enumerate().map(row).collect()
}
