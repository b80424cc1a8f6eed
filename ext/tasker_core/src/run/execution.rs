//! `TaskerCore::Native::StepExecution`

use super::end::{end, end_of_one};
use crate::boundary::{error, guarded};
use crate::conversation::{Answer, Started, started};
use crate::rows;
use magnus::{Class, Error, IntoValue, Module, RArray, RModule, Ruby, Value, method};
use tasker_core::operations::execution::Ending;
use tasker_core::run::{
    SharedExecution, StepExecution, StepResult, StepRow, TaskRow, finish_again, finish_steps,
};
use tasker_core::time::Timestamp;

/// One attempt at a step. Its readers give what the claim has read.
#[magnus::wrap(class = "TaskerCore::Native::StepExecution", free_immediately, size)]
struct RubyExecution(SharedExecution);

impl Answer for Option<StepExecution> {
    fn into_ruby(self: Box<Self>, ruby: &Ruby) -> Result<Value, Error> {
        Ok(self.map(|step| execution(ruby, step)).into_value_with(ruby))
    }
}

/// The answer to a claim: an execution or nil.
pub(super) fn claimed(step: Option<StepExecution>) -> Box<dyn Answer> {
    Box::new(step)
}

/// `[version, row]`
fn step_record(ruby: &Ruby, record: &StepRow) -> Result<RArray, Error> {
    let pair = ruby.ary_new_capa(2);
    pair.push(&*record.version)?;
    pair.push(rows::cells(ruby, record.cells())?)?;
    Ok(pair)
}

/// `[version, row]`
pub(super) fn task_record(ruby: &Ruby, record: &TaskRow) -> Result<RArray, Error> {
    let pair = ruby.ary_new_capa(2);
    pair.push(&**record.version())?;
    pair.push(rows::cells(ruby, record.cells())?)?;
    Ok(pair)
}

pub(super) fn execution(ruby: &Ruby, step: StepExecution) -> Value {
    ruby.obj_wrap(RubyExecution(SharedExecution::new(step))).into_value_with(ruby)
}

impl RubyExecution {
    fn read<T>(ruby: &Ruby, this: &Self, read: impl FnOnce(StepExecution) -> T) -> Result<T, Error> {
        guarded(ruby, || Ok(read(this.0.execution())))
    }

    fn task_id(ruby: &Ruby, this: &Self) -> Result<i64, Error> {
        Self::read(ruby, this, |execution| execution.task.0)
    }

    fn step_id(ruby: &Ruby, this: &Self) -> Result<i64, Error> {
        Self::read(ruby, this, |execution| execution.step.0)
    }

    fn name(ruby: &Ruby, this: &Self) -> Result<String, Error> {
        Self::read(ruby, this, |execution| execution.name.into_string())
    }

    /// `"pending"` or `"error"`, before its claim.
    fn was(ruby: &Ruby, this: &Self) -> Result<String, Error> {
        Self::read(ruby, this, |execution| execution.was.as_str().to_owned())
    }

    /// `[version, row]` of the step with its columns in the table's order, instants in microseconds and JSON as text; nil without `records`.
    fn row(ruby: &Ruby, this: &Self) -> Result<Option<RArray>, Error> {
        guarded(ruby, || {
            let records = this.0.execution().records;
            records.map(|records| step_record(ruby, &records.step)).transpose()
        })
    }

    /// `[[step, state, version, row], …]` of the steps that it waits for, one for each edge in the order of the edges; nil without `records`.
    fn parents(ruby: &Ruby, this: &Self) -> Result<Option<RArray>, Error> {
        guarded(ruby, || {
            let Some(records) = this.0.execution().records else { return Ok(None) };
            let parents = ruby.ary_new_capa(records.parents.len());
            for parent in &records.parents {
                let record = ruby.ary_new_capa(4);
                record.push(parent.step.0)?;
                record.push(parent.state.as_str())?;
                record.push(&*parent.version)?;
                record.push(rows::cells(ruby, parent.cells())?)?;
                parents.push(record)?;
            }
            Ok(Some(parents))
        })
    }

    /// `[version, row]` of the task, if its row is new since the run's last claim; nil otherwise, and without `records`.
    fn task_row(ruby: &Ruby, this: &Self) -> Result<Option<RArray>, Error> {
        guarded(ruby, || {
            let task = this.0.execution().records.and_then(|records| records.task);
            task.map(|task| task_record(ruby, &task)).transpose()
        })
    }

    /// As JSON.
    fn inputs(ruby: &Ruby, this: &Self) -> Result<Option<String>, Error> {
        Self::read(ruby, this, |execution| execution.inputs.map(String::from))
    }

    /// Of earlier attempts, as JSON.
    fn results(ruby: &Ruby, this: &Self) -> Result<Option<String>, Error> {
        Self::read(ruby, this, |execution| execution.results.map(String::from))
    }

    /// Before this one.
    fn attempts(ruby: &Ruby, this: &Self) -> Result<i32, Error> {
        Self::read(ruby, this, |execution| execution.attempts)
    }

    fn retry_limit(ruby: &Ruby, this: &Self) -> Result<i32, Error> {
        Self::read(ruby, this, |execution| execution.retry_limit)
    }

    /// The token: the id of its transition to in progress.
    fn claim(ruby: &Ruby, this: &Self) -> Result<i64, Error> {
        Self::read(ruby, this, |execution| execution.claim.0)
    }

    /// The step that is claimed with the end of this one, if it can be; nil for none.
    fn successor(ruby: &Ruby, this: &Self) -> Result<Option<i64>, Error> {
        Self::read(ruby, this, |execution| execution.successor.map(|step| step.0))
    }

    /// A conversation that writes the end, with the claim of the successor; its answer is a `StepEnd`. `state` is `"complete"` or `"error"`,
    /// `columns` are those of the step's row to save, as a JSON object.
    fn finish(ruby: &Ruby, this: &Self, seam: String, state: String, columns: String, at: i64) -> Started {
        guarded(ruby, || {
            let ending = ending(ruby, &state)?;
            let result = StepResult::Saved { ending, columns: columns.into() };
            let attempt = [(this.0.begin_end(), result)];
            started!(seam, |session| finish_steps(session, &attempt, Timestamp(at)), end_of_one)
        })
    }

    /// The same for an end that may be written already, since the answer was lost; the arguments have to be those of the first try.
    fn finish_again(
        ruby: &Ruby,
        this: &Self,
        seam: String,
        state: String,
        columns: String,
        at: i64,
    ) -> Started {
        guarded(ruby, || {
            let result = StepResult::Saved { ending: ending(ruby, &state)?, columns: columns.into() };
            let execution = this.0.begin_end();
            started!(seam, |session| finish_again(session, &execution, &result, Timestamp(at)), |end| {
                end_of_one(vec![end])
            })
        })
    }

    /// Has the end claim no successor. False where it is being written with the claim.
    fn keep_to_itself(ruby: &Ruby, this: &Self) -> Result<bool, Error> {
        guarded(ruby, || Ok(this.0.withdraw_successor()))
    }

    /// The `StepEnd` of a step that nobody waits for any more; nil where its end is being written with the claim of its successor, which is
    /// to be waited for.
    fn abandon(ruby: &Ruby, this: &Self) -> Result<Option<Value>, Error> {
        guarded(ruby, || Ok(this.0.abandon().map(|ended| end(ruby, ended))))
    }
}

fn ending(ruby: &Ruby, state: &str) -> Result<Ending, Error> {
    match state {
        "complete" => Ok(Ending::Complete),
        "error" => Ok(Ending::Error),
        other => {
            let message = format!("unknown end of a step: expected \"complete\" or \"error\", got {other:?}");
            Err(error(ruby, "ConversationError", message))
        }
    }
}

pub(super) fn init(ruby: &Ruby, native: RModule) -> Result<(), Error> {
    let class = native.define_class("StepExecution", ruby.class_object())?;
    class.undef_default_alloc_func();
    class.define_method("task_id", method!(RubyExecution::task_id, 0))?;
    class.define_method("step_id", method!(RubyExecution::step_id, 0))?;
    class.define_method("name", method!(RubyExecution::name, 0))?;
    class.define_method("inputs", method!(RubyExecution::inputs, 0))?;
    class.define_method("results", method!(RubyExecution::results, 0))?;
    class.define_method("attempts", method!(RubyExecution::attempts, 0))?;
    class.define_method("retry_limit", method!(RubyExecution::retry_limit, 0))?;
    class.define_method("claim", method!(RubyExecution::claim, 0))?;
    class.define_method("successor", method!(RubyExecution::successor, 0))?;
    class.define_method("finish", method!(RubyExecution::finish, 4))?;
    class.define_method("was", method!(RubyExecution::was, 0))?;
    class.define_method("row", method!(RubyExecution::row, 0))?;
    class.define_method("parents", method!(RubyExecution::parents, 0))?;
    class.define_method("task_row", method!(RubyExecution::task_row, 0))?;
    class.define_method("finish_again", method!(RubyExecution::finish_again, 4))?;
    class.define_method("keep_to_itself", method!(RubyExecution::keep_to_itself, 0))?;
    class.define_method("abandon", method!(RubyExecution::abandon, 0))
}
