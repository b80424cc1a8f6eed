//! Tasks from templates.

use crate::support::{messages, rows_of_tasks};
use serde_json::json;
use sqlx::PgPool;
use tasker_core::models::{
    HashIdentity, Model, NamedStep, NamedTasksNamedStep, New, NewDependentSystem, NewNamedStep, NewNamedTask,
    NewNamedTasksNamedStep, NewTaskNamespace, Task, TaskNamespace, WorkflowStep,
};
use tasker_core::templates::{StepTemplate, TaskRequest, TaskTemplate};

fn diamond() -> TaskTemplate {
    TaskTemplate::new("settle")
        .step(StepTemplate {
            default_retry_limit: 7,
            skippable: true,
            ..StepTemplate::new("bank", "reserve")
        })
        .step(StepTemplate { default_retryable: false, ..StepTemplate::new("bank", "pay").after("reserve") })
        .step(StepTemplate::new("mail", "notify").after("reserve"))
        .step(StepTemplate::new("books", "close").after("notify").after("pay"))
}

fn request() -> TaskRequest {
    TaskRequest::from_json(
        r#"{"name": "settle", "namespace": "payments", "version": "1.2.3", "initiator": "me",
            "context": {"z": 12345678901234567890123, "a": [1.0, 1e23], "z": 98765432109876543210987},
            "tags": ["late"], "bypass_steps": ["notify"], "requested_at": "2024-01-02T03:04:05.678901+01:00"}"#,
    )
    .unwrap()
}

/// Names of the steps, each with those of its parents.
async fn graph(task: &Task, pool: &PgPool) -> Vec<(String, Vec<String>)> {
    let steps = task.workflow_steps(pool).await.unwrap();
    let parents = WorkflowStep::PARENTS.load(&steps, pool).await.unwrap();
    let named_steps = WorkflowStep::NAMED_STEP.load(&steps, pool).await.unwrap();
    let name = |step: &WorkflowStep| named_steps.one(step).unwrap().name.clone();
    steps.iter().map(|step| (name(step), parents.of(step).iter().map(name).collect())).collect()
}

fn named(graph: &[(&str, &[&str])]) -> Vec<(String, Vec<String>)> {
    let owned = |names: &[&str]| names.iter().map(ToString::to_string).collect();
    graph.iter().map(|(step, parents)| (step.to_string(), owned(parents))).collect()
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn creates_the_task_with_steps_edges_and_definitions(pool: PgPool) {
    let task = diamond().create(&request(), &pool).await.unwrap();
    assert_eq!(task.initiator.as_deref(), Some("me"));
    assert_eq!(task.requested_at.to_string(), "2024-01-02 02:04:05.678901");
    assert_eq!((&task.tags, &task.bypass_steps), (&Some(json!(["late"])), &Some(json!(["notify"]))));
    let named_task = task.named_task(&pool).await.unwrap();
    assert_eq!((named_task.name.as_str(), named_task.version.as_str()), ("settle", "1.2.3"));
    assert_eq!(named_task.task_namespace(&pool).await.unwrap().name, "payments");

    let expected: &[(&str, &[&str])] =
        &[("reserve", &[]), ("pay", &["reserve"]), ("notify", &["reserve"]), ("close", &["pay", "notify"])];
    assert_eq!(graph(&task, &pool).await, named(expected));
    let steps = task.workflow_steps(&pool).await.unwrap();
    assert_eq!((steps[0].retry_limit, steps[0].skippable, steps[0].retryable), (Some(7), true, true));
    assert_eq!((steps[1].retry_limit, steps[1].skippable, steps[1].retryable), (Some(3), false, false));
    assert_eq!((steps[2].attempts, steps[2].results.clone()), (Some(0), Some(json!({}))));
    let members = NamedTasksNamedStep::find_all(NamedTasksNamedStep::KEY.is_not_null(), &pool).await.unwrap();
    assert_eq!((members[0].default_retry_limit, members[0].skippable), (7, true));

    // Integers of any size, and floats as Ruby writes them.
    let texts: Vec<String> = sqlx::query_scalar(
        "select context::text from tasker_tasks union all select inputs::text from tasker_workflow_steps",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert_eq!(texts, vec![r#"{"a": [1.0, 99999999999999990000000], "z": 98765432109876543210987}"#; 5]);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_second_task_reuses_the_definitions(pool: PgPool) {
    let first = diamond().create(&request(), &pool).await.unwrap();
    let second = diamond().create(&request(), &pool).await.unwrap();
    assert_eq!(first.named_task_id, second.named_task_id);
    assert_ne!(first.identity_hash, second.identity_hash);
    assert_eq!(graph(&first, &pool).await, graph(&second, &pool).await);
    assert_eq!(NamedStep::find_all(NamedStep::KEY.is_not_null(), &pool).await.unwrap().len(), 4);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_task_that_is_refused_leaves_nothing_behind(pool: PgPool) {
    let mut transaction = pool.begin().await.unwrap();
    let blank = TaskRequest::new("settle", &json!({})).unwrap();
    assert_eq!(messages(diamond().create(&blank, &mut transaction).await), ["Context can't be blank"]);
    // The transaction of the caller goes on, without what came before the refusal.
    let namespaces = TaskNamespace::find_all(TaskNamespace::KEY.is_not_null(), &mut transaction).await;
    assert_eq!(namespaces.unwrap(), []);
    diamond().create(&request(), &mut transaction).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(rows_of_tasks(&pool).await, [1, 0, 0, 4, 4, 0]);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn contexts_that_are_too_deep_for_ruby_are_blank(pool: PgPool) {
    let nested = |depth: usize| {
        let context = format!("{{\"a\":{}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
        TaskRequest::from_json(&format!(r#"{{"name": "settle", "context": {context}}}"#)).unwrap()
    };
    TaskTemplate::new("settle").create(&nested(100), &pool).await.unwrap();
    let refused = TaskTemplate::new("settle").create(&nested(101), &pool).await;
    assert_eq!(messages(refused), ["Context can't be blank"]);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn the_same_request_is_refused_by_its_hash(pool: PgPool) {
    let task = diamond().create_identified(&request(), &HashIdentity, &pool).await.unwrap();
    assert_eq!(task.identity_hash.len(), 64);
    let again = diamond().create_identified(&request(), &HashIdentity, &pool).await;
    assert_eq!(messages(again), ["Identity hash is identical to a request made in the last minute"]);
    let mut later = request();
    later.requested_at = later.requested_at.map(|at| at + chrono::TimeDelta::minutes(1));
    diamond().create_identified(&later, &HashIdentity, &pool).await.unwrap();
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_named_task_keeps_the_step_that_it_has_by_that_name(pool: PgPool) {
    // The step works with another system than the one that the named task knows.
    let namespace = NewTaskNamespace::new("payments").create(&pool).await.unwrap();
    let new = NewNamedTask { version: "1.2.3".into(), ..NewNamedTask::new("settle", namespace.key()) };
    let named_task = new.create(&pool).await.unwrap();
    let old = NewDependentSystem::new("old bank").create(&pool).await.unwrap();
    let old_pay = NewNamedStep::new("pay", old.key()).create(&pool).await.unwrap();
    let member = NewNamedTasksNamedStep::new(named_task.key(), old_pay.key()).create(&pool).await.unwrap();

    let task = diamond().create(&request(), &pool).await.unwrap();
    assert_eq!(graph(&task, &pool).await.len(), 4);
    assert_eq!(graph(&task, &pool).await[3].1, ["pay", "notify"]);
    let members = NamedTasksNamedStep::find_all(NamedTasksNamedStep::KEY.is_not_null(), &pool).await.unwrap();
    assert_eq!((members.len(), &members[0]), (4, &member));
    let pay = &task.workflow_steps(&pool).await.unwrap()[1];
    assert_eq!((pay.retryable, pay.attempts, pay.results.clone()), (false, Some(0), Some(json!({}))));
    assert_ne!(pay.named_step_id, old_pay.key());
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn templates_that_are_no_graphs_are_refused(pool: PgPool) {
    let cases = [
        (
            diamond().step(StepTemplate::new("bank", "pay")),
            "the template \"settle\" has two steps with the name \"pay\"",
        ),
        (
            TaskTemplate::new("settle").step(StepTemplate::new("bank", "pay").after("order")),
            "step \"pay\" of the template \"settle\" depends on \"order\", which is not among its steps: \"pay\"",
        ),
        (
            TaskTemplate::new("settle")
                .step(StepTemplate::new("bank", "a"))
                .step(StepTemplate::new("bank", "b").after("a").after("c"))
                .step(StepTemplate::new("bank", "c").after("b")),
            "the steps of the template \"settle\" wait for each other in a circle: \"b\", \"c\"",
        ),
    ];
    for (template, message) in cases {
        assert_eq!(template.create(&request(), &pool).await.unwrap_err().to_string(), message);
    }
    assert_eq!(rows_of_tasks(&pool).await, [0; 6]);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn contexts_are_checked_against_the_schema(pool: PgPool) {
    let schema = json!({
        "type": "object",
        "required": ["payout"],
        "properties": { "payout": { "type": "integer" }, "mode": { "type": "string", "default": "fast" } },
    });
    let template = TaskTemplate { schema: Some(schema), ..diamond() };
    let refused = async |context: serde_json::Value| {
        messages(template.create(&TaskRequest::new("settle", &context).unwrap(), &pool).await)
    };
    assert_eq!(
        refused(json!({ "payout": "7", "odd": 1 })).await,
        [
            "Context The property '#/payout' did not match the type: \"integer\"",
            "Context The property '#/' contained undefined properties: 'odd'"
        ]
    );
    let missing = ["Context The property '#/' did not contain a required property of 'payout'"];
    assert_eq!(refused(json!({ "mode": "slow" })).await, missing);
    assert_eq!(rows_of_tasks(&pool).await, [0; 6]);
    let well = TaskRequest::new("settle", &json!({ "payout": 7 })).unwrap();
    // Defaults are not written.
    assert_eq!(template.create(&well, &pool).await.unwrap().context, Some(json!({ "payout": 7 })));

    let unsupported = TaskTemplate { schema: Some(json!({ "items": { "$ref": "#" } })), ..diamond() };
    let error = unsupported.create(&well, &pool).await.unwrap_err();
    assert_eq!(error.to_string(), "the schema of the template's contexts uses what is not supported: $ref");
}

#[test]
fn requests_say_what_is_wrong_with_them() {
    for (text, message) in [
        ("{}", "missing field `name`"),
        (r#"{"name": 7, "context": {}}"#, "invalid type: integer `7`, expected a string"),
        (r#"{"name": "x", "context": [1]}"#, "the context of a request should be an object, got [1]"),
        (r#"{"name": "x", "context": {}, "requested_at": "today"}"#, "requested_at should be an instant"),
    ] {
        let error = TaskRequest::from_json(text).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    }
}
