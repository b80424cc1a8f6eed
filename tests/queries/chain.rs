//! Chains of scopes as data: what the random tests draw, and what the spec that compares with ActiveRecord sends as JSON.

use chrono::NaiveDateTime;
use serde_json::{Value, json};
use sqlx::PgConnection;
use tasker_core::Error;
use tasker_core::models::{
    Model, NamedTask, NamedTasksNamedStep, StepDagRelationship, Task, TaskNamespace, TaskTransition,
    WorkflowStep, WorkflowStepEdge, WorkflowStepTransition,
};
use tasker_core::query::Query;
use tasker_core::state::State;

/// The argument of a scope.
fn text(argument: &Value) -> &str {
    argument.as_str().unwrap_or_else(|| panic!("expected a text, got {argument}"))
}

fn instant(argument: &Value) -> NaiveDateTime {
    text(argument).parse().unwrap_or_else(|error| panic!("expected an instant, got {argument}: {error}"))
}

fn id(argument: &Value) -> i64 {
    argument.as_i64().unwrap_or_else(|| panic!("expected an id, got {argument}"))
}

fn state(argument: &Value) -> Option<State> {
    argument.as_str().map(State::from)
}

/// A model whose scopes can be called by name.
pub trait Scoped: Model {
    /// Applies a scope to a query.
    fn scope(query: Query<Self>, name: &str, arguments: &[Value]) -> Query<Self>;
}

/// A scope's call by its name; arguments are converted in their order.
macro_rules! scoped {
    ($model:ident { $( $scope:ident ( $( $argument:ident ),* ), )+ }) => {
        impl Scoped for $model {
            fn scope(query: Query<Self>, name: &str, arguments: &[Value]) -> Query<Self> {
                #[allow(unused_mut, unused_variables)]
                let mut arguments = arguments.iter();
                #[allow(unused_mut, unused_variables)]
                let mut next = || arguments.next().unwrap_or_else(|| panic!("{name} lacks an argument"));
                match name {
                    $( stringify!($scope) => query.$scope($( $argument(next()) ),*), )+
                    _ => panic!("{} has no scope {name}", Self::NAME),
                }
            }
        }
    };
}

fn whole(argument: &Value) -> i32 {
    i32::try_from(id(argument)).unwrap_or_else(|_| panic!("expected an integer, got {argument}"))
}

fn json_value(argument: &Value) -> Value {
    argument.clone()
}

fn one_state(argument: &Value) -> State {
    State::from(text(argument))
}

scoped!(Task {
    in_namespace(text),
    with_task_name(text),
    with_version(text),
    by_current_state(state),
    by_annotation(text, text, text),
    created_since(instant),
    completed_since(instant),
    failed_since(instant),
    active(),
});

scoped!(WorkflowStep {
    for_task(id),
    by_current_state(state),
    completed(),
    failed(),
    pending(),
    ready(),
    completed_since(instant),
    failed_since(instant),
    for_tasks_since(instant),
    siblings_of(id),
    ancestors_of(id),
    descendants_of(id),
});

scoped!(WorkflowStepEdge {
    children_of(id),
    parents_of(id),
    siblings_of(id),
    provides_edges(),
    provides_to_children(id),
});

scoped!(StepDagRelationship {
    for_task(id),
    root_steps(),
    leaf_steps(),
    with_parents(),
    with_children(),
    siblings_of(id),
});

scoped!(TaskTransition {
    recent(),
    to_state(one_state),
    with_metadata_key(text),
    with_metadata_value(text, json_value),
    in_time_range(instant, instant),
});

scoped!(WorkflowStepTransition {
    recent(),
    to_state(one_state),
    with_metadata_key(text),
    with_metadata_value(text, json_value),
    in_time_range(instant, instant),
    for_task(id),
    retry_transitions(),
    for_attempt(id),
});

scoped!(NamedTask {
    in_namespace(text),
    with_version(text),
    latest_versions(),
});

scoped!(TaskNamespace {
    custom(),
});

scoped!(NamedTasksNamedStep {
    named_steps_for_named_task(whole),
});

/// A query with scopes applied in their order: `[["in_namespace", "payments"], ["active"]]`.
pub fn query<M: Scoped>(scopes: &[Value]) -> Query<M> {
    scopes.iter().fold(Query::new(), |query, scope| {
        let [name, arguments @ ..] = scope.as_array().map_or(&[][..], Vec::as_slice) else {
            panic!("expected a scope with its arguments, got {scope}")
        };
        M::scope(query, text(name), arguments)
    })
}

/// What every way to run a chain gives: `{"model": "Task", "scopes": […]}`.
pub async fn answer(chain: &Value, connection: &mut PgConnection) -> Result<Value, Error> {
    let scopes = chain["scopes"].as_array().map_or(&[][..], Vec::as_slice);
    match text(&chain["model"]) {
        "Task" => every_way(&query::<Task>(scopes), connection).await,
        "WorkflowStep" => every_way(&query::<WorkflowStep>(scopes), connection).await,
        "WorkflowStepEdge" => every_way(&query::<WorkflowStepEdge>(scopes), connection).await,
        "StepDagRelationship" => every_way(&query::<StepDagRelationship>(scopes), connection).await,
        "TaskTransition" => every_way(&query::<TaskTransition>(scopes), connection).await,
        "WorkflowStepTransition" => every_way(&query::<WorkflowStepTransition>(scopes), connection).await,
        "NamedTask" => every_way(&query::<NamedTask>(scopes), connection).await,
        "TaskNamespace" => every_way(&query::<TaskNamespace>(scopes), connection).await,
        "NamedTasksNamedStep" => every_way(&query::<NamedTasksNamedStep>(scopes), connection).await,
        other => panic!("no model {other}"),
    }
}

async fn every_way<M: Model>(query: &Query<M>, connection: &mut PgConnection) -> Result<Value, Error> {
    let key = |row: &M| -> i64 { row.key().into() };
    let mut keys: Vec<i64> = query.all(&mut *connection).await?.iter().map(key).collect();
    keys.sort_unstable();
    Ok(json!({
        "keys": keys,
        "count": query.count(&mut *connection).await?,
        "exists": query.exists(&mut *connection).await?,
        "first": query.first(&mut *connection).await?.as_ref().map(key),
    }))
}
