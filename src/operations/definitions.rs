//! What tasks and steps are defined by.

use super::ask;
use super::task_snapshot::tables;
use crate::error::Error;
use crate::ids::{NamedStepId, NamedTaskId};
use crate::records::{NamedStep, NamedTask};
use crate::session::{Row, Session, Value};
use crate::sql::definitions as sql;
use crate::time::Timestamp;
use std::collections::BTreeMap;

/// What a task is made from that is called `name` in `namespace`, in that version. One statement, two look-ups by unique keys.
///
/// `None` if there is no such namespace, or no such definition in it.
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
/// use tasker_core::operations::definitions::named_task;
///
/// let found = named_task(&mut *tx, "default", "diamond", "0.1.0").await?.expect("a definition that exists");
/// assert_eq!(&*found.name, "diamond");
/// assert_eq!(named_task(&mut *tx, "default", "diamond", "9.9.9").await?, None);
/// # Ok(()) });
/// ```
pub async fn named_task<S: Session>(
    session: &mut S,
    namespace: &str,
    name: &str,
    version: &str,
) -> Result<Option<NamedTask>, Error> {
    let query = sql::named_task(Value::text(namespace), Value::text(name), Value::text(version), Value::Null);
    ask(session, query, |row| row.unpacked(|row| task(row, 0))).await
}

/// The same, with those of `wanted` tables that have an enabled row trigger of the application: a caller that writes to them next need not
/// send a statement to find out. One statement; O(tables) besides.
///
/// # Errors
///
/// Those of [`named_task`].
///
/// ```
/// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
/// # doctest::in_transaction(async |tx| {
/// # use tasker_core::factories::{Pattern, workflow};
/// # let made = workflow(Pattern::Diamond).create(&mut *tx).await.unwrap();
/// use tasker_core::operations::definitions::named_task_with_triggers;
///
/// let tables = ["tasker_tasks", "tasker_workflow_steps"];
/// let found = named_task_with_triggers(&mut *tx, "default", "diamond", "0.1.0", &tables).await?;
/// let (definition, triggers) = found.expect("a definition that exists");
/// assert_eq!((&*definition.name, triggers.len()), ("diamond", 0));
/// # Ok(()) });
/// ```
pub async fn named_task_with_triggers<S: Session>(
    session: &mut S,
    namespace: &str,
    name: &str,
    version: &str,
    wanted: &[impl AsRef<str>],
) -> Result<Option<(NamedTask, Vec<Box<str>>)>, Error> {
    let wanted = Value::text_array(wanted.iter().map(AsRef::as_ref));
    let query = sql::named_task(Value::text(namespace), Value::text(name), Value::text(version), wanted);
    ask(session, query, |row| row.unpacked(|row| Ok((task(row, 0)?, tables(row, 8)?)))).await
}

/// Eight columns from `first` on.
pub(super) fn task(row: Row<'_>, first: usize) -> Result<NamedTask, Error> {
    Ok(NamedTask {
        id: NamedTaskId(row.int(first)?),
        name: row.text(first + 1)?.into(),
        description: row.optional_text(first + 2)?.map(Box::from),
        created_at: row.timestamp(first + 3)?,
        updated_at: row.timestamp(first + 4)?,
        task_namespace_id: row.int(first + 5)?,
        version: row.text(first + 6)?.into(),
        configuration: row.optional_text(first + 7)?.map(Box::from),
    })
}

/// Those in the answer of [`crate::sql::sequence::steps`], each once, by id: several steps of a task may have one definition.
pub(super) fn steps(row: Row<'_>) -> Result<Vec<NamedStep>, Error> {
    let (names, ids) = (row.text_array(1)?, row.int_array(14)?);
    let systems = row.int_array(15)?;
    let descriptions = row.text_array(16)?;
    let (created_at, updated_at) = (row.int_array(17)?, row.int_array(18)?);
    let lengths = [ids.len(), systems.len(), descriptions.len(), created_at.len(), updated_at.len()];
    if let Some(other) = lengths.iter().position(|&length| length != names.len()) {
        return Err(row.unexpected(other + 14, "an array of one element a step"));
    }
    let texts = names.into_iter().zip(descriptions);
    let mut definitions = BTreeMap::new();
    for (i, (id, (name, description))) in ids.into_iter().zip(texts).enumerate() {
        let definition = NamedStep {
            id: NamedStepId(id),
            dependent_system_id: systems[i],
            name: name.unwrap_or_default().into_boxed_str(),
            description: description.map(String::into_boxed_str),
            created_at: Timestamp(created_at[i]),
            updated_at: Timestamp(updated_at[i]),
        };
        definitions.insert(id, definition);
    }
    Ok(definitions.into_values().collect())
}
