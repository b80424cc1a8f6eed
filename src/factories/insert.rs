//! Workflows as rows: ids are taken from the sequences first, so that every table is filled by few statements.

use super::condition::task_history;
use super::definitions::Definitions;
use super::rows::{StepRows, TaskRows, TransitionRows};
use super::workflow::{Planned, Workflow, WorkflowFactory};
use super::{FactoryError, WorkflowGraph};
use crate::ids::{StepId, TaskId};
use crate::time::{Micros, Timestamp};
use sqlx::{Connection, PgConnection};
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// Rows of one statement.
pub(super) const CHUNK: usize = 10_000;

/// Creates workflows with their sub-workflows, in their order; holds one chunk of them at a time.
pub(super) async fn create_all(
    factories: impl Iterator<Item = WorkflowFactory> + Send,
    connection: &mut PgConnection,
) -> Result<Vec<Workflow>, FactoryError> {
    let mut transaction = connection.begin().await?;
    let now = "select (extract(epoch from localtimestamp) * 1000000)::bigint";
    let now = Timestamp(sqlx::query_scalar(now).fetch_one(&mut *transaction).await?);
    let mut writer = Writer { now, definitions: Definitions::default(), graphs: HashMap::new() };
    let mut created = Vec::new();
    let mut factories = factories.peekable();
    while factories.peek().is_some() {
        let chunk = writer.take_chunk(&mut factories)?;
        created.extend(writer.create_chunk(chunk, &mut transaction).await?);
    }
    transaction.commit().await?;
    Ok(created)
}

type Chunk = Vec<(WorkflowFactory, Planned)>;
type Creation<'a> = Pin<Box<dyn Future<Output = Result<Vec<Workflow>, FactoryError>> + Send + 'a>>;

/// Links sub-workflows with the steps that have created them.
async fn annotate(
    parents: &[(usize, StepId)],
    children: &[Workflow],
    created: &[Workflow],
    connection: &mut PgConnection,
) -> Result<(), FactoryError> {
    if children.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into tasker_annotation_types (name, description, created_at, updated_at)
         select 'sub_workflow', 'The task was created by a step of another', localtimestamp, localtimestamp
         where not exists (select from tasker_annotation_types where name = 'sub_workflow')
         on conflict (name) do nothing",
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "insert into tasker_task_annotations (task_id, annotation_type_id, annotation, created_at, updated_at)
         select child, (select annotation_type_id from tasker_annotation_types where name = 'sub_workflow'),
                jsonb_build_object('parent_task_id', task, 'parent_step_id', step), localtimestamp, localtimestamp
         from unnest($1::bigint[], $2::bigint[], $3::bigint[]) l(child, task, step)",
    )
    .bind(children.iter().map(|child| child.task.0).collect::<Vec<_>>())
    .bind(parents.iter().map(|(index, _)| created[*index].task.0).collect::<Vec<_>>())
    .bind(parents.iter().map(|(_, step)| step.0).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}

struct Writer {
    now: Timestamp,
    definitions: Definitions,
    graphs: HashMap<String, Arc<WorkflowGraph>>,
}

impl Writer {
    /// Plans workflows until they have so many steps, or there are no more.
    fn take_chunk(
        &mut self,
        factories: &mut impl Iterator<Item = WorkflowFactory>,
    ) -> Result<Chunk, FactoryError> {
        let mut chunk = Vec::new();
        let mut steps = 0;
        while steps < CHUNK {
            let Some(factory) = factories.next() else { break };
            let planned = self.plan(&factory)?;
            steps += planned.graph.steps().len().max(1);
            chunk.push((factory, planned));
        }
        Ok(chunk)
    }

    /// Workflows of one kind share their graph.
    fn plan(&mut self, factory: &WorkflowFactory) -> Result<Planned, FactoryError> {
        let mut planned = factory.plan()?;
        match self.graphs.get(planned.graph.name()) {
            Some(known) if *known == planned.graph => planned.graph = known.clone(),
            _ => {
                self.graphs.insert(planned.graph.name().to_owned(), planned.graph.clone());
            }
        }
        Ok(planned)
    }

    /// Workflows, then those that their steps create.
    fn create_chunk<'a>(&'a mut self, mut chunk: Chunk, connection: &'a mut PgConnection) -> Creation<'a> {
        Box::pin(async move {
            let mut created = self.write(&chunk, connection).await?;
            let mut parents = Vec::new();
            let mut children = Vec::new();
            for (index, (factory, _)) in chunk.iter_mut().enumerate() {
                for (step, child) in std::mem::take(&mut factory.sub_workflows) {
                    let place = created[index].graph.place(&step)?;
                    parents.push((index, created[index].steps[place]));
                    children.push(child);
                }
            }
            drop(chunk);
            let mut children = children.into_iter().peekable();
            let mut created_children = Vec::new();
            while children.peek().is_some() {
                let chunk = self.take_chunk(&mut children)?;
                created_children.extend(self.create_chunk(chunk, connection).await?);
            }
            annotate(&parents, &created_children, &created, connection).await?;
            for ((index, step), child) in parents.into_iter().zip(created_children) {
                created[index].sub_workflows.push((step, child));
            }
            Ok(created)
        })
    }

    async fn write(
        &mut self,
        chunk: &[(WorkflowFactory, Planned)],
        connection: &mut PgConnection,
    ) -> Result<Vec<Workflow>, FactoryError> {
        self.definitions.ensure(chunk, connection).await?;
        let count = chunk.iter().map(|(_, planned)| planned.graph.steps().len()).sum();
        let mut tasks = reserve("tasker_tasks", "task_id", "tasker_tasks.task_id", chunk.len(), connection)
            .await?
            .into_iter();
        let steps = reserve(
            "tasker_workflow_steps",
            "workflow_step_id",
            "tasker_workflow_steps.workflow_step_id",
            count,
            connection,
        );
        let mut steps = steps.await?.into_iter().map(StepId);
        let created: Vec<Workflow> = chunk
            .iter()
            .map(|(_, planned)| Workflow {
                task: TaskId(tasks.next().unwrap_or_default()),
                steps: steps.by_ref().take(planned.graph.steps().len()).collect(),
                graph: planned.graph.clone(),
                sub_workflows: Vec::new(),
            })
            .collect();
        self.insert(chunk, &created, connection).await?;
        Ok(created)
    }

    async fn insert(
        &self,
        chunk: &[(WorkflowFactory, Planned)],
        created: &[Workflow],
        connection: &mut PgConnection,
    ) -> Result<(), FactoryError> {
        let mut tasks = TaskRows::default();
        let mut steps = StepRows::default();
        let mut of_tasks = TransitionRows::default();
        let mut of_steps = TransitionRows::default();
        for ((factory, planned), workflow) in chunk.iter().zip(created) {
            let at = factory.at.unwrap_or(self.now);
            let made_at = at + Micros::from_seconds(-1_800);
            tasks.push(factory, workflow.task, self.definitions.named_task(factory, planned), made_at);
            of_tasks.push(workflow.task.0, &task_history(factory.task_state), at);
            let all = workflow.steps.iter().zip(planned.graph.steps()).zip(&planned.conditions);
            for ((id, spec), condition) in all {
                let values = condition.values(spec.retry_limit, at);
                of_steps.push(id.0, &values.history, values.since);
                steps.push(*id, workflow.task, self.definitions.named_step(spec), spec, values, made_at);
                if steps.len() == CHUNK {
                    // Their task must be there.
                    std::mem::take(&mut tasks).insert(connection).await?;
                    std::mem::take(&mut steps).insert(connection).await?;
                }
            }
        }
        tasks.insert(connection).await?;
        steps.insert(connection).await?;
        of_tasks.insert_for_tasks(connection).await?;
        of_steps.insert_for_steps(connection).await?;
        let edges: Vec<(StepId, StepId)> = created.iter().flat_map(Workflow::edges).collect();
        super::rows::insert_edges(&edges, connection).await
    }
}

/// Takes ids from the sequence that a column's default takes them from.
async fn reserve(
    table: &'static str,
    column: &'static str,
    name: &'static str,
    count: usize,
    connection: &mut PgConnection,
) -> Result<Vec<i64>, FactoryError> {
    let sequence: Option<String> = sqlx::query_scalar("select pg_get_serial_sequence($1, $2)")
        .bind(table)
        .bind(column)
        .fetch_one(&mut *connection)
        .await?;
    let sequence = sequence.ok_or(FactoryError::NoSequence(name))?;
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let ids = sqlx::query_scalar("select nextval($1::regclass) from generate_series(1, $2)")
        .bind(sequence)
        .bind(count);
    Ok(ids.fetch_all(connection).await?)
}

/// The workflow whose task has the factory's identity hash.
pub(super) async fn find(
    factory: &WorkflowFactory,
    connection: &mut PgConnection,
) -> Result<Option<Workflow>, FactoryError> {
    let Some(identity) = &factory.identity else { return Ok(None) };
    let rows: Vec<(i64, Option<String>, Option<i64>)> = sqlx::query_as(
        "select t.task_id, n.name::text, s.workflow_step_id
         from tasker_tasks t
         left join tasker_workflow_steps s on s.task_id = t.task_id
         left join tasker_named_steps n on n.named_step_id = s.named_step_id
         where t.identity_hash = $1",
    )
    .bind(identity)
    .fetch_all(connection)
    .await?;
    let Some(&(task, ..)) = rows.first() else { return Ok(None) };
    let graph = factory.plan()?.graph;
    let by_name: HashMap<&str, i64> =
        rows.iter().filter_map(|(_, name, step)| Some((name.as_deref()?, (*step)?))).collect();
    let steps: Result<Vec<StepId>, FactoryError> = graph
        .steps()
        .iter()
        .map(|step| {
            by_name.get(step.name.as_str()).copied().map(StepId).ok_or_else(|| FactoryError::UnknownStep {
                workflow: format!("{identity} (task {task})"),
                name: step.name.clone(),
                known: by_name.keys().map(|name| (*name).to_owned()).collect(),
            })
        })
        .collect();
    Ok(Some(Workflow { task: TaskId(task), steps: steps?, graph, sub_workflows: Vec::new() }))
}
