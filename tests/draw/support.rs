//! Tasks to draw, and pictures taken apart.

use roxmltree::{Document, Node};
use tasker_core::ids::{NamedStepId, StepId, TaskId};
use tasker_core::operations::overview::{StepChange, TaskOverview};
use tasker_core::records::{Edge, ParentCount, StepRecord};
use tasker_core::state::State;
use tasker_core::time::Timestamp;

pub const NOW: Timestamp = Timestamp(1_800_000_000_000_000);
pub const SECOND: i64 = 1_000_000;

/// A task whose steps, from id 1 on, are in these states, with these edges between places.
pub fn task(steps: &[(&str, Option<State>)], edges: &[(usize, usize)]) -> TaskOverview {
    let satisfied = |place: usize| steps[place].1.as_ref().is_some_and(State::satisfies_dependents);
    let facts = steps.iter().enumerate().map(|(place, (name, state))| {
        let parents: Vec<usize> = edges.iter().filter(|edge| edge.1 == place).map(|edge| edge.0).collect();
        let completed = parents.iter().filter(|&&parent| satisfied(parent)).count() as u32;
        StepRecord {
            id: id(place),
            task_id: TaskId(7),
            named_step_id: NamedStepId(1),
            name: (*name).into(),
            failed_at: (*state == Some(State::Error)).then_some(Timestamp(NOW.0 - SECOND / 2)),
            state: state.clone(),
            processed: false,
            in_process: false,
            retryable: true,
            attempts: Some(1),
            retry_limit: Some(3),
            backoff_request_seconds: None,
            last_attempted_at: None,
            parents: ParentCount { total: parents.len() as u32, completed },
        }
    });
    TaskOverview {
        task: TaskId(7),
        name: "order".into(),
        version: "1.0.0".into(),
        namespace: "shop".into(),
        state: State::InProgress,
        now: NOW,
        steps: facts.collect(),
        edges: edges.iter().map(|&(from, to)| Edge { from: id(from), to: id(to) }).collect(),
        history: Vec::new(),
    }
}

/// The id of the step at that place.
pub fn id(place: usize) -> StepId {
    StepId(place as i64 + 1)
}

/// A transition so many seconds before [`NOW`].
pub fn change(place: usize, to: State, seconds_ago: i64) -> StepChange {
    StepChange { step: id(place), to, at: Timestamp(NOW.0 - seconds_ago * SECOND) }
}

/// Transitions so many seconds before [`NOW`], of the steps at these places.
pub fn history<const N: usize>(changes: [(usize, State, i64); N]) -> Vec<StepChange> {
    changes.map(|(place, to, seconds_ago)| change(place, to, seconds_ago)).into()
}

pub fn parsed(svg: &str) -> Document<'_> {
    Document::parse(svg).unwrap_or_else(|error| panic!("{error} in {}", &svg[..svg.len().min(2_000)]))
}

/// The elements whose class begins with that word.
pub fn of_class<'a>(document: &'a Document<'_>, class: &'a str) -> impl Iterator<Item = Node<'a, 'a>> {
    document.descendants().filter(move |node| {
        node.attribute("class").is_some_and(|classes| classes.split(' ').next() == Some(class))
    })
}

/// The tooltip of an element.
pub fn tooltip<'a>(node: Node<'a, 'a>) -> &'a str {
    node.children().find(|child| child.has_tag_name("title")).and_then(|title| title.text()).unwrap()
}

/// The middle of the name of each step, in the order of the steps.
pub fn places(document: &Document<'_>) -> Vec<(f64, f64)> {
    let coordinate = |text: Node<'_, '_>, name: &str| text.attribute(name).unwrap().parse::<f64>().unwrap();
    of_class(document, "step")
        .map(|step| {
            let name = step.children().find(|child| child.has_tag_name("text")).unwrap();
            (coordinate(name, "x"), coordinate(name, "y"))
        })
        .collect()
}
