//! Step templates across the boundary.

use magnus::{Error, RArray, TryConvert, Value};
use tasker_core::operations::sequence::Template;

/// Each template is `[system, name, retryable, retry limit, skippable, [names it depends on]]`.
pub(crate) fn from_ruby(templates: RArray) -> Result<Vec<Template>, Error> {
    templates.into_iter().map(template).collect()
}

fn template(value: Value) -> Result<Template, Error> {
    let fields = RArray::try_convert(value)?;
    let depends_on: Vec<String> = fields.entry(5)?;
    Ok(Template {
        system: fields.entry::<String>(0)?.into_boxed_str(),
        name: fields.entry::<String>(1)?.into_boxed_str(),
        retryable: fields.entry(2)?,
        retry_limit: fields.entry(3)?,
        skippable: fields.entry(4)?,
        depends_on: depends_on.into_iter().map(String::into_boxed_str).collect(),
    })
}
