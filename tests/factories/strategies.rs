//! Factories as proptest strategies: any workflow can be written, and is read back as it was drawn.

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use sqlx::PgPool;
use tasker_core::factories::strategies::{any_workflow, condition, pattern};
use tasker_core::factories::{Pattern, StepCondition};
use tasker_core::operations::levels::dependency_levels;
use tasker_core::operations::readiness::step_readiness;

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn any_workflow_is_written_as_it_was_drawn(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    let mut runner = TestRunner::deterministic();
    let mut steps = 0;
    for _ in 0..60 {
        let factory = any_workflow(25).new_tree(&mut runner).unwrap().current();
        let made = factory.create(&mut tx).await.unwrap();
        let rows = step_readiness(&mut *tx, made.task, None).await.unwrap();
        assert_eq!(rows.len(), made.graph.steps().len());
        for (row, (id, spec)) in rows.iter().zip(made.steps.iter().zip(made.graph.steps())) {
            assert_eq!((row.workflow_step_id, &*row.name), (*id, spec.name.as_str()));
            let parents = made.edges().filter(|(_, to)| to == id).count();
            assert_eq!(row.total_parents as usize, parents);
        }
        let levels = dependency_levels(&mut *tx, made.task).await.unwrap();
        assert_eq!(levels.len(), rows.len(), "every step is reached from a root");
        steps += rows.len();
    }
    assert!(steps > 300, "expected larger workflows, got {steps} steps");
}

/// What fails is made simpler: the pattern that still has three steps is a chain of three.
#[test]
fn strategies_shrink_towards_the_simple() {
    let mut runner = TestRunner::deterministic();
    let failure = runner.run(&pattern(30), |pattern| {
        let steps = pattern.graph(0).unwrap().steps().len();
        if steps >= 3 { Err(proptest::test_runner::TestCaseError::fail("three steps")) } else { Ok(()) }
    });
    let Err(proptest::test_runner::TestError::Fail(_, simplest)) = failure else { panic!("{failure:?}") };
    assert!(simplest.graph(0).unwrap().steps().len() <= 4, "{simplest:?}");
    let failure = runner.run(&condition(), |condition| {
        if condition == StepCondition::Fresh {
            Ok(())
        } else {
            Err(proptest::test_runner::TestCaseError::fail("not fresh"))
        }
    });
    assert!(failure.is_err());
    assert!(matches!(pattern(1).new_tree(&mut runner).unwrap().current().graph(0).unwrap().steps().len(), 1));
    assert_ne!(Pattern::Diamond, Pattern::MixedDag);
}
