//! Finding what tasks are defined by.

use super::records::named_task as columns;
use super::row_triggers::row_triggers;
use crate::session::{Access, Query, Value};

/// The definition that a task of that namespace, name and version is made from, in the order of [`crate::records::NamedTask`]; one row, none
/// if there is no such namespace or no such definition in it. One packed column ([`crate::session::Row::unpacked`]).
///
/// Both are unique, so that no order is needed. The ninth cell has those of the tables in `$4` that have row triggers.
pub(crate) fn named_task(namespace: Value, name: Value, version: Value, tables: Value) -> Query {
    Query {
        name: "named task",
        sql: concat!(
            "\
select json_build_array(",
            columns!(),
            ", ",
            row_triggers!("$4"),
            ")::text
from tasker_task_namespaces s join tasker_named_tasks n on n.task_namespace_id = s.task_namespace_id
where s.name = (select $1::text) and n.name = (select $2::text) and n.version = (select $3::text)"
        ),
        binds: vec![namespace, name, version, tables],
        access: Access::Read,
    }
}
