//! Answers as plain Ruby values. The gem's Ruby code gives them the engine's classes.

use crate::analysis::RubyTaskGraph;
use crate::analytics;
use crate::definitions;
use crate::drawing::Drawing;
use crate::recovery;
use crate::run;
use crate::survey;
use magnus::{Error, IntoValue, RArray, Ruby, Value};
use tasker_core::analysis::task_graph::TaskGraph;
use tasker_core::facts::{EdgeRow, NamedTask};
use tasker_core::graph::Level;
use tasker_core::ids::{StepId, TaskId, WorkerKey};
use tasker_core::kinship::Relationship;
use tasker_core::metrics::Activity;
use tasker_core::operations::overview::TaskOverview;
use tasker_core::operations::recovery::Claims;
use tasker_core::operations::sequence::Established;
use tasker_core::operations::slowest::{SlowStep, SlowTask};
use tasker_core::operations::statistics::{CompletionStatistics, SystemLoad};
use tasker_core::operations::survey::Survey;
use tasker_core::operations::transition::{Outcome, Recorded, Refusal};
use tasker_core::progress::ExecutionContext;
use tasker_core::readiness::Readiness;
use tasker_core::run::{StepEnd, StepExecution};
use tasker_core::state::State;
use tasker_core::time::Micros;

/// What an operation has answered.
pub(crate) enum Answer {
    Readiness(Vec<Readiness>),
    Established(Option<Established>),
    NamedTask(Option<Box<(NamedTask, Vec<Box<str>>)>>),
    Created(Option<(Vec<StepId>, Option<Box<Survey>>)>),
    Viable(Vec<(StepId, State)>),
    Wait(Option<Micros>),
    Finished(Option<Recorded>),
    Statistics(CompletionStatistics),
    Load(SystemLoad),
    Survey(Option<Box<Survey>>),
    Contexts(Vec<ExecutionContext>),
    Condition(Option<(ExecutionContext, Vec<Readiness>)>),
    Levels(Vec<Level>),
    Closes(bool),
    Edges(Vec<EdgeRow>),
    Relationships(Vec<Relationship>),
    Activity(Activity),
    Graph(Option<TaskGraph>),
    Overview(Option<TaskOverview>),
    SlowSteps(Vec<SlowStep>),
    SlowTasks(Vec<SlowTask>),
    State(State),
    Check(Result<State, Refusal>),
    Allowed(Option<(State, Vec<State>)>),
    Outcome(Outcome),
    Workers(Option<Vec<WorkerKey>>),
    Claims(Option<Claims>),
    Tasks(Vec<TaskId>),
    Ends(Vec<StepEnd>),
    Claimed(Option<Box<StepExecution>>),
}

impl Answer {
    pub(crate) fn into_ruby(self, ruby: &Ruby) -> Result<Value, Error> {
        match self {
            Answer::Readiness(steps) => rows(ruby, steps, readiness),
            Answer::Established(established) => Ok(established
                .map(|established| definitions::established(ruby, &established))
                .transpose()?
                .into_value_with(ruby)),
            Answer::NamedTask(found) => Ok(found
                .map(|found| definitions::named_task_with_triggers(ruby, &found))
                .transpose()?
                .into_value_with(ruby)),
            Answer::Created(created) => {
                Ok(created.map(|created| of_created(ruby, &created)).transpose()?.into_value_with(ruby))
            }
            Answer::Viable(steps) => rows(ruby, steps, viable),
            Answer::Wait(wait) => Ok(wait.map(|wait| wait.0).into_value_with(ruby)),
            Answer::Finished(recorded) => {
                Ok(recorded.map(|recorded| finished(ruby, &recorded)).transpose()?.into_value_with(ruby))
            }
            Answer::Statistics(counts) => statistics(ruby, &counts),
            Answer::Load(load) => Ok(system_load(ruby, &load).into_value_with(ruby)),
            Answer::Survey(survey) => match survey {
                Some(survey) => survey::into_ruby(ruby, &survey),
                None => Ok(ruby.qnil().into_value_with(ruby)),
            },
            Answer::Contexts(contexts) => rows(ruby, contexts, context),
            Answer::Condition(condition) => {
                Ok(condition.map(|of_task| task_condition(ruby, of_task)).transpose()?.into_value_with(ruby))
            }
            Answer::Levels(levels) => rows(ruby, levels, level),
            Answer::Closes(closes) => Ok(closes.into_value_with(ruby)),
            Answer::Edges(edges) => rows(ruby, edges, edge),
            Answer::Relationships(steps) => rows(ruby, steps, relationship),
            Answer::Activity(activity) => analytics::metrics(ruby, &activity),
            Answer::Graph(graph) => {
                Ok(graph.map(|graph| ruby.obj_wrap(RubyTaskGraph(graph))).into_value_with(ruby))
            }
            Answer::Overview(task) => {
                Ok(task.map(|task| ruby.obj_wrap(Drawing::of_task(&task))).into_value_with(ruby))
            }
            Answer::SlowSteps(steps) => rows(ruby, steps, analytics::slow_step),
            Answer::SlowTasks(tasks) => rows(ruby, tasks, analytics::slow_task),
            Answer::State(state) => Ok(state.as_str().into_value_with(ruby)),
            Answer::Check(Ok(from)) => verdict(ruby, "permitted", Some(&from)),
            Answer::Check(Err(refusal)) => refused(ruby, &refusal),
            Answer::Allowed(allowed) => {
                let (from, states) = allowed.unzip();
                let pair = ruby.ary_new_capa(2);
                pair.push(from.as_ref().map(State::as_str))?;
                pair.push(states.map(|states| ruby.ary_from_iter(states.iter().map(State::as_str))))?;
                Ok(pair.into_value_with(ruby))
            }
            Answer::Outcome(Ok(recorded)) => moved(ruby, &recorded),
            Answer::Outcome(Err(refusal)) => refused(ruby, &refusal),
            Answer::Workers(keys) => Ok(recovery::workers(ruby, keys)),
            Answer::Claims(claims) => recovery::claims(ruby, claims),
            Answer::Tasks(tasks) => Ok(recovery::tasks(ruby, tasks)),
            Answer::Ends(ends) => Ok(run::end_of_one(ruby, ends)),
            Answer::Claimed(step) => Ok(run::claimed(ruby, step)),
        }
    }
}

pub(crate) fn step_ids(ruby: &Ruby, steps: &[StepId]) -> RArray {
    ruby.ary_from_iter(steps.iter().map(|step| step.0))
}

/// `[[steps], survey or nil]`
fn of_created(ruby: &Ruby, (steps, survey): &(Vec<StepId>, Option<Box<Survey>>)) -> Result<RArray, Error> {
    let pair = ruby.ary_new_capa(2);
    pair.push(step_ids(ruby, steps))?;
    pair.push(survey.as_ref().map(|survey| survey::into_ruby(ruby, survey)).transpose()?)?;
    Ok(pair)
}

fn rows<T>(ruby: &Ruby, items: Vec<T>, row: fn(&Ruby, &T) -> Result<RArray, Error>) -> Result<Value, Error> {
    let rows = ruby.ary_new_capa(items.len());
    for item in &items {
        rows.push(row(ruby, item)?)?;
    }
    Ok(rows.into_value_with(ruby))
}

/// The sixteen columns; instants in microseconds.
fn readiness(ruby: &Ruby, step: &Readiness) -> Result<RArray, Error> {
    let row = ruby.ary_new_capa(16);
    row.push(step.workflow_step_id.0)?;
    row.push(step.task_id.0)?;
    row.push(step.named_step_id.0)?;
    row.push(&*step.name)?;
    row.push(step.current_state.as_str())?;
    row.push(step.dependencies_satisfied)?;
    row.push(step.retry_eligible)?;
    row.push(step.ready_for_execution)?;
    row.push(step.last_failure_at.map(|at| at.0))?;
    row.push(step.next_retry_at.map(|at| at.0))?;
    row.push(step.total_parents)?;
    row.push(step.completed_parents)?;
    row.push(step.attempts)?;
    row.push(step.retry_limit)?;
    row.push(step.backoff_request_seconds)?;
    row.push(step.last_attempted_at.map(|at| at.0))?;
    Ok(row)
}

/// The thirteen columns; the percentage as a decimal text.
pub(crate) fn context(ruby: &Ruby, context: &ExecutionContext) -> Result<RArray, Error> {
    let row = ruby.ary_new_capa(13);
    row.push(context.task_id.0)?;
    row.push(context.named_task_id.0)?;
    row.push(context.status.as_str())?;
    row.push(context.total_steps)?;
    row.push(context.pending_steps)?;
    row.push(context.in_progress_steps)?;
    row.push(context.completed_steps)?;
    row.push(context.failed_steps)?;
    row.push(context.ready_steps)?;
    row.push(context.execution_status.as_str())?;
    row.push(context.recommended_action.as_str())?;
    row.push(context.completion_percentage.to_string())?;
    row.push(context.health_status.as_str())?;
    Ok(row)
}

/// `[context, [readiness, …]]`
fn task_condition(
    ruby: &Ruby,
    (progress, steps): (ExecutionContext, Vec<Readiness>),
) -> Result<RArray, Error> {
    let pair = ruby.ary_new_capa(2);
    pair.push(context(ruby, &progress)?)?;
    pair.push(rows(ruby, steps, readiness)?)?;
    Ok(pair)
}

fn level(ruby: &Ruby, level: &Level) -> Result<RArray, Error> {
    let row = ruby.ary_new_capa(2);
    row.push(level.step.0)?;
    row.push(level.level)?;
    Ok(row)
}

/// The six columns; instants in microseconds.
fn edge(ruby: &Ruby, row: &EdgeRow) -> Result<RArray, Error> {
    let columns = ruby.ary_new_capa(6);
    columns.push(row.id.0)?;
    columns.push(row.edge.from.0)?;
    columns.push(row.edge.to.0)?;
    columns.push(&*row.name)?;
    columns.push(row.created_at.0)?;
    columns.push(row.updated_at.0)?;
    Ok(columns)
}

/// The ten columns; lists of steps as PostgreSQL writes them in JSON.
fn relationship(ruby: &Ruby, of: &Relationship) -> Result<RArray, Error> {
    let row = ruby.ary_new_capa(10);
    row.push(of.step.id.0)?;
    row.push(of.step.task_id.0)?;
    row.push(of.step.named_step_id.0)?;
    row.push(json(&of.parents))?;
    row.push(json(&of.children))?;
    row.push(of.parents.len())?;
    row.push(of.children.len())?;
    row.push(of.parents.is_empty())?;
    row.push(of.children.is_empty())?;
    row.push(of.depth)?;
    Ok(row)
}

fn json(steps: &[StepId]) -> String {
    let ids: Vec<String> = steps.iter().map(StepId::to_string).collect();
    format!("[{}]", ids.join(", "))
}

/// `[step, state]`
fn viable(ruby: &Ruby, (step, state): &(StepId, State)) -> Result<RArray, Error> {
    let row = ruby.ary_new_capa(2);
    row.push(step.0)?;
    row.push(state.as_str())?;
    Ok(row)
}

/// `[transition, sort key]`
fn finished(ruby: &Ruby, recorded: &Recorded) -> Result<RArray, Error> {
    let row = ruby.ary_new_capa(2);
    row.push(recorded.id.0)?;
    row.push(recorded.sort_key)?;
    Ok(row)
}

/// `[total, completed, failed, pending, microseconds of the latest completion or nil, all complete]`
pub(crate) fn statistics(ruby: &Ruby, counts: &CompletionStatistics) -> Result<Value, Error> {
    let row = ruby.ary_new_capa(6);
    row.push(counts.total)?;
    row.push(counts.completed)?;
    row.push(counts.failed)?;
    row.push(counts.pending())?;
    row.push(counts.latest_completion.map(|at| at.0))?;
    row.push(counts.all_complete())?;
    Ok(row.into_value_with(ruby))
}

/// The sixteen counts, in the engine's order.
fn system_load(ruby: &Ruby, load: &SystemLoad) -> RArray {
    let counts = std::iter::once(load.tasks)
        .chain(load.tasks_by_state)
        .chain([load.steps])
        .chain(load.steps_by_state)
        .chain([load.retryable, load.exhausted, load.in_backoff])
        .chain([load.active_connections, load.max_connections]);
    ruby.ary_from_iter(counts)
}

fn moved(ruby: &Ruby, recorded: &Recorded) -> Result<Value, Error> {
    let moved = ruby.ary_new_capa(4);
    moved.push(ruby.to_symbol("moved"))?;
    moved.push(recorded.from.as_str())?;
    moved.push(recorded.id.0)?;
    moved.push(recorded.sort_key)?;
    Ok(moved.into_value_with(ruby))
}

fn refused(ruby: &Ruby, refusal: &Refusal) -> Result<Value, Error> {
    match refusal {
        Refusal::NoSuchTransition { from } => verdict(ruby, "no_such_transition", Some(from)),
        Refusal::GuardFailed { from, .. } => verdict(ruby, "guard_failed", Some(from)),
        Refusal::ClaimLost { from } => verdict(ruby, "claim_lost", Some(from)),
        Refusal::TaskClaimLost { from } => verdict(ruby, "task_claim_lost", Some(from)),
        Refusal::UnknownSubject => verdict(ruby, "unknown_subject", None),
    }
}

fn verdict(ruby: &Ruby, word: &str, from: Option<&State>) -> Result<Value, Error> {
    let verdict = ruby.ary_new_capa(2);
    verdict.push(ruby.to_symbol(word))?;
    verdict.push(from.map(State::as_str))?;
    Ok(verdict.into_value_with(ruby))
}
