//! The parts of readiness as SQL, each once: the statements of this folder are put together from them.
//!
//! The rule itself stands twice, as [`crate::readiness::is_ready`] over rows that were read and as [`super::ready::IS_READY`] for queries that
//! filter by it; a test compares the two. What statements differ in is how they find rows: [`super::ready`] says what each is for.

/// Is a step in that state done, as those that wait for it see it? Null where there is no state.
/// ([`crate::state::State::satisfies_dependents`] in SQL.)
macro_rules! done {
    ($state:literal) => {
        concat!($state, " in ('complete', 'resolved_manually')")
    };
}

/// The opposite, a step without any state included.
macro_rules! open {
    ($state:literal) => {
        concat!("(", $state, " is null or not ", $crate::sql::readiness::done!($state), ")")
    };
}

/// Joins the most recent transition of a step, one at most, as `$alias`.
macro_rules! current_transition {
    ($alias:literal of $step:literal) => {
        concat!(
            "left join tasker_workflow_step_transitions ",
            $alias,
            " on ",
            $alias,
            ".workflow_step_id = ",
            $step,
            " and ",
            $alias,
            ".most_recent"
        )
    };
}

/// The edges `e` from steps that are not done to a step: what follows `select`, to which conditions may be added.
macro_rules! open_parents {
    (of $step:literal) => {
        concat!(
            "from tasker_workflow_step_edges e
    ",
            $crate::sql::readiness::current_transition!("p" of "e.from_step_id"),
            "
    where e.to_step_id = ",
            $step,
            " and ",
            $crate::sql::readiness::open!("p.to_state")
        )
    };
}

/// The columns of a step `s` that decide, besides its state, whether it may run: processed, in process, retryable, attempts, retry limit,
/// requested backoff, and the last attempt, an instant that `$instant` encodes.
macro_rules! attempt_columns {
    ($instant:expr) => {
        concat!(
            "s.processed, s.in_process, s.retryable, s.attempts, s.retry_limit, s.backoff_request_seconds, ",
            $instant
        )
    };
}

/// The columns of [`attempt_columns`] for lines of text.
macro_rules! attempt_line {
    () => {
        $crate::sql::readiness::attempt_columns!("extract(epoch from s.last_attempted_at)")
    };
}

/// When a step failed whose most recent transition is `t`, in seconds; null unless it is in error.
macro_rules! failed_at_line {
    () => {
        "case when t.to_state = 'error' then extract(epoch from t.created_at) end"
    };
}

/// The last step of a task.
macro_rules! last_step {
    (of $task:literal) => {
        concat!(
            "select s.workflow_step_id from tasker_workflow_steps s
    where s.task_id = ",
            $task,
            " order by s.workflow_step_id desc limit 1"
        )
    };
}

/// The steps `t` that are done in `$span`, a relation of ranges with a first and a last id: what follows `select … from`.
///
/// No range has more than 512 ids, and a step has one most recent transition, so the limit cuts nothing off. It gives the planner the estimate how little
/// a range can bring: from one without known ends it expects a half per cent of the table, and for that it would compile the statement each
/// time.
macro_rules! done_between {
    ($span:literal: $ranges:literal) => {
        concat!(
            $ranges,
            "
  cross join lateral (
    select t.workflow_step_id from tasker_workflow_step_transitions t
    where t.most_recent and ",
            $crate::sql::readiness::done!("t.to_state"),
            "
      and t.workflow_step_id between ",
            $span,
            ".first and ",
            $span,
            ".last
    limit 512
  ) t"
        )
    };
}

pub(crate) use {
    attempt_columns, attempt_line, current_transition, done, done_between, failed_at_line, last_step, open,
    open_parents,
};
