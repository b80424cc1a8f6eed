//! `config check` and `config schema`

use crate::{answer, program, run, url};
use serde_json::{Value, json};
use sqlx::PgPool;
use std::path::{Path, PathBuf};
use tasker_core::config::DatabaseLayer;

/// A file of a test's own, removed at its end.
struct File(PathBuf);

impl File {
    fn new(name: &str, text: &str) -> Self {
        let path =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("cli-{name}-{}.yml", std::process::id()));
        std::fs::write(&path, text).unwrap();
        File(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[test]
fn a_valid_configuration_is_accepted_with_its_sources() {
    let file = File::new(
        "valid",
        "backoff: { buffer_seconds: 7 }\ntelemetry: { prometheus: { password: hunter2 } }\n\
         conditions:\n  - when: { environment: production, region: eu }\n    set: { cache: { default_ttl: 9 } }\n",
    );
    let check = |more: &[&str]| {
        let mut program = program();
        program
            .env("TASKER__HEALTH__CACHE_DURATION_SECONDS", "3")
            .args(["config", "check"])
            .arg(&file.0)
            .args(more);
        answer(run(&mut program))
    };
    assert_eq!(check(&[]).out, "the configuration is valid; 3 options differ from the defaults\n");
    let settings =
        check(&["--settings", "--json", "--environment", "production", "--context", "region=eu"]).json();
    let place = |line: u32| format!("{}, line {line}", file.0.display());
    assert_eq!(
        settings,
        json!([
            { "key": "backoff.buffer_seconds", "value": 7, "source": place(1) },
            { "key": "cache.default_ttl", "value": 9, "source": place(5) },
            { "key": "health.cache_duration_seconds", "value": 3, "source": "variable TASKER__HEALTH__CACHE_DURATION_SECONDS" },
            { "key": "telemetry.prometheus.password", "value": "[FILTERED]", "source": place(2) },
        ])
    );
    let table = check(&["--settings"]).out;
    assert!(table.contains("backoff.buffer_seconds") && !table.contains("hunter2"), "{table}");
}

#[test]
fn every_problem_is_printed() {
    let file = File::new("wrong", "backof: {}\nbackoff: { buffer_seconds: soon }\n");
    let refused = run(program().args(["config", "check"]).arg(&file.0));
    assert_eq!((refused.code, refused.out.as_str()), (Some(1), ""));
    let place = file.0.display();
    assert_eq!(
        refused.err,
        format!(
            "tasker-core: the configuration is refused:\n  {place}, line 1: backof: expected the key backoff, got the unknown key backof\n  \
             {place}, line 2: backoff.buffer_seconds: expected an integer, got \"soon\"\n"
        )
    );
    let refused = run(program().args(["config", "check", "--json"]).arg(&file.0));
    assert_eq!((refused.code, refused.json().as_array().unwrap().len()), (Some(1), 2));
    let missing = run(program().args(["config", "check", "/nowhere/a.yml"]));
    assert_eq!(missing.code, Some(1));
    assert!(missing.err.contains("/nowhere/a.yml: expected a readable YAML file"), "{}", missing.err);
    assert_eq!(run(program().args(["config", "check", "--context", "region"])).code, Some(2));
}

#[sqlx::test(migrations = false)]
async fn the_layer_of_the_database_is_read_on_request(pool: PgPool) {
    let url = url(&pool).await;
    let check = || {
        run(program().env("DATABASE_URL", &url).args([
            "config",
            "check",
            "--database",
            "--settings",
            "--json",
        ]))
    };
    let failed = check();
    assert_eq!(failed.code, Some(5));
    assert!(failed.err.contains("tasker_core_settings"), "{}", failed.err);
    let mut connection = pool.acquire().await.unwrap();
    DatabaseLayer::create_table(&mut connection).await.unwrap();
    DatabaseLayer::write(&mut connection, None, "cache.default_ttl", &json!(9)).await.unwrap();
    assert_eq!(
        answer(check()).json(),
        json!([{ "key": "cache.default_ttl", "value": 9, "source": "database" }])
    );
}

#[test]
fn the_schema_is_the_documented_one() {
    let written =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/config.schema.json"))
            .unwrap();
    let written: Value = serde_json::from_str(&written).unwrap();
    assert_eq!(answer(run(program().args(["config", "schema"]))).json(), written);
}
