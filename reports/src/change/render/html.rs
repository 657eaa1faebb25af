//! The analysis as one page: what is wrong, what changes in the text, and what rests on it.

mod drawing;
mod findings;
mod graph;
mod head;
mod impact;
mod redline;
mod text;

use std::io::{self, Write};

use maud::{Markup, html};

use super::{count, key, word};
use crate::change::{Analysis, Effect};
use crate::page::Page;

const STYLE: &str = concat!(
    include_str!("html/change.css"),
    "\n",
    include_str!("html/graph.css")
);
const SCRIPT: &str = concat!(
    include_str!("../../html/address.js"),
    "\n",
    include_str!("html/change.js")
);

/// Writes the page; without script all of it is there, and only the filter is missing.
pub fn render_change_html(analysis: &Analysis, out: &mut impl Write) -> io::Result<()> {
    let page = Page {
        title: &format!("Change request {}", analysis.document.name),
        style: STYLE,
        script: SCRIPT,
        ways: &[
            ("#summary", "Summary"),
            ("#findings", "Findings"),
            ("#impact", "Impact"),
            ("#text", "Text"),
        ],
        body: html! {
            (head::section(analysis))
            (findings::section(analysis))
            (impact::section(analysis))
            (text::section(analysis))
        },
    };
    page.write(out)
}

/// An effect as a coloured mark.
fn effect_mark(effect: Effect) -> Markup {
    html! { span class={ "mark " (key(effect)) } { (word(effect)) } }
}
