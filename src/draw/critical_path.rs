//! The heaviest path of a graph.

use std::collections::VecDeque;

/// The vertices of the path with the largest total weight, in its order; of equal ones that with the smaller vertices. `edges` must be
/// acyclic. O(V + E)
pub(super) fn heaviest_path(weights: &[u64], edges: &[(usize, usize)]) -> Vec<usize> {
    let mut children = vec![Vec::new(); weights.len()];
    let mut open = vec![0_usize; weights.len()];
    for &(from, to) in edges {
        children[from].push(to);
        open[to] += 1;
    }
    // For each vertex: the weight of the heaviest path that ends there, and the vertex before it on that path.
    let mut best: Vec<(u64, Option<usize>)> = weights.iter().map(|&weight| (weight, None)).collect();
    let mut queue: VecDeque<usize> = (0..weights.len()).filter(|&vertex| open[vertex] == 0).collect();
    while let Some(vertex) = queue.pop_front() {
        for &child in &children[vertex] {
            let weight = best[vertex].0.saturating_add(weights[child]);
            let heavier = weight > best[child].0;
            let smaller = weight == best[child].0 && best[child].1.is_some_and(|before| vertex < before);
            if best[child].1.is_none() || heavier || smaller {
                best[child] = (weight, Some(vertex));
            }
            open[child] -= 1;
            if open[child] == 0 {
                queue.push_back(child);
            }
        }
    }
    let end = (0..weights.len()).rev().max_by_key(|&vertex| best[vertex].0);
    let mut path: Vec<usize> = std::iter::successors(end, |&vertex| best[vertex].1).collect();
    path.reverse();
    path
}
