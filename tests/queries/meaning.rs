//! Each scope beside SQL that was written for this test.

use crate::chain::answer;
use crate::support::{keys, world};
use serde_json::{Value, json};
use sqlx::PgPool;

const SINCE: &str = "2025-01-03T00:00:00";

/// A model, a scope with its arguments, and the rows that it should find.
fn cases() -> Vec<(&'static str, Value, String)> {
    let state_of_task =
        "(select distinct on (task_id) * from tasker_task_transitions order by task_id, sort_key desc)";
    let task = |condition: &str| format!("select task_id from tasker_tasks t where {condition}");
    let named = |condition: &str| {
        task(&format!(
            "named_task_id in (select named_task_id from tasker_named_tasks join tasker_task_namespaces n using (task_namespace_id) where {condition})"
        ))
        .replace("using (task_namespace_id)", "on n.task_namespace_id = tasker_named_tasks.task_namespace_id")
    };
    let step =
        |condition: &str| format!("select workflow_step_id from tasker_workflow_steps s where {condition}");
    let current = |condition: &str| {
        step(&format!(
            "workflow_step_id in (select workflow_step_id from tasker_workflow_step_transitions where most_recent and {condition})"
        ))
    };
    let edge = |condition: &str| format!("select id from tasker_workflow_step_edges e where {condition}");
    let dag = |condition: &str| {
        format!("select workflow_step_id from tasker_step_dag_relationships where {condition}")
    };
    let of_task = |condition: &str| format!("select id from tasker_task_transitions where {condition}");
    let of_step =
        |condition: &str| format!("select id from tasker_workflow_step_transitions t where {condition}");
    let siblings = "to_step_id <> 9100 and (select array_agg(from_step_id order by 1) from tasker_workflow_step_edges o where o.to_step_id = e.to_step_id)
         = (select array_agg(from_step_id order by 1) from tasker_workflow_step_edges o where o.to_step_id = 9100)";
    vec![
        ("Task", json!(["in_namespace", "it's"]), named("n.name = 'it''s'")),
        ("Task", json!(["with_task_name", "settle"]), named("tasker_named_tasks.name = 'settle'")),
        ("Task", json!(["with_version", "1.1.0"]), named("version = '1.1.0'")),
        ("Task", json!(["by_current_state", "error"]), task(&format!("task_id in (select task_id from {state_of_task} c where to_state = 'error')"))),
        ("Task", json!(["by_current_state", null]), task("task_id in (select task_id from tasker_task_transitions)")),
        ("Task", json!(["by_current_state", " "]), task("task_id in (select task_id from tasker_task_transitions)")),
        ("Task", json!(["failed_since", SINCE]), task(&format!("task_id in (select task_id from {state_of_task} c where to_state = 'error' and created_at > '{SINCE}')"))),
        ("Task", json!(["created_since", SINCE]), task(&format!("created_at > '{SINCE}'"))),
        ("Task", json!(["completed_since", SINCE]), task(&format!("task_id in (select task_id from tasker_workflow_steps join tasker_workflow_step_transitions c using (workflow_step_id) where most_recent and to_state = 'complete' and c.created_at > '{SINCE}')"))),
        ("Task", json!(["active"]), task("task_id in (select task_id from tasker_workflow_steps join tasker_workflow_step_transitions c using (workflow_step_id) where most_recent and to_state in ('pending', 'in_progress', 'cancelled'))")),
        ("Task", json!(["by_annotation", " triage ", "priority", "high"]), task("task_id in (select task_id from tasker_task_annotations where annotation_type_id = 9001 and annotation @> '{\"priority\": \"high\"}')")),
        ("WorkflowStep", json!(["for_task", 9010]), step("task_id = 9010")),
        ("WorkflowStep", json!(["by_current_state", "in_progress"]), current("to_state = 'in_progress'")),
        ("WorkflowStep", json!(["by_current_state", null]), current("true")),
        ("WorkflowStep", json!(["completed"]), current("to_state in ('complete', 'resolved_manually')")),
        ("WorkflowStep", json!(["failed"]), current("to_state = 'error'")),
        ("WorkflowStep", json!(["pending"]), format!("{} union {}", step("workflow_step_id not in (select workflow_step_id from tasker_workflow_step_transitions)"), current("to_state in ('pending', 'in_progress')"))),
        ("WorkflowStep", json!(["completed_since", SINCE]), current(&format!("to_state = 'complete' and created_at > '{SINCE}'"))),
        ("WorkflowStep", json!(["failed_since", SINCE]), current(&format!("to_state = 'error' and created_at > '{SINCE}'"))),
        ("WorkflowStep", json!(["for_tasks_since", SINCE]), step(&format!("task_id in (select task_id from tasker_tasks where created_at > '{SINCE}')"))),
        ("WorkflowStep", json!(["siblings_of", 9100]), step(&format!("workflow_step_id in (select to_step_id from tasker_workflow_step_edges e where {siblings})"))),
        ("WorkflowStep", json!(["ancestors_of", 9100]), "with recursive a (id) as (select 9100::bigint union select from_step_id from tasker_workflow_step_edges join a on to_step_id = a.id) select id from a where id <> 9100".to_owned()),
        ("WorkflowStep", json!(["descendants_of", 9100]), "with recursive a (id) as (select 9100::bigint union select to_step_id from tasker_workflow_step_edges join a on from_step_id = a.id) select id from a where id <> 9100".to_owned()),
        ("WorkflowStepEdge", json!(["children_of", 9100]), edge("from_step_id = 9100")),
        ("WorkflowStepEdge", json!(["parents_of", 9100]), edge("to_step_id = 9100")),
        ("WorkflowStepEdge", json!(["siblings_of", 9100]), edge(siblings)),
        ("WorkflowStepEdge", json!(["provides_edges"]), edge("name = 'provides'")),
        ("WorkflowStepEdge", json!(["provides_to_children", 9100]), edge("name = 'provides' and to_step_id in (select to_step_id from tasker_workflow_step_edges where from_step_id = 9100)")),
        ("StepDagRelationship", json!(["for_task", 9010]), dag("task_id = 9010")),
        ("StepDagRelationship", json!(["root_steps"]), step("workflow_step_id not in (select to_step_id from tasker_workflow_step_edges)")),
        ("StepDagRelationship", json!(["leaf_steps"]), step("workflow_step_id not in (select from_step_id from tasker_workflow_step_edges)")),
        ("StepDagRelationship", json!(["with_parents"]), step("workflow_step_id in (select to_step_id from tasker_workflow_step_edges)")),
        ("StepDagRelationship", json!(["with_children"]), step("workflow_step_id in (select from_step_id from tasker_workflow_step_edges)")),
        ("StepDagRelationship", json!(["siblings_of", 9100]), step(&format!("workflow_step_id in (select to_step_id from tasker_workflow_step_edges e where {siblings})"))),
        ("TaskTransition", json!(["recent"]), of_task("true")),
        ("TaskTransition", json!(["to_state", "error"]), of_task("to_state = 'error'")),
        ("TaskTransition", json!(["with_metadata_key", "actor"]), of_task("metadata ? 'actor'")),
        ("TaskTransition", json!(["with_metadata_value", "actor", "Bob"]), of_task("metadata ->> 'actor' = 'Bob'")),
        ("TaskTransition", json!(["in_time_range", SINCE, "2025-01-04T00:00:00"]), of_task(&format!("created_at between '{SINCE}' and '2025-01-04'"))),
        ("WorkflowStepTransition", json!(["for_task", 9010]), of_step("workflow_step_id in (select workflow_step_id from tasker_workflow_steps where task_id = 9010)")),
        ("WorkflowStepTransition", json!(["retry_transitions"]), of_step("to_state = 'pending' and 'error' in (select to_state from tasker_workflow_step_transitions p where p.workflow_step_id = t.workflow_step_id and p.sort_key < t.sort_key)")),
        ("WorkflowStepTransition", json!(["for_attempt", 2]), of_step("metadata ->> 'attempt_number' = '2'")),
        ("WorkflowStepTransition", json!(["with_metadata_value", "execution_duration", 1.5]), of_step("metadata ->> 'execution_duration' = '1.5'")),
        ("NamedTask", json!(["in_namespace", "payments"]), "select named_task_id::bigint from tasker_named_tasks where task_namespace_id = 9001".to_owned()),
        ("NamedTask", json!(["with_version", "2.0.0"]), "select named_task_id::bigint from tasker_named_tasks where version = '2.0.0'".to_owned()),
        ("TaskNamespace", json!(["custom"]), "select task_namespace_id::bigint from tasker_task_namespaces where name <> 'default'".to_owned()),
        ("NamedTasksNamedStep", json!(["named_steps_for_named_task", 9001]), "select id::bigint from tasker_named_tasks_named_steps where named_task_id = 9001".to_owned()),
    ]
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn each_scope_finds_what_its_name_says(pool: PgPool) {
    let mut tx = world(&pool).await;
    let mut some = 0;
    for (model, scope, sql) in cases() {
        let mut expected = keys(&mut tx, &sql).await;
        expected.sort_unstable();
        let found = answer(&json!({ "model": model, "scopes": [scope] }), &mut tx).await.unwrap();
        assert_eq!(found["keys"], json!(expected), "{model} {scope}");
        some += usize::from(!expected.is_empty());
    }
    assert!(some * 10 >= cases().len() * 7, "expected most scopes to find something, {some} did");
}
