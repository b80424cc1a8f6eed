//! Columns: their comparisons, orders and names.

use sqlx::PgPool;
use tasker_core::models::{
    Column, ColumnValue, FieldError, Invalid, Model, New, NewTaskNamespace, TABLES, TaskNamespace,
};
use tasker_core::query::{Ordering, Query};
use tasker_core::sea_query::Expr;

/// Namespaces by name, the description of the second is null.
async fn namespaces(pool: &PgPool) -> Vec<i32> {
    let mut keys = Vec::new();
    for (name, description) in [("a", Some("x")), ("b", None), ("c", Some("y"))] {
        let new =
            NewTaskNamespace { description: description.map(str::to_owned), ..NewTaskNamespace::new(name) };
        keys.push(new.create(pool).await.unwrap().key());
    }
    keys
}

async fn found(condition: Expr, pool: &PgPool) -> Vec<String> {
    let query = Query::<TaskNamespace>::new().filter(condition).order_by(TaskNamespace::name);
    query.all(pool).await.unwrap().into_iter().map(|namespace| namespace.name).collect()
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn comparisons_find_what_they_say(pool: PgPool) {
    let keys = namespaces(&pool).await;
    let key = TaskNamespace::task_namespace_id;
    assert_eq!(found(key.eq(keys[1]), &pool).await, ["b"]);
    assert_eq!(found(key.ne(keys[1]), &pool).await, ["a", "c"]);
    assert_eq!(found(key.lt(keys[1]), &pool).await, ["a"]);
    assert_eq!(found(key.lte(keys[1]), &pool).await, ["a", "b"]);
    assert_eq!(found(key.gt(keys[1]), &pool).await, ["c"]);
    assert_eq!(found(key.gte(keys[1]), &pool).await, ["b", "c"]);
    assert_eq!(found(key.is_in([keys[0], keys[2]]), &pool).await, ["a", "c"]);
    assert!(found(key.is_in([0; 0]), &pool).await.is_empty());
    assert_eq!(found(TaskNamespace::description.is_null(), &pool).await, ["b"]);
    assert_eq!(found(TaskNamespace::description.is_not_null(), &pool).await, ["a", "c"]);
    assert_eq!(found(TaskNamespace::description.is(None::<String>), &pool).await, ["b"]);
    assert_eq!(found(TaskNamespace::description.is(Some("y")), &pool).await, ["c"]);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn nulls_stand_where_the_order_puts_them(pool: PgPool) {
    namespaces(&pool).await;
    let names = async |order: Ordering| {
        let rows = Query::<TaskNamespace>::new().order_by(order).all(&pool).await.unwrap();
        rows.into_iter().map(|namespace| namespace.name).collect::<String>()
    };
    assert_eq!(names(Ordering::from(TaskNamespace::description)).await, "acb");
    assert_eq!(names(Ordering::from(TaskNamespace::description.asc()).nulls_first()).await, "bac");
    assert_eq!(names(Ordering::from(TaskNamespace::description.desc()).nulls_last()).await, "cab");
}

#[test]
fn a_column_is_named_like_its_field() {
    fn name<M: Model, T: ColumnValue>(column: Column<M, T>) -> String {
        assert!(M::COLUMNS.iter().any(|info| info.name == column.name()));
        format!("{column:?}")
    }
    assert_eq!(name(TaskNamespace::description), "tasker_task_namespaces.description");
}

#[test]
fn tables_are_those_of_the_models() {
    let table = TABLES.iter().find(|table| table.model == TaskNamespace::NAME).unwrap();
    assert_eq!((table.table, table.key), (TaskNamespace::TABLE, TaskNamespace::KEY.name()));
    assert_eq!(table.columns, TaskNamespace::COLUMNS);
}

#[test]
fn errors_of_fields_have_the_words_of_rails() {
    let error = |field, message: &str| FieldError { field, message: message.to_owned() };
    let errors =
        vec![error("task_namespace_id", "must exist"), error("base", "Step name 'a' must be unique")];
    let invalid = Invalid { model: "NamedTask", errors };
    assert_eq!(
        invalid.to_string(),
        "NamedTask is invalid: Task namespace must exist, Step name 'a' must be unique"
    );
    assert_eq!(invalid.on("task_namespace_id").collect::<Vec<_>>(), ["must exist"]);
    assert_eq!(invalid.on("name").count(), 0);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn instants_beyond_the_calendar_are_its_ends(pool: PgPool) {
    let key = namespaces(&pool).await[0];
    let instants = "update tasker_task_namespaces set created_at = '-infinity', updated_at = '294000-01-01' where task_namespace_id = $1";
    sqlx::query(instants).bind(key).execute(&pool).await.unwrap();
    let namespace = TaskNamespace::find(key, &pool).await.unwrap();
    assert_eq!(namespace.created_at, chrono::NaiveDateTime::MIN);
    assert_eq!(namespace.updated_at, chrono::NaiveDateTime::MAX);
    sqlx::query("update tasker_task_namespaces set updated_at = 'infinity'").execute(&pool).await.unwrap();
    let namespace = TaskNamespace::find(key, &pool).await.unwrap();
    assert_eq!(namespace.updated_at, chrono::NaiveDateTime::MAX);
    let within = "update tasker_task_namespaces set created_at = '2025-02-03 04:05:06.000007'";
    sqlx::query(within).execute(&pool).await.unwrap();
    let namespace = TaskNamespace::find(key, &pool).await.unwrap();
    assert_eq!(namespace.created_at.to_string(), "2025-02-03 04:05:06.000007");
}
