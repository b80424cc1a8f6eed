//! What a handler says of its steps, and the definitions that an application makes of it.

use sqlx::PgConnection;
use tasker_core::operations::sequence::Template;

/// A step of the system "default", with three attempts.
pub fn template(name: &str, depends_on: &[&str]) -> Template {
    Template {
        system: "default".into(),
        name: name.into(),
        retryable: true,
        retry_limit: 3,
        skippable: false,
        depends_on: depends_on.iter().map(|&name| name.into()).collect(),
    }
}

/// Four steps, the last of which waits for two that wait for the first; not in the order of their graph.
pub fn diamond() -> Vec<Template> {
    vec![
        template("join", &["right", "left"]),
        template("left", &["start"]),
        template("start", &[]),
        template("right", &["start"]),
    ]
}

/// Makes sure of a step's system and name, and that the step belongs to the named task 1. Ids do not follow the order of
/// the definitions' making.
pub async fn define(connection: &mut PgConnection, template: &Template) {
    let id = define_elsewhere(connection, template).await;
    sqlx::query(
        "insert into tasker_named_tasks_named_steps (named_task_id, named_step_id, created_at, updated_at)
         values (1, $1, now(), now())",
    )
    .bind(id)
    .execute(connection)
    .await
    .unwrap();
}

/// A system and a name that belong to no task yet; the named step's id.
pub async fn define_elsewhere(connection: &mut PgConnection, template: &Template) -> i32 {
    sqlx::query(
        "insert into tasker_dependent_systems (dependent_system_id, name, created_at, updated_at)
         select coalesce(max(dependent_system_id), 0) + 1, $1, now(), now() from tasker_dependent_systems
         on conflict (name) do nothing",
    )
    .bind(&*template.system)
    .execute(&mut *connection)
    .await
    .unwrap();
    sqlx::query_scalar(
        "insert into tasker_named_steps (named_step_id, dependent_system_id, name, created_at, updated_at)
         select 100000 - count(*), (select dependent_system_id from tasker_dependent_systems where name = $1),
                $2, now(), now()
         from tasker_named_steps
         returning named_step_id",
    )
    .bind(&*template.system)
    .bind(&*template.name)
    .fetch_one(connection)
    .await
    .unwrap()
}

pub async fn define_all(connection: &mut PgConnection, templates: &[Template]) {
    for template in templates {
        define(connection, template).await;
    }
}
