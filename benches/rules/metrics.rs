//! Metrics of the whole system: what follows from what the database has counted, which does not grow.

use criterion::Criterion;
use std::hint::black_box;
use tasker_core::metrics::{Activity, Period, Rates};

pub fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("metrics");
    let period = Period {
        tasks: 1_000_000,
        completed_tasks: 900_001,
        failed_tasks: 7,
        steps: 4_000_000,
        completed_steps: 3_700_003,
        since_task: 1_234_567_890_123,
        since_step: 234_567_890_123,
    };
    let activity = Activity { recently_completed: 1_001, recently_failed: 3, period, ..Activity::default() };
    for (name, activity) in [("nothing done", Activity::default()), ("much done", activity)] {
        group.bench_function(name, |bencher| bencher.iter(|| Rates::of(black_box(&activity))));
    }
    group.finish();
}
