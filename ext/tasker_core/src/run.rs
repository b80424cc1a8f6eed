//! `TaskerCore::Native::WorkflowRun` and what belongs to it: a workflow whose statements Ruby runs and whose steps it executes.
//!
//! ```ruby
//! run = WorkflowRun.start(task_id, { slots: 3 })
//! request = run.resume(nil, now)
//! loop do
//!   request =
//!     case request
//!     in [:query, question] then run.resume(rows_of(question), now)        # as of a conversation: [name, sql, binds, writes]
//!     in [:execute, executions] then run.ended(executions.map { |execution| … }, now)
//!     in [:publish, { name:, steps: }] then run.resume(nil, now)           # name of the event, ids of the steps it is about
//!     in [:done, outcome] then break outcome
//!     end
//! end
//! ```
//!
//! An outcome is `{ outcome: :complete | :blocked | :lost }`, `{ outcome: :pending, pause: :waiting | :processing | :stalled, come_back:
//! microseconds from now or nil }` or `{ outcome: :refused, reason: :unknown_task | :already_complete | :not_pending, state: }`. Instants are
//! microseconds. All of it may be called from any thread, a run by one at a time.

use crate::answer::Answer;
use crate::boundary::{error, guarded, raise};
use crate::conversation::{Started, started};
use crate::rows;
use magnus::value::ReprValue;
use magnus::{
    Class, Error, IntoValue, Module, Object, RArray, RHash, RModule, Ruby, Symbol, TryConvert, Value,
};
use magnus::{function, method};
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, TryLockError};
use tasker_core::ids::TaskId;
use tasker_core::operations::execution::Ending;
use tasker_core::run::{
    Event, EventKind, Options, Outcome, Pause, Reply, Request, SharedExecution, StartRefusal, StepEnd,
    StepEnded, StepExecution, StepResult, WorkflowRun, finish_steps,
};
use tasker_core::time::{Micros, Timestamp};

#[magnus::wrap(class = "TaskerCore::Native::WorkflowRun", free_immediately, size)]
struct RubyRun(Mutex<WorkflowRun>);

impl RubyRun {
    /// `options` has any of `slots` (1 or more), `listeners` (names of events), `claim_metadata` (JSON), `processing_delay` and `stall_delay`
    /// (microseconds).
    fn start(ruby: &Ruby, task: i64, options: RHash) -> Result<Self, Error> {
        guarded(ruby, || {
            let options = self::options(ruby, options)?;
            Ok(RubyRun(Mutex::new(WorkflowRun::start(TaskId(task), options))))
        })
    }

    /// The first request, and the one after a statement, whose rows these are, or after an event, which has none.
    fn resume(ruby: &Ruby, this: &Self, answered: Option<RArray>, now: i64) -> Result<RArray, Error> {
        guarded(ruby, || {
            let rows = answered.map(|answered| rows::from_ruby(ruby, answered)).transpose()?;
            this.next(ruby, rows.map_or(Reply::Continue, Reply::Rows), now)
        })
    }

    /// The request after all steps were executed: their ends are those that `StepExecution#finish` and `#abandon` gave.
    fn ended(ruby: &Ruby, this: &Self, ends: RArray, now: i64) -> Result<RArray, Error> {
        guarded(ruby, || {
            let ends: Result<Vec<StepEnd>, Error> =
                ends.into_iter().map(|end| Ok(<&RubyEnd>::try_convert(end)?.0.clone())).collect();
            this.next(ruby, Reply::Ended(ends?), now)
        })
    }

    /// The token of the claim of the task; nil before the start.
    fn claim(ruby: &Ruby, this: &Self) -> Result<Option<i64>, Error> {
        guarded(ruby, || Ok(this.run(ruby)?.claim().map(|claim| claim.0)))
    }

    fn next(&self, ruby: &Ruby, reply: Reply, now: i64) -> Result<RArray, Error> {
        let request = self.run(ruby)?.next(reply, Timestamp(now)).map_err(|error| raise(ruby, &error))?;
        // Ruby values are made with the lock released: making one may end in a longjmp.
        self::request(ruby, request)
    }

    /// A panic leaves a run that is over.
    fn run(&self, ruby: &Ruby) -> Result<MutexGuard<'_, WorkflowRun>, Error> {
        match self.0.try_lock() {
            Ok(run) => Ok(run),
            Err(TryLockError::Poisoned(run)) => Ok(run.into_inner()),
            Err(TryLockError::WouldBlock) => {
                let message = "a run belongs to one caller: expected no other call on it, got two at once";
                Err(error(ruby, "ConversationError", message.to_owned()))
            }
        }
    }
}

fn options(ruby: &Ruby, given: RHash) -> Result<Options, Error> {
    let mut options = Options::default();
    let known = ["slots", "listeners", "claim_metadata", "processing_delay", "stall_delay"];
    for key in given.funcall::<_, _, RArray>("keys", ())? {
        let name = key.to_string();
        if !known.contains(&name.as_str()) {
            let message =
                format!("unknown option of a run: expected one of {}, got {name}", known.join(", "));
            return Err(error(ruby, "ConversationError", message));
        }
    }
    if let Some(slots) = option::<u32>(ruby, given, "slots")? {
        options.slots = NonZeroU32::new(slots).ok_or_else(|| {
            error(ruby, "ConversationError", "slots of a run: expected 1 or more, got 0".to_owned())
        })?;
    }
    if let Some(names) = option::<Vec<String>>(ruby, given, "listeners")? {
        let kinds = EventKind::ALL.iter().copied();
        options.listeners = kinds.filter(|kind| names.iter().any(|name| name == kind.as_str())).collect();
    }
    if let Some(metadata) = option::<String>(ruby, given, "claim_metadata")? {
        options.claim_metadata = metadata.into();
    }
    if let Some(delay) = option::<i64>(ruby, given, "processing_delay")? {
        options.processing_delay = Micros(delay);
    }
    if let Some(delay) = option::<i64>(ruby, given, "stall_delay")? {
        options.stall_delay = Micros(delay);
    }
    Ok(options)
}

fn option<T: TryConvert>(ruby: &Ruby, given: RHash, name: &str) -> Result<Option<T>, Error> {
    given.lookup2(ruby.to_symbol(name), ruby.qnil())
}

fn request(ruby: &Ruby, request: Request) -> Result<RArray, Error> {
    let (kind, content) = match request {
        Request::Query(query) => ("query", rows::question(ruby, query)?.into_value_with(ruby)),
        Request::Execute(steps) => {
            let executions = ruby.ary_new_capa(steps.len());
            for step in steps {
                executions.push(execution(ruby, step))?;
            }
            ("execute", executions.into_value_with(ruby))
        }
        Request::Publish(event) => ("publish", self::event(ruby, &event)?.into_value_with(ruby)),
        Request::Done(outcome) => ("done", self::outcome(ruby, &outcome)?.into_value_with(ruby)),
    };
    let request = ruby.ary_new_capa(2);
    request.push(ruby.to_symbol(kind))?;
    request.push(content)?;
    Ok(request)
}

fn event(ruby: &Ruby, event: &Event) -> Result<RHash, Error> {
    let steps = match event {
        Event::StepsDiscovered(steps) => crate::answer::step_ids(ruby, steps),
        Event::StepCompleted(step) | Event::StepFailed(step) => crate::answer::step_ids(ruby, &[*step]),
        _ => ruby.ary_new(),
    };
    let hash = ruby.hash_new();
    hash.aset(ruby.to_symbol("name"), event.kind().as_str())?;
    hash.aset(ruby.to_symbol("steps"), steps)?;
    Ok(hash)
}

fn outcome(ruby: &Ruby, outcome: &Outcome) -> Result<RHash, Error> {
    let hash = ruby.hash_new();
    let set = |key: &str, word: &str| hash.aset(ruby.to_symbol(key), ruby.to_symbol(word));
    match outcome {
        Outcome::Complete => set("outcome", "complete")?,
        Outcome::Blocked => set("outcome", "blocked")?,
        Outcome::Lost => set("outcome", "lost")?,
        Outcome::Pending { pause, come_back } => {
            set("outcome", "pending")?;
            let pause = match pause {
                Pause::Waiting => "waiting",
                Pause::Processing => "processing",
                Pause::Stalled => "stalled",
                Pause::OtherSteps => "other_steps",
                Pause::Stopped => "stopped",
            };
            set("pause", pause)?;
            hash.aset(ruby.to_symbol("come_back"), come_back.map(|delay| delay.0))?;
        }
        Outcome::Refused(refusal) => {
            set("outcome", "refused")?;
            let (reason, state) = match refusal {
                StartRefusal::UnknownTask => ("unknown_task", None),
                StartRefusal::AlreadyComplete => ("already_complete", None),
                StartRefusal::NotPending(state) => ("not_pending", Some(state)),
            };
            set("reason", reason)?;
            hash.aset(ruby.to_symbol("state"), state.map(|state| state.as_str()))?;
        }
    }
    Ok(hash)
}

/// One attempt at a step. Its readers give what the claim has read.
#[magnus::wrap(class = "TaskerCore::Native::StepExecution", free_immediately, size)]
struct RubyExecution(SharedExecution);

fn execution(ruby: &Ruby, step: StepExecution) -> Value {
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
            started!(seam, |session| finish_steps(session, &attempt, Timestamp(at)), Answer::Ends)
        })
    }

    /// The `StepEnd` of a step that nobody waits for any more; nil where its end is being written with the claim of its successor, which is
    /// to be waited for.
    fn abandon(ruby: &Ruby, this: &Self) -> Result<Option<Value>, Error> {
        guarded(ruby, || Ok(this.0.abandon().map(|end| self::end(ruby, end))))
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

/// What became of an attempt.
#[magnus::wrap(class = "TaskerCore::Native::StepEnd", free_immediately, size)]
struct RubyEnd(StepEnd);

/// The ends of one conversation, which are one.
pub(crate) fn end_of_one(ruby: &Ruby, ends: Vec<StepEnd>) -> Value {
    ends.into_iter().next().map(|end| self::end(ruby, end)).into_value_with(ruby)
}

fn end(ruby: &Ruby, end: StepEnd) -> Value {
    ruby.obj_wrap(RubyEnd(end)).into_value_with(ruby)
}

impl RubyEnd {
    fn step_id(ruby: &Ruby, this: &Self) -> Result<i64, Error> {
        guarded(ruby, || Ok(this.0.step.0))
    }

    /// `:complete`, `:failed`, `:claim_lost` (nothing was written) or `:abandoned`.
    fn kind(ruby: &Ruby, this: &Self) -> Result<Symbol, Error> {
        guarded(ruby, || {
            Ok(ruby.to_symbol(match this.0.ended {
                StepEnded::Complete { .. } => "complete",
                StepEnded::Failed => "failed",
                StepEnded::ClaimLost => "claim_lost",
                StepEnded::Abandoned => "abandoned",
            }))
        })
    }

    /// The step that was claimed with it, or nil. The run hands out its execution.
    fn successor(ruby: &Ruby, this: &Self) -> Result<Option<i64>, Error> {
        guarded(ruby, || {
            Ok(match &this.0.ended {
                StepEnded::Complete { successor } => successor.as_ref().map(|next| next.step.0),
                _ => None,
            })
        })
    }
}

pub(crate) fn init(ruby: &Ruby, native: RModule) -> Result<(), Error> {
    let class = native.define_class("WorkflowRun", ruby.class_object())?;
    class.undef_default_alloc_func();
    class.define_singleton_method("start", function!(RubyRun::start, 2))?;
    class.define_method("resume", method!(RubyRun::resume, 2))?;
    class.define_method("ended", method!(RubyRun::ended, 2))?;
    class.define_method("claim", method!(RubyRun::claim, 0))?;
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
    class.define_method("abandon", method!(RubyExecution::abandon, 0))?;
    let class = native.define_class("StepEnd", ruby.class_object())?;
    class.undef_default_alloc_func();
    class.define_method("step_id", method!(RubyEnd::step_id, 0))?;
    class.define_method("kind", method!(RubyEnd::kind, 0))?;
    class.define_method("successor", method!(RubyEnd::successor, 0))
}
