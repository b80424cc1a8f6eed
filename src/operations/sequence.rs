//! The steps of a task, as its handler's templates describe them.

use super::created::Wanted;
use super::{ask, definitions, snapshot};
use crate::error::Error;
use crate::graph::Dag;
use crate::ids::{StepId, TaskId};
use crate::records::{Edge, NamedStep, NamedTask};
use crate::session::{Row, Session, Value};
use crate::sql::sequence as sql;
use crate::time::Timestamp;
use std::collections::{HashMap, HashSet};

pub use super::created::Created;
pub use super::step_template::Template;
use serde::Serialize;

/// The steps of a task, all of which exist with all of their edges.
///
/// ```
/// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
/// # doctest::in_transaction(async |tx| {
/// # use tasker_core::factories::{Pattern, workflow};
/// # let made = workflow(Pattern::Diamond).create(&mut *tx).await.unwrap();
/// # let task = made.task;
/// use tasker_core::operations::sequence::{Established, Template, established_steps};
///
/// let other = Template {
///     system: "bank".into(), name: "reserve".into(), retryable: true, retry_limit: 3, skippable: false, depends_on: vec![],
/// };
/// // The task has other steps than this one.
/// let established: Option<Established> = established_steps(&mut *tx, task, &[other]).await?;
/// assert!(established.is_none());
/// # Ok(()) });
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Established {
    /// Their ids, in the order of the templates.
    pub steps: Vec<StepId>,
    /// The last step of the task, if no two of its steps have one name.
    pub distinct_to: Option<StepId>,
    /// The task's definition.
    pub named_task: NamedTask,
    /// The definitions of all steps that the task has, each once, by id.
    pub named_steps: Vec<NamedStep>,
    /// Those of the engine's tables that have row triggers of the application.
    #[serde(skip)]
    pub row_triggers: Vec<Box<str>>,
}

/// The tables of tasks and steps.
const WRITTEN: [&str; 5] = [
    "tasker_workflow_steps",
    "tasker_workflow_step_transitions",
    "tasker_tasks",
    "tasker_task_transitions",
    "tasker_workflow_step_edges",
];

/// A task's steps in the order of `templates`, if all of them exist with all of their edges, and what it and they are defined by. One
/// statement, O(steps + edges).
///
/// `None` if anything at all is missing, or if the templates themselves make no graph ([`edges_between`]): a caller that creates steps one by
/// one has to sort that out. Of several steps with one definition the oldest counts, as in the engine.
///
/// # Errors
///
/// Those of the session, and [`Error::Decode`] for an answer that does not fit.
pub async fn established_steps<S: Session>(
    session: &mut S,
    task: TaskId,
    templates: &[Template],
) -> Result<Option<Established>, Error> {
    let Some(pairs) = edges_between(templates) else {
        return Ok(None);
    };
    let established = |row: Row<'_>| row.unpacked(|row| found(row, templates, &pairs));
    let query = sql::steps(Value::Int(task.0), Value::text_array(WRITTEN));
    Ok(ask(session, query, established).await?.flatten())
}

fn found(
    row: Row<'_>,
    templates: &[Template],
    pairs: &[(usize, usize)],
) -> Result<Option<Established>, Error> {
    let existing = existing_steps(row)?;
    let found: Option<Vec<StepId>> = templates
        .iter()
        .map(|template| existing.get(&*template.system)?.get(&*template.name).copied())
        .collect();
    let edges: HashSet<Edge> = snapshot::edges(row, 4, 5)?.into_iter().collect();
    let wanted = |ids: &[StepId], (from, to): (usize, usize)| Edge { from: ids[from], to: ids[to] };
    let found = found.filter(|ids| pairs.iter().all(|&pair| edges.contains(&wanted(ids, pair))));
    let Some(steps) = found else {
        return Ok(None);
    };
    Ok(Some(Established {
        steps,
        distinct_to: distinct_to(row)?,
        named_task: definitions::task(row, 6)?,
        named_steps: definitions::steps(row)?,
        row_triggers: row.text_array(19)?.into_iter().flatten().map(String::into_boxed_str).collect(),
    }))
}

/// The last of the steps, which come in ascending order, if each has a name of its own.
fn distinct_to(row: Row<'_>) -> Result<Option<StepId>, Error> {
    let (ids, names) = (row.int_array(0)?, row.text_array(1)?);
    let distinct = names.iter().collect::<HashSet<_>>().len() == ids.len();
    Ok(ids.last().filter(|_| distinct).map(|&id| StepId(id)))
}

/// Creates the steps of a task that has none yet, with their edges, and returns what was made. One statement, O(steps + edges).
///
/// `inputs` is JSON text, given to every step; `at` is recorded as the instant of creation. `None`, and nothing is created, if the task has
/// steps or is locked by another session, if a definition is missing that the engine would create on the way, or if the templates make no
/// graph ([`edges_between`]).
///
/// # Errors
///
/// Those of the session, and [`Error::Decode`] for an answer that does not fit.
///
/// ```
/// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
/// # doctest::in_transaction(async |tx| {
/// # use tasker_core::factories::{Pattern, workflow};
/// # let made = workflow(Pattern::Diamond).create(&mut *tx).await.unwrap();
/// # let task = made.task;
/// use tasker_core::operations::sequence::{Created, Template, create_steps, edges_between, established_steps};
/// use tasker_core::operations::task_snapshot::TaskSnapshot;
/// use tasker_core::time::Timestamp;
///
/// let template = |name: &str, after: &[&str]| Template {
///     system: "bank".into(),
///     name: name.into(),
///     retryable: true,
///     retry_limit: 3,
///     skippable: false,
///     depends_on: after.iter().map(|&name| name.into()).collect(),
/// };
/// let templates = [template("reserve", &[]), template("pay", &["reserve"])];
/// assert_eq!(edges_between(&templates), Some(vec![(0, 1)]));
///
/// // Definitions that do not exist yet are for the caller to create.
/// let at = Timestamp(1_750_000_000_000_000);
/// let created: Option<Created> = create_steps(&mut *tx, task, &templates, "{}", at).await?;
/// let snapshot: Option<TaskSnapshot> = created.as_ref().map(Created::snapshot);
/// assert_eq!(snapshot, None);
/// // The task has other steps than these.
/// assert!(established_steps(&mut *tx, task, &templates).await?.is_none());
/// # Ok(()) });
/// ```
pub async fn create_steps<S: Session>(
    session: &mut S,
    task: TaskId,
    templates: &[Template],
    inputs: &str,
    at: Timestamp,
) -> Result<Option<Created>, Error> {
    let Some(edges) = edges_between(templates) else {
        return Ok(None);
    };
    let query = sql::create(sql::Create {
        task_id: Value::Int(task.0),
        systems: Value::text_array(templates.iter().map(|template| &*template.system)),
        names: Value::text_array(templates.iter().map(|template| &*template.name)),
        retryable: Value::bool_array(templates.iter().map(|template| Some(template.retryable))),
        retry_limits: Value::int_array(templates.iter().map(|template| template.retry_limit.into())),
        skippable: Value::bool_array(templates.iter().map(|template| Some(template.skippable))),
        inputs: Value::text(inputs),
        from: Value::int_array(edges.iter().map(|&(from, _)| place(from))),
        to: Value::int_array(edges.iter().map(|&(_, to)| place(to))),
        at: Value::text(at.to_sql()),
    });
    let wanted = Wanted { templates: templates.to_vec(), edges, at };
    ask(session, query, |row| row.unpacked(|row| Created::decode(row, task, wanted))).await
}

/// The edges that the templates ask for, as pairs of places in `templates`, in order of declaration.
///
/// `None` if two steps have one name, if a step waits for one that is not there, or if the steps wait for each other in a circle.
pub fn edges_between(templates: &[Template]) -> Option<Vec<(usize, usize)>> {
    let mut places: HashMap<&str, usize> = HashMap::with_capacity(templates.len());
    for (index, template) in templates.iter().enumerate() {
        if places.insert(&template.name, index).is_some() {
            return None;
        }
    }
    let mut edges = Vec::new();
    for (to, template) in templates.iter().enumerate() {
        for parent in &template.depends_on {
            edges.push((*places.get(&**parent)?, to));
        }
    }
    let node = |index: usize| StepId(place(index));
    let dag = Dag::new(
        (0..templates.len()).map(node),
        edges.iter().map(|&(from, to)| Edge { from: node(from), to: node(to) }),
    );
    dag.cycle().is_none().then_some(edges)
}

/// By system and name; only steps whose definition belongs to the task's.
fn existing_steps(row: Row<'_>) -> Result<HashMap<String, HashMap<String, StepId>>, Error> {
    let ids = row.int_array(0)?;
    let names = row.text_array(1)?;
    let systems = row.text_array(2)?;
    let belongs = row.bool_array(3)?;
    if [names.len(), systems.len(), belongs.len()].iter().any(|&length| length != ids.len()) {
        return Err(row.unexpected(1, "arrays of one element a step"));
    }
    let mut steps: HashMap<String, HashMap<String, StepId>> = HashMap::new();
    for (((id, name), system), belongs) in ids.into_iter().zip(names).zip(systems).zip(belongs) {
        if let (Some(system), Some(name), true) = (system, name, belongs) {
            steps.entry(system).or_default().entry(name).or_insert(StepId(id));
        }
    }
    Ok(steps)
}

fn place(index: usize) -> i64 {
    index as i64 + 1
}
