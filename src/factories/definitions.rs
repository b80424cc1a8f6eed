//! Namespaces, named tasks, systems and named steps, found or created in sets.

use super::workflow::{Planned, WorkflowFactory};
use super::{FactoryError, StepSpec};
use sqlx::PgConnection;
use std::collections::{BTreeSet, HashMap};

/// What distinguishes a definition: the id of what it belongs to, its name, its version; 0 and the empty text where it has none.
type Key = (i64, String, String);

/// Finds and creates the rows of one table by keys.
struct Table {
    find: &'static str,
    create: &'static str,
}

/// The keys `k` that a statement is given.
macro_rules! keys {
    () => {
        "from unnest($1::bigint[], $2::text[], $3::text[]) k(parent, name, version)"
    };
}

macro_rules! find {
    ($id:literal in $table:literal where $same:literal) => {
        concat!(
            "select k.parent, k.name, k.version, d.",
            $id,
            "::bigint ",
            keys!(),
            " join ",
            $table,
            " d on ",
            $same
        )
    };
}

/// `$more` are columns that follow from nothing, with their values.
macro_rules! create {
    ($key:literal = $values:literal in $table:literal $(, $more:literal = $value:literal)?) => {
        concat!(
            "insert into ", $table, " (", $key, $(", ", $more,)? ", created_at, updated_at) select ", $values, $(", ", $value,)?
            ", localtimestamp, localtimestamp ", keys!(), " order by ", $values, " on conflict (", $key, ") do nothing"
        )
    };
}

/// A table whose rows belong to nothing and have no version.
macro_rules! by_name {
    ($id:literal in $table:literal) => {
        Table {
            find: find!($id in $table where "d.name = k.name"),
            create: create!("name" = "name" in $table),
        }
    };
}

const NAMESPACES: Table = by_name!("task_namespace_id" in "tasker_task_namespaces");

const SYSTEMS: Table = by_name!("dependent_system_id" in "tasker_dependent_systems");

const NAMED_TASKS: Table = Table {
    find: find!("named_task_id" in "tasker_named_tasks"
                where "d.task_namespace_id = k.parent and d.name = k.name and d.version = k.version"),
    create: create!("task_namespace_id, name, version" = "parent, name, version" in "tasker_named_tasks",
                    "configuration" = "'{}'"),
};

const NAMED_STEPS: Table = Table {
    find: find!("named_step_id" in "tasker_named_steps" where "d.dependent_system_id = k.parent and d.name = k.name"),
    create: create!("dependent_system_id, name" = "parent, name" in "tasker_named_steps"),
};

/// Definitions that were found or created, by their keys.
#[derive(Default)]
pub(super) struct Definitions {
    namespaces: HashMap<Key, i64>,
    named_tasks: HashMap<Key, i64>,
    systems: HashMap<Key, i64>,
    named_steps: HashMap<Key, i64>,
    joined: std::collections::HashSet<(i64, i64)>,
}

impl Definitions {
    /// Makes sure of all definitions of these workflows. A statement for each of five tables where everything is there, up to three where not.
    pub(super) async fn ensure(
        &mut self,
        workflows: &[(WorkflowFactory, Planned)],
        connection: &mut PgConnection,
    ) -> Result<(), FactoryError> {
        let names = |name: &str| (0, name.to_owned(), String::new());
        let namespaces = workflows.iter().map(|(workflow, _)| names(&namespace(workflow)));
        resolve(&NAMESPACES, namespaces.collect(), &mut self.namespaces, connection).await?;
        let systems =
            workflows.iter().flat_map(|(_, planned)| planned.graph.steps()).map(|step| names(&step.system));
        resolve(&SYSTEMS, systems.collect(), &mut self.systems, connection).await?;
        let tasks = workflows.iter().map(|(workflow, planned)| self.task_key(workflow, planned)).collect();
        resolve(&NAMED_TASKS, tasks, &mut self.named_tasks, connection).await?;
        let steps = workflows.iter().flat_map(|(_, planned)| planned.graph.steps());
        let steps = steps.map(|step| self.step_key(step)).collect();
        resolve(&NAMED_STEPS, steps, &mut self.named_steps, connection).await?;
        self.join(workflows, connection).await
    }

    pub(super) fn named_task(&self, workflow: &WorkflowFactory, planned: &Planned) -> i32 {
        narrow(self.named_tasks.get(&self.task_key(workflow, planned)))
    }

    pub(super) fn named_step(&self, step: &StepSpec) -> i32 {
        narrow(self.named_steps.get(&self.step_key(step)))
    }

    fn task_key(&self, workflow: &WorkflowFactory, planned: &Planned) -> Key {
        let namespace = (0, namespace(workflow), String::new());
        let parent = self.namespaces.get(&namespace).copied().unwrap_or_default();
        let name = workflow.name.clone().unwrap_or_else(|| planned.graph.name().to_owned());
        (parent, name, workflow.version.clone())
    }

    fn step_key(&self, step: &StepSpec) -> Key {
        let system = (0, step.system.clone(), String::new());
        (self.systems.get(&system).copied().unwrap_or_default(), step.name.clone(), String::new())
    }

    /// Adds the named steps to the named tasks that do not have them yet.
    async fn join(
        &mut self,
        workflows: &[(WorkflowFactory, Planned)],
        connection: &mut PgConnection,
    ) -> Result<(), FactoryError> {
        let mut pairs: HashMap<(i64, i64), &StepSpec> = HashMap::new();
        for (workflow, planned) in workflows {
            let task = i64::from(self.named_task(workflow, planned));
            for step in planned.graph.steps() {
                let pair = (task, i64::from(self.named_step(step)));
                if !self.joined.contains(&pair) {
                    pairs.entry(pair).or_insert(step);
                }
            }
        }
        if pairs.is_empty() {
            return Ok(());
        }
        let mut pairs: Vec<((i64, i64), &StepSpec)> = pairs.into_iter().collect();
        pairs.sort_unstable_by_key(|(pair, _)| *pair);
        sqlx::query(
            "insert into tasker_named_tasks_named_steps
               (named_task_id, named_step_id, skippable, default_retryable, default_retry_limit, created_at, updated_at)
             select task, step, skippable, retryable, coalesce(retry_limit, 3), localtimestamp, localtimestamp
             from unnest($1::bigint[], $2::bigint[], $3::boolean[], $4::boolean[], $5::integer[])
                    p(task, step, skippable, retryable, retry_limit)
             where not exists (select from tasker_named_tasks_named_steps j
                               where j.named_task_id = p.task and j.named_step_id = p.step)
             on conflict (named_task_id, named_step_id) do nothing",
        )
        .bind(pairs.iter().map(|(pair, _)| pair.0).collect::<Vec<_>>())
        .bind(pairs.iter().map(|(pair, _)| pair.1).collect::<Vec<_>>())
        .bind(pairs.iter().map(|(_, step)| step.skippable).collect::<Vec<_>>())
        .bind(pairs.iter().map(|(_, step)| step.retryable).collect::<Vec<_>>())
        .bind(pairs.iter().map(|(_, step)| step.retry_limit).collect::<Vec<_>>())
        .execute(connection)
        .await?;
        self.joined.extend(pairs.into_iter().map(|(pair, _)| pair));
        Ok(())
    }
}

fn namespace(workflow: &WorkflowFactory) -> String {
    match &workflow.tenant {
        Some(tenant) => format!("{tenant}/{}", workflow.namespace),
        None => workflow.namespace.clone(),
    }
}

/// Keys of definitions are 32 bits wide.
fn narrow(id: Option<&i64>) -> i32 {
    id.and_then(|id| i32::try_from(*id).ok()).unwrap_or_default()
}

/// Finds the keys that are not known yet, creates those that are not there, and finds these again: another session may have created them at
/// the same time.
async fn resolve(
    table: &Table,
    keys: BTreeSet<Key>,
    known: &mut HashMap<Key, i64>,
    connection: &mut PgConnection,
) -> Result<(), FactoryError> {
    for sql in [None, Some(table.create)] {
        let missing: Vec<&Key> = keys.iter().filter(|key| !known.contains_key(*key)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let bind = |sql: &'static str| {
            sqlx::query(sql)
                .bind(missing.iter().map(|key| key.0).collect::<Vec<_>>())
                .bind(missing.iter().map(|key| key.1.clone()).collect::<Vec<_>>())
                .bind(missing.iter().map(|key| key.2.clone()).collect::<Vec<_>>())
        };
        if let Some(create) = sql {
            bind(create).execute(&mut *connection).await?;
        }
        for row in bind(table.find).fetch_all(&mut *connection).await? {
            let (parent, name, version, id) = sqlx::FromRow::from_row(&row)?;
            known.insert((parent, name, version), id);
        }
    }
    Ok(())
}
