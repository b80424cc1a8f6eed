//! Where the steps of a graph stand: the layered layout of Sugiyama, Tagawa and Toda (1981).
//!
//! A step's layer is the longest path that leads to it. An edge that passes layers bends around what stands there. Steps are ordered by the
//! barycentre of their neighbours, as often as that takes crossings away, and moved as near to their neighbours as the order lets them.
//! Everything is deterministic.

use super::layers::{Layers, SWEEPS, mean, without_cycles};

/// Lengths in pixels; `across` is along a layer, `along` from layer to layer.
#[derive(Clone, Copy)]
pub(super) struct Spacing {
    /// Size of a step.
    pub(super) width: f64,
    pub(super) height: f64,
    /// Room between two steps of a layer.
    pub(super) across: f64,
    /// Room between two layers.
    pub(super) along: f64,
}

/// A place in the picture.
pub(super) type Point = (f64, f64);

/// Where everything stands.
pub(super) struct Layout {
    /// The left upper corner of each step.
    pub(super) steps: Vec<Point>,
    /// For each edge the points that it connects: its start, where it enters and leaves each layer that it passes, its end. Empty for an
    /// edge from a step to itself.
    pub(super) routes: Vec<Vec<Point>>,
    /// Whether the edge leads back, against the direction of all others, because it closes a cycle.
    pub(super) back: Vec<bool>,
    pub(super) width: f64,
    pub(super) height: f64,
    /// Whether layers are columns instead of rows.
    pub(super) sideways: bool,
}

/// Places `count` steps and the edges between them, top down or, where that is narrower, from left to right.
///
/// O(V + E) for each sweep, where an edge counts once for each layer that it passes, up to a limit; sorting a layer adds its logarithm.
pub(super) fn layered(count: usize, edges: &[(usize, usize)], spacing: Spacing) -> Layout {
    let (directed, back) = without_cycles(count, edges);
    let mut graph = Layers::new(count, &directed);
    graph.take_crossings_away();
    let down = frame(&graph, count, spacing, false);
    let sideways = frame(&graph, count, spacing, true);
    let mut layout = if down.width <= sideways.width { down } else { sideways };
    for (route, &back) in layout.routes.iter_mut().zip(&back) {
        if back {
            route.reverse();
        }
    }
    layout.back = back;
    layout
}

/// The middle of each vertex across its layer, as near to its neighbours as order and sizes let it be.
fn across(graph: &Layers, count: usize, size: f64, room: f64) -> Vec<f64> {
    let size_of = |vertex: usize| if vertex < count { size } else { 0.0 };
    let mut middle = vec![0.0; graph.layer.len()];
    for order in &graph.order {
        let mut end = 0.0;
        for &vertex in order {
            middle[vertex] = end + size_of(vertex) / 2.0;
            end += size_of(vertex) + room;
        }
    }
    for sweep in 0..SWEEPS {
        let down = sweep % 2 == 0;
        for turn in 0..graph.order.len() {
            let order = &graph.order[if down { turn } else { graph.order.len() - 1 - turn }];
            let wanted = order.iter().map(|&vertex| {
                let neighbours = if down { &graph.above[vertex] } else { &graph.below[vertex] };
                mean(neighbours.iter().map(|&other| middle[other])).unwrap_or(middle[vertex])
            });
            let wanted: Vec<f64> = wanted.collect();
            let offsets = order.iter().scan(0.0, |end, &vertex| {
                let offset = *end + size_of(vertex) / 2.0;
                *end += size_of(vertex) + room;
                Some(offset)
            });
            let offsets: Vec<f64> = offsets.collect();
            let placed = ascending(wanted.iter().zip(&offsets).map(|(wanted, offset)| wanted - offset));
            for ((&vertex, placed), offset) in order.iter().zip(placed).zip(offsets) {
                middle[vertex] = placed + offset;
            }
        }
    }
    let least = middle.iter().enumerate().map(|(vertex, middle)| middle - size_of(vertex) / 2.0);
    let least = least.fold(f64::INFINITY, f64::min);
    middle.into_iter().map(|middle| middle - least).collect()
}

/// The ascending sequence with the least sum of squared differences to `values`: neighbours in the wrong order are pooled. O(n)
fn ascending(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut pools: Vec<(f64, u32)> = Vec::new();
    for value in values {
        let mut pool = (value, 1);
        while let Some(&(before, count)) = pools.last() {
            if before <= pool.0 {
                break;
            }
            pools.pop();
            let total = count + pool.1;
            pool = ((before * f64::from(count) + pool.0 * f64::from(pool.1)) / f64::from(total), total);
        }
        pools.push(pool);
    }
    pools.into_iter().flat_map(|(value, count)| std::iter::repeat_n(value, count as usize)).collect()
}

/// Turns places within layers into places in the picture.
fn frame(graph: &Layers, count: usize, spacing: Spacing, sideways: bool) -> Layout {
    let Spacing { width, height, .. } = spacing;
    let (size, depth) = if sideways { (height, width) } else { (width, height) };
    let middle = across(graph, count, size, spacing.across);
    let begin = |vertex: usize| graph.layer[vertex] as f64 * (depth + spacing.along);
    let point = |across: f64, along: f64| if sideways { (along, across) } else { (across, along) };
    let steps = (0..count).map(|step| point(middle[step] - size / 2.0, begin(step))).collect();
    let route = |chain: &Vec<usize>| {
        let last = chain.len().saturating_sub(1);
        let ends = chain.iter().enumerate().flat_map(|(turn, &vertex)| {
            let enter = (turn > 0).then(|| point(middle[vertex], begin(vertex)));
            let leave = (turn < last).then(|| point(middle[vertex], begin(vertex) + depth));
            enter.into_iter().chain(leave)
        });
        ends.collect()
    };
    let end = |vertex: usize| middle[vertex] + if vertex < count { size / 2.0 } else { 0.0 };
    let across = (0..graph.layer.len()).map(end).fold(0.0, f64::max);
    let layers = graph.order.len() as f64;
    let along = layers * depth + (layers - 1.0).max(0.0) * spacing.along;
    let (width, height) = point(across, along);
    Layout {
        steps,
        routes: graph.chains.iter().map(route).collect(),
        back: Vec::new(),
        width,
        height,
        sideways,
    }
}
