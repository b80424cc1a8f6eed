//! Which layer wins.

use serde_json::json;
use tasker_core::config::{DatabaseLayer, Live, Loader, Reload};

const FILE: &str = "
backoff:
  max_backoff_seconds: 1
environments:
  production:
    backoff: { max_backoff_seconds: 2 }
conditions:
  - when: { environment: production }
    set: { backoff: { max_backoff_seconds: 3 } }
";

#[test]
fn each_layer_wins_over_those_before() {
    let layers: [fn(Loader) -> Loader; 6] = [
        |loader| loader.yaml("a.yml", "backoff: { max_backoff_seconds: 1 }"),
        |loader| {
            loader.yaml("b.yml", "environments: { production: { backoff: { max_backoff_seconds: 2 } } }")
        },
        |loader| loader.yaml("c.yml", "conditions: [{ set: { backoff: { max_backoff_seconds: 3 } } }]"),
        |loader| loader.variables([("TASKER__BACKOFF__MAX_BACKOFF_SECONDS", "4")]),
        |loader| loader.database(DatabaseLayer::from_iter([("backoff.max_backoff_seconds", 5)])),
        |loader| loader.set("backoff.max_backoff_seconds", 6),
    ];
    // Added in the opposite order: the kind of a layer decides, not the order of calls.
    for count in 0..=layers.len() {
        let base = Loader::new().environment("production");
        let loader = layers[..count].iter().rev().fold(base, |loader, layer| layer(loader));
        let expected = if count == 0 { 300 } else { i64::try_from(count).unwrap() };
        assert_eq!(loader.load().unwrap().backoff.max_backoff_seconds, expected);
    }
}

#[test]
fn an_environment_changes_what_it_names_only() {
    let value = |loader: Loader| loader.load().unwrap().backoff.max_backoff_seconds;
    let plain = Loader::new().yaml("a.yml", FILE);
    assert_eq!(value(plain.clone()), 1);
    assert_eq!(value(plain.clone().environment("staging")), 1);
    assert_eq!(value(plain.environment("production")), 3);
}

#[test]
fn mappings_are_merged_and_lists_replaced() {
    let config = Loader::new()
        .yaml("a.yml", "backoff: { default_backoff_seconds: [7], reenqueue_delays: { processing: 7 } }")
        .yaml(
            "b.yml",
            "backoff: { default_backoff_seconds: [8, 9], reenqueue_delays: { has_ready_steps: 8 } }",
        )
        .load()
        .unwrap();
    assert_eq!(config.backoff.default_backoff_seconds, [8, 9]);
    let delays = config.backoff.reenqueue_delays;
    assert_eq!((delays.processing, delays.has_ready_steps, delays.waiting_for_dependencies), (7, 8, 45));
}

#[test]
fn variables_have_the_type_of_their_option() {
    let config = Loader::new()
        .variables([
            ("TASKER__TELEMETRY__SERVICE_VERSION", "2.0"),
            ("TASKER__TELEMETRY__FILTER_PARAMETERS", "[pin, otp]"),
            ("TASKER__TELEMETRY__PROMETHEUS__BATCH_SIZE", "10"),
            ("TASKER__TELEMETRY__PROMETHEUS__COMPRESSION", ""),
            ("TASKER__TELEMETRY__SERVICE_NAME", "no"),
            ("TASKER__BACKOFF__JITTER_ENABLED", "off"),
            ("TASKER__BACKOFF__BACKOFF_MULTIPLIER", "3"),
            ("TASKER_CORE", "off"),
            ("HOME", "/"),
        ])
        .load()
        .unwrap();
    assert_eq!(config.telemetry.service_version, "2.0");
    assert_eq!(config.telemetry.service_name, "no");
    assert_eq!(config.telemetry.filter_parameters, ["pin", "otp"]);
    assert_eq!((config.telemetry.prometheus.batch_size, config.telemetry.prometheus.compression), (10, None));
    assert!(!config.backoff.jitter_enabled);
    assert!((config.backoff.backoff_multiplier - 3.0).abs() < f64::EPSILON);
}

#[test]
fn every_option_has_its_source() {
    let loader = Loader::new()
        .yaml("a.yml", "backoff:\n  buffer_seconds: 9\n  reenqueue_delays:\n    processing: 8\n")
        .variables([("TASKER__CACHE__DEFAULT_TTL", "60")])
        .database(DatabaseLayer::from_iter([("engine.task_handler_directory", "flows")]))
        .set("health.cache_duration_seconds", 5);
    let (config, settings) = loader.load_settings().unwrap();
    let source = |key: &str| settings.iter().find(|setting| setting.key == key).unwrap().source.clone();
    assert_eq!(source("backoff.buffer_seconds"), "a.yml, line 2");
    assert_eq!(source("backoff.reenqueue_delays.processing"), "a.yml, line 4");
    assert_eq!(source("backoff.reenqueue_delays.has_ready_steps"), "defaults");
    assert_eq!(source("cache.default_ttl"), "variable TASKER__CACHE__DEFAULT_TTL");
    assert_eq!(source("engine.task_handler_directory"), "database");
    assert_eq!(source("health.cache_duration_seconds"), "runtime");
    assert_eq!(config.to_json()["cache"]["default_ttl"], json!(60));
}

#[test]
fn a_snapshot_stays_as_it_was() {
    let live = Live::start(Loader::new()).unwrap();
    let run = live.current();
    let Reload::Replaced(next) = live.change(|loader| loader.set("backoff.buffer_seconds", 9)) else {
        panic!("expected another configuration")
    };
    assert_eq!((run.backoff.buffer_seconds, next.backoff.buffer_seconds), (5, 9));
    assert_eq!(live.current(), next);
}
