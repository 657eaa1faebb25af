//! Reads a change request, compares it with the catalogue and says what is wrong with its text.

mod align;
mod analysis;
mod earlier;
mod flips;
mod impact;
mod lint;
mod marks;
mod read;
mod render;
mod scaffold;
mod silence;
mod statements;
mod tables;
mod words;

pub use align::{Aligned, Effect, Pair};
pub use analysis::{Analysis, Comment, Totals};
pub use flips::{MayFlip, Searched, Stored};
pub use impact::{Compatibility, Impact, Surroundings, Touched};
pub use lint::{Class, Finding, Rule, rules};
pub use read::{Document, Paragraph, ReadError};
pub use render::html::render_change_html;
pub use render::json::render_change_json;
pub use render::markdown::render_change_markdown;
pub use render::text::render_change_text;
pub use scaffold::scaffold_of;
pub use silence::{Silence, silences};
pub use statements::{Answer, Keyword, List, Statement, Structure, Subclause, Unread, Wording};
