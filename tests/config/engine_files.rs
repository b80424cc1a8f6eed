//! The engine's files of events and subscriptions.

use tasker_core::config::{EventDefinitions, Subscriptions};

#[test]
fn events_of_both_kinds_of_file_are_read() {
    let system = "
event_metadata:
  task:
    completed:
      description: Fired when a task completes
      constant_ref: Tasker::Constants::TaskEvents::COMPLETED
      payload_schema:
        total_duration: { type: Float, required: false }
      fired_by: [TaskHandler]
state_machine_mappings:
  task_transitions:
    - { from_state: pending, to_state: in_progress }
";
    let definitions = EventDefinitions::from_yaml(system, "system_events.yml").unwrap();
    let event = &definitions.event_metadata["task"]["completed"];
    assert_eq!(event.constant_ref.as_deref(), Some("Tasker::Constants::TaskEvents::COMPLETED"));
    assert_eq!(
        (event.payload_schema["total_duration"].r#type.as_str(), &event.fired_by[..]),
        ("Float", &["TaskHandler".to_owned()][..])
    );
    assert_eq!(definitions.state_machine_mappings["task_transitions"][0]["to_state"], "in_progress");
    assert_eq!(EventDefinitions::from_yaml("", "empty.yml").unwrap(), EventDefinitions::default());
}

#[test]
fn subscriptions_have_the_engines_defaults() {
    let text = "subscriptions:\n  off: { class: A, enabled: no, events: ['*'], config: { dsn: x } }\n  on: { class: B }\n";
    let subscriptions = Subscriptions::from_yaml(text, "s.yml").unwrap().subscriptions;
    assert!(!subscriptions["off"].enabled && subscriptions["on"].enabled);
    assert_eq!(
        (subscriptions["off"].events[0].as_str(), &subscriptions["off"].config["dsn"]),
        ("*", &"x".into())
    );
    assert!(subscriptions["on"].events.is_empty());
}

#[test]
fn all_problems_of_a_file_are_reported_with_their_lines() {
    let text = "subscriptions:\n  a: { events: task.failed }\n  b:\n    class: 7\n";
    let error = Subscriptions::from_yaml(text, "s.yml").unwrap_err();
    let found: Vec<String> = error.problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        [
            "s.yml, line 2: subscriptions.a: expected the key class, got a mapping",
            "s.yml, line 2: subscriptions.a.events: expected a list, got \"task.failed\"",
            "s.yml, line 4: subscriptions.b.class: expected a text, got 7",
        ]
    );
}
