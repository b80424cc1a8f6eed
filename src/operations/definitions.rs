//! What tasks and steps are defined by, out of the answer of [`crate::sql::sequence::steps`].

use crate::error::Error;
use crate::facts::{NamedStep, NamedTask};
use crate::ids::{NamedStepId, NamedTaskId};
use crate::session::Row;
use crate::time::Timestamp;
use std::collections::BTreeMap;

pub(super) fn task(row: Row<'_>) -> Result<NamedTask, Error> {
    Ok(NamedTask {
        id: NamedTaskId(row.int(6)?),
        name: row.text(7)?.into(),
        description: row.optional_text(8)?.map(Box::from),
        created_at: row.timestamp(9)?,
        updated_at: row.timestamp(10)?,
        task_namespace_id: row.int(11)?,
        version: row.text(12)?.into(),
        configuration: row.optional_text(13)?.map(Box::from),
    })
}

/// Each once, by id: several steps of a task may have one definition.
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
    let definitions: BTreeMap<i64, NamedStep> = ids
        .into_iter()
        .zip(texts)
        .enumerate()
        .map(|(i, (id, (name, description)))| {
            let definition = NamedStep {
                id: NamedStepId(id),
                dependent_system_id: systems[i],
                name: name.unwrap_or_default().into_boxed_str(),
                description: description.map(String::into_boxed_str),
                created_at: Timestamp(created_at[i]),
                updated_at: Timestamp(updated_at[i]),
            };
            (id, definition)
        })
        .collect();
    Ok(definitions.into_values().collect())
}
