//! How a step looks by its condition: a shape, two colours and a word, so that none of them is needed to tell conditions apart.

use super::svg::{Number, Rect};
use crate::blocker::Blocker;
use crate::state::State;

/// What the picture shows of a step's condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Condition {
    /// A step of a template, which has no state.
    Template,
    /// It waits for its parents, or for a time.
    Pending,
    /// It is pending, and only a person can help.
    Blocked,
    /// It may be run now.
    Ready,
    /// A worker executes it.
    InProgress,
    /// It ended well.
    Complete,
    /// It failed and will be run again.
    Retrying,
    /// It failed, and only a person can help.
    Failed,
    /// It was given up.
    Cancelled,
    /// A person has settled it.
    ResolvedManually,
    /// Its state is no word of the state machine.
    Unknown,
}

impl Condition {
    pub(super) fn of(state: Option<&State>, blocker: Option<Blocker>) -> Self {
        match state.unwrap_or(&State::Pending) {
            State::Pending if blocker.is_none() => Condition::Ready,
            State::Pending if blocker.is_some_and(Blocker::is_permanent) => Condition::Blocked,
            State::Pending => Condition::Pending,
            State::InProgress => Condition::InProgress,
            State::Complete => Condition::Complete,
            State::Error if blocker.is_some_and(Blocker::is_permanent) => Condition::Failed,
            State::Error => Condition::Retrying,
            State::Cancelled => Condition::Cancelled,
            State::ResolvedManually => Condition::ResolvedManually,
            State::Other(_) => Condition::Unknown,
        }
    }

    /// For the legend, and for the tooltip of a step.
    pub(super) fn word(self) -> &'static str {
        match self {
            Condition::Template => "step",
            Condition::Pending => "pending",
            Condition::Blocked => "blocked",
            Condition::Ready => "ready",
            Condition::InProgress => "in progress",
            Condition::Complete => "complete",
            Condition::Retrying => "will be retried",
            Condition::Failed => "failed",
            Condition::Cancelled => "cancelled",
            Condition::ResolvedManually => "resolved manually",
            Condition::Unknown => "unknown state",
        }
    }

    /// For style sheets, and for the classes of Mermaid.
    pub(super) fn class(self) -> &'static str {
        match self {
            Condition::Template => "template",
            Condition::Pending => "pending",
            Condition::Blocked => "blocked",
            Condition::Ready => "ready",
            Condition::InProgress => "in_progress",
            Condition::Complete => "complete",
            Condition::Retrying => "retrying",
            Condition::Failed => "failed",
            Condition::Cancelled => "cancelled",
            Condition::ResolvedManually => "resolved_manually",
            Condition::Unknown => "unknown",
        }
    }

    /// Fill and line. Dark text on any of the fills has a contrast of at least 12 to 1, the lines on white at least 4.5 to 1.
    pub(super) fn colours(self) -> (&'static str, &'static str) {
        match self {
            Condition::Template | Condition::Pending => ("#f3f4f6", "#6b7280"),
            Condition::Ready => ("#e0f2fe", "#0369a1"),
            Condition::InProgress => ("#fef3c7", "#b45309"),
            Condition::Complete => ("#dcfce7", "#15803d"),
            Condition::Retrying => ("#ffedd5", "#c2410c"),
            Condition::Blocked | Condition::Failed => ("#fee2e2", "#b91c1c"),
            Condition::Cancelled => ("#e5e7eb", "#374151"),
            Condition::ResolvedManually => ("#ede9fe", "#6d28d9"),
            Condition::Unknown => ("#ffffff", "#111827"),
        }
    }

    /// A shape of DOT, and the style of its line.
    pub(super) fn dot_shape(self) -> (&'static str, &'static str) {
        match self {
            Condition::Template | Condition::Complete => ("box", "filled"),
            Condition::Pending => ("box", "filled,rounded"),
            Condition::Blocked => ("box", "filled,rounded,dashed"),
            Condition::Ready => ("box", "filled,rounded,bold"),
            Condition::InProgress => ("hexagon", "filled"),
            Condition::Retrying => ("octagon", "filled,dashed"),
            Condition::Failed => ("octagon", "filled"),
            Condition::Cancelled => ("box", "filled,dashed"),
            Condition::ResolvedManually => ("box", "filled,bold"),
            Condition::Unknown => ("parallelogram", "filled"),
        }
    }

    /// What encloses a label in Mermaid.
    pub(super) fn mermaid_brackets(self) -> (&'static str, &'static str) {
        match self {
            Condition::Template | Condition::Complete | Condition::Cancelled => ("[\"", "\"]"),
            Condition::Pending | Condition::Blocked | Condition::Ready => ("(\"", "\")"),
            Condition::InProgress => ("{{\"", "\"}}"),
            Condition::Retrying | Condition::Failed => ("[/\"", "\"\\]"),
            Condition::ResolvedManually => ("[[\"", "\"]]"),
            Condition::Unknown => ("[/\"", "\"/]"),
        }
    }

    /// Whether its line is dashed.
    pub(super) fn is_dashed(self) -> bool {
        matches!(self, Condition::Blocked | Condition::Retrying | Condition::Cancelled)
    }

    /// The outline of a step as the `d` of an SVG path.
    pub(super) fn outline(self, Rect { x, y, width, height }: Rect) -> String {
        let (right, bottom, middle) = (x + width, y + height, y + height / 2.0);
        // In the low boxes of the legend an octagon would look like a hexagon.
        let cut = (height / 4.0).min(10.0);
        let polygon = |points: &[(f64, f64)]| {
            let points: Vec<String> =
                points.iter().map(|&(x, y)| format!("{} {}", Number(x), Number(y))).collect();
            format!("M{}Z", points.join("L"))
        };
        match self {
            Condition::Pending | Condition::Blocked | Condition::Ready => {
                rounded(x, y, width, height, height / 2.0)
            }
            Condition::InProgress => polygon(&[
                (x + 10.0, y),
                (right - 10.0, y),
                (right, middle),
                (right - 10.0, bottom),
                (x + 10.0, bottom),
                (x, middle),
            ]),
            Condition::Retrying | Condition::Failed => polygon(&[
                (x + cut, y),
                (right - cut, y),
                (right, y + cut),
                (right, bottom - cut),
                (right - cut, bottom),
                (x + cut, bottom),
                (x, bottom - cut),
                (x, y + cut),
            ]),
            Condition::ResolvedManually => {
                let inner = rounded(x + 3.0, y + 3.0, width - 6.0, height - 6.0, 2.0);
                format!("{}{inner}", rounded(x, y, width, height, 4.0))
            }
            Condition::Unknown => polygon(&[(x + 10.0, y), (right, y), (right - 10.0, bottom), (x, bottom)]),
            Condition::Cancelled => rounded(x, y, width, height, 0.0),
            Condition::Template | Condition::Complete => rounded(x, y, width, height, 4.0),
        }
    }
}

fn rounded(x: f64, y: f64, width: f64, height: f64, radius: f64) -> String {
    let (across, down) = (width - 2.0 * radius, height - 2.0 * radius);
    let arc = |dx: f64, dy: f64| {
        format!("a{0} {0} 0 0 1 {1} {2}", Number(radius), Number(dx * radius), Number(dy * radius))
    };
    format!(
        "M{} {}h{}{}v{}{}h{}{}v{}{}Z",
        Number(x + radius),
        Number(y),
        Number(across),
        arc(1.0, 1.0),
        Number(down),
        arc(-1.0, 1.0),
        Number(-across),
        arc(-1.0, -1.0),
        Number(-down),
        arc(1.0, -1.0)
    )
}
