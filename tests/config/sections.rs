//! The engine's options: the exports of `rails tasker_core:config` under tests/config/engine, which spec/unit/engine_settings_spec.rb
//! compares with the installed engine.

use serde_json::Value;
use std::path::Path;
use tasker_core::config::sections::JsonLimits;
use tasker_core::config::{Config, Loader, Setting};

const DEFAULTS: &str = "tests/config/engine/defaults.yml";
const CHANGED: &str = "tests/config/engine/changed.yml";

fn load(file: &str) -> (Config, Vec<Setting>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    Loader::new().file(path).load_settings().unwrap_or_else(|error| panic!("{error}"))
}

fn is_engines(setting: &&Setting) -> bool {
    !setting.key.starts_with("json_limits.")
}

#[test]
fn the_engines_defaults_are_ours() {
    let (config, settings) = load(DEFAULTS);
    assert_eq!(config, Config::default());
    // Every option of the engine is in the export, so none of ours is a default.
    let ours: Vec<&str> = settings
        .iter()
        .filter(is_engines)
        .filter(|setting| setting.source == "defaults")
        .map(|setting| setting.key.as_str())
        .collect();
    assert!(ours.is_empty(), "the export lacks {ours:?}");
}

#[test]
fn every_value_of_an_application_is_read() {
    let (config, settings) = load(CHANGED);
    let (_, defaults) = Loader::new().load_settings().unwrap();
    let same: Vec<&str> = settings
        .iter()
        .filter(is_engines)
        .filter(|setting| {
            defaults.iter().any(|default| default.key == setting.key && default.value == setting.value)
        })
        .map(|setting| setting.key.as_str())
        .collect();
    assert!(same.is_empty(), "expected every option to be changed, got the default of {same:?}");
    // What Ruby wrote is what the typed sections hold.
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(CHANGED)).unwrap();
    for setting in settings.iter().filter(is_engines) {
        let line: usize = setting.source.rsplit("line ").next().unwrap().parse().unwrap();
        let written = text.lines().nth(line - 1).unwrap();
        if let Value::String(value) = &setting.value {
            assert!(written.contains(value.as_str()), "{}: expected {value}, got {written}", setting.key);
        }
    }
    assert_eq!(config.json_limits, JsonLimits::default());
}

#[test]
fn there_are_75_options_and_46_nested_keys() {
    let Value::Object(mut sections) = Config::default().to_json() else { panic!("expected sections") };
    sections.remove("json_limits");
    let (mut options, mut nested) = (0, 0);
    for section in sections.values() {
        for option in section.as_object().unwrap().values() {
            options += 1;
            nested += option.as_object().map_or(0, serde_json::Map::len);
        }
    }
    assert_eq!((sections.len(), options, nested), (9, 75, 46));
}
