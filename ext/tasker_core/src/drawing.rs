//! Pictures: `TaskerCore::Native::Drawing`, which a conversation gives for a task and `Native.template_drawing` for a template.

use crate::answer::Answer;
use crate::boundary::guarded;
use crate::conversation::{Started, started};
use magnus::{Class, Error, Module, Object, RClass, RModule, Ruby, function, method};
use tasker_core::draw::{Diagram, Timeline};
use tasker_core::ids::TaskId;
use tasker_core::operations::overview::{TaskOverview, task_overview};

#[magnus::wrap(class = "TaskerCore::Native::Drawing", free_immediately, size)]
pub(crate) struct Drawing {
    diagram: Diagram,
    /// None for a template, which has no history.
    timeline: Option<Timeline>,
}

impl Drawing {
    pub(crate) fn of_task(task: &TaskOverview) -> Self {
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

fn of_task(ruby: &Ruby, seam: String, task: i64) -> Started {
    guarded(ruby, || started!(seam, |session| task_overview(session, TaskId(task)), Answer::Overview))
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

pub(crate) fn init(ruby: &Ruby, native: RModule, conversation: RClass) -> Result<(), Error> {
    let class = native.define_class("Drawing", ruby.class_object())?;
    class.undef_default_alloc_func();
    class.define_method("svg", method!(Drawing::svg, 0))?;
    class.define_method("mermaid", method!(Drawing::mermaid, 0))?;
    class.define_method("dot", method!(Drawing::dot, 0))?;
    class.define_method("timeline", method!(Drawing::timeline, 0))?;
    native.define_singleton_method("template_drawing", function!(of_template, 3))?;
    conversation.define_singleton_method("task_drawing", function!(of_task, 2))
}
