//! Pictures: `TaskerCore::Native::Drawing`, which a conversation gives for a task and `Native.template_drawing` for a template.

use crate::boundary::guarded;
use crate::conversation::Answer;
use magnus::{Class, Error, IntoValue, Module, Object, RModule, Ruby, Value, function, method};
use tasker_core::draw::{Diagram, Timeline};
use tasker_core::operations::overview::TaskOverview;

#[magnus::wrap(class = "TaskerCore::Native::Drawing", free_immediately, size)]
pub(crate) struct Drawing {
    diagram: Diagram,
    /// None for a template, which has no history.
    timeline: Option<Timeline>,
}

impl Drawing {
    fn of_task(task: &TaskOverview) -> Self {
        Drawing { diagram: Diagram::of_task(task), timeline: Some(Timeline::of_task(task)) }
    }

    fn svg(ruby: &Ruby, this: &Self) -> Result<String, Error> {
        guarded(ruby, || Ok(this.diagram.to_svg()))
    }

    fn mermaid(ruby: &Ruby, this: &Self) -> Result<String, Error> {
        guarded(ruby, || Ok(this.diagram.to_mermaid()))
    }

    fn dot(ruby: &Ruby, this: &Self) -> Result<String, Error> {
        guarded(ruby, || Ok(this.diagram.to_dot()))
    }

    fn timeline(ruby: &Ruby, this: &Self) -> Result<Option<String>, Error> {
        guarded(ruby, || Ok(this.timeline.as_ref().map(Timeline::to_svg)))
    }
}

struct OfTask(Option<TaskOverview>);

impl Answer for OfTask {
    fn into_ruby(self: Box<Self>, ruby: &Ruby) -> Result<Value, Error> {
        Ok(self.0.map(|task| ruby.obj_wrap(Drawing::of_task(&task))).into_value_with(ruby))
    }
}

/// A task as a `Drawing`, or nil.
pub(crate) fn answer(task: Option<TaskOverview>) -> Box<dyn Answer> {
    Box::new(OfTask(task))
}

/// `dependencies` are, for each name, the places of those that it depends on.
fn of_template(
    ruby: &Ruby,
    title: String,
    names: Vec<String>,
    dependencies: Vec<Vec<usize>>,
) -> Result<Drawing, Error> {
    guarded(ruby, || {
        Ok(Drawing { diagram: Diagram::of_template(&title, &names, &dependencies), timeline: None })
    })
}

pub(crate) fn init(ruby: &Ruby, native: RModule) -> Result<(), Error> {
    let class = native.define_class("Drawing", ruby.class_object())?;
    class.undef_default_alloc_func();
    class.define_method("svg", method!(Drawing::svg, 0))?;
    class.define_method("mermaid", method!(Drawing::mermaid, 0))?;
    class.define_method("dot", method!(Drawing::dot, 0))?;
    class.define_method("timeline", method!(Drawing::timeline, 0))?;
    native.define_singleton_method("template_drawing", function!(of_template, 3))
}
