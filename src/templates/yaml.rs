//! The engine's task files.

use super::{StepTemplate, TaskTemplate, TemplateError};
use crate::error::Error;
use serde::Deserialize;
use serde_json::{Map, Value};
use yaml_rust2::{Yaml, YamlLoader};

/// The part of a task file that rows follow from.
#[derive(Deserialize)]
struct TaskFile {
    name: String,
    namespace_name: Option<String>,
    version: Option<String>,
    default_dependent_system: Option<String>,
    named_steps: Option<Vec<String>>,
    schema: Option<Map<String, Value>>,
    step_templates: Vec<StepEntry>,
}

#[derive(Deserialize)]
struct StepEntry {
    name: String,
    handler_class: String,
    dependent_system: Option<String>,
    description: Option<String>,
    #[serde(default = "yes")]
    default_retryable: bool,
    #[serde(default = "three")]
    default_retry_limit: i32,
    #[serde(default)]
    skippable: bool,
    depends_on_step: Option<String>,
    #[serde(default)]
    depends_on_steps: Vec<String>,
}

fn yes() -> bool {
    true
}

fn three() -> i32 {
    3
}

impl TaskTemplate {
    /// The template in a task file of the engine, with the overrides of an environment such as `production`.
    ///
    /// Words that Ruby's YAML takes for booleans (`yes`, `off`) are read as such where a boolean is expected.
    ///
    /// # Errors
    ///
    /// [`Error::Template`] for a file that is no YAML, for what is missing or has another type, for a step without a system, and for names that
    /// `named_steps` does not list.
    ///
    /// ```
    /// use tasker_core::templates::TaskTemplate;
    ///
    /// let template = TaskTemplate::from_yaml(
    ///     "
    /// name: settle
    /// namespace_name: payments
    /// task_handler_class: SettlePayout
    /// default_dependent_system: bank
    /// step_templates:
    ///   - name: reserve
    ///     handler_class: Reserve
    ///   - name: pay
    ///     handler_class: Pay
    ///     depends_on_step: reserve
    /// environments:
    ///   production:
    ///     step_templates:
    ///       - name: pay
    ///         default_retry_limit: 10
    /// ",
    ///     Some("production"),
    /// )?;
    /// assert_eq!(template.namespace, "payments");
    /// assert_eq!(template.steps[1].depends_on, ["reserve"]);
    /// assert_eq!(template.steps[1].default_retry_limit, 10);
    /// # Ok::<(), tasker_core::Error>(())
    /// ```
    pub fn from_yaml(text: &str, environment: Option<&str>) -> Result<Self, Error> {
        let unexpected = |reason: String| Error::from(TemplateError::File(reason));
        let documents = YamlLoader::load_from_str(text).map_err(|error| unexpected(error.to_string()))?;
        let document = documents.first().ok_or_else(|| unexpected("it is empty".to_owned()))?;
        let file = merged(json(document)?, environment);
        let file: TaskFile = serde_json::from_value(file).map_err(|error| unexpected(error.to_string()))?;
        file.into_template()
    }
}

impl TaskFile {
    fn into_template(self) -> Result<TaskTemplate, Error> {
        let mut steps = Vec::with_capacity(self.step_templates.len());
        for entry in self.step_templates {
            let step = entry.into_step(self.default_dependent_system.as_deref())?;
            if let Some(listed) = &self.named_steps
                && let Some(name) =
                    [&step.name].into_iter().chain(&step.depends_on).find(|name| !listed.contains(name))
            {
                let reason = format!("step {:?} names {name:?}, which named_steps does not list", step.name);
                return Err(TemplateError::File(reason).into());
            }
            steps.push(step);
        }
        let defaults = TaskTemplate::new(self.name);
        Ok(TaskTemplate {
            namespace: self.namespace_name.unwrap_or(defaults.namespace),
            version: self.version.unwrap_or(defaults.version),
            schema: self.schema.map(Value::Object),
            steps,
            name: defaults.name,
        })
    }
}

impl StepEntry {
    fn into_step(self, default_system: Option<&str>) -> Result<StepTemplate, TemplateError> {
        let Some(system) = self.dependent_system.as_deref().or(default_system) else {
            let reason = format!(
                "step {:?} has no dependent_system, and there is no default_dependent_system",
                self.name
            );
            return Err(TemplateError::File(reason));
        };
        let step = StepTemplate {
            description: self.description.or_else(|| Some(self.name.clone())),
            default_retryable: self.default_retryable,
            default_retry_limit: self.default_retry_limit,
            skippable: self.skippable,
            handler_class: Some(self.handler_class),
            ..StepTemplate::new(system, self.name)
        };
        let dependencies = self.depends_on_step.into_iter().chain(self.depends_on_steps);
        Ok(dependencies.fold(step, StepTemplate::after))
    }
}

/// The members that are booleans, which YAML 1.1 writes in more words than YAML 1.2.
const BOOLEANS: [&str; 2] = ["default_retryable", "skippable"];

fn json(yaml: &Yaml) -> Result<Value, TemplateError> {
    Ok(match yaml {
        Yaml::Real(text) => text.parse::<f64>().map_or(Value::Null, Value::from),
        Yaml::Integer(number) => Value::from(*number),
        Yaml::String(text) => Value::from(text.as_str()),
        Yaml::Boolean(truth) => Value::from(*truth),
        Yaml::Array(items) => Value::Array(items.iter().map(json).collect::<Result<_, _>>()?),
        Yaml::Hash(members) => Value::Object(members.iter().map(member).collect::<Result<_, _>>()?),
        Yaml::Null => Value::Null,
        Yaml::Alias(_) | Yaml::BadValue => {
            return Err(TemplateError::File("it has an alias of something that is not there".to_owned()));
        }
    })
}

fn member((name, value): (&Yaml, &Yaml)) -> Result<(String, Value), TemplateError> {
    let Some(name) = name.as_str() else {
        return Err(TemplateError::File(format!("a key should be a text, got {name:?}")));
    };
    let value = match json(value)? {
        Value::String(word) if BOOLEANS.contains(&name) => match boolean(&word) {
            Some(truth) => Value::from(truth),
            None => Value::String(word),
        },
        value => value,
    };
    Ok((name.to_owned(), value))
}

fn boolean(word: &str) -> Option<bool> {
    match word {
        "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Some(true),
        "no" | "No" | "NO" | "off" | "Off" | "OFF" => Some(false),
        _ => None,
    }
}

/// With the overrides of an environment: objects member by member, steps by their names, all else whole.
fn merged(mut file: Value, environment: Option<&str>) -> Value {
    let environments = file.as_object_mut().and_then(|file| file.remove("environments"));
    match environment.and_then(|name| environments?.get_mut(name).map(Value::take)) {
        Some(overrides @ Value::Object(_)) => merge(file, overrides),
        _ => file,
    }
}

fn merge(base: Value, overrides: Value) -> Value {
    let (mut base, overrides) = match (base, overrides) {
        (Value::Object(base), Value::Object(overrides)) => (base, overrides),
        (_, overrides) => return overrides,
    };
    for (key, value) in overrides {
        let merged = match (base.remove(&key), value) {
            (Some(Value::Array(steps)), Value::Array(overrides)) if key == "step_templates" => {
                merge_steps(steps, overrides)
            }
            (Some(old @ Value::Object(_)), value @ Value::Object(_)) => merge(old, value),
            (_, value) => value,
        };
        base.insert(key, merged);
    }
    Value::Object(base)
}

/// Overrides of steps that are not there are ignored, as by the engine.
fn merge_steps(mut steps: Vec<Value>, overrides: Vec<Value>) -> Value {
    for changes in overrides {
        if let Some(step) = steps.iter_mut().find(|step| step.get("name") == changes.get("name")) {
            *step = merge(step.take(), changes);
        }
    }
    Value::Array(steps)
}
