//! A graph with everything that its pictures show, and its SVG.

use super::critical_path::heaviest_path;
use super::layers::without_cycles;
use super::layout::{Layout, Point, Spacing, layered};
use super::style::Condition;
use super::svg::{MARGIN, Number, Rect, Svg};
use super::text::{self, LONGEST_NAME};
use super::timeline::Timeline;
use crate::blocker::Blocker;
use crate::ids::StepId;
use crate::operations::overview::TaskOverview;
use crate::readiness::retry_limit;
use crate::records::StepRecord;
use crate::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

const HEAD: f64 = 28.0;
const LEGEND: f64 = 34.0;
const STEP_HEIGHT: f64 = 44.0;
/// Widths of a character of the title, of a step's name and of what stands below it.
const TITLE_CHARACTER: f64 = 7.6;
const CHARACTER: f64 = 6.8;
const NOTE_CHARACTER: f64 = 5.6;

/// A task or a template, ready to be drawn.
///
/// ```
/// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
/// # doctest::in_transaction(async |tx| {
/// # use tasker_core::factories::{Pattern, workflow};
/// # let made = workflow(Pattern::Diamond).create(&mut *tx).await.unwrap();
/// # let task = made.task;
/// # let overview = tasker_core::operations::overview::task_overview(&mut *tx, task).await?.unwrap();
/// use tasker_core::draw::Diagram;
///
/// let diagram = Diagram::of_template("settle", &["reserve", "pay"], &[vec![], vec![0]]);
/// assert!(diagram.to_svg().starts_with("<svg"));
/// assert!(diagram.to_mermaid().contains("s0 ==> s1"));
/// assert!(diagram.to_dot().starts_with("digraph"));
/// // A task shows the states of its steps as well.
/// assert!(Diagram::of_task(&overview).to_svg().contains("data-step-id"));
/// # Ok(()) });
/// ```
#[derive(Clone, Debug)]
pub struct Diagram {
    pub(super) title: String,
    pub(super) nodes: Vec<Node>,
    /// Each once, ascending.
    pub(super) edges: Vec<(usize, usize)>,
    critical: HashSet<(usize, usize)>,
}

/// A step of a diagram.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// For links and anchors; none for a step of a template.
    id: Option<StepId>,
    pub(super) name: String,
    pub(super) condition: Condition,
    /// Attempts, and why it waits; empty where there is nothing to say.
    pub(super) note: String,
}

impl Diagram {
    /// The diagram of a template: the names of its steps, and for each the steps that it depends on, by their place in `names`.
    /// Dependencies on places that do not exist are left out. O(V + E)
    pub fn of_template<S: AsRef<str>>(title: &str, names: &[S], dependencies: &[Vec<usize>]) -> Self {
        let nodes = names.iter().map(|name| Node {
            id: None,
            name: text::printable(name.as_ref()),
            condition: Condition::Template,
            note: String::new(),
        });
        let edges = dependencies.iter().enumerate().flat_map(|(to, parents)| {
            parents.iter().filter(move |&&from| from.max(to) < names.len()).map(move |&from| (from, to))
        });
        Diagram::new(title.to_owned(), nodes.collect(), edges.collect(), &vec![1; names.len()])
    }

    /// The diagram of a task as it stood when it was read: states, attempts, and why each step waits. The critical path is the one with the
    /// most time between the first attempt and the end of its steps; one that has not ended counts as the mean of those that have. A parent
    /// in another task is not drawn, but noted. O(V + E)
    pub fn of_task(task: &TaskOverview) -> Self {
        let place: HashMap<StepId, usize> =
            task.steps.iter().enumerate().map(|(place, step)| (step.id, place)).collect();
        let mut elsewhere = HashSet::new();
        let mut edges = BTreeSet::new();
        for edge in &task.edges {
            match (place.get(&edge.from), place.get(&edge.to)) {
                (Some(&from), Some(&to)) => drop(edges.insert((from, to))),
                (None, Some(&to)) => drop(elsewhere.insert(to)),
                _ => {}
            }
        }
        let nodes = task.steps.iter().zip(task.blockers()).enumerate().map(|(place, (step, blocker))| Node {
            id: Some(step.id),
            name: text::printable(&step.name),
            condition: Condition::of(step.state.as_ref(), blocker),
            note: note(step, blocker, task.now, elsewhere.contains(&place)),
        });
        let done = task
            .steps
            .iter()
            .filter(|step| step.state.as_ref().is_some_and(|state| state.satisfies_dependents()));
        let title = format!(
            "{}/{} {} #{}: {}, {} of {} steps done",
            task.namespace,
            task.name,
            task.version,
            task.task,
            task.state,
            done.count(),
            task.steps.len()
        );
        let weights = Timeline::of_task(task).step_weights();
        Diagram::new(text::printable(&title), nodes.collect(), edges, &weights)
    }

    fn new(title: String, nodes: Vec<Node>, edges: BTreeSet<(usize, usize)>, weights: &[u64]) -> Self {
        let edges: Vec<(usize, usize)> = edges.into_iter().collect();
        let (_, back) = without_cycles(nodes.len(), &edges);
        let critical = if back.contains(&true) { Vec::new() } else { heaviest_path(weights, &edges) };
        let critical = critical.windows(2).map(|pair| (pair[0], pair[1])).collect();
        Diagram { title, nodes, edges, critical }
    }

    /// Whether an edge is a part of the critical path.
    pub(super) fn is_critical(&self, edge: (usize, usize)) -> bool {
        self.critical.contains(&edge)
    }

    /// The picture as SVG: top down, or from left to right where that is narrower. States differ by colour and by shape; the critical path
    /// is drawn thick; an edge that closes a cycle is drawn dashed and red. Each step has a tooltip with its whole name, its state and why
    /// it waits, the class `step step-STATE`, and for a task the attribute `data-step-id`. O(V + E), some milliseconds for 500 steps.
    pub fn to_svg(&self) -> String {
        let spacing = self.spacing();
        let layout = layered(self.nodes.len(), &self.edges, spacing);
        let conditions = self.conditions();
        let legend: f64 = conditions.keys().map(|condition| legend_width(*condition)).sum();
        let title = self.title.chars().count() as f64 * TITLE_CHARACTER;
        let width = layout.width.max(legend).max(title) + 2.0 * MARGIN;
        let top = MARGIN + HEAD;
        let mut svg =
            Svg::new(width, top + layout.height + LEGEND + MARGIN, &self.title, &self.description());
        svg.text(MARGIN, MARGIN + 12.0, " font-size=\"14\" font-weight=\"600\"", &self.title);
        svg.raw(format_args!("\n<g transform=\"translate({} {})\">\n", Number(MARGIN), Number(top)));
        self.draw_edges(&mut svg, &layout);
        for (node, &(x, y)) in self.nodes.iter().zip(&layout.steps) {
            draw_node(&mut svg, node, Rect { x, y, width: spacing.width, height: spacing.height });
        }
        svg.raw(format_args!("</g>\n"));
        draw_legend(&mut svg, conditions.into_keys(), top + layout.height + LEGEND);
        svg.finish()
    }

    /// How many steps are in each condition.
    pub(super) fn conditions(&self) -> BTreeMap<Condition, usize> {
        let mut counts = BTreeMap::new();
        self.nodes.iter().for_each(|node| *counts.entry(node.condition).or_insert(0) += 1);
        counts
    }

    fn spacing(&self) -> Spacing {
        let name = |node: &Node| node.name.chars().count().min(LONGEST_NAME);
        let name = self.nodes.iter().map(name).max().unwrap_or_default() as f64 * CHARACTER;
        let note = self.nodes.iter().map(|node| node.note.chars().count()).max().unwrap_or_default();
        let width = name.max(note as f64 * NOTE_CHARACTER) + 28.0;
        Spacing { width: width.max(72.0).ceil(), height: STEP_HEIGHT, across: 16.0, along: 36.0 }
    }

    fn description(&self) -> String {
        let counts = self.conditions().into_iter();
        let counts: Vec<String> =
            counts.map(|(condition, count)| format!("{count} {}", condition.word())).collect();
        format!("{} steps, {} dependencies: {}", self.nodes.len(), self.edges.len(), counts.join(", "))
    }

    fn draw_edges(&self, svg: &mut Svg, layout: &Layout) {
        svg.raw(format_args!(
            "<defs><marker id=\"tasker-arrow\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" \
             markerHeight=\"7\" orient=\"auto\" markerUnits=\"userSpaceOnUse\"><path d=\"M0 0L8 4L0 8Z\" \
             fill=\"#4b5563\"/></marker></defs>\n"
        ));
        // The critical path last, over the others.
        let (critical, others): (Vec<usize>, Vec<usize>) =
            (0..self.edges.len()).partition(|&edge| self.is_critical(self.edges[edge]));
        for edge in others.into_iter().chain(critical) {
            let (class, look) = match (layout.back[edge], self.is_critical(self.edges[edge])) {
                (true, _) => {
                    ("edge edge-cycle", "stroke=\"#b91c1c\" stroke-width=\"1.5\" stroke-dasharray=\"6 3\"")
                }
                (_, true) => ("edge edge-critical", "stroke=\"#111827\" stroke-width=\"2.5\""),
                _ => ("edge", "stroke=\"#9ca3af\" stroke-width=\"1.2\""),
            };
            if let Some(path) = curve(&layout.routes[edge], layout.sideways) {
                svg.raw(format_args!(
                    "<path class=\"{class}\" d=\"{path}\" fill=\"none\" {look} marker-end=\"url(#tasker-arrow)\"/>\n"
                ));
            }
        }
    }
}

/// What the second line of a step says.
fn note(step: &StepRecord, blocker: Option<Blocker>, now: Timestamp, waits_elsewhere: bool) -> String {
    let attempts = step.attempts.unwrap_or(0);
    match blocker {
        Some(Blocker::Parents { open, total }) if waits_elsewhere => {
            format!("waits for {open} of {total}, other tasks included")
        }
        Some(Blocker::Backoff { until }) if until != Timestamp(i64::MAX) => {
            format!("retry in {}", text::duration(until.0.saturating_sub(now.0).max(0)))
        }
        Some(blocker) => blocker.to_string(),
        None if attempts > 1 => format!("attempt {attempts} of {}", retry_limit(step)),
        None => String::new(),
    }
}

/// The path along the points of a route: curves between layers, straight lines within them.
fn curve(route: &[Point], sideways: bool) -> Option<String> {
    let (&(x, y), rest) = route.split_first()?;
    let mut path = format!("M{} {}", Number(x), Number(y));
    let mut last = (x, y);
    for (turn, &(x, y)) in rest.iter().enumerate() {
        if turn % 2 == 1 {
            path.push_str(&format!("L{} {}", Number(x), Number(y)));
        } else if sideways {
            let middle = Number((last.0 + x) / 2.0);
            path.push_str(&format!(
                "C{middle} {} {middle} {} {} {}",
                Number(last.1),
                Number(y),
                Number(x),
                Number(y)
            ));
        } else {
            let middle = Number((last.1 + y) / 2.0);
            path.push_str(&format!(
                "C{} {middle} {} {middle} {} {}",
                Number(last.0),
                Number(x),
                Number(x),
                Number(y)
            ));
        }
        last = (x, y);
    }
    Some(path)
}

fn draw_node(svg: &mut Svg, node: &Node, place: Rect) {
    let condition = node.condition;
    let note = if node.note.is_empty() { String::new() } else { format!(", {}", node.note) };
    let id = node.id.map(|id| format!(" data-step-id=\"{id}\"")).unwrap_or_default();
    svg.raw(format_args!("<g class=\"step step-{}\"{id}>", condition.class()));
    svg.raw(format_args!(
        "<title>{}: {}{}</title>",
        text::xml(&node.name),
        condition.word(),
        text::xml(&note)
    ));
    draw_outline(svg, condition, place);
    let middle = place.x + place.width / 2.0;
    let first = if node.note.is_empty() { place.y + 26.0 } else { place.y + 19.0 };
    let strike = if condition == Condition::Cancelled { " text-decoration=\"line-through\"" } else { "" };
    let attributes = format!(" text-anchor=\"middle\"{strike}");
    svg.text(middle, first, &attributes, &text::shortened(&node.name, LONGEST_NAME));
    if !node.note.is_empty() {
        svg.text(middle, place.y + 34.0, " text-anchor=\"middle\" font-size=\"10\"", &node.note);
    }
    svg.raw(format_args!("</g>\n"));
}

fn draw_outline(svg: &mut Svg, condition: Condition, place: Rect) {
    let (fill, line) = condition.colours();
    let width = if condition == Condition::Ready { 2.5 } else { 1.5 };
    let dashes = if condition.is_dashed() { " stroke-dasharray=\"5 3\"" } else { "" };
    svg.raw(format_args!(
        "<path d=\"{}\" fill=\"{fill}\" stroke=\"{line}\" stroke-width=\"{width}\"{dashes}/>",
        condition.outline(place)
    ));
}

fn legend_width(condition: Condition) -> f64 {
    condition.word().len() as f64 * NOTE_CHARACTER + 56.0
}

fn draw_legend(svg: &mut Svg, conditions: impl Iterator<Item = Condition>, y: f64) {
    let mut x = MARGIN;
    for condition in conditions {
        draw_outline(svg, condition, Rect { x, y: y - 14.0, width: 32.0, height: 20.0 });
        svg.text(x + 38.0, y, " font-size=\"11\"", condition.word());
        x += legend_width(condition);
    }
}
