//! What the rules of readiness and progress cost once the facts are there.

use crate::SIZES;
use crate::layers::{NOW, half_done};
use criterion::{BenchmarkId, Criterion, Throughput};
use std::hint::black_box;
use tasker_core::ids::{NamedTaskId, TaskId};
use tasker_core::progress::execution_context;
use tasker_core::readiness::{is_ready, readiness};
use tasker_core::records::TaskRecord;

pub fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("readiness");
    let task = TaskRecord { id: TaskId(1), named_task_id: NamedTaskId(1), state: None };
    for size in SIZES {
        let snapshot = half_done(size);
        group.throughput(Throughput::Elements(size as u64));
        group.bench_with_input(BenchmarkId::new("may run", size), &snapshot, |bencher, snapshot| {
            bencher.iter(|| snapshot.steps.iter().filter(|step| is_ready(black_box(step), NOW)).count());
        });
        group.bench_with_input(BenchmarkId::new("all columns", size), &snapshot, |bencher, snapshot| {
            bencher.iter(|| readiness(black_box(snapshot)));
        });
        let steps = readiness(&snapshot);
        group.bench_with_input(BenchmarkId::new("progress", size), &steps, |bencher, steps| {
            bencher.iter(|| execution_context(&task, black_box(steps)));
        });
    }
    group.finish();
}
