//! Steps that are there already, and definitions, as plain Ruby values.

use crate::answer::step_ids;
use magnus::{Error, RArray, Ruby};
use tasker_core::facts::{NamedStep, NamedTask};
use tasker_core::operations::sequence::Established;

/// `[[step ids], distinct_to, definition of the task, [definitions of steps]]`, the second an id or nil. Rows have the columns of their
/// tables, in the tables' order, and instants in microseconds.
pub(crate) fn established(ruby: &Ruby, established: &Established) -> Result<RArray, Error> {
    let named_steps = ruby.ary_new_capa(established.named_steps.len());
    for definition in &established.named_steps {
        named_steps.push(named_step(ruby, definition)?)?;
    }
    let answer = ruby.ary_new_capa(4);
    answer.push(step_ids(ruby, &established.steps))?;
    answer.push(established.distinct_to.map(|step| step.0))?;
    answer.push(named_task(ruby, &established.named_task)?)?;
    answer.push(named_steps)?;
    Ok(answer)
}

/// `[row, [tables that have row triggers]]`
pub(crate) fn named_task_with_triggers(
    ruby: &Ruby,
    (definition, triggers): &(NamedTask, Vec<Box<str>>),
) -> Result<RArray, Error> {
    let pair = ruby.ary_new_capa(2);
    pair.push(named_task(ruby, definition)?)?;
    pair.push(tables(ruby, triggers))?;
    Ok(pair)
}

pub(crate) fn tables(ruby: &Ruby, names: &[Box<str>]) -> RArray {
    ruby.ary_from_iter(names.iter().map(|name| &**name))
}

pub(crate) fn named_task(ruby: &Ruby, definition: &NamedTask) -> Result<RArray, Error> {
    let row = ruby.ary_new_capa(8);
    row.push(definition.id.0)?;
    row.push(&*definition.name)?;
    row.push(definition.description.as_deref())?;
    row.push(definition.created_at.0)?;
    row.push(definition.updated_at.0)?;
    row.push(definition.task_namespace_id)?;
    row.push(&*definition.version)?;
    row.push(definition.configuration.as_deref())?;
    Ok(row)
}

fn named_step(ruby: &Ruby, definition: &NamedStep) -> Result<RArray, Error> {
    let row = ruby.ary_new_capa(6);
    row.push(definition.id.0)?;
    row.push(definition.dependent_system_id)?;
    row.push(&*definition.name)?;
    row.push(definition.description.as_deref())?;
    row.push(definition.created_at.0)?;
    row.push(definition.updated_at.0)?;
    Ok(row)
}
