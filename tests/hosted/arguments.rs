//! Arguments that do not fit.

use crate::host::NOW;
use serde_json::{Value as Json, json};
use tasker_core::hosted::start;

fn refused(operation: &str, arguments: Json) -> String {
    start(operation, arguments, NOW).err().map_or_else(|| "started".to_owned(), |error| error.to_string())
}

#[test]
fn an_unknown_operation_is_named() {
    assert!(
        refused("steps", json!({})).starts_with("unknown operation `steps`; hosted::OPERATIONS lists the ")
    );
}

#[test]
fn wrong_arguments_are_named_with_what_was_expected() {
    let cases = [
        ("ready_steps", json!({}), "ready_steps: missing field `tasks`"),
        (
            "ready_steps",
            json!({ "task": 7 }),
            "ready_steps: argument `task`: unknown field `task`, expected `tasks`",
        ),
        (
            "system_load",
            json!({ "of": 7 }),
            "system_load: argument `of`: unknown field `of`, there are no fields",
        ),
        (
            "ready_steps",
            json!({ "tasks": [1, "2"] }),
            "ready_steps: argument `tasks[1]`: invalid type: string \"2\", expected i64",
        ),
        (
            "step_readiness",
            json!({ "task": 7.0 }),
            "step_readiness: argument `task`: invalid type: floating point `7.0`, expected i64",
        ),
        (
            "step_readiness",
            json!({ "task": u64::MAX }),
            "step_readiness: argument `task`: invalid value: integer `18446744073709551615`, expected i64",
        ),
        (
            "current_state",
            json!({ "owner": "workflow", "id": 1 }),
            "current_state: argument `owner`: unknown variant `workflow`, expected `task` or `step`",
        ),
        (
            "transition_to",
            json!({ "owner": "step", "id": 1, "to": "complete", "metadata": [1] }),
            "transition_to: argument `metadata`: invalid type: sequence, expected a map",
        ),
        (
            "closes_cycle",
            json!({ "edge": { "from": 1, "to": 2, "by": 3 } }),
            "closes_cycle: argument `edge.by`: unknown field `by`, expected `from` or `to`",
        ),
    ];
    let all = [
        (
            "step_readiness",
            json!(7),
            "step_readiness: expected an object of arguments, or at most 2 in order, got 7",
        ),
        (
            "current_state",
            json!(["step", 7, 8]),
            "current_state: expected an object of arguments, or at most 2 in order, got [\"step\",7,8]",
        ),
        (
            "current_state",
            json!(["step", "7"]),
            "current_state: argument `id`: invalid type: string \"7\", expected i64",
        ),
        (
            "step_readiness",
            json!({ "of": 7 }),
            "step_readiness: argument `of`: unknown field `of`, expected `task` or `steps`",
        ),
        (
            "named_task",
            json!({ "of": 7 }),
            "named_task: argument `of`: unknown field `of`, expected one of `namespace`, `name`, `version`",
        ),
    ];
    for (operation, arguments, expected) in cases.into_iter().chain(all) {
        assert_eq!(refused(operation, arguments), expected);
    }
}

#[test]
fn arguments_may_come_in_order() {
    assert_eq!(refused("current_state", json!(["step", 7])), "started");
}
