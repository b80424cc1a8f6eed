//! Limits of JSON from outside.

use proptest::prelude::*;
use serde_json::{Value, json};
use tasker_core::config::sections::JsonLimits;
use tasker_core::config::{LimitError, Loader};

fn limits() -> JsonLimits {
    JsonLimits { max_bytes: 100, max_depth: 3, max_keys: 4, max_string_bytes: 5 }
}

#[test]
fn each_limit_has_its_error() {
    let check = |text: &str| limits().check(text);
    assert_eq!(check(r#"{"a": {"b": [1, 2.5, true, null, "12345"]}, "c": 1, "d": 2}"#), Ok(()));
    assert_eq!(check(&format!("[{}]", " ".repeat(99))), Err(LimitError::TooLarge { limit: 100, got: 101 }));
    assert_eq!(check(&format!("[{}]", " ".repeat(98))), Ok(()));
    assert_eq!(check("[[[[]]]]"), Err(LimitError::TooDeep { limit: 3 }));
    assert_eq!(check("[[[],[],[[1]]]]"), Err(LimitError::TooDeep { limit: 3 }));
    let five = r#"[{"a":1,"b":2},{"c":1,"d":2},{"e":1}]"#;
    assert_eq!(check(five), Err(LimitError::TooManyKeys { limit: 4 }));
    let long = LimitError::StringTooLong { limit: 5, got: 6 };
    assert_eq!(check(r#"["123456"]"#), Err(long.clone()));
    assert_eq!(check(r#"{"\u0031\u00323456": 1}"#), Err(long));
    assert_eq!(check(r#""\u00e9\u00e9""#), Ok(()));
    for text in ["", "{", "[1,]", "{} {}", "nul", "{'a': 1}"] {
        assert!(matches!(check(text), Err(LimitError::NotJson(_))), "{text}");
    }
}

#[test]
fn numbers_of_any_size_pass() {
    assert_eq!(limits().check("[1234567890123456789012345678901234567890, 1e300]"), Ok(()));
}

#[test]
fn limits_are_options() {
    let config = Loader::new().set("json_limits.max_depth", 1).load().unwrap();
    let error = config.json_limits.check("[[]]").unwrap_err();
    assert_eq!(error.to_string(), "JSON is too deep: expected at most 1 levels, got more");
}

fn documents() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<i32>().prop_map(Value::from),
        "[a-c]{0,7}".prop_map(Value::from)
    ];
    leaf.prop_recursive(5, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-c]{0,7}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn depth(value: &Value) -> u64 {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

fn keys(value: &Value) -> u64 {
    match value {
        Value::Array(items) => items.iter().map(keys).sum(),
        Value::Object(members) => members.len() as u64 + members.values().map(keys).sum::<u64>(),
        _ => 0,
    }
}

fn longest(value: &Value) -> u64 {
    match value {
        Value::Array(items) => items.iter().map(longest).max().unwrap_or(0),
        Value::Object(members) => {
            members.iter().map(|(key, value)| longest(value).max(key.len() as u64)).max().unwrap_or(0)
        }
        Value::String(text) => text.len() as u64,
        _ => 0,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_document_passes_exactly_within_its_limits(document in documents()) {
        let text = document.to_string();
        let exact = JsonLimits {
            max_bytes: text.len() as u64,
            max_depth: depth(&document),
            max_keys: keys(&document),
            max_string_bytes: longest(&document),
        };
        prop_assert_eq!(exact.check(&text), Ok(()));
        prop_assert_eq!(exact.check_value(&document), Ok(()));
        let tighter = [
            JsonLimits { max_bytes: exact.max_bytes - 1, ..exact.clone() },
            JsonLimits { max_depth: exact.max_depth.wrapping_sub(1), ..exact.clone() },
            JsonLimits { max_keys: exact.max_keys.wrapping_sub(1), ..exact.clone() },
            JsonLimits { max_string_bytes: exact.max_string_bytes.wrapping_sub(1), ..exact.clone() },
        ];
        let possible = [true, exact.max_depth > 0, exact.max_keys > 0, exact.max_string_bytes > 0];
        for (limits, refused) in tighter.iter().zip(possible) {
            prop_assert_eq!(limits.check(&text).is_err(), refused);
        }
    }
}
