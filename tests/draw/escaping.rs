//! Text of applications in pictures.

use crate::support::{history, of_class, parsed, task, tooltip};
use proptest::prelude::*;
use tasker_core::draw::{Diagram, Timeline};
use tasker_core::operations::overview::TaskOverview;
use tasker_core::state::State;

fn with_name(name: &str) -> TaskOverview {
    let mut overview = task(&[(name, Some(State::Complete)), ("next", None)], &[(0, 1)]);
    overview.name = name.into();
    overview.history = history([(0, State::InProgress, 9), (0, State::Complete, 8)]);
    overview
}

/// What could begin markup, a quotation or an escape in one of the formats, and what is no text at all.
fn nasty() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => proptest::sample::select(vec![
            "<script>alert(1)</script>", "\"", "'", "&", "&lt;", "]]>", "--", "<!--", "\\", "\\\"", "#quot;", "`", "{{", "}}", "[/", "|",
            "\n", "\r", "\t", "\0", "\u{1b}", "\u{202e}", "\u{2066}", "\u{feff}", "\u{ffff}", "\u{fffe}", "%%{init: {}}%%", "classDef", ";",
        ]).prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn names_are_text_and_nothing_else(name in nasty()) {
        let overview = with_name(&name);
        for svg in [Diagram::of_task(&overview).to_svg(), Timeline::of_task(&overview).to_svg()] {
            let document = parsed(&svg);
            for node in document.descendants().filter(roxmltree::Node::is_element) {
                prop_assert!(
                    ["svg", "title", "desc", "rect", "g", "path", "text", "defs", "marker"].contains(&node.tag_name().name())
                );
                prop_assert!(node.attributes().all(|attribute| !attribute.name().starts_with("on")));
            }
            let unprintable = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}' || c == '\u{2066}';
            prop_assert!(!svg.chars().any(unprintable));
        }
    }

    #[test]
    fn a_name_does_not_end_its_line_or_its_quotes(name in nasty()) {
        let plain = with_name("plain");
        let overview = with_name(&name);
        let (chart, dot) = (Diagram::of_task(&overview).to_mermaid(), Diagram::of_task(&overview).to_dot());
        prop_assert_eq!(chart.lines().count(), Diagram::of_task(&plain).to_mermaid().lines().count());
        prop_assert_eq!(dot.lines().count(), Diagram::of_task(&plain).to_dot().lines().count());
        let label = chart.lines().find(|line| line.starts_with("  s0")).unwrap();
        prop_assert_eq!(label.matches('"').count(), 2);
        prop_assert!(!label.contains('<') && !label.contains('`'));
        let label = dot.lines().find(|line| line.starts_with("  s0")).unwrap();
        prop_assert_eq!(unescaped_quotes(label), 8);
    }
}

fn unescaped_quotes(line: &str) -> usize {
    let mut escaped = false;
    let quotes = line.chars().filter(|&c| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    });
    quotes.count()
}

#[test]
fn a_name_of_a_megabyte_is_cut() {
    let name = "<&\"n".repeat(1 << 18);
    let overview = with_name(&name);
    for picture in [
        Diagram::of_task(&overview).to_svg(),
        Diagram::of_task(&overview).to_mermaid(),
        Diagram::of_task(&overview).to_dot(),
        Timeline::of_task(&overview).to_svg(),
    ] {
        assert!(picture.len() < 40_000, "{} bytes", picture.len());
    }
}

#[test]
fn a_long_name_is_whole_in_the_tooltip() {
    let name = "reserve_everything_that_the_customer_has_ordered";
    let svg = Diagram::of_task(&with_name(name)).to_svg();
    let document = parsed(&svg);
    let step = of_class(&document, "step").next().unwrap();
    assert_eq!(tooltip(step), format!("{name}: complete"));
    let label = step.children().find(|child| child.has_tag_name("text")).unwrap().text().unwrap();
    assert_eq!(label, "reserve_everything_that_the…");
}
