//! Writing SVG. Everything is a presentation attribute, so that a strict Content-Security-Policy lets it through; classes let a page's
//! own style sheet take over.

use super::text;
use std::fmt::{self, Write};

/// The space around a picture.
pub(super) const MARGIN: f64 = 20.0;

/// A length with one decimal at the most.
#[derive(Clone, Copy)]
pub(super) struct Number(pub(super) f64);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = (self.0 * 10.0).round() as i64;
        if tenths % 10 == 0 {
            return write!(f, "{}", tenths / 10);
        }
        let sign = if tenths < 0 { "-" } else { "" };
        write!(f, "{sign}{}.{}", tenths.abs() / 10, tenths.abs() % 10)
    }
}

/// A rectangle by its left upper corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rect {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// A picture that is being written.
pub(super) struct Svg(String);

impl Svg {
    /// Begins a picture with a name and a description for people who do not see it.
    pub(super) fn new(width: f64, height: f64, title: &str, description: &str) -> Self {
        let (width, height) = (Number(width), Number(height));
        let mut svg = Svg(String::new());
        svg.raw(format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"tasker-graph\" role=\"img\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" font-family=\"system-ui,sans-serif\" font-size=\"12\" fill=\"#111827\">"
        ));
        svg.raw(format_args!("<title>{}</title><desc>{}</desc>\n", text::xml(title), text::xml(description)));
        svg.raw(format_args!(
            "<rect class=\"background\" width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n"
        ));
        svg
    }

    /// Markup that has been escaped already.
    pub(super) fn raw(&mut self, markup: fmt::Arguments<'_>) {
        // Writing into a string does not fail.
        let _ = self.0.write_fmt(markup);
    }

    /// A line of text; `attributes` begin with a space.
    pub(super) fn text(&mut self, x: f64, y: f64, attributes: &str, content: &str) {
        self.raw(format_args!(
            "<text x=\"{}\" y=\"{}\"{attributes}>{}</text>",
            Number(x),
            Number(y),
            text::xml(content)
        ));
    }

    /// The whole picture.
    pub(super) fn finish(mut self) -> String {
        self.0.push_str("</svg>\n");
        self.0
    }
}
