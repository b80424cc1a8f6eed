//! What can be wrong with a template or a request.

/// A template or a request that no task can be made from. Nothing has been written.
///
/// ```
/// use tasker_core::templates::{StepTemplate, TaskTemplate};
///
/// let template = TaskTemplate::new("settle").step(StepTemplate::new("bank", "pay").after("reserve"));
/// assert_eq!(
///     template.check().unwrap_err().to_string(),
///     "step \"pay\" of the template \"settle\" depends on \"reserve\", which is not among its steps: \"pay\""
/// );
/// ```
///
/// ```
/// use tasker_core::templates::{TaskTemplate, TemplateError};
///
/// let error = TaskTemplate::from_yaml("- no template", None).unwrap_err();
/// assert!(matches!(error, tasker_core::Error::Template(TemplateError::File(_))));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TemplateError {
    /// A request that is not what it should be.
    #[error("a request is not as expected: {0}")]
    Request(serde_json::Error),

    /// A context that is no object.
    #[error("the context of a request should be an object, got {0}")]
    ContextIsNoObject(String),

    /// A task file that is not what it should be.
    #[error("a task file is not as expected: {0}")]
    File(String),

    /// A schema of contexts that uses more of JSON Schema than is checked here. A program that checks contexts itself sets `schema` to `None`.
    #[error("the schema of the template's contexts uses what is not supported: {0}")]
    UnsupportedSchema(String),

    /// A step that depends on one that the template does not have.
    #[error(
        "step {step:?} of the template {template:?} depends on {dependency:?}, which is not among its steps: {steps}"
    )]
    UnknownDependency {
        /// The template.
        template: String,
        /// The step.
        step: String,
        /// What it depends on.
        dependency: String,
        /// The steps that there are.
        steps: String,
    },

    /// Two steps of one name.
    #[error("the template {template:?} has two steps with the name {step:?}")]
    DuplicateStep {
        /// The template.
        template: String,
        /// The name.
        step: String,
    },

    /// Steps that wait for each other.
    #[error("the steps of the template {template:?} wait for each other in a circle: {steps}")]
    Cycle {
        /// The template.
        template: String,
        /// The steps in the circle.
        steps: String,
    },
}
