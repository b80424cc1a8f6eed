//! All problems at once, each with source, key, expected and got.

use crate::problems;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tasker_core::config::{Config, DatabaseLayer, Loader, Section, Violation};

#[test]
fn all_problems_are_reported_at_once() {
    let loader = Loader::new()
        .yaml(
            "a.yml",
            "backoff:\n  max_backoff_seconds: five\n  jitter_enabled: 1\n  bufer_seconds: 3\n\
             health:\n  cache_duration_seconds: 0\n  readiness_timeout_seconds: 0\n\
             engine:\n  identity_strategy: random\ntelemetrie: {}\n",
        )
        .yaml("b.yml", "environments: { production: { cahce: {} } }\nexecution: 7\n")
        .variables([
            ("TASKER__CACHE__HIT_RATE_SMOOTHING_FACTOR", "1.5"),
            ("TASKER__BACKOFF__DEFAULT_BACKOFF_SECONDS", "[1, two, 3.0]"),
            ("TASKER__CACHE__DEFAULT_TTL", "[1"),
        ])
        .database(DatabaseLayer::from_iter([("auth.strategy", 7)]))
        .set("dependency_graph.severity_thresholds.critical", 2.5);
    assert_eq!(
        problems(&loader),
        [
            "database: auth.strategy: expected a text, got 7",
            "a.yml, line 4: backoff.bufer_seconds: expected the key buffer_seconds, got the unknown key bufer_seconds",
            "variable TASKER__BACKOFF__DEFAULT_BACKOFF_SECONDS: backoff.default_backoff_seconds.1: expected an integer, got \"two\"",
            "variable TASKER__BACKOFF__DEFAULT_BACKOFF_SECONDS: backoff.default_backoff_seconds.items: expected an integer, got 3.0",
            "a.yml, line 3: backoff.jitter_enabled: expected true or false, got 1",
            "a.yml, line 2: backoff.max_backoff_seconds: expected an integer, got \"five\"",
            "variable TASKER__CACHE__DEFAULT_TTL: cache.default_ttl: expected YAML, got an error: while parsing a flow sequence, expected ',' or ']'",
            "variable TASKER__CACHE__HIT_RATE_SMOOTHING_FACTOR: cache.hit_rate_smoothing_factor: expected a number from 0.0 to 1.0, got 1.5",
            "runtime: dependency_graph.severity_thresholds.critical: expected an integer, got 2.5",
            "a.yml, line 9: engine.identity_strategy: expected one of default, hash, custom, got \"random\"",
            "b.yml, line 1: environments.production.cahce: expected the key cache, got the unknown key cahce",
            "b.yml, line 2: execution: expected a mapping, got 7",
            "a.yml, line 6: health.cache_duration_seconds: expected an integer of at least 1, got 0",
            "a.yml, line 7: health.readiness_timeout_seconds: expected a number above 0, got 0",
            "a.yml, line 10: telemetrie: expected the key telemetry, got the unknown key telemetrie",
        ]
    );
}

#[test]
fn options_that_contradict_each_other_are_refused() {
    let loader = Loader::new().yaml(
        "a.yml",
        "execution:\n  min_concurrent_steps: 20\n  max_batch_timeout_seconds: 30\n  connection_pressure_factors: { extreme: 2 }\n\
         cache:\n  min_adaptive_ttl: 4000\nengine:\n  identity_strategy: custom\n",
    );
    assert_eq!(
        problems(&loader),
        [
            "a.yml, line 6: cache.min_adaptive_ttl: expected below max_adaptive_ttl, 3600, got 4000",
            "defaults: engine.identity_strategy_class: expected the name of a class, since identity_strategy is custom, got null",
            "a.yml, line 4: execution.connection_pressure_factors.extreme: expected a number from 0 to 1, got 2",
            "a.yml, line 3: execution.max_batch_timeout_seconds: expected above batch_timeout_base_seconds, 30, got 30",
            "a.yml, line 2: execution.min_concurrent_steps: expected at most max_concurrent_steps_limit, 12, got 20",
        ]
    );
}

#[test]
fn a_secret_is_not_shown() {
    let found = problems(&Loader::new().yaml("a.yml", "telemetry: { prometheus: { password: [hunter2] } }"));
    assert_eq!(
        found,
        ["a.yml, line 1: telemetry.prometheus.password: expected a text or null, got [FILTERED]"]
    );
    let config =
        Loader::new().yaml("a.yml", "telemetry: { prometheus: { password: hunter2 } }").load().unwrap();
    assert!(!format!("{config:?}").contains("hunter2"));
    assert_eq!(config.telemetry.prometheus.password.unwrap().expose(), "hunter2");
}

#[derive(Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Payments {
    bank: Option<String>,
    #[schemars(range(max = 9))]
    retries: u32,
    limits: Limits,
}

#[derive(Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Limits {
    daily: f64,
}

impl Section for Payments {
    const NAME: &'static str = "payments";

    fn violations(&self) -> Vec<Violation> {
        let without_bank = self.retries > 0 && self.bank.is_none();
        without_bank
            .then(|| Violation::new("bank", "a bank, since retries is set", "null"))
            .into_iter()
            .collect()
    }
}

#[test]
fn an_added_section_is_checked_as_the_others() {
    let text = "payments: { bank: 7, retries: 10, limits: { dayly: 1 } }";
    assert_eq!(
        problems(&Loader::new().section::<Payments>().yaml("a.yml", text)),
        [
            "a.yml, line 1: payments.bank: expected a text or null, got 7",
            "a.yml, line 1: payments.limits.dayly: expected the key daily, got the unknown key dayly",
            "a.yml, line 1: payments.retries: expected an integer from 0 to 9, got 10",
        ]
    );
    assert_eq!(
        problems(&Loader::new().section::<Payments>().set("payments.retries", 1)),
        ["defaults: payments.bank: expected a bank, since retries is set, got null"]
    );
    let loader =
        Loader::new().section::<Payments>().yaml("a.yml", "payments: { bank: b, limits: { daily: 2 } }");
    let config: Config = loader.load().unwrap();
    let payments = config.section::<Payments>().unwrap();
    assert_eq!((payments.bank.as_deref(), payments.limits.daily.to_string()), (Some("b"), "2".to_owned()));
    assert_eq!(config.to_json()["payments"]["bank"], "b");
    assert_eq!(loader.json_schema()["properties"]["payments"]["properties"]["retries"]["maximum"], 9);
    assert!(Loader::new().load().unwrap().section::<Payments>().is_none());
}

#[test]
fn a_section_is_added_once() {
    let found = problems(&Loader::new().section::<Payments>().section::<Payments>());
    assert_eq!(found, ["sections: payments: expected a name for each section, got the name twice"]);
}
