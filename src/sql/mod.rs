//! Every statement, once, with the order of its parameters and columns.
//!
//! `tests/statements` has the composed text of each, one file a statement, to be pasted into psql; `rake sql:record` writes it.
//!
//! Three rules apply to all of them:
//!
//! * **Parameters stand in scalar subqueries** (`(select $1::bigint)`). The planner then cannot look at their values, so that
//!   a plan for one value is never estimated cheaper than the general one, and PostgreSQL keeps the general plan after five
//!   executions. These tables carry 13 to 17 indexes each, and planning anew costs several times what running costs. No
//!   setting of the caller's session is needed for it, and none is changed.
//! * **Many rows travel as one**: each column is one array, as text; where few are expected, each is a line of one text (`row(…)::text`). A
//!   host pays for every cell that it turns into an object.
//! * **Instants travel as numbers**, as microseconds or, in lines, as seconds with decimals, so that no setting of dates or zones can change
//!   them.

pub(crate) mod analytics;
pub(crate) mod batch_transitions;
pub(crate) mod compact_task;
pub(crate) mod compact_tasks;
pub(crate) mod definitions;
pub(crate) mod edges;
pub(crate) mod execution;
pub(crate) mod functions;
pub(crate) mod overview;
pub(crate) mod readiness;
pub(crate) mod ready;
pub(crate) mod records;
pub(crate) mod recovery;
pub(crate) mod relationships;
pub(crate) mod row_triggers;
pub(crate) mod run;
pub(crate) mod sequence;
pub(crate) mod slowest;
pub(crate) mod statistics;
pub(crate) mod task_kinds;
pub(crate) mod task_snapshot;
pub(crate) mod transition;
#[cfg(feature = "worker")]
pub(crate) mod worker;
