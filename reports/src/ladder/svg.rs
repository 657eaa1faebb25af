//! A ladder as an SVG file that stands alone, in light and dark.

use super::Ladder;
use super::drawing::{Drawing, Shape};
use maud::{Markup, PreEscaped, html};
use std::io::{self, Write};

/// How the shapes look, here and in report.html.
pub(crate) const STYLE: &str = include_str!("ladder.css");
/// The colours that a page would give.
const COLOURS: &str = "svg { --paper: #fff; --ink: #22262d; --soft: #5f6672; --line: #d5d1c7; --accent: #2456a6; --glow: #fff1b8; }
@media (prefers-color-scheme: dark) { svg { --paper: #1d2026; --ink: #dfe2e7; --soft: #9aa2af; --line: #434955; --accent: #8db8ff; --glow: #57471a; } }";

/// Writes the file.
pub fn render_ladder_svg(ladder: &Ladder, out: &mut impl Write) -> io::Result<()> {
    let drawing = Drawing::of(ladder);
    let (width, height) = (drawing.width, drawing.height);
    let svg = html! {
        svg xmlns="http://www.w3.org/2000/svg" class="ladder" role="img"
            width=(width) height=(height) viewBox={ "0 0 " (width) " " (height) } {
            title { (ladder.title) }
            style { (PreEscaped(COLOURS)) (PreEscaped(STYLE)) }
            rect class="paper" width="100%" height="100%" {}
            @for shape in &drawing.lanes { (element(shape)) }
            @for group in &drawing.arrows {
                g class=(group.protocol) {
                    title { (group.title) }
                    @for shape in &group.shapes { (element(shape)) }
                }
            }
        }
    };
    writeln!(out, "{}", svg.into_string())
}

fn element(shape: &Shape) -> Markup {
    html! {
        @match shape {
            Shape::Line { x1, y1, x2, y2, class } => { line class=(class) x1=(x1) y1=(y1) x2=(x2) y2=(y2) {} }
            Shape::Polygon { points, class } => { polygon class=(class) points=(points) {} }
            Shape::Rect { x, y, width, height, class } => {
                rect class=(class) x=(x) y=(y) width=(width) height=(height) {}
            }
            Shape::Text { x, y, class, text } => { text class=(class) x=(x) y=(y) { (text) } }
        }
    }
}
