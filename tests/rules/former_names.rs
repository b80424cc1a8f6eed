//! Former names work for one version.

#![allow(deprecated)]

use std::any::TypeId;
use tasker_core::{conversation, coroutine, facts, graph, kinship, operations, records, relationships, run};

#[test]
fn former_types_are_the_present_ones() {
    let pairs = [
        (TypeId::of::<facts::StepFacts>(), TypeId::of::<records::StepRecord>()),
        (TypeId::of::<facts::TaskFacts>(), TypeId::of::<records::TaskRecord>()),
        (TypeId::of::<kinship::Kin>(), TypeId::of::<relationships::Neighborhood>()),
        (TypeId::of::<conversation::Conversation<()>>(), TypeId::of::<coroutine::Coroutine<()>>()),
        (TypeId::of::<conversation::Turn<()>>(), TypeId::of::<coroutine::CoroutineState<()>>()),
        (TypeId::of::<conversation::Hosted>(), TypeId::of::<coroutine::CoroutineSession>()),
        (TypeId::of::<graph::known::KnownGraph>(), TypeId::of::<graph::csr::CsrGraph>()),
        (TypeId::of::<graph::known::Version>(), TypeId::of::<graph::csr::GraphVersion>()),
        (
            TypeId::of::<operations::moves::Move>(),
            TypeId::of::<operations::batch_transitions::StepTransition>(),
        ),
        (
            TypeId::of::<operations::moves::Kept>(),
            TypeId::of::<operations::batch_transitions::AttemptRecord>(),
        ),
        (TypeId::of::<operations::survey::Survey>(), TypeId::of::<operations::task_snapshot::TaskSnapshot>()),
        (TypeId::of::<operations::survey::Known>(), TypeId::of::<operations::task_snapshot::KnownVersions>()),
        (TypeId::of::<operations::ready::Followed>(), TypeId::of::<operations::ready::TrackedTask>()),
        (TypeId::of::<operations::ready::News>(), TypeId::of::<operations::ready::Updates>()),
        (TypeId::of::<run::StepRecord>(), TypeId::of::<run::StepRow>()),
        (TypeId::of::<run::TaskRecord>(), TypeId::of::<run::TaskRow>()),
    ];
    for (index, (former, present)) in pairs.into_iter().enumerate() {
        assert_eq!(former, present, "pair {index}");
    }
}
