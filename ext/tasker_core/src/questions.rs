//! Conversations about a task and its steps: what may run, what is done, and everything at once.

use crate::answer::Answer;
use crate::boundary::guarded;
use crate::conversation::{Started, started, steps, task_ids};
use magnus::{Error, Object, RArray, RClass, Ruby, function};
use tasker_core::ids::{StepId, TaskId};
use tasker_core::operations::survey::Known;
use tasker_core::operations::{context, levels, readiness, statistics, survey};

fn step_readiness(ruby: &Ruby, seam: String, task: i64, chosen: Option<Vec<i64>>) -> Started {
    guarded(ruby, || {
        let chosen = steps(chosen);
        started!(
            seam,
            |session| readiness::step_readiness(session, TaskId(task), chosen.as_deref()),
            Answer::Readiness
        )
    })
}

fn step_readiness_of_tasks(ruby: &Ruby, seam: String, tasks: Vec<i64>) -> Started {
    guarded(ruby, || {
        let tasks = task_ids(tasks);
        started!(seam, |session| readiness::step_readiness_of_tasks(session, &tasks), Answer::Readiness)
    })
}

fn viable_steps(ruby: &Ruby, seam: String, task: i64, chosen: Vec<i64>) -> Started {
    guarded(ruby, || {
        let chosen: Vec<StepId> = chosen.into_iter().map(StepId).collect();
        started!(seam, |session| readiness::viable_steps(session, TaskId(task), &chosen), Answer::Viable)
    })
}

fn next_wait(ruby: &Ruby, seam: String, task: i64) -> Started {
    guarded(ruby, || started!(seam, |session| readiness::next_wait(session, TaskId(task)), Answer::Wait))
}

fn task_execution_contexts(ruby: &Ruby, seam: String, tasks: Vec<i64>) -> Started {
    guarded(ruby, || {
        let tasks = task_ids(tasks);
        started!(seam, |session| context::task_execution_contexts(session, &tasks), Answer::Contexts)
    })
}

fn task_condition(ruby: &Ruby, seam: String, task: i64) -> Started {
    guarded(ruby, || {
        started!(seam, |session| context::task_condition(session, TaskId(task)), Answer::Condition)
    })
}

fn dependency_levels(ruby: &Ruby, seam: String, task: i64) -> Started {
    guarded(ruby, || {
        started!(seam, |session| levels::dependency_levels(session, TaskId(task)), Answer::Levels)
    })
}

fn completion_statistics(ruby: &Ruby, seam: String, task: i64) -> Started {
    guarded(ruby, || {
        started!(seam, |session| statistics::completion_statistics(session, TaskId(task)), Answer::Statistics)
    })
}

/// `known` is `[version of the task's row or nil, [steps], [versions of their rows], whether all steps are wanted, [tables whose row triggers
/// are wanted]]`.
fn task_survey(ruby: &Ruby, seam: String, task: i64, chosen: Option<Vec<i64>>, known: RArray) -> Started {
    guarded(ruby, || {
        let (version, ids, versions): (Option<String>, Vec<i64>, Vec<String>) =
            (known.entry(0)?, known.entry(1)?, known.entry(2)?);
        let known = Known {
            task: version.map(String::into_boxed_str),
            steps: ids
                .into_iter()
                .map(StepId)
                .zip(versions.into_iter().map(String::into_boxed_str))
                .collect(),
            all_steps: known.entry(3)?,
            tables: known.entry::<Vec<String>>(4)?.into_iter().map(String::into_boxed_str).collect(),
        };
        let chosen = steps(chosen);
        started!(seam, |session| survey::survey(session, TaskId(task), chosen.as_deref(), &known), |survey| {
            Answer::Survey(survey.map(Box::new))
        })
    })
}

fn system_load(ruby: &Ruby, seam: String) -> Started {
    guarded(ruby, || started!(seam, |session| statistics::system_load(session), Answer::Load))
}

pub(crate) fn init(class: RClass) -> Result<(), Error> {
    class.define_singleton_method("step_readiness", function!(step_readiness, 3))?;
    class.define_singleton_method("step_readiness_of_tasks", function!(step_readiness_of_tasks, 2))?;
    class.define_singleton_method("viable_steps", function!(viable_steps, 3))?;
    class.define_singleton_method("next_wait", function!(next_wait, 2))?;
    class.define_singleton_method("task_execution_contexts", function!(task_execution_contexts, 2))?;
    class.define_singleton_method("task_condition", function!(task_condition, 2))?;
    class.define_singleton_method("dependency_levels", function!(dependency_levels, 2))?;
    class.define_singleton_method("completion_statistics", function!(completion_statistics, 2))?;
    class.define_singleton_method("task_survey", function!(task_survey, 4))?;
    class.define_singleton_method("system_load", function!(system_load, 1))
}
