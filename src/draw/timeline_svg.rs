//! The SVG of a timeline.

use super::style::Condition;
use super::svg::{MARGIN, Number, Rect, Svg};
use super::text::{self, LONGEST_NAME};
use super::timeline::{Span, SpanKind, Timeline};
use crate::time::Timestamp;

const HEAD: f64 = 62.0;
const ROW: f64 = 22.0;
const NAMES: f64 = 210.0;
const CHART: f64 = 720.0;
/// How many parts the axis has.
const TICKS: i64 = 6;

impl Timeline {
    /// The picture as SVG: a row a step, in the order in which they began. O(steps + spans)
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// # use tasker_core::factories::{Pattern, workflow};
    /// # let made = workflow(Pattern::Diamond).create(&mut *tx).await.unwrap();
    /// # let task = made.task;
    /// # let overview = tasker_core::operations::overview::task_overview(&mut *tx, task).await?.unwrap();
    /// use tasker_core::draw::Timeline;
    ///
    /// std::fs::write(std::env::temp_dir().join("timeline.svg"), Timeline::of_task(&overview).to_svg()).unwrap();
    /// # Ok(()) });
    /// ```
    pub fn to_svg(&self) -> String {
        let totals = self.totals();
        let summary = format!(
            "{} elapsed; all steps together: {} in attempts, {} waiting for a retry, {} waiting for a worker",
            text::duration(totals.elapsed),
            text::duration(totals.attempts),
            text::duration(totals.retry_waits),
            text::duration(totals.queued)
        );
        let height = HEAD + ROW * self.steps.len() as f64 + 3.0 * MARGIN;
        let mut svg = Svg::new(NAMES + CHART + 3.0 * MARGIN, height, &self.title, &summary);
        svg.text(MARGIN, MARGIN + 12.0, " font-size=\"14\" font-weight=\"600\"", &self.title);
        svg.text(MARGIN, MARGIN + 30.0, " font-size=\"11\"", &summary);
        self.draw_axis(&mut svg);
        self.draw_rows(&mut svg);
        draw_legend(&mut svg, height - MARGIN);
        svg.finish()
    }

    fn x(&self, at: Timestamp) -> f64 {
        let elapsed = (self.end.0 - self.begin.0).max(1) as f64;
        MARGIN + NAMES + CHART * (at.0 - self.begin.0) as f64 / elapsed
    }

    fn draw_axis(&self, svg: &mut Svg) {
        let bottom = HEAD + ROW * self.steps.len() as f64 + MARGIN;
        for tick in 0..=TICKS {
            let at = Timestamp(self.begin.0 + (self.end.0 - self.begin.0) / TICKS * tick);
            let x = Number(MARGIN + NAMES + CHART * tick as f64 / TICKS as f64);
            svg.raw(format_args!(
                "<path class=\"axis\" d=\"M{x} {}V{}\" stroke=\"#d1d5db\"/>",
                Number(HEAD + MARGIN - 4.0),
                Number(bottom)
            ));
            let label = text::duration(at.0 - self.begin.0);
            svg.text(x.0, HEAD + MARGIN - 8.0, " text-anchor=\"middle\" font-size=\"10\"", &label);
        }
        svg.raw(format_args!("\n"));
    }

    fn draw_rows(&self, svg: &mut Svg) {
        let mut of_step = vec![Vec::new(); self.steps.len()];
        self.spans.iter().for_each(|span| of_step[span.step].push(span));
        let mut rows: Vec<usize> = (0..self.steps.len()).collect();
        let begun = |step: usize| of_step[step].iter().find(|span| span.kind != SpanKind::Queued);
        rows.sort_unstable_by_key(|&step| (begun(step).map_or(i64::MAX, |span| span.from.0), step));
        for (row, step) in rows.into_iter().enumerate() {
            let y = HEAD + MARGIN + ROW * row as f64;
            let (id, name) = &self.steps[step];
            svg.raw(format_args!(
                "<g class=\"row\" data-step-id=\"{id}\"><title>{}</title>",
                text::xml(name)
            ));
            let label = text::shortened(name, LONGEST_NAME);
            svg.text(MARGIN + NAMES - 8.0, y + 15.0, " text-anchor=\"end\"", &label);
            of_step[step].iter().for_each(|span| self.draw_span(svg, span, name, y));
            svg.raw(format_args!("</g>\n"));
        }
    }

    fn draw_span(&self, svg: &mut Svg, span: &Span, name: &str, y: f64) {
        let (begin, end) = (self.x(span.from), self.x(span.to));
        let place = Rect { x: begin, y, width: (end - begin).max(1.5), height: ROW };
        let took = text::duration(span.to.0 - span.from.0);
        svg.raw(format_args!("<g class=\"span span-{}\">", span.kind.class()));
        svg.raw(format_args!("<title>{}: {}, {took}</title>", text::xml(name), span.kind.word()));
        draw_bar(svg, span.kind, place);
        svg.raw(format_args!("</g>"));
    }
}

impl SpanKind {
    const ALL: [SpanKind; 5] =
        [SpanKind::Queued, SpanKind::Running, SpanKind::Completed, SpanKind::Failed, SpanKind::RetryWait];

    fn word(self) -> &'static str {
        match self {
            SpanKind::Queued => "waiting for a worker",
            SpanKind::Completed => "attempt that completed",
            SpanKind::Failed => "attempt that failed",
            SpanKind::Running => "attempt that is running",
            SpanKind::RetryWait => "waiting for a retry",
        }
    }

    fn class(self) -> &'static str {
        match self {
            SpanKind::Queued => "queued",
            SpanKind::Completed => "completed",
            SpanKind::Failed => "failed",
            SpanKind::Running => "running",
            SpanKind::RetryWait => "retry_wait",
        }
    }

    fn condition(self) -> Condition {
        match self {
            SpanKind::Queued => Condition::Pending,
            SpanKind::Completed => Condition::Complete,
            SpanKind::Failed => Condition::Failed,
            SpanKind::Running => Condition::InProgress,
            SpanKind::RetryWait => Condition::Retrying,
        }
    }
}

/// Attempts are bars, waits are lines; a failed attempt is crossed out.
fn draw_bar(svg: &mut Svg, kind: SpanKind, Rect { x, y, width, height }: Rect) {
    let (fill, line) = kind.condition().colours();
    let (middle, top) = (y + height / 2.0, y + 4.0);
    let (from, to) = (Number(x), Number(x + width));
    match kind {
        SpanKind::Queued | SpanKind::RetryWait => {
            let dashes = if kind == SpanKind::RetryWait { "4 3" } else { "1 3" };
            svg.raw(format_args!(
                "<path d=\"M{from} {0}H{to}\" stroke=\"{line}\" stroke-width=\"2\" stroke-dasharray=\"{dashes}\"/>",
                Number(middle)
            ));
        }
        SpanKind::Completed | SpanKind::Failed | SpanKind::Running => {
            svg.raw(format_args!(
                "<rect x=\"{from}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{fill}\" stroke=\"{line}\"/>",
                Number(top),
                Number(width),
                Number(height - 8.0)
            ));
        }
    }
    if kind == SpanKind::Failed {
        let bottom = Number(y + height - 4.0);
        svg.raw(format_args!("<path d=\"M{from} {bottom}L{to} {}\" stroke=\"{line}\"/>", Number(top)));
    }
}

fn draw_legend(svg: &mut Svg, y: f64) {
    for (turn, kind) in SpanKind::ALL.into_iter().enumerate() {
        let x = MARGIN + turn as f64 * 190.0;
        draw_bar(svg, kind, Rect { x, y: y - 15.0, width: 30.0, height: ROW });
        svg.text(x + 36.0, y, " font-size=\"11\"", kind.word());
    }
}
