//! A badge as SVG: how many clauses pass and fail, in the colour of the outcome.

use std::io::{self, Write};

use maud::html;

use crate::{Summary, exit_code};

/// Width of a character at the badge's size, in pixels; `textLength` makes the letters fit it.
const CHARACTER: usize = 7;
const MARGIN: usize = 6;
const HEIGHT: usize = 20;

/// Writes the badge, such as `Shall | 280 pass, 0 fail`. Passes are of clauses; what fails or is open, of rules too.
pub fn render_badge(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    let (clauses, rules) = (&summary.totals, &summary.supporting_totals);
    let (pass, fail) = (clauses.pass, clauses.fail + rules.fail);
    let open = clauses.inconclusive + rules.inconclusive + clauses.error + rules.error;
    let pending = clauses.pending + rules.pending;
    let mut counts = format!("{pass} pass, {fail} fail");
    if open > 0 {
        counts += &format!(", {open} open");
    }
    if pending > 0 {
        counts += &format!(", {pending} pending");
    }
    let colour = match exit_code(summary) {
        0 => "#2d7d3a",
        1 => "#b3261e",
        _ => "#8a6100",
    };
    let name = "Shall";
    let (left, right) = (width(name), width(&counts));
    let label = |x: usize, text: &str| {
        html! {
            text x=(x + MARGIN) y="14" textLength=(text.chars().count() * CHARACTER) { (text) }
        }
    };
    let svg = html! {
        svg xmlns="http://www.w3.org/2000/svg" role="img"
            width=(left + right) height=(HEIGHT) viewBox={ "0 0 " (left + right) " " (HEIGHT) } {
            title { (name) ": " (counts) }
            rect width=(left + right) height=(HEIGHT) rx="3" fill=(colour) {}
            rect width=(left) height=(HEIGHT) rx="3" fill="#3b4049" {}
            g fill="#fff" font-family="Verdana, DejaVu Sans, sans-serif" font-size="11" {
                (label(0, name))
                (label(left, &counts))
            }
        }
    };
    writeln!(out, "{}", svg.into_string())
}

fn width(text: &str) -> usize {
    text.chars().count() * CHARACTER + 2 * MARGIN
}
