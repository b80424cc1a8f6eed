//! Graphs as text for other programs: Mermaid and DOT.

use super::diagram::Diagram;
use super::text;
use std::fmt::Write;

impl Diagram {
    /// A Mermaid flowchart, for Markdown pages that render it. O(V + E)
    ///
    /// ```
    /// use tasker_core::draw::Diagram;
    ///
    /// let chart = Diagram::of_template("settle", &["reserve", "pay"], &[vec![], vec![0]]).to_mermaid();
    /// assert!(chart.contains("flowchart TD"));
    /// ```
    pub fn to_mermaid(&self) -> String {
        let mut chart = format!("---\ntitle: \"{}\"\n---\nflowchart TD\n", text::quoted(&self.title));
        for (place, node) in self.nodes.iter().enumerate() {
            let (open, close) = node.condition.mermaid_brackets();
            let note = if node.note.is_empty() {
                String::new()
            } else {
                format!("<br/>{}", text::mermaid(&node.note))
            };
            let class = node.condition.class();
            let _ = writeln!(chart, "  s{place}{open}{}{note}{close}:::{class}", text::mermaid(&node.name));
        }
        for &(from, to) in &self.edges {
            let arrow = if self.is_critical((from, to)) { "==>" } else { "-->" };
            let _ = writeln!(chart, "  s{from} {arrow} s{to}");
        }
        for condition in self.conditions().into_keys() {
            let (fill, line) = condition.colours();
            let dashes = if condition.is_dashed() { ",stroke-dasharray:5 3" } else { "" };
            let class = condition.class();
            let _ = writeln!(chart, "  classDef {class} fill:{fill},stroke:{line},color:#111827{dashes}");
        }
        chart
    }

    /// A DOT digraph, for Graphviz and what reads its format. O(V + E)
    ///
    /// ```
    /// use tasker_core::draw::Diagram;
    ///
    /// let graph = Diagram::of_template("settle", &["reserve", "pay"], &[vec![], vec![0]]).to_dot();
    /// assert!(graph.contains("s0 -> s1"));
    /// ```
    pub fn to_dot(&self) -> String {
        let mut graph = format!(
            "digraph tasker {{\n  label=\"{}\"; labelloc=t; node [fontname=\"sans-serif\"];\n",
            text::quoted(&self.title)
        );
        for (place, node) in self.nodes.iter().enumerate() {
            let ((shape, style), (fill, line)) = (node.condition.dot_shape(), node.condition.colours());
            let note =
                if node.note.is_empty() { String::new() } else { format!("\\n{}", text::quoted(&node.note)) };
            let label = text::quoted(&node.name);
            let _ = writeln!(
                graph,
                "  s{place} [label=\"{label}{note}\" shape={shape} style=\"{style}\" fillcolor=\"{fill}\" color=\"{line}\"];"
            );
        }
        for &(from, to) in &self.edges {
            let width = if self.is_critical((from, to)) { " [penwidth=2.5]" } else { "" };
            let _ = writeln!(graph, "  s{from} -> s{to}{width};");
        }
        graph.push_str("}\n");
        graph
    }
}
