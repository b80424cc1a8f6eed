//! The steps of a graph in layers, ordered so that few edges cross.

use std::collections::VecDeque;

/// Sweeps over all layers, down and up in turn.
pub(super) const SWEEPS: usize = 8;

/// The most bends of all edges together. Beyond it the longest edges run straight, so that a dense graph stays within milliseconds.
const MOST_BENDS: usize = 20_000;

/// The edges with those turned round that would close a cycle in a search depth first; and which those are.
pub(super) fn without_cycles(count: usize, edges: &[(usize, usize)]) -> (Vec<(usize, usize)>, Vec<bool>) {
    let mut outgoing = vec![Vec::new(); count];
    edges.iter().enumerate().for_each(|(edge, &(from, _))| outgoing[from].push(edge));
    let (mut seen, mut open, mut back) = (vec![false; count], vec![false; count], vec![false; edges.len()]);
    for root in 0..count {
        if seen[root] {
            continue;
        }
        (seen[root], open[root]) = (true, true);
        let mut path = vec![(root, 0)];
        while let Some((step, turn)) = path.last_mut() {
            let step = *step;
            let Some(&edge) = outgoing[step].get(*turn) else {
                open[step] = false;
                path.pop();
                continue;
            };
            *turn += 1;
            let to = edges[edge].1;
            back[edge] = open[to];
            if !seen[to] {
                (seen[to], open[to]) = (true, true);
                path.push((to, 0));
            }
        }
    }
    let directed =
        edges.iter().zip(&back).map(|(&(from, to), &back)| if back { (to, from) } else { (from, to) });
    (directed.collect(), back)
}

/// The steps and the bends of edges, layer by layer. Vertices from the number of steps on are bends.
pub(super) struct Layers {
    pub(super) layer: Vec<usize>,
    pub(super) order: Vec<Vec<usize>>,
    pub(super) above: Vec<Vec<usize>>,
    pub(super) below: Vec<Vec<usize>>,
    /// For each edge its vertices from layer to layer.
    pub(super) chains: Vec<Vec<usize>>,
}

impl Layers {
    pub(super) fn new(count: usize, edges: &[(usize, usize)]) -> Self {
        let layer = longest_paths(count, edges);
        let depth = layer.iter().copied().max().map_or(0, |deepest| deepest + 1);
        let mut layers = Layers {
            order: vec![Vec::new(); depth],
            above: vec![Vec::new(); count],
            below: vec![Vec::new(); count],
            chains: vec![Vec::new(); edges.len()],
            layer,
        };
        (0..count).for_each(|step| layers.order[layers.layer[step]].push(step));
        let mut shortest_first: Vec<usize> = (0..edges.len()).collect();
        shortest_first.sort_unstable_by_key(|&edge| (layers.span(edges[edge]), edge));
        let mut bends = 0;
        for edge in shortest_first {
            let (from, to) = edges[edge];
            let span = layers.span((from, to));
            bends += span.saturating_sub(1);
            layers.chains[edge] = match span {
                0 => Vec::new(),
                _ if bends > MOST_BENDS => vec![from, to],
                _ => layers.connect(from, to),
            };
        }
        layers
    }

    fn span(&self, (from, to): (usize, usize)) -> usize {
        self.layer[to].saturating_sub(self.layer[from])
    }

    fn connect(&mut self, from: usize, to: usize) -> Vec<usize> {
        let mut chain = vec![from];
        for layer in self.layer[from] + 1..self.layer[to] {
            let bend = self.layer.len();
            self.layer.push(layer);
            self.order[layer].push(bend);
            self.above.push(Vec::new());
            self.below.push(Vec::new());
            chain.push(bend);
        }
        chain.push(to);
        for pair in chain.windows(2) {
            self.below[pair[0]].push(pair[1]);
            self.above[pair[1]].push(pair[0]);
        }
        chain
    }

    pub(super) fn take_crossings_away(&mut self) {
        let mut place = self.places();
        let mut best = (self.crossings(&place), self.order.clone());
        for sweep in 0..SWEEPS {
            let down = sweep % 2 == 0;
            for turn in 0..self.order.len() {
                let layer = if down { turn } else { self.order.len() - 1 - turn };
                let neighbours = if down { &self.above } else { &self.below };
                let key = |vertex: usize| mean(neighbours[vertex].iter().map(|&other| place[other] as f64));
                let mut keyed: Vec<(f64, usize, usize)> = self.order[layer]
                    .iter()
                    .map(|&vertex| (key(vertex).unwrap_or(place[vertex] as f64), place[vertex], vertex))
                    .collect();
                keyed.sort_unstable_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
                self.order[layer] = keyed.into_iter().map(|(_, _, vertex)| vertex).collect();
                self.order[layer].iter().enumerate().for_each(|(at, &vertex)| place[vertex] = at);
            }
            let crossings = self.crossings(&place);
            if crossings < best.0 {
                best = (crossings, self.order.clone());
            }
        }
        self.order = best.1;
    }

    fn places(&self) -> Vec<usize> {
        let mut place = vec![0; self.layer.len()];
        for order in &self.order {
            order.iter().enumerate().for_each(|(at, &vertex)| place[vertex] = at);
        }
        place
    }

    /// Pairs of edges between neighbouring layers that cross, counted as inversions with a tree of sums. O(E log V)
    fn crossings(&self, place: &[usize]) -> u64 {
        let between = |order: &Vec<usize>| {
            let ends = order.iter().flat_map(|&vertex| {
                let mut ends: Vec<usize> = self.below[vertex].iter().map(|&other| place[other]).collect();
                ends.sort_unstable();
                ends
            });
            inversions(&ends.collect::<Vec<usize>>())
        };
        self.order.iter().map(between).sum()
    }
}

/// For each step, the edges on the longest path that leads to it. O(V + E)
fn longest_paths(count: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut children = vec![Vec::new(); count];
    let mut open = vec![0_usize; count];
    for &(from, to) in edges.iter().filter(|(from, to)| from != to) {
        children[from].push(to);
        open[to] += 1;
    }
    let mut layer = vec![0; count];
    let mut queue: VecDeque<usize> = (0..count).filter(|&step| open[step] == 0).collect();
    while let Some(step) = queue.pop_front() {
        for &child in &children[step] {
            layer[child] = layer[child].max(layer[step] + 1);
            open[child] -= 1;
            if open[child] == 0 {
                queue.push_back(child);
            }
        }
    }
    layer
}

/// None of no values.
pub(super) fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0_u32), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

/// Pairs that stand in descending order. O(n log n)
fn inversions(values: &[usize]) -> u64 {
    let mut sums = vec![0_u64; values.iter().copied().max().map_or(0, |most| most + 2)];
    let mut inversions = 0;
    for (before, &value) in values.iter().enumerate() {
        let (mut place, mut not_larger) = (value + 1, 0);
        while place > 0 {
            not_larger += sums[place];
            place &= place - 1;
        }
        inversions += before as u64 - not_larger;
        let mut place = value + 1;
        while place < sums.len() {
            sums[place] += 1;
            place += place & place.wrapping_neg();
        }
    }
    inversions
}
