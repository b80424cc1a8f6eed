//! The JSON Schema.

use proptest::prelude::*;
use serde_json::{Value, json};
use std::path::Path;
use tasker_core::config::Loader;

const FILE: &str = "docs/config.schema.json";

fn schema() -> Value {
    Loader::new().json_schema()
}

#[test]
fn the_documented_schema_is_the_crates() {
    let written = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE)).unwrap();
    let written: Value = serde_json::from_str(&written).unwrap();
    assert!(
        written == schema(),
        "{FILE} differs: write it by `cargo run --features cli -- config schema > {FILE}`"
    );
}

#[test]
fn it_is_a_valid_schema_whose_defaults_it_accepts() {
    assert!(jsonschema::meta::is_valid(&schema()));
    let validator = jsonschema::validator_for(&schema()).unwrap();
    assert!(validator.is_valid(&Loader::new().load().unwrap().to_json()));
    let file = json!({
        "version": 1,
        "extends": ["a.yml"],
        "environments": { "production": { "backoff": { "buffer_seconds": 7 } } },
        "conditions": [{ "when": { "region": ["eu"] }, "set": { "cache": { "default_ttl": 1 } } }],
    });
    assert!(validator.is_valid(&file));
    for wrong in [
        json!({ "environments": { "production": { "backof": {} } } }),
        json!({ "conditions": [{ "when": {} }] }),
        json!({ "extends": 7 }),
        json!({ "nothing": {} }),
    ] {
        assert!(!validator.is_valid(&wrong), "{wrong}");
    }
}

#[test]
fn each_option_has_a_description_a_type_and_a_default() {
    fn check(place: &str, schema: &Value) {
        for (name, option) in schema["properties"].as_object().unwrap() {
            let place = format!("{place}.{name}");
            assert!(option["description"].is_string(), "{place} has no description");
            assert!(option.get("default").is_some(), "{place} has no default");
            let inner = option.get("properties").is_some();
            assert!(
                inner || option.get("type").is_some() || option.get("oneOf").is_some(),
                "{place} has no type"
            );
            if inner {
                check(&place, option);
            }
        }
    }
    check("", &schema()["$defs"]["sections"]);
}

fn values() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-2_i64..200).prop_map(Value::from),
        (-1.0..2.0_f64).prop_map(Value::from),
        "[a-z]{0,4}".prop_map(Value::from),
        Just(json!("hash")),
        Just(json!([])),
        Just(json!({})),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    /// What the schema refuses is refused; what is refused beyond it is a contradiction between options, or a section without values.
    #[test]
    fn the_loader_refuses_what_the_schema_refuses(index in any::<prop::sample::Index>(), value in values()) {
        let (_, settings) = Loader::new().load_settings().unwrap();
        let key = &settings[index.index(settings.len())].key;
        let document = key.rsplit('.').fold(value.clone(), |inner, name| json!({ name: inner }));
        let accepted = jsonschema::validator_for(&schema()).unwrap().is_valid(&document);
        match Loader::new().set(key.as_str(), value).load() {
            Ok(_) => prop_assert!(accepted, "{}", document),
            Err(error) => {
                let between = error.problems.iter().all(|problem| ["at most ", "above ", "below ", "the name of "].iter().any(|rule| problem.expected.starts_with(rule)));
                prop_assert!(!accepted || between, "{}", error);
            }
        }
    }
}
