//! YAML as Ruby reads it.

use crate::problems;
use tasker_core::config::Loader;

#[test]
fn words_of_yaml_1_1_are_read_as_by_ruby() {
    for (word, truth) in [("yes", true), ("Off", false), ("TRUE", true), ("n\u{6f}", false)] {
        let loader = Loader::new().yaml("a.yml", format!("backoff: {{ jitter_enabled: {word} }}"));
        assert_eq!(loader.load().unwrap().backoff.jitter_enabled, truth, "{word}");
    }
    for (number, value) in [("1_000", 1000), ("0x10", 16), ("010", 8), ("+7", 7), ("-7", -7), ("0", 0)] {
        let loader = Loader::new().yaml("a.yml", format!("backoff: {{ buffer_seconds: {number} }}"));
        assert_eq!(loader.load().unwrap().backoff.buffer_seconds, value, "{number}");
    }
    let loader =
        Loader::new().yaml("a.yml", "engine: { identity_strategy: :hash, task_handler_directory: \"yes\" }");
    let config = loader.load().unwrap();
    assert_eq!(config.engine.identity_strategy, tasker_core::config::sections::IdentityStrategy::Hash);
    assert_eq!(config.engine.task_handler_directory, "yes");
}

#[test]
fn anchors_and_merge_keys_are_followed() {
    let text = "backoff: &base { buffer_seconds: 1, max_backoff_seconds: 1 }\n\
                environments:\n  test:\n    backoff:\n      <<: *base\n      max_backoff_seconds: 2\n";
    let config = Loader::new().yaml("a.yml", text).environment("test").load().unwrap();
    assert_eq!((config.backoff.buffer_seconds, config.backoff.max_backoff_seconds), (1, 2));
}

#[test]
fn bad_yaml_is_refused_with_its_line() {
    let deep = format!("a: {}1{}", "[".repeat(70), "]".repeat(70));
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..8 {
        let items = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb += &format!("a{level}: &a{level} [{items}]\n");
    }
    for (text, expected) in [
        ("a: [1", "a.yml, line "),
        ("a: b: c", "a.yml, line 1: expected YAML, got an error: "),
        ("backoff: {}\nbackoff: {}", "a.yml, line 2: expected each key once, got backoff again"),
        ("- 1", "a.yml: expected a mapping of sections, got [1]"),
        ("5", "a.yml: expected a mapping of sections, got 5"),
        ("a: !ruby/object:Gem {}", "a.yml, line 1: expected a value without a tag, got "),
        ("a: !!int '7'", "a.yml, line 1: expected a value without a tag, got int"),
        ("a: 1\n---\nb: 2", "a.yml, line 2: expected one YAML document, got another one"),
        ("? [1]\n: 2", "a.yml, line 1: expected a text as key, got a collection"),
        ("a: *nothing", "a.yml, line "),
        (&deep, "a.yml, line 1: expected at most 64 levels, got more"),
        (&bomb, "a.yml, line "),
    ] {
        let found = problems(&Loader::new().yaml("a.yml", text));
        assert!(found[0].starts_with(expected), "{text}: expected {expected}…, got {found:?}");
    }
    assert!(
        problems(&Loader::new().yaml("a.yml", bomb))[0].ends_with("expected at most 100000 values, got more")
    );
}
