//! Every operation with odd arguments.

use serde_json::{Value as Json, json};

/// 2^53 - 1, the largest integer that a float holds with its neighbours.
pub const FIRST: i64 = (1 << 53) - 1;
/// 2^53 + 1, which a float does not hold.
pub const SECOND: i64 = (1 << 53) + 1;
/// 2^63 - 1
pub const LAST: i64 = i64::MAX;

/// A task of the world that has no steps.
const EMPTY: i64 = LAST;

fn templates() -> Json {
    let template = |name: &str, depends_on: &[&str]| {
        json!({
            "system": "lager", "name": name, "retryable": true, "retry_limit": 3, "skippable": false,
            "depends_on": depends_on,
        })
    };
    json!([
        template("NULL", &[]),
        template("back\\slash, \"quoted\"", &["NULL"]),
        template("出荷 🚚", &["NULL"])
    ])
}

fn kinds() -> Json {
    let kind = |name: &str| json!({ "namespace": "zahlungen", "name": name, "version": "0.1.0" });
    json!([kind("it's \\ \"NULL\""), kind("Größe \"7\", {x}\\ 🚚")])
}

/// Operations that read, with their arguments.
pub fn reads() -> Vec<(&'static str, Json)> {
    let step = |id: i64| json!({ "owner": "step", "id": id });
    let task = |id: i64| json!({ "owner": "task", "id": id });
    let mut cases = vec![
        ("step_readiness", json!({ "task": FIRST })),
        ("step_readiness", json!({ "task": FIRST, "steps": [SECOND, LAST, 0] })),
        ("step_readiness", json!({ "task": SECOND, "steps": null })),
        ("step_readiness", json!({ "task": -1 })),
        ("step_readiness_of_tasks", json!({ "tasks": [LAST, SECOND, FIRST, FIRST] })),
        ("step_readiness_of_tasks", json!({ "tasks": [] })),
        ("ready_steps", json!({ "tasks": [FIRST, SECOND] })),
        ("viable_steps", json!({ "task": FIRST, "steps": [FIRST, FIRST + 1, SECOND, LAST] })),
        ("next_wait", json!({ "task": FIRST })),
        ("next_wait", json!({ "task": SECOND })),
        ("blockers", json!({ "task": FIRST })),
        ("blockers", json!({ "task": SECOND })),
        ("blockers", json!({ "task": 1 })),
        ("task_execution_contexts", json!({ "tasks": [LAST, FIRST, SECOND, 1] })),
        ("task_condition", json!({ "task": FIRST })),
        ("task_condition", json!({ "task": 1 })),
        ("task_snapshot", json!({ "task": FIRST })),
        ("task_snapshot", json!({ "task": FIRST, "steps": [SECOND] })),
        ("task_snapshot", json!({ "task": EMPTY })),
        ("task_snapshot", json!({ "task": 1 })),
        ("dependency_levels", json!({ "task": FIRST })),
        ("completion_statistics", json!({ "task": FIRST })),
        ("system_load", json!({})),
        ("activity", json!({})),
        ("activity", json!({ "since": 0 })),
        ("activity_rates", json!({ "since": 1_748_736_000_000_001_i64 })),
        ("slowest_steps", json!({ "choice": { "since": 0, "limit": 3 } })),
        ("slowest_steps", json!({})),
        (
            "slowest_tasks",
            json!({ "choice": { "since": 0, "namespace": "zahlungen", "task_name": "it's \\ \"" } }),
        ),
        ("slowest_tasks", json!({ "choice": { "since": 0 } })),
        ("current_state", task(FIRST)),
        ("current_state", step(SECOND)),
        ("current_state", step(LAST)),
        ("allowed_transitions", step(FIRST + 1)),
        ("allowed_transitions", task(FIRST)),
        ("allowed_transitions", step(1)),
        (
            "named_task",
            json!({ "namespace": "zahlungen", "name": "Größe \"7\", {x}\\ 🚚", "version": "0.1.0" }),
        ),
        ("named_task", json!({ "namespace": "zahlungen", "name": "%s $1 ?", "version": "" })),
        ("task_kind", json!({ "task": FIRST })),
        ("task_kind", json!({ "task": EMPTY })),
        ("task_kind", json!({ "task": 1 })),
        ("pending_tasks", json!({ "kinds": kinds() })),
        ("pending_tasks", json!({ "kinds": kinds(), "above": EMPTY - 1, "limit": 1 })),
        ("pending_tasks", json!({ "kinds": kinds(), "above": EMPTY })),
        ("pending_tasks", json!({ "kinds": [] })),
        ("established_steps", json!({ "task": FIRST, "templates": templates() })),
        ("established_steps", json!({ "task": EMPTY, "templates": [] })),
        ("closes_cycle", json!({ "edge": { "from": LAST, "to": FIRST } })),
        ("closes_cycle", json!({ "edge": { "from": FIRST, "to": LAST } })),
        ("sibling_edges", json!({ "step": FIRST + 1 })),
        ("relationships_of_steps", json!({ "steps": [LAST, FIRST] })),
        ("relationships_of_tasks", json!({ "tasks": [FIRST] })),
        ("relationships_of_tasks", json!({ "tasks": [FIRST, SECOND] })),
        ("task_graph", json!({ "task": FIRST })),
        ("task_drawing", json!({ "task": FIRST })),
        ("task_drawing", json!({ "task": 1 })),
        ("template_analysis", json!({ "dependencies": [[], [0], [0, 1]] })),
        ("template_analysis", json!({ "dependencies": [[7]] })),
    ];
    for to in ["complete", "in_progress", "resolved_manually", "no such state"] {
        for (owner, id) in [("task", FIRST), ("step", LAST), ("step", FIRST + 1), ("step", 1)] {
            cases.push(("check_transition", json!({ "owner": owner, "id": id, "to": to })));
        }
    }
    cases.push((
        "check_transition",
        json!({ "owner": "step", "id": 11, "to": "complete", "claims": { "own": SECOND, "task": 7 } }),
    ));
    cases
}

/// Operations that write, with their arguments, each for the world as it was made.
pub fn writes() -> Vec<(&'static str, Json)> {
    let deep = json!({ "by": "ü\"\\\u{1}🚚", "deep": [[[{ "n": null, "big": LAST, "part": 0.1 }]]] });
    vec![
        ("transition_to", json!({ "owner": "step", "id": FIRST + 1, "to": "in_progress", "metadata": deep })),
        ("transition_to", json!({ "owner": "step", "id": LAST, "to": "in_progress" })),
        (
            "transition_to",
            json!({ "owner": "task", "id": FIRST, "to": "complete", "at": 1_750_000_000_000_001_i64 }),
        ),
        ("transition_to", json!({ "owner": "task", "id": LAST, "to": "in_progress", "at": i64::MAX })),
        ("transition_to", json!({ "owner": "step", "id": 1, "to": "in_progress" })),
        ("transition_to", json!({ "owner": "step", "id": 11, "to": "complete", "from_state": "error" })),
        ("transition_to", json!({ "owner": "step", "id": 11, "to": "complete", "claims": { "own": 5 } })),
        (
            "finish_step",
            json!({ "step": 11, "ending": "complete", "attempts": 2, "results": "{\"a\": [1, \"ü\"]}" }),
        ),
        ("finish_step", json!({ "step": 11, "ending": "error", "attempts": 2, "claim": 4 })),
        ("finish_step", json!({ "step": 12, "ending": "error", "attempts": 2 })),
        ("finish_task", json!({ "task": FIRST })),
        (
            "create_steps",
            json!({ "task": EMPTY, "templates": templates(), "inputs": "{}", "at": 1_750_000_000_000_001_i64 }),
        ),
        ("create_steps", json!({ "task": FIRST, "templates": templates(), "inputs": "{}" })),
    ]
}
