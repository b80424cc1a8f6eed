//! `mcp`, by a client of the protocol.

use crate::{PROGRAM, run_on, url};
use rmcp::model::{CallToolRequestParams, CallToolResult};
use rmcp::service::RunningService;
use rmcp::transport::TokioChildProcess;
use rmcp::{RoleClient, ServiceExt};
use serde_json::{Value, json};
use sqlx::PgPool;
use tasker_core::factories::{Pattern, workflow};
use tokio::process::Command;

type Client = RunningService<RoleClient, ()>;

async fn client(pool: &PgPool) -> Client {
    let mut server = Command::new(PROGRAM);
    server.arg("mcp").env("DATABASE_URL", url(pool).await);
    ().serve(TokioChildProcess::new(server).unwrap()).await.unwrap()
}

fn request(tool: &'static str, arguments: Value) -> CallToolRequestParams {
    let Value::Object(arguments) = arguments else { panic!("an object") };
    CallToolRequestParams::new(tool).with_arguments(arguments)
}

fn text(result: &CallToolResult) -> String {
    result.content[0].as_text().unwrap().text.clone()
}

async fn ask(client: &Client, tool: &'static str, arguments: Value) -> Value {
    let result = client.call_tool(request(tool, arguments)).await.unwrap();
    assert_ne!(result.is_error, Some(true), "{tool}: {result:?}");
    serde_json::from_str(&text(&result)).unwrap_or_else(|error| panic!("{tool}: {error}: {}", text(&result)))
}

#[sqlx::test]
async fn each_question_is_a_tool_that_says_what_it_takes(pool: PgPool) {
    let client = client(&pool).await;
    assert_eq!(client.peer_info().unwrap().server_info.clone().unwrap().name, "tasker-core");
    let tools = client.list_all_tools().await.unwrap();
    let names: Vec<&str> = tools.iter().map(|tool| &*tool.name).collect();
    assert_eq!(names, ["task_show", "task_list", "ready", "health", "slowest", "events", "schema_check"]);
    for tool in &tools {
        assert!(tool.description.as_ref().is_some_and(|text| !text.is_empty()), "{}", tool.name);
        assert_eq!(tool.annotations.as_ref().unwrap().read_only_hint, Some(true), "{}", tool.name);
        let schema = Value::Object((*tool.input_schema).clone());
        jsonschema::validator_for(&schema).unwrap();
        assert!(schema["properties"].get("database_url").is_none(), "{}", tool.name);
    }
    let schema = |name: &str| {
        Value::Object((*tools.iter().find(|tool| tool.name == name).unwrap().input_schema).clone())
    };
    assert_eq!(schema("task_show")["required"], json!(["id"]));
    assert_eq!(schema("task_show")["properties"]["id"]["type"], "integer");
    assert_eq!(schema("task_list")["properties"]["active"]["type"], "boolean");
    assert_eq!(schema("task_list")["properties"]["annotation"]["minItems"], 3);
    assert_eq!(schema("slowest")["properties"]["kind"]["enum"], json!(["steps", "tasks"]));
    assert_eq!(schema("events")["properties"]["event"]["type"], "array");
    client.cancel().await.unwrap();
}

#[sqlx::test]
async fn answers_are_those_of_the_command_line(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let made = workflow(Pattern::Diamond).in_namespace("payments").create(&mut connection).await.unwrap();
    workflow(Pattern::Linear(1)).in_namespace("shop").create(&mut connection).await.unwrap();
    let client = client(&pool).await;
    let shown = ask(&client, "task_show", json!({ "id": made.task })).await;
    let url = url(&pool).await;
    let mut printed = run_on(&url, &format!("task show {} --json", made.task)).json();
    printed["read_at"] = shown["read_at"].clone();
    assert_eq!(shown, printed);
    let listed =
        ask(&client, "task_list", json!({ "namespace": "payments", "limit": 5, "active": null })).await;
    assert_eq!(listed.as_array().unwrap().len(), 1);
    let ready = ask(&client, "ready", json!({ "task": made.task })).await;
    assert_eq!(ready[0]["step_id"], json!(made.steps[0]));
    assert_eq!(ask(&client, "health", json!({})).await["total_tasks"], 2);
    assert_eq!(ask(&client, "slowest", json!({ "kind": "tasks", "since": "1h" })).await, json!([]));
    assert!(ask(&client, "schema_check", json!({})).await.is_array());
    let none = client.call_tool(request("events", json!({ "task": [made.task], "last": 5 }))).await.unwrap();
    assert_eq!(text(&none), "");
    client.cancel().await.unwrap();
}

#[sqlx::test]
async fn a_wrong_question_is_an_error_that_names_it_and_the_session_goes_on(pool: PgPool) {
    let client = client(&pool).await;
    for (tool, arguments, expected) in [
        ("task_show", json!({}), "required"),
        ("task_show", json!({ "id": "seven" }), "seven"),
        ("task_list", json!({ "colour": "red" }), "got \"colour\""),
        ("task_list", json!({ "active": "perhaps" }), "active: expected true or false"),
        ("task_list", json!({ "namespace": { "a": 1 } }), "namespace: expected a value"),
        ("task_list", json!({ "state": "--help" }), "expected one of pending"),
        ("schema_migrate", json!({}), "expected a tool of task_show"),
    ] {
        let error = client.call_tool(request(tool, arguments)).await.unwrap_err().to_string();
        assert!(error.contains(expected), "{tool}: expected {expected}, got {error}");
    }
    // Right, but the answer is no.
    let refused = client.call_tool(request("task_show", json!({ "id": 404 }))).await.unwrap();
    assert_eq!(refused.is_error, Some(true));
    assert_eq!(text(&refused), "no task 404: expected the id of a task of this database");
    sqlx::raw_sql("alter table tasker_tasks rename to away").execute(&pool).await.unwrap();
    let broken = client.call_tool(request("health", json!({}))).await.unwrap();
    assert_eq!(broken.is_error, Some(true));
    assert!(text(&broken).contains("tasker_tasks"), "{}", text(&broken));
    sqlx::raw_sql("alter table away rename to tasker_tasks").execute(&pool).await.unwrap();
    assert_eq!(ask(&client, "health", json!({})).await["total_tasks"], 0);
    client.cancel().await.unwrap();
}

#[sqlx::test(migrations = false)]
async fn without_tables_there_is_no_session(pool: PgPool) {
    let refused = run_on(&url(&pool).await, "mcp");
    assert_eq!((refused.code, refused.out.as_str()), (Some(4), ""));
    assert!(refused.err.contains("expected one, found none"), "{}", refused.err);
}
