//! Counting steps.

use super::facts::micros;
use crate::session::{Access, Query, Value};

/// Columns: steps of task `$1`, those complete or resolved manually, those in error, and when the last of the completed ones ended.
pub(crate) fn completion(task_id: Value) -> Query {
    Query {
        name: "completion statistics",
        sql: concat!(
            "\
select count(*),
       count(*) filter (where t.to_state in ('complete', 'resolved_manually')),
       count(*) filter (where t.to_state = 'error'),
       ",
            micros!("max(s.processed_at) filter (where t.to_state in ('complete', 'resolved_manually'))"),
            "
from tasker_workflow_steps s
left join tasker_workflow_step_transitions t on t.workflow_step_id = s.workflow_step_id and t.most_recent
where s.task_id = (select $1::bigint)"
        ),
        binds: vec![task_id],
        access: Access::Read,
    }
}
