//! Waits: when each step of a task may be tried again, and whether it may by now.

use crate::SIZES;
use crate::layers::{NOW, half_done};
use criterion::{BenchmarkId, Criterion, Throughput};
use std::hint::black_box;
use tasker_core::backoff::{is_over, next_retry_at};
use tasker_core::records::StepRecord;

pub fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("backoff");
    for size in SIZES {
        group.throughput(Throughput::Elements(size as u64));
        let steps = failed(size);
        group.bench_with_input(BenchmarkId::new("next retry", size), &steps, |bencher, steps| {
            bencher.iter(|| steps.iter().filter_map(|step| next_retry_at(black_box(step))).max());
        });
        group.bench_with_input(BenchmarkId::new("is over", size), &steps, |bencher, steps| {
            bencher.iter(|| steps.iter().filter(|step| is_over(black_box(step), NOW)).count());
        });
    }
    group.finish();
}

/// The steps of a task that is half done, where every other one has a wait that its handler requested.
fn failed(size: usize) -> Vec<StepRecord> {
    let asked = |(place, step): (usize, StepRecord)| StepRecord {
        backoff_request_seconds: place.is_multiple_of(2).then_some(60),
        ..step
    };
    half_done(size).steps.into_iter().enumerate().map(asked).collect()
}
