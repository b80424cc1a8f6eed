//! The engine's task files.

use tasker_core::templates::{StepTemplate, TaskTemplate};

const FILE: &str = "
name: settle
version: 1.2.0
task_handler_class: SettlePayout
default_dependent_system: bank
named_steps: [reserve, pay, notify]
schema: &schema
  type: object
  required: [payout_id]
step_templates:
  - name: reserve
    handler_class: Reserve
    default_retryable: no
    handler_config: { url: https://bank.test, retries: { limit: 3 } }
  - name: pay
    handler_class: Pay
    description: Pays
    depends_on_step: reserve
    depends_on_steps: [reserve]
  - name: notify
    dependent_system: mail
    handler_class: Notify
    skippable: On
    depends_on_steps:
      - pay
      - reserve
environments:
  production:
    version: 2.0.0
    step_templates:
      - name: pay
        default_retry_limit: 9
      - name: audit
        default_retry_limit: 1
  test:
";

#[test]
fn a_task_file_is_a_template() {
    let template = TaskTemplate::from_yaml(FILE, None).unwrap();
    assert_eq!((template.name.as_str(), template.namespace.as_str()), ("settle", "default"));
    assert_eq!(template.version, "1.2.0");
    assert_eq!(template.schema.unwrap()["required"][0], "payout_id");
    let step = |system: &str, name: &str, class: &str| StepTemplate {
        description: Some(name.into()),
        handler_class: Some(class.into()),
        ..StepTemplate::new(system, name)
    };
    assert_eq!(
        template.steps,
        [
            StepTemplate { default_retryable: false, ..step("bank", "reserve", "Reserve") },
            StepTemplate { description: Some("Pays".into()), ..step("bank", "pay", "Pay").after("reserve") },
            StepTemplate {
                skippable: true,
                ..step("mail", "notify", "Notify").after("pay").after("reserve")
            },
        ]
    );
}

#[test]
fn an_environment_overrides_what_it_names() {
    let plain = TaskTemplate::from_yaml(FILE, None).unwrap();
    for without in ["test", "staging"] {
        assert_eq!(TaskTemplate::from_yaml(FILE, Some(without)).unwrap(), plain);
    }
    let production = TaskTemplate::from_yaml(FILE, Some("production")).unwrap();
    assert_eq!((production.version.as_str(), production.steps.len()), ("2.0.0", 3));
    assert_eq!(production.steps[1].default_retry_limit, 9);
    assert_eq!(production.steps[1].depends_on, plain.steps[1].depends_on);
    assert_eq!(production.steps[2], plain.steps[2]);
}

#[test]
fn what_is_wrong_with_a_task_file_is_said() {
    let without_system = FILE.replace("default_dependent_system: bank", "concurrent: true");
    let cases = [
        ("", "it is empty"),
        ("name: [", "while parsing"),
        ("name: settle", "missing field `step_templates`"),
        (
            &FILE.replace("version: 1.2.0", "version: 1.2"),
            "invalid type: floating point `1.2`, expected a string",
        ),
        (&FILE.replace("handler_class: Pay", "handler: Pay"), "missing field `handler_class`"),
        (
            &FILE.replace("skippable: On", "skippable: maybe"),
            "invalid type: string \"maybe\", expected a boolean",
        ),
        (
            &without_system,
            "step \"reserve\" has no dependent_system, and there is no default_dependent_system",
        ),
        (
            &FILE.replace("[reserve, pay, notify]", "[reserve, pay]"),
            "step \"notify\" names \"notify\", which named_steps does not list",
        ),
        (
            &FILE.replace("- reserve\nenv", "- order\nenv"),
            "step \"notify\" names \"order\", which named_steps does not list",
        ),
        ("1: 2", "a key should be a text, got Integer(1)"),
    ];
    for (file, message) in cases {
        let error = TaskTemplate::from_yaml(file, None).unwrap_err().to_string();
        assert!(error.starts_with("a task file is not as expected: ") && error.contains(message), "{error}");
    }
}
