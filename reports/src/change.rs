//! Reads a change request, compares it with the catalogue and says what is wrong with its text.

mod analysis;
mod marks;
mod read;
mod render;
mod statements;
mod words;

pub use analysis::Analysis;
pub use read::{Document, Paragraph, ReadError};
pub use render::json::render_change_json;
pub use statements::{Answer, Keyword, List, Statement, Structure, Subclause, Unread, Wording};
