//! The same operations in JSON text.

use crate::conversations::{Recording, recordings};
use serde_json::{Value as Json, json};
use tasker_core::hosted::JsonCoroutine;
use tasker_core::time::Timestamp;

fn parsed(turn: &str) -> Json {
    serde_json::from_str(turn).unwrap()
}

fn started(operation: &str, arguments: Json) -> JsonCoroutine {
    JsonCoroutine::start(operation, &arguments.to_string(), Timestamp(0))
        .unwrap_or_else(|turn| panic!("{turn}"))
}

fn replay(recording: &Recording) -> Json {
    let arguments = recording.arguments.to_string();
    let mut coroutine = JsonCoroutine::start(&recording.operation, &arguments, Timestamp(recording.now))
        .unwrap_or_else(|turn| panic!("{turn}"));
    let mut turn = parsed(&coroutine.resume(None));
    for exchange in &recording.statements {
        let statement = &turn["statement"];
        assert_eq!(statement["name"], exchange.name);
        assert_eq!(statement["binds"], json!(exchange.binds));
        assert_eq!(statement["writes"], exchange.writes);
        turn = parsed(&coroutine.resume(Some(&json!(exchange.rows).to_string())));
    }
    turn["answer"].take()
}

#[test]
fn recorded_rows_lead_to_the_recorded_answers() {
    for recording in recordings() {
        assert_eq!(replay(&recording), recording.answer, "{} {}", recording.operation, recording.arguments);
    }
}

#[test]
fn wrong_arguments_are_errors_with_fields() {
    let turn = JsonCoroutine::start("ready_steps", r#"{"tasks":[1,"2"]}"#, Timestamp(0)).err().unwrap();
    let problem = "invalid type: string \"2\", expected i64";
    let expected = json!({ "error": {
        "kind": "argument", "operation": "ready_steps", "argument": "tasks[1]", "problem": problem,
        "message": format!("ready_steps: argument `tasks[1]`: {problem}"),
    } });
    assert_eq!(parsed(&turn), expected);
    let turn = JsonCoroutine::start("steps", "{}", Timestamp(0)).err().unwrap();
    assert_eq!(parsed(&turn)["error"]["problem"], "unknown operation");
    let turn = JsonCoroutine::start("ready_steps", "{", Timestamp(0)).err().unwrap();
    let message = "ready_steps: expected JSON, got EOF while parsing an object at line 1 column 1";
    assert_eq!(parsed(&turn)["error"]["message"], message);
}

#[test]
fn cells_of_another_kind_are_errors_with_their_place() {
    for (rows, row, column, got) in [
        (r#"[["{}","{}","{}"],["{}",1.5]]"#, 1, 1, "1.5"),
        ("[[{\"a\":1}]]", 0, 0, "{\"a\":1}"),
        ("[[18446744073709551615]]", 0, 0, "18446744073709551615"),
        ("[[1", 0, 0, "EOF while parsing a list at line 1 column 3"),
    ] {
        let mut coroutine = started("dependency_levels", json!({ "task": 7 }));
        let _ = coroutine.resume(None);
        let expected = json!({ "error": {
            "kind": "decode", "query": "dependency graph", "row": row, "column": column, "got": got,
            "expected": "null, a boolean, an integer or a text",
            "message": format!("unexpected answer to dependency graph: column {column} of row {row} should be null, a boolean, an integer or a text, got {got}"),
        } });
        assert_eq!(parsed(&coroutine.resume(Some(rows))), expected);
    }
}

#[test]
fn errors_of_operations_have_their_fields() {
    let mut coroutine = started("dependency_levels", json!({ "task": 7 }));
    let _ = coroutine.resume(None);
    let turn = parsed(&coroutine.resume(Some(r#"[["{1,2,3}","{1,2,3}","{2,3,2}"]]"#)));
    assert_eq!(turn["error"]["kind"], "cycle");
    assert_eq!(turn["error"]["steps"], json!([2, 3]));

    let mut coroutine = started("transition_to", json!({ "owner": "step", "id": 7, "to": "in_progress" }));
    let mut turn = parsed(&coroutine.resume(None));
    while turn.get("statement").is_some() {
        let rows = if turn["statement"]["writes"] == true { "[]" } else { r#"[["pending",true,null,null]]"# };
        turn = parsed(&coroutine.resume(Some(rows)));
    }
    let message = turn["error"]["message"].take();
    assert!(message.as_str().unwrap().starts_with("gave up the transition of step 7"));
    let expected = json!({ "kind": "contention", "message": null, "owner": "step 7", "to": "in_progress", "attempts": 16 });
    assert_eq!(turn["error"], expected);
    assert_eq!(parsed(&coroutine.resume(None))["error"]["kind"], "internal");
}
