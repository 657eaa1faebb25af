//! The text that explains a verdict: clause, expected, found, the message and the place in it.

use std::fmt::Write as _;
use std::ops::Range;

use crate::{Direction, Exchange, Frame, Judgement, visible};

/// Lines of one message that are shown around the places that matter.
const LINES: usize = 60;
/// Characters of one line that are shown.
const WIDTH: usize = 400;

/// Explains a judgement in plain text; `summary` is the requirement in the catalogue's words.
///
/// Every frame of the evidence is shown, with carets under its octets.
pub fn failure_text(judgement: &Judgement, summary: &str, exchange: &Exchange) -> String {
    let finding = &judgement.finding;
    let mut text = String::new();
    let mut row = |name: &str, value: &str| {
        if !value.is_empty() {
            let _ = writeln!(text, "  {name:<9} {value}");
        }
    };
    row(
        "scenario",
        &format!("{} ({})", judgement.scenario, judgement.transport),
    );
    row("at", &format!("{}:{}", judgement.feature, judgement.line));
    row("expected", &finding.expected);
    row("found", &finding.found);
    row("because", &judgement.reason);
    let head = format!(
        "{} {}: {summary}\n",
        judgement.verdict.word(),
        judgement.clause
    );
    let mut frames: Vec<usize> = finding
        .evidence
        .iter()
        .map(|evidence| evidence.frame)
        .collect();
    frames.sort_unstable();
    frames.dedup();
    for index in frames {
        let Some(frame) = exchange.frame(index) else {
            continue;
        };
        let spans = finding
            .evidence
            .iter()
            .filter(|evidence| evidence.frame == index);
        let mut spans: Vec<Range<usize>> = spans
            .map(|evidence| evidence.octets.0..evidence.octets.1)
            .collect();
        spans.sort_by_key(|span| (span.start, span.end));
        spans.dedup();
        text.push('\n');
        show_frame(frame, &spans, &mut text);
    }
    head + &text
}

fn show_frame(frame: &Frame, spans: &[Range<usize>], text: &mut String) {
    let what = match frame.direction {
        Direction::Sent => format!("sent by {} to the subject", frame.chair),
        Direction::Received => format!("received by {} from the subject", frame.chair),
    };
    let places: Vec<String> = spans
        .iter()
        .map(|span| format!("{}..{}", span.start, span.end))
        .collect();
    let _ = writeln!(
        text,
        "  frame {}, {what} over {}, octets {}",
        frame.index,
        frame.transport,
        places.join(", ")
    );
    let whole = |span: &Range<usize>| span.start == 0 && span.end >= frame.bytes.len();
    let spans: Vec<_> = spans.iter().filter(|span| !whole(span)).collect();
    let lines = visible::lines(&frame.bytes);
    let touched = |line: &Range<usize>| {
        spans
            .iter()
            .any(|span| span.start < line.end && line.start < span.end.max(span.start + 1))
    };
    let first_touched = lines.iter().position(touched).unwrap_or(0);
    let from = first_touched
        .saturating_sub(LINES / 2)
        .min(lines.len().saturating_sub(LINES));
    let to = (from + LINES).min(lines.len());
    if from > 0 {
        let _ = writeln!(text, "    … {from} lines above");
    }
    for line in &lines[from..to] {
        show_line(frame, line, &spans, text);
    }
    if to < lines.len() {
        let _ = writeln!(text, "    … {} lines below", lines.len() - to);
    }
}

/// One line, and below it carets under the octets that the evidence names.
fn show_line(frame: &Frame, line: &Range<usize>, spans: &[&Range<usize>], text: &mut String) {
    let (mut shown, mut carets) = (String::new(), String::new());
    for at in line.clone() {
        // Characters of several octets are shown with their first one.
        if at > line.start
            && frame.bytes[at] & 0xc0 == 0x80
            && std::str::from_utf8(&frame.bytes[line.clone()]).is_ok()
        {
            continue;
        }
        let next = (at + 1..line.end)
            .find(|next| frame.bytes[*next] & 0xc0 != 0x80)
            .unwrap_or(line.end);
        let valid = std::str::from_utf8(&frame.bytes[line.clone()]).is_ok();
        let before = shown.chars().count();
        let rest = &frame.bytes[at..line.end];
        if rest[0] == b' '
            && rest
                .iter()
                .all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
        {
            shown.push('·');
        } else {
            visible::show(&rest[..if valid { next - at } else { 1 }], &mut shown);
        }
        let marked = spans.iter().any(|span| span.contains(&at));
        carets.extend(std::iter::repeat_n(
            if marked { '^' } else { ' ' },
            shown.chars().count() - before,
        ));
    }
    let shown: String = shown.chars().take(WIDTH).collect();
    let _ = writeln!(text, "    {shown}");
    let carets: String = carets.chars().take(WIDTH).collect();
    if carets.contains('^') {
        let _ = writeln!(text, "    {}", carets.trim_end());
    }
}

#[cfg(test)]
mod tests;
