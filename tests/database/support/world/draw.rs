//! What is in a world.

use super::{Plan, Task};
use rand::RngExt;
use rand::rngs::SmallRng;
use rand::seq::{IndexedRandom, SliceRandom};

const SECOND: i64 = 1_000_000;

/// The words of the machines, with the frequency of a task under way, and others.
const STATES: [(&str, u32); 11] = [
    ("pending", 6),
    ("in_progress", 2),
    ("complete", 16),
    ("error", 12),
    ("cancelled", 1),
    ("resolved_manually", 4),
    ("", 1),
    ("failed", 1),
    ("Complete", 1),
    ("NULL", 1),
    ("two \"words\", {and} a \\", 1),
];

/// What the states of a task's steps are drawn from: anything, or what tasks at their end, in trouble or at work
/// consist of.
const MOODS: [&[(&str, u32)]; 5] = [
    &STATES,
    &STATES,
    &[("complete", 4), ("resolved_manually", 1)],
    &[("complete", 2), ("error", 1)],
    &[("complete", 4), ("in_progress", 1), ("error", 1)],
];

/// Names of the named steps, some hard to quote.
pub const NAMES: [&str; 12] = [
    "fetch",
    "",
    " ",
    "NULL",
    "null",
    "a, b",
    "{a}",
    "say \"hi\"",
    "back\\slash",
    "it's",
    "line\nbreak",
    "größer ✓",
];

/// Everything that is to be written.
pub struct Drawn {
    pub tasks: Vec<Task>,
    pub steps: Vec<Step>,
    pub of_steps: Vec<Transition>,
    pub of_tasks: Vec<Transition>,
}

/// A row of `tasker_workflow_steps`; instants in microseconds.
pub struct Step {
    pub id: i64,
    pub task_id: i64,
    pub attempts: Option<i32>,
    pub retry_limit: Option<i32>,
    pub backoff: Option<i32>,
    pub last_attempted_at: Option<i64>,
    pub processed_at: Option<i64>,
    pub named_step_id: i32,
    pub retryable: bool,
    pub in_process: bool,
    pub processed: bool,
}

/// A row of either transition table.
pub struct Transition {
    pub owner: i64,
    pub to_state: &'static str,
    pub sort_key: i32,
    pub most_recent: bool,
    pub created_at: i64,
}

pub fn world(rng: &mut SmallRng, plan: &Plan, now: i64) -> Drawn {
    let mut drawn = Drawn { tasks: tasks(rng, plan), steps: vec![], of_steps: vec![], of_tasks: vec![] };
    edges(rng, plan, &mut drawn.tasks);
    for task in &drawn.tasks {
        let mood = *MOODS.choose(rng).unwrap();
        for &id in &task.steps {
            let step = step(rng, id, task.id, now);
            drawn.of_steps.extend(history(rng, id, step.attempts, now, mood));
            drawn.steps.push(step);
        }
        drawn.of_tasks.extend(history(rng, task.id, None, now, &STATES));
    }
    drawn
}

/// Tasks of 0 to 200 steps, whose ids neither follow the order of the graph nor stand together.
fn tasks(rng: &mut SmallRng, plan: &Plan) -> Vec<Task> {
    let mut sizes = vec![0, 1, 200];
    while sizes.iter().sum::<usize>() < plan.steps {
        let largest = *[5, 40, 120, 200].choose(rng).unwrap();
        sizes.push(rng.random_range(0..=largest));
    }
    let mut ids: Vec<i64> = (1..=sizes.iter().sum::<usize>() as i64).map(|index| index * 2).collect();
    ids.shuffle(rng);
    let task = |(index, size)| Task {
        id: index as i64 * 3 + 1,
        steps: ids.split_off(ids.len() - size),
        edges: vec![],
    };
    sizes.into_iter().enumerate().map(task).collect()
}

fn edges(rng: &mut SmallRng, plan: &Plan, tasks: &mut [Task]) {
    let everywhere: Vec<i64> = tasks.iter().flat_map(|task| task.steps.iter().copied()).collect();
    for task in tasks {
        let density = *plan.densities.choose(rng).unwrap();
        let reach = *[1, 4, 20, 200].choose(rng).unwrap();
        for to in 1..task.steps.len() {
            for _ in 0..rng.random_range(0.0..=2.0 * density).round() as usize {
                let edge = (task.steps[rng.random_range(to.saturating_sub(reach)..to)], task.steps[to]);
                let times = if rng.random_bool(0.05) { 2 } else { 1 };
                task.edges.extend(std::iter::repeat_n(edge, times));
            }
            if rng.random_bool(0.02) {
                let foreign = *everywhere.choose(rng).unwrap();
                if !task.steps.contains(&foreign) {
                    task.edges.push((foreign, task.steps[to]));
                }
            }
        }
    }
}

fn step(rng: &mut SmallRng, id: i64, task_id: i64, now: i64) -> Step {
    let backoff = rng.random_bool(0.4).then(|| match rng.random_range(0..10) {
        0 => i32::MAX,
        1 => -rng.random_range(1..100),
        _ => rng.random_range(0..90),
    });
    let attempts = match rng.random_range(0..20) {
        0..5 => None,
        5..15 => Some(rng.random_range(0..5)),
        15..19 => Some(rng.random_range(5..=43)),
        _ => Some(-rng.random_range(1..4)),
    };
    let last_attempted_at =
        rng.random_bool(0.6).then(|| instant(rng, now, i64::from(backoff.unwrap_or(0)) * SECOND));
    Step {
        id,
        task_id,
        attempts,
        retry_limit: rng.random_bool(0.85).then(|| rng.random_range(0..=5)),
        backoff,
        last_attempted_at,
        processed_at: rng.random_bool(0.6).then(|| instant(rng, now, SECOND)),
        named_step_id: rng.random_range(1..=NAMES.len() as i32),
        retryable: rng.random_bool(0.9),
        in_process: rng.random_bool(0.05),
        processed: rng.random_bool(0.2),
    }
}

/// Up to four rows, the last of which has the flag nearly always.
fn history(
    rng: &mut SmallRng,
    owner: i64,
    attempts: Option<i32>,
    now: i64,
    mood: &[(&'static str, u32)],
) -> Vec<Transition> {
    let mixed = mood.len() == STATES.len();
    let rows = rng.random_range(if mixed { 0..5 } else { 1..5 });
    let wait = 2f64.powi(attempts.unwrap_or(1)).min(30.0) * SECOND as f64;
    let flagged = !mixed || rng.random_bool(0.97);
    (1..=rows)
        .map(|row| Transition {
            owner,
            to_state: mood.choose_weighted(rng, |state| state.1).unwrap().0,
            sort_key: row * 10,
            most_recent: flagged && row == rows,
            created_at: instant(rng, now, wait as i64),
        })
        .collect()
}

/// An instant from which `wait` is over, or not, or ends now, give or take a microsecond.
fn instant(rng: &mut SmallRng, now: i64, wait: i64) -> i64 {
    match rng.random_range(0..3) {
        0 => now - wait + rng.random_range(-1..=1),
        1 => now - rng.random_range(0..100 * SECOND),
        _ => now + rng.random_range(0..20 * SECOND),
    }
}
