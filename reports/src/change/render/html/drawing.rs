//! The graph as SVG: columns of boxes, and curves between neighbours.

use maud::{Markup, html};

use super::graph::{Column, Graph, Node};

/// Width of a box, and of the space for the curves between two columns.
const BOX: usize = 244;
const GAP: usize = 80;
/// Height of a box, and from one to the next.
const HEIGHT: usize = 24;
const PITCH: usize = 31;
/// Where the boxes begin, below the names of the columns.
const TOP: usize = 34;
/// Characters that a box holds.
const LETTERS: usize = 34;

pub(super) fn drawing(graph: &Graph) -> Markup {
    let longest = graph
        .columns
        .iter()
        .map(|column| column.nodes.len())
        .max()
        .unwrap_or_default();
    let (width, height) = (
        graph.columns.len() * (BOX + GAP) - GAP,
        TOP + longest * PITCH,
    );
    html! {
        svg.impact role="img" width=(width) height=(height) viewBox={ "0 0 " (width) " " (height) } {
            title { "What rests on the changed clauses" }
            @for (column, left, right) in &graph.edges {
                (edge(graph, longest, *column, *left, *right))
            }
            @for (index, column) in graph.columns.iter().enumerate() {
                text.column x=(index * (BOX + GAP)) y="16" { (column.name) }
                @for (place, node) in column.nodes.iter().enumerate() {
                    (boxed(index * (BOX + GAP), top(column, longest, place), node))
                }
            }
        }
    }
}

/// Upper edge of a box; a short column stands in the middle of the longest.
fn top(column: &Column, longest: usize, place: usize) -> usize {
    TOP + (longest - column.nodes.len()) * PITCH / 2 + place * PITCH
}

fn edge(graph: &Graph, longest: usize, column: usize, left: usize, right: usize) -> Markup {
    let (x1, x2) = (column * (BOX + GAP) + BOX, (column + 1) * (BOX + GAP));
    let y1 = top(&graph.columns[column], longest, left) + HEIGHT / 2;
    let y2 = top(&graph.columns[column + 1], longest, right) + HEIGHT / 2;
    let middle = usize::midpoint(x1, x2);
    html! { path d={ "M" (x1) " " (y1) "C" (middle) " " (y1) " " (middle) " " (y2) " " (x2) " " (y2) } {} }
}

fn boxed(x: usize, y: usize, node: &Node) -> Markup {
    let content = html! {
        title { (node.title) }
        rect x=(x) y=(y) width=(BOX) height=(HEIGHT) rx="5" {}
        rect.tone x=(x) y=(y) width="5" height=(HEIGHT) {}
        text x=(x + 12) y=(y + 16) { (shortened(&node.label)) }
    };
    html! {
        @match &node.href {
            Some(href) => a class={ "node " (node.class) } href=(href) { (content) },
            None => g class={ "node " (node.class) } { (content) },
        }
    }
}

fn shortened(label: &str) -> String {
    match label.char_indices().nth(LETTERS) {
        Some(_) => format!("{}…", label.chars().take(LETTERS - 1).collect::<String>()),
        None => label.to_owned(),
    }
}
