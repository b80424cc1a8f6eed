//! The texts of the statements, one file each, to be read and pasted into psql.
//!
//! A file begins with the statement's name, whether it writes, and the types of its parameters; `src/sql` documents their meaning where the
//! statement is composed. `rake sql:record` writes the files.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use serde_json::json;
use sqlx::{PgConnection, PgPool};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use tasker_core::Error;
use tasker_core::factories::{Pattern, workflow};
use tasker_core::graph::cache::Graphs;
use tasker_core::ids::{StepId, TaskId};
use tasker_core::machine::Owner;
use tasker_core::operations::batch_transitions::{StepTransition, transition_steps};
use tasker_core::operations::execution::{Attempt, Changes, Ending, finish, finish_task};
use tasker_core::operations::slowest::{Choice, slowest_steps, slowest_tasks};
use tasker_core::operations::task_snapshot::{KnownVersions, task_snapshot};
use tasker_core::operations::transition::{Claims, Request, Subject, check, current_state, transition};
use tasker_core::operations::{
    analytics, context, edges, levels, overview, readiness, ready, recovery, relationships, statistics,
    task_graph,
};
use tasker_core::records::Edge;
use tasker_core::run::{Options, StepExecution, run_workflow};
use tasker_core::session::{Access, Query, Rows, Session};
use tasker_core::state::State;
use tasker_core::store::Connection;
use tasker_core::time::Timestamp;

const AT: Timestamp = Timestamp(1_750_000_000_000_000);

/// A session that collects the texts, by name.
struct Recording<'c> {
    connection: &'c mut PgConnection,
    texts: BTreeMap<&'static str, BTreeSet<String>>,
}

impl Session for Recording<'_> {
    async fn rows(&mut self, query: Query) -> Result<Rows, Error> {
        self.texts.entry(query.name).or_default().insert(text(&query));
        Connection(self.connection).rows(query).await
    }
}

fn text(query: &Query) -> String {
    let access = if query.access == Access::Write { "writes" } else { "reads" };
    let types = (1..=query.binds.len()).map(|place| format!("${place} {}", type_of(query.sql, place)));
    let binds = types.collect::<Vec<_>>().join(", ");
    format!(
        "-- {}: {access}\n-- Parameters: {}\n{};\n",
        query.name,
        if binds.is_empty() { "none" } else { &binds },
        query.sql
    )
}

/// The type to which the statement casts a parameter.
fn type_of(sql: &str, place: usize) -> &str {
    let cast = format!("${place}::");
    let start = sql
        .find(&cast)
        .map(|index| index + cast.len())
        .unwrap_or_else(|| panic!("no cast of ${place}:\n{sql}"));
    let rest = &sql[start..];
    let end = rest
        .find(|letter: char| !letter.is_ascii_alphanumeric() && !"_[]".contains(letter))
        .unwrap_or(rest.len());
    &rest[..end]
}

async fn reads(session: &mut Recording<'_>, task: TaskId, step: StepId) -> Result<(), Error> {
    analytics::activity(session, Some(AT)).await?;
    context::task_execution_context(session, task).await?;
    edges::closes_cycle(session, Edge { from: step, to: StepId(step.0 + 1) }).await?;
    edges::sibling_edges(session, step).await?;
    levels::dependency_levels(session, task).await?;
    overview::task_overview(session, task).await?;
    readiness::step_readiness(session, task, None).await?;
    ready::ready_steps(session, &[task]).await?;
    relationships::of_steps(session, &[step]).await?;
    relationships::of_tasks(session, &[task]).await?;
    relationships::of_tasks(session, &[task, TaskId(task.0 + 1)]).await?;
    recovery::unlocked_workers(session, None).await?;
    statistics::completion_statistics(session, task).await?;
    statistics::system_load(session).await?;
    slowest_steps(session, &Choice::default()).await?;
    slowest_tasks(session, &Choice::default()).await?;
    task_graph::task_graph(session, task).await?;
    task_snapshot(session, task, None, &KnownVersions::default()).await?;
    task_snapshot(session, task, Some(&[step]), &KnownVersions::default()).await?;
    Ok(())
}

async fn tracks(session: &mut Recording<'_>, tasks: [TaskId; 2]) -> Result<(), Error> {
    let mut graphs = Graphs::new(1_000);
    let mut tracked = Vec::new();
    for task in tasks.into_iter().chain(tasks) {
        tracked.extend(ready::track(session, &mut graphs, task).await?);
    }
    ready::ready_steps_of(session, &mut tracked[..1]).await?;
    ready::ready_steps_of(session, &mut tracked[..2]).await?;
    Ok(())
}

async fn writes(session: &mut Recording<'_>, task: TaskId, step: StepId) -> Result<(), Error> {
    for subject in [Subject { owner: Owner::Task, id: task.0 }, Subject { owner: Owner::Step, id: step.0 }] {
        current_state(session, subject).await?;
        let _ = check(session, subject, &State::InProgress, None, Claims::default()).await?;
        let (to, claims) = (State::InProgress, Claims::default());
        let request =
            Request { subject, to, from: None, metadata: "{}".into(), at: AT, claims, parents: None };
        let _ = transition(session, &request).await?;
    }
    let attempt = Attempt {
        step,
        ending: Ending::Error,
        attempts: 1,
        last_attempted_at: AT,
        changes: Changes::default(),
        distinct_to: None,
        claim: None,
        at: AT,
    };
    finish(session, &attempt).await?;
    let _ = transition_steps(session, &[StepTransition::begin(step)], AT).await?;
    finish_task(session, task, None, AT).await?;
    Ok(())
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/statements")
}

/// The expected files with their contents. Variants of a statement are numbered in the order of their texts.
fn files(texts: BTreeMap<&'static str, BTreeSet<String>>) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for (name, texts) in texts {
        let name = name.replace('\'', "").replace(' ', "_");
        for (number, text) in texts.into_iter().enumerate() {
            let suffix = if number == 0 { String::new() } else { format!("_{}", number + 1) };
            files.insert(format!("{name}{suffix}.sql"), text);
        }
    }
    files
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn the_files_are_current(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let mut made = Vec::new();
    for _ in 0..3 {
        made.push(workflow(Pattern::Diamond).create(&mut connection).await.unwrap());
    }
    let mut session = Recording { connection: &mut connection, texts: BTreeMap::new() };
    reads(&mut session, made[0].task, made[0].steps[0]).await.unwrap();
    tracks(&mut session, [made[0].task, made[1].task]).await.unwrap();
    writes(&mut session, made[0].task, made[0].steps[0]).await.unwrap();
    let handler = async |step: StepExecution| Ok(json!({ "name": step.name }));
    run_workflow(&mut session, made[2].task, Options::default(), handler).await.unwrap();

    let expected = files(session.texts);
    assert!(expected.len() > 30, "only {} statements", expected.len());
    let found = || {
        std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap())
    };
    if std::env::var_os("TASKER_CORE_RECORD").is_some() {
        for name in found().filter(|name| name.ends_with(".sql")) {
            std::fs::remove_file(folder().join(name)).unwrap();
        }
        expected.iter().for_each(|(name, text)| std::fs::write(folder().join(name), text).unwrap());
    }
    let names: BTreeSet<String> = found().filter(|name| name.ends_with(".sql")).collect();
    assert_eq!(names, expected.keys().cloned().collect(), "stale: rake sql:record");
    for (name, text) in expected {
        let same = std::fs::read_to_string(folder().join(&name)).unwrap() == text;
        assert!(same, "tests/statements/{name} is stale: rake sql:record");
    }
}
