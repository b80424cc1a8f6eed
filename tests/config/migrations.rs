//! Files of older versions.

use crate::problems;
use serde_json::{Value, json};
use tasker_core::config::{Loader, Migration};

fn to_seconds(minutes: Value) -> Value {
    minutes.as_i64().map_or(minutes, |minutes| json!(minutes * 60))
}

fn loader() -> Loader {
    Loader::new()
        .migration(
            Migration::new().rename("retries.longest", "backoff.max_backoff_seconds").remove("retries"),
        )
        .migration(Migration::new().map("backoff.max_backoff_seconds", to_seconds))
}

#[test]
fn each_version_is_brought_to_the_newest() {
    for (text, seconds) in [
        ("retries: { longest: 2, jitter: yes }", 120),
        ("version: 1\nretries: { longest: 3 }", 180),
        ("version: 2\nbackoff: { max_backoff_seconds: 4 }", 240),
        ("version: 3\nbackoff: { max_backoff_seconds: 5 }", 5),
    ] {
        assert_eq!(
            loader().yaml("a.yml", text).load().unwrap().backoff.max_backoff_seconds,
            seconds,
            "{text}"
        );
    }
    let text = "environments: { production: { retries: { longest: 6 } } }";
    let config = loader().yaml("a.yml", text).environment("production").load().unwrap();
    assert_eq!(config.backoff.max_backoff_seconds, 360);
}

#[test]
fn problems_name_the_line_that_was_migrated() {
    assert_eq!(
        problems(&loader().yaml("a.yml", "retries:\n  longest: soon\n")),
        ["a.yml, line 2: backoff.max_backoff_seconds: expected an integer, got \"soon\""]
    );
    assert_eq!(
        problems(&loader().yaml("a.yml", "retries: { longest: 2 }\nbackoff: { max_backoff_seconds: 3 }\n")),
        ["a.yml, line 1: retries.longest: expected only backoff.max_backoff_seconds, its new name, got both"]
    );
}

#[test]
fn unknown_versions_are_refused() {
    for version in ["4", "0", "two", "-1", "~"] {
        let [problem] = &problems(&loader().yaml("a.yml", format!("version: {version}\nbackof: 7")))[..]
        else {
            panic!("expected one problem")
        };
        assert!(
            problem.starts_with("a.yml, line 1: version: expected an integer from 1 to 3, got "),
            "{problem}"
        );
    }
    let found = problems(&Loader::new().yaml("a.yml", "version: 2"));
    assert_eq!(found, ["a.yml, line 1: version: expected 1, got 2"]);
}
