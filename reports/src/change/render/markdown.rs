//! The analysis for a mail or a pull request.

use std::io::{self, Write};

use super::{SUMMARY, author, changed, flips, place, totals, word};
use crate::change::Analysis;

/// Writes Markdown; words of the change request are escaped, so that none becomes a link or a table.
pub fn render_change_markdown(analysis: &Analysis, out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "# {}\n\n{}\n",
        plain(&analysis.document.name),
        totals(analysis)
    )?;
    let said = &analysis.impact.compatibility;
    writeln!(
        out,
        "Backward compatibility: {}; computed: **{}**.\n",
        plain(&author(analysis)),
        said.computed
    )?;
    for reason in &said.because {
        writeln!(out, "- {}", plain(reason))?;
    }
    changes(analysis, out)?;
    findings(analysis, out)?;
    touches(analysis, out)
}

fn changes(analysis: &Analysis, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "\n## What changes\n")?;
    for one in changed(analysis) {
        writeln!(
            out,
            "- **{}** {}",
            word(one.effect),
            plain(&place(analysis, one))
        )?;
        for (name, words) in [
            ("was", &one.old),
            ("is", &one.new),
            (SUMMARY, &one.requirement),
        ] {
            if let Some(words) = words {
                writeln!(out, "  - {name}: {}", plain(words))?;
            }
        }
    }
    Ok(())
}

fn findings(analysis: &Analysis, out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "\n## Findings\n\n| line | class | rule | words | what to do |\n| --- | --- | --- | --- | --- |"
    )?;
    for finding in analysis
        .findings
        .iter()
        .filter(|finding| finding.silenced.is_none())
    {
        let (quote, advice) = (
            plain(&finding.quote),
            plain(&format!("{}. {}", finding.reason, finding.suggestion)),
        );
        writeln!(
            out,
            "| {} | {} | {} | {quote} | {advice} |",
            finding.line,
            finding.class.word(),
            finding.rule
        )?;
    }
    Ok(())
}

fn touches(analysis: &Analysis, out: &mut impl Write) -> io::Result<()> {
    if !analysis.impact.clauses.is_empty() {
        writeln!(out, "\n## Touches\n")?;
    }
    for one in &analysis.impact.clauses {
        writeln!(
            out,
            "- {}: {} scenarios, {} steps, {} sources, {} sabotages",
            one.clause,
            one.scenarios.len(),
            one.steps.len(),
            one.sources.len(),
            one.sabotages.len()
        )?;
    }
    flips::markdown(&analysis.impact, out)
}

/// Escapes what Markdown would take for its own.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\r' | '\t' => plain.push(' '),
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '!' | '@' => {
                plain.push('\\');
                plain.push(character);
            }
            control if control.is_control() => plain.push('\u{fffd}'),
            other => plain.push(other),
        }
    }
    plain
}
