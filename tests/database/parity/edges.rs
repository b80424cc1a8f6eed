//! The cycle check and the siblings of `WorkflowStepEdge`, beside the same said in another way. (The engine's own SQL for both stands in
//! its Ruby code, with which the specs compare.)

use crate::support::world::{Plan, World};
use rand::RngExt;
use rand::seq::IndexedRandom;
use sqlx::PgPool;
use std::collections::{BTreeMap, BTreeSet};
use tasker_core::ids::StepId;
use tasker_core::operations::edges::{closes_cycle, sibling_edges};
use tasker_core::records::Edge;
use tasker_core::store::Connection;

fn edges(world: &World) -> Vec<(i64, i64)> {
    world.tasks.iter().flat_map(|task| task.edges.iter().copied()).collect()
}

/// Everything that a step leads to, itself included.
fn reached(edges: &[(i64, i64)], start: i64) -> BTreeSet<i64> {
    let mut reached = BTreeSet::from([start]);
    loop {
        let before = reached.len();
        for (from, to) in edges {
            if reached.contains(from) {
                reached.insert(*to);
            }
        }
        if reached.len() == before {
            return reached;
        }
    }
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn an_edge_closes_a_cycle_where_there_is_a_way_back(pool: PgPool) {
    let mut world = World::create(&pool, &Plan { steps: 1_500, densities: &[0.5, 1.0, 2.0] }).await;
    let edges = edges(&world);
    let steps: Vec<i64> = world.tasks.iter().flat_map(|task| task.steps.iter().copied()).collect();
    let mut verdicts = [0; 2];
    for _ in 0..25 {
        let to = *steps.choose(&mut world.rng).unwrap();
        let back = reached(&edges, to);
        let near: Vec<i64> = back.iter().copied().collect();
        for _ in 0..8 {
            let from = if world.rng.random_bool(0.5) { &near } else { &steps };
            let from = *from.choose(&mut world.rng).unwrap();
            let edge = Edge { from: StepId(from), to: StepId(to) };
            let closes = closes_cycle(&mut Connection(&mut world.tx), edge).await.unwrap();
            assert_eq!(closes, back.contains(&from), "{from} -> {to}");
            verdicts[usize::from(closes)] += 1;
        }
    }
    println!("{verdicts:?}");
    assert!(verdicts.iter().all(|&count| count > 10), "the world is too flat to say anything: {verdicts:?}");
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn siblings_have_the_same_edges_above(pool: PgPool) {
    let mut world = World::create(&pool, &Plan { steps: 5_000, densities: &[0.3, 1.0] }).await;
    let mut parents: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for (from, to) in edges(&world) {
        parents.entry(to).or_default().push(from);
    }
    parents.values_mut().for_each(|parents| parents.sort_unstable());
    let steps: Vec<i64> = world.tasks.iter().flat_map(|task| task.steps.iter().copied()).collect();
    let mut found = 0;
    for step in steps {
        let ours = sibling_edges(&mut Connection(&mut world.tx), StepId(step)).await.unwrap();
        assert!(ours.is_sorted_by_key(|row| row.id) && ours.iter().all(|row| &*row.name == "provides"));
        let mut ours: Vec<(i64, i64)> =
            ours.into_iter().map(|row| (row.edge.to.0, row.edge.from.0)).collect();
        ours.sort_unstable();
        let own = parents.get(&step).cloned().unwrap_or_default();
        let theirs: Vec<(i64, i64)> = parents
            .iter()
            .filter(|&(other, parents)| *other != step && *parents == own)
            .flat_map(|(other, parents)| parents.iter().map(|parent| (*other, *parent)))
            .collect();
        assert_eq!(ours, theirs, "step {step}");
        found += ours.len();
    }
    println!("{found} edges of siblings");
    assert!(found > 200, "the world is too sparse to say anything");
}
