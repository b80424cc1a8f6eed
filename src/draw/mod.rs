//! Pictures of tasks and templates: SVG, Mermaid and DOT of a graph, and the timeline of a task as SVG.
//!
//! A [`Diagram`] is made from a [`TaskOverview`](crate::operations::overview::TaskOverview) or from the steps of a template, and a
//! [`Timeline`] from an overview. Drawing is pure: no clock, no I/O, and the same input gives the same bytes. Names, errors and all other
//! text of an application are escaped for the format in question, and control characters are replaced.
//!
//! ```
//! use tasker_core::draw::Diagram;
//!
//! let diagram = Diagram::of_template("order", &["reserve", "charge", "ship"], &[vec![], vec![0], vec![0, 1]]);
//! assert!(diagram.to_svg().starts_with("<svg "));
//! assert!(diagram.to_mermaid().contains("s0 ==> s1"));
//! assert!(diagram.to_dot().contains("s0 -> s1"));
//! ```

mod critical_path;
mod diagram;
mod layers;
mod layout;
mod markup;
mod style;
mod svg;
mod text;
mod timeline;
mod timeline_svg;

pub use diagram::Diagram;
pub use timeline::{Span, SpanKind, Timeline, Totals};
