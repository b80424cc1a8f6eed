//! What tasks of a kind are made of.

use super::TemplateError;
use crate::error::Error;
use petgraph::algo::{tarjan_scc, toposort};
use petgraph::graphmap::DiGraphMap;
use serde_json::Value;
use std::collections::HashMap;

/// A step of a template: the engine's `Tasker::Types::StepTemplate`, as far as rows follow from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepTemplate {
    /// Name of the system that it works with.
    pub dependent_system: String,
    /// Its name, unique in the template.
    pub name: String,
    /// For people.
    pub description: Option<String>,
    /// May it be run? Yes, unless set.
    pub default_retryable: bool,
    /// Attempts that it is allowed; 3 unless set.
    pub default_retry_limit: i32,
    /// May it be skipped? No, unless set.
    pub skippable: bool,
    /// Names of the steps that it waits for.
    pub depends_on: Vec<String>,
    /// The Ruby class that runs it, where the template comes from a task file.
    pub handler_class: Option<String>,
}

impl StepTemplate {
    /// A step that waits for none.
    ///
    /// ```
    /// use tasker_core::templates::StepTemplate;
    ///
    /// let step = StepTemplate { default_retry_limit: 5, ..StepTemplate::new("bank", "pay") };
    /// assert!(step.default_retryable && step.depends_on.is_empty());
    /// ```
    pub fn new(dependent_system: impl Into<String>, name: impl Into<String>) -> Self {
        StepTemplate {
            dependent_system: dependent_system.into(),
            name: name.into(),
            description: None,
            default_retryable: true,
            default_retry_limit: 3,
            skippable: false,
            depends_on: Vec::new(),
            handler_class: None,
        }
    }

    /// Waits for another step, too.
    ///
    /// ```
    /// use tasker_core::templates::StepTemplate;
    ///
    /// let step = StepTemplate::new("mail", "notify").after("pay").after("reserve");
    /// assert_eq!(step.depends_on, ["pay", "reserve"]);
    /// ```
    #[must_use]
    pub fn after(mut self, step: impl Into<String>) -> Self {
        let step = step.into();
        if !self.depends_on.contains(&step) {
            self.depends_on.push(step);
        }
        self
    }
}

/// What tasks of a kind are made of. The steps are created in the order in which they stand here.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskTemplate {
    /// Name of the named task.
    pub name: String,
    /// Its namespace; `default` unless set.
    pub namespace: String,
    /// Its version; `0.1.0` unless set.
    pub version: String,
    /// The JSON Schema (draft 4) of the contexts of requests, if there is one. As in the engine, it is strict: each property that it names has to be there,
    /// unless it has a default, and no other may be. Defaults are not written into the context.
    pub schema: Option<Value>,
    /// The steps.
    pub steps: Vec<StepTemplate>,
}

impl TaskTemplate {
    /// A template without steps.
    ///
    /// ```
    /// use tasker_core::templates::TaskTemplate;
    ///
    /// let template = TaskTemplate { namespace: "payments".into(), ..TaskTemplate::new("settle") };
    /// assert!(template.steps.is_empty());
    /// ```
    pub fn new(name: impl Into<String>) -> Self {
        TaskTemplate {
            name: name.into(),
            namespace: "default".to_owned(),
            version: "0.1.0".to_owned(),
            schema: None,
            steps: Vec::new(),
        }
    }

    /// With another step at the end.
    ///
    /// ```
    /// use tasker_core::templates::{StepTemplate, TaskTemplate};
    ///
    /// let template = TaskTemplate::new("settle").step(StepTemplate::new("bank", "pay"));
    /// assert_eq!(template.steps.len(), 1);
    /// ```
    #[must_use]
    pub fn step(mut self, step: StepTemplate) -> Self {
        self.steps.push(step);
        self
    }

    /// Is it a graph that can be worked through? O(V + E)
    ///
    /// # Errors
    ///
    /// [`TemplateError::DuplicateStep`], [`TemplateError::UnknownDependency`], [`TemplateError::Cycle`].
    ///
    /// ```
    /// use tasker_core::templates::{StepTemplate, TaskTemplate};
    ///
    /// let template = TaskTemplate::new("settle").step(StepTemplate::new("bank", "pay").after("pay"));
    /// assert_eq!(
    ///     template.check().unwrap_err().to_string(),
    ///     "the steps of the template \"settle\" wait for each other in a circle: \"pay\""
    /// );
    /// ```
    pub fn check(&self) -> Result<(), Error> {
        let mut places = HashMap::with_capacity(self.steps.len());
        for (place, step) in self.steps.iter().enumerate() {
            if places.insert(step.name.as_str(), place).is_some() {
                let (template, step) = (self.name.clone(), step.name.clone());
                return Err(TemplateError::DuplicateStep { template, step }.into());
            }
        }
        let mut graph: DiGraphMap<usize, ()> = DiGraphMap::new();
        for (place, step) in self.steps.iter().enumerate() {
            graph.add_node(place);
            for dependency in &step.depends_on {
                let Some(&from) = places.get(dependency.as_str()) else {
                    return Err(TemplateError::UnknownDependency {
                        template: self.name.clone(),
                        step: step.name.clone(),
                        dependency: dependency.clone(),
                        steps: self.names(0..self.steps.len()),
                    }
                    .into());
                };
                graph.add_edge(from, place, ());
            }
        }
        let Err(within) = toposort(&graph, None) else {
            return Ok(());
        };
        let mut circle = tarjan_scc(&graph)
            .into_iter()
            .find(|steps| steps.contains(&within.node_id()))
            .unwrap_or_default();
        circle.sort_unstable();
        Err(TemplateError::Cycle { template: self.name.clone(), steps: self.names(circle) }.into())
    }

    fn names(&self, places: impl IntoIterator<Item = usize>) -> String {
        let names: Vec<String> =
            places.into_iter().map(|place| format!("{:?}", self.steps[place].name)).collect();
        names.join(", ")
    }
}
