//! Committed transitions as events, each once.

use super::event::Event;
use super::feed_error::FeedError;
use super::name::EventName;
use super::payload::{Moved, StepColumns, of_step, of_task};
use super::position::{Cursor, Position};
use super::statements::{CHECK, LAST, READ, WRITERS};
use crate::ids::{StepId, TaskId, TransitionId};
use crate::machine::Owner;
use crate::state::State;
use crate::time::Timestamp;
use sqlx::postgres::{PgExecutor, PgRow};
use sqlx::types::Json;
use sqlx::{Row, raw_sql};
use std::collections::BTreeSet;

/// How many rows of each table a read takes at most.
const BATCH: i64 = 500;
/// How far below the highest id a feed that begins now looks for transactions that are under way.
const WINDOW: i64 = 10_000;

/// Reads transitions that processes in Rust and Rails have committed, each once, in the order in which they were recorded within a read.
///
/// It reads the tables and needs neither notifications nor a trigger. A transition that commits after later ones is not missed: see [`Cursor`].
/// A read is one statement, and one more while ids are missing.
///
/// The transition that a step begins its history with, which the engine writes without an event, is left out.
///
/// ```
/// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
/// # doctest::in_transaction(async |tx| {
/// # use tasker_core::factories::{Pattern, workflow};
/// use tasker_core::events::{EventName, Feed};
/// use tasker_core::transitions::{TaskState, Transitions};
///
/// let mut feed = Feed::from_now(&mut *tx).await.unwrap();
/// let task = workflow(Pattern::Diamond).create(&mut *tx).await.unwrap().task;
/// task.transition_to(TaskState::InProgress, &mut *tx).await.unwrap();
///
/// // The transaction sees its own rows; other sessions see them when it has committed.
/// let events = feed.next(&mut *tx).await.unwrap();
/// assert_eq!(events.last().map(|event| event.name), Some(EventName::TaskStartRequested));
/// assert!(feed.next(&mut *tx).await.unwrap().is_empty());
/// # Ok(()) });
/// ```
#[derive(Clone, Debug)]
pub struct Feed {
    position: Position,
    batch: i64,
}

impl Feed {
    /// Begins with what commits from now on. Two statements.
    ///
    /// # Errors
    ///
    /// Those of a database whose transitions cannot be followed.
    pub async fn from_now<D>(db: &mut D) -> Result<Feed, FeedError>
    where
        for<'d> &'d mut D: PgExecutor<'d>,
    {
        Feed::from_last(0, db).await
    }

    /// Begins with the last `count` transitions of tasks and of steps each, at most 10,000. Two statements.
    ///
    /// # Errors
    ///
    /// Those of a database whose transitions cannot be followed.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// # use tasker_core::factories::{Pattern, workflow};
    /// use tasker_core::events::Feed;
    /// use tasker_core::transitions::{TaskState, Transitions};
    ///
    /// let task = workflow(Pattern::Diamond).create(&mut *tx).await.unwrap().task;
    /// task.transition_to(TaskState::InProgress, &mut *tx).await.unwrap();
    /// let events = Feed::from_last(1, &mut *tx).await.unwrap().next(&mut *tx).await.unwrap();
    /// assert_eq!(events.last().map(|event| event.task), Some(task));
    /// # Ok(()) });
    /// ```
    pub async fn from_last<D>(count: u16, db: &mut D) -> Result<Feed, FeedError>
    where
        for<'d> &'d mut D: PgExecutor<'d>,
    {
        check(db).await?;
        let rows = sqlx::query(LAST).bind(WINDOW).fetch_all(&mut *db).await?;
        let mut ids = [Vec::new(), Vec::new()];
        for row in &rows {
            ids[usize::from(row.try_get::<bool, _>("is_step")?)].push(row.try_get("id")?);
        }
        let cursor = |ids: &[i64]| {
            // What could not be seen below the first of so many has ended long ago.
            let is_all = (ids.len() as i64) < WINDOW;
            let first = if is_all { 1 } else { ids.first().copied().unwrap_or(1) };
            Cursor::at(first, &ids[..ids.len().saturating_sub(count.into())])
        };
        let position = Position { tasks: cursor(&ids[0]), steps: cursor(&ids[1]) };
        Ok(Feed::new(position))
    }

    /// Goes on where another feed was; the default position is before the first transition. One statement.
    ///
    /// # Errors
    ///
    /// Those of a database whose transitions cannot be followed.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::events::{Feed, Position};
    ///
    /// let mut feed = Feed::after(Position::default(), &mut *tx).await.unwrap();
    /// feed.next(&mut *tx).await.unwrap();
    /// let kept = serde_json::to_string(feed.position()).unwrap();
    /// # let _ = kept;
    /// # Ok(()) });
    /// ```
    pub async fn after<D>(position: Position, db: &mut D) -> Result<Feed, FeedError>
    where
        for<'d> &'d mut D: PgExecutor<'d>,
    {
        check(db).await?;
        Ok(Feed::new(position))
    }

    fn new(position: Position) -> Self {
        Feed { position, batch: BATCH }
    }

    /// How far it has read. A consumer that keeps this with what it made of the events goes on there after a restart.
    pub fn position(&self) -> &Position {
        &self.position
    }

    /// The events since the last call, some hundred at most; none where all have been read.
    ///
    /// # Errors
    ///
    /// [`FeedError::Database`]. The position stays, and the call may be repeated on another connection.
    pub async fn next<D>(&mut self, db: &mut D) -> Result<Vec<Event>, FeedError>
    where
        for<'d> &'d mut D: PgExecutor<'d>,
    {
        loop {
            self.find_writers(db).await?;
            let rows = self.read(db).await?;
            let mut events = Vec::with_capacity(rows.len());
            let mut ids = [Vec::new(), Vec::new()];
            for row in &rows {
                ids[usize::from(row.try_get::<bool, _>("is_step")?)].push(row.try_get("id")?);
                events.extend(event(row)?);
            }
            let [tasks, steps] = ids;
            let is_full = [tasks.len(), steps.len()].into_iter().any(|read| read as i64 >= self.batch);
            advance(&mut self.position.tasks, tasks, self.batch);
            advance(&mut self.position.steps, steps, self.batch);
            if !events.is_empty() || !is_full {
                return Ok(events);
            }
        }
    }

    /// Between two reads, so that what ends in between is seen by the second one.
    async fn find_writers<D>(&mut self, db: &mut D) -> Result<(), FeedError>
    where
        for<'d> &'d mut D: PgExecutor<'d>,
    {
        if self.position.tasks.gaps().next().is_none() && self.position.steps.gaps().next().is_none() {
            return Ok(());
        }
        let mut writers = [BTreeSet::new(), BTreeSet::new()];
        for row in sqlx::query(WRITERS).fetch_all(&mut *db).await? {
            writers[usize::from(row.try_get::<bool, _>("is_step")?)].insert(row.try_get("writer")?);
        }
        self.position.tasks.wait_for(&writers[0]);
        self.position.steps.wait_for(&writers[1]);
        Ok(())
    }

    async fn read<D>(&self, db: &mut D) -> Result<Vec<PgRow>, FeedError>
    where
        for<'d> &'d mut D: PgExecutor<'d>,
    {
        let mut query = sqlx::query(READ);
        for cursor in [&self.position.tasks, &self.position.steps] {
            let (firsts, lasts): (Vec<i64>, Vec<i64>) = cursor.gaps().unzip();
            query = query.bind(cursor.last()).bind(firsts).bind(lasts);
        }
        Ok(query.bind(self.batch).fetch_all(&mut *db).await?)
    }
}

fn advance(cursor: &mut Cursor, mut ids: Vec<i64>, batch: i64) {
    ids.sort_unstable();
    let up_to = if ids.len() as i64 >= batch { ids.last().copied() } else { None };
    cursor.read(&ids, up_to);
}

async fn check<D>(db: &mut D) -> Result<(), FeedError>
where
    for<'d> &'d mut D: PgExecutor<'d>,
{
    for row in raw_sql(CHECK).fetch_all(&mut *db).await? {
        if row.try_get("is_standby")? {
            return Err(FeedError::Standby);
        }
        let (table, cache) = (row.try_get("name")?, row.try_get("cache")?);
        if cache != 1 {
            return Err(FeedError::CachedIds { table, cache });
        }
    }
    Ok(())
}

/// None where the engine publishes nothing.
fn event(row: &PgRow) -> Result<Option<Event>, sqlx::Error> {
    let to = State::from(row.try_get::<&str, _>("to_state")?);
    let is_step: bool = row.try_get("is_step")?;
    let owner = if is_step { Owner::Step } else { Owner::Task };
    let Some(name) = EventName::of_transition(owner, &to) else { return Ok(None) };
    if row.try_get("is_first")? {
        return Ok(None);
    }
    let moved = Moved {
        task: TaskId(row.try_get("task_id")?),
        from: row.try_get("from_state")?,
        to,
        at: row.try_get("created_at")?,
    };
    let task_name: Box<str> = row.try_get("task_name")?;
    let step = row.try_get::<Option<i64>, _>("step_id")?.map(StepId);
    let payload = match step {
        Some(step) => of_step(&moved, columns(row, step)?),
        None => of_task(&moved, &task_name, json(row, "context")?),
    };
    Ok(Some(Event {
        name,
        task: moved.task,
        step,
        namespace: row.try_get("namespace")?,
        task_name,
        task_version: row.try_get("task_version")?,
        state: Some(moved.to),
        transition: Some(TransitionId(row.try_get("id")?)),
        at: moved.at,
        payload,
    }))
}

fn columns(row: &PgRow, step: StepId) -> Result<StepColumns, sqlx::Error> {
    let instant = |column| row.try_get::<Option<Timestamp>, _>(column);
    Ok(StepColumns {
        step,
        name: row.try_get("step_name")?,
        last_attempted_at: instant("last_attempted_at")?,
        processed_at: instant("processed_at")?,
        attempts: row.try_get("attempts")?,
        retry_limit: row.try_get("retry_limit")?,
        inputs: json(row, "inputs")?,
        results: json(row, "results")?,
        parents: row.try_get::<Option<Vec<String>>, _>("parents")?.unwrap_or_default(),
    })
}

fn json(row: &PgRow, column: &str) -> Result<serde_json::Value, sqlx::Error> {
    let value = row.try_get::<Option<Json<serde_json::Value>>, _>(column)?;
    Ok(value.map_or(serde_json::Value::Null, |value| value.0))
}
