//! Surveys as plain Ruby values.

use crate::answer::{context, statistics};
use crate::definitions::tables;
use magnus::{Error, IntoValue, RArray, Ruby, Value};
use tasker_core::facts::{StepDetails, StepFacts, TaskDetails};
use tasker_core::operations::survey::{Survey, SurveyedStep};

/// `[task, steps, [from-steps], [to-steps], [ready steps], context, statistics]`, where the task is `[state, version, row or nil]` and
/// each step `[id, state, version, row or nil]`. Rows have the columns of their tables, in the tables' order, and instants in microseconds.
pub(crate) fn into_ruby(ruby: &Ruby, survey: &Survey) -> Result<Value, Error> {
    let answer = ruby.ary_new_capa(7);
    answer.push(task(ruby, survey)?)?;
    let steps = ruby.ary_new_capa(survey.steps.len());
    for surveyed in &survey.steps {
        steps.push(step(ruby, surveyed)?)?;
    }
    answer.push(steps)?;
    answer.push(ruby.ary_from_iter(survey.edges.iter().map(|edge| edge.from.0)))?;
    answer.push(ruby.ary_from_iter(survey.edges.iter().map(|edge| edge.to.0)))?;
    answer.push(ruby.ary_from_iter(survey.ready().map(|step| step.0)))?;
    answer.push(context(ruby, &survey.execution_context())?)?;
    answer.push(statistics(ruby, &survey.statistics())?)?;
    answer.push(tables(ruby, &survey.row_triggers))?;
    Ok(answer.into_value_with(ruby))
}

fn task(ruby: &Ruby, survey: &Survey) -> Result<RArray, Error> {
    let task = ruby.ary_new_capa(3);
    task.push(survey.state().as_str())?;
    task.push(&*survey.task_version)?;
    task.push(survey.task_details.as_ref().map(|details| task_row(ruby, survey, details)).transpose()?)?;
    Ok(task)
}

fn task_row(ruby: &Ruby, survey: &Survey, details: &TaskDetails) -> Result<RArray, Error> {
    let row = ruby.ary_new_capa(13);
    row.push(survey.task.id.0)?;
    row.push(survey.task.named_task_id.0)?;
    row.push(details.complete)?;
    row.push(details.requested_at.0)?;
    row.push(details.initiator.as_deref())?;
    row.push(details.source_system.as_deref())?;
    row.push(details.reason.as_deref())?;
    row.push(details.bypass_steps.as_deref())?;
    row.push(details.tags.as_deref())?;
    row.push(details.context.as_deref())?;
    row.push(&*details.identity_hash)?;
    row.push(details.created_at.0)?;
    row.push(details.updated_at.0)?;
    Ok(row)
}

fn step(ruby: &Ruby, surveyed: &SurveyedStep) -> Result<RArray, Error> {
    let step = ruby.ary_new_capa(4);
    step.push(surveyed.facts.id.0)?;
    step.push(surveyed.state().as_str())?;
    step.push(&*surveyed.version)?;
    step.push(
        surveyed.details.as_ref().map(|details| step_row(ruby, &surveyed.facts, details)).transpose()?,
    )?;
    Ok(step)
}

fn step_row(ruby: &Ruby, facts: &StepFacts, details: &StepDetails) -> Result<RArray, Error> {
    let row = ruby.ary_new_capa(16);
    row.push(facts.id.0)?;
    row.push(facts.task_id.0)?;
    row.push(facts.named_step_id.0)?;
    row.push(facts.retryable)?;
    row.push(facts.retry_limit)?;
    row.push(facts.in_process)?;
    row.push(facts.processed)?;
    row.push(details.processed_at.map(|at| at.0))?;
    row.push(facts.attempts)?;
    row.push(facts.last_attempted_at.map(|at| at.0))?;
    row.push(facts.backoff_request_seconds)?;
    row.push(details.inputs.as_deref())?;
    row.push(details.results.as_deref())?;
    row.push(details.created_at.0)?;
    row.push(details.updated_at.0)?;
    row.push(details.skippable)?;
    Ok(row)
}
