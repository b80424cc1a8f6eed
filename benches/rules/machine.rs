//! The state machines: every pair of states, asked for all that a transition wants to know.

use criterion::Criterion;
use std::hint::black_box;
use tasker_core::machine::{Machine, Owner};
use tasker_core::state::State;

pub fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("machine");
    for (name, owner) in [("task", Owner::Task), ("step", Owner::Step)] {
        let machine = Machine::of(owner);
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let pairs = State::ALL.iter().flat_map(|from| State::ALL.iter().map(move |to| (from, to)));
                pairs
                    .filter(|(from, to)| machine.leads(black_box(from), to))
                    .map(|(_, to)| (machine.guard(to), machine.event(to), machine.predecessors(to).count()))
                    .fold(0, |sum, transition| sum + black_box(transition).2)
            });
        });
    }
    group.finish();
}
