//! The analysis for programs, `shall.change/1`.

use std::io::{self, Write};

use crate::change::Analysis;
use crate::summary::write_json;

/// Writes the analysis as JSON.
pub fn render_change_json(analysis: &Analysis, out: &mut impl Write) -> io::Result<()> {
    write_json(analysis, out)
}
