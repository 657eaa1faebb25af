//! Reads a change request, compares it with the catalogue and says what is wrong with its text.

mod align;
mod analysis;
mod lint;
mod marks;
mod read;
mod render;
mod statements;
mod tables;
mod words;

pub use align::{Aligned, Effect, Pair};
pub use analysis::{Analysis, Totals};
pub use lint::{Class, Finding, Rule, rules};
pub use read::{Document, Paragraph, ReadError};
pub use render::json::render_change_json;
pub use statements::{Answer, Keyword, List, Statement, Structure, Subclause, Unread, Wording};
