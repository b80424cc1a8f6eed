//! Parts of a file with conditions.

use crate::problems;
use tasker_core::config::Loader;

fn buffer(conditions: &str, context: &[(&str, &str)]) -> i64 {
    let text = format!("conditions:\n  - {{ {conditions}, set: {{ backoff: {{ buffer_seconds: 9 }} }} }}\n");
    let loader = Loader::new().environment("staging").yaml("a.yml", text);
    let loader = context.iter().fold(loader, |loader, (key, value)| loader.context(*key, *value));
    loader.load().unwrap().backoff.buffer_seconds
}

#[test]
fn all_conditions_must_be_met() {
    let eu: &[(&str, &str)] = &[("region", "eu"), ("shard", "3")];
    for (conditions, applies) in [
        ("when: { environment: staging }", true),
        ("when: { environment: production }", false),
        ("when: { environment: [production, staging] }", true),
        ("when: { environment: [] }", false),
        ("when: { environment: staging, region: eu }", true),
        ("when: { environment: staging, region: us }", false),
        ("when: { shard: 3 }", true),
        ("when: { shard: [1, 2] }", false),
        ("when: { zone: ~ }", true),
        ("when: { region: ~ }", false),
        ("unless: { region: us }", true),
        ("unless: { region: eu }", false),
        ("unless: { region: eu, environment: production }", true),
        ("when: { region: eu }, unless: { shard: 3 }", false),
    ] {
        assert_eq!(buffer(conditions, eu), if applies { 9 } else { 5 }, "{conditions}");
    }
}

#[test]
fn conditions_that_say_nothing_are_refused() {
    let loader = Loader::new().yaml(
        "a.yml",
        "conditions:\n  - when: { region: eu }\n  - { wehn: {}, set: {} }\n  - { when: eu, set: {} }\n  - 7\n  - { set: { backof: {} } }\n",
    );
    assert_eq!(
        problems(&loader),
        [
            "a.yml, line 2: conditions.0: expected the key set, got none",
            "a.yml, line 3: conditions.1.wehn: expected one of when, unless, set, got a mapping",
            "a.yml, line 4: conditions.2.when: expected a mapping, got \"eu\"",
            "a.yml, line 5: conditions.3: expected a mapping with when and set, got 7",
            "a.yml, line 6: conditions.4.set.backof: expected the key backoff, got the unknown key backof",
        ]
    );
    assert_eq!(
        problems(&Loader::new().yaml("a.yml", "conditions: {}")),
        ["a.yml, line 1: conditions: expected a list, got a mapping"]
    );
}
