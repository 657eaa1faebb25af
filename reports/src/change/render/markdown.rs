//! The analysis for a mail or a pull request: first what is decided on, then what it is about.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::{SUMMARY, author, changed, flips, place, totals, word};
use crate::change::{Aligned, Analysis, Class, Finding};

/// Longest list; a mail is read to its end, and a pull request takes so many octets only.
pub(super) const MOST: usize = 60;

/// Writes Markdown; words of the change request are escaped, so that none becomes a link or a table.
pub fn render_change_markdown(analysis: &Analysis, out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "# {}\n\n{}.\n",
        plain(&analysis.document.name),
        totals(analysis)
    )?;
    let said = &analysis.impact.compatibility;
    writeln!(
        out,
        "Backward compatibility: {}; computed: **{}**.",
        plain(&author(analysis)),
        said.computed
    )?;
    flips::markdown(&analysis.impact, out)?;
    findings(analysis, out)?;
    list(
        out,
        "What changes",
        changed(analysis).map(|one| change(analysis, one)),
    )?;
    let because = said
        .because
        .iter()
        .map(|reason| format!("- {}", plain(reason)));
    list(out, "What bears on backward compatibility", because)?;
    let touched = analysis.impact.clauses.iter().map(|one| {
        let sources = match analysis.impact.searched {
            Some(_) => one.sources.len().to_string(),
            None => "not looked for".to_owned(),
        };
        format!(
            "- {}: scenarios {}, steps {}, sources {sources}, sabotages {}",
            one.clause,
            one.scenarios.len(),
            one.steps.len(),
            one.sabotages.len()
        )
    });
    list(out, "What rests on it", touched)
}

/// A heading and its lines; nothing without a line.
fn list(out: &mut impl Write, title: &str, lines: impl Iterator<Item = String>) -> io::Result<()> {
    let lines: Vec<String> = lines.collect();
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## {title}\n")?;
    for line in lines.iter().take(MOST) {
        writeln!(out, "{line}")?;
    }
    match lines.len().saturating_sub(MOST) {
        0 => Ok(()),
        left => writeln!(out, "- {}", more(left)),
    }
}

/// What a list leaves out.
pub(super) fn more(left: usize) -> String {
    format!("… and {left} more, in change.html")
}

/// Errors and warnings one by one; of notes the rules and lines.
fn findings(analysis: &Analysis, out: &mut impl Write) -> io::Result<()> {
    let of = |class: Class| {
        let open = analysis.findings.iter().filter(|f| f.silenced.is_none());
        open.filter(move |finding| finding.class == class)
    };
    list(out, "Errors", of(Class::Error).map(finding))?;
    list(out, "Warnings", of(Class::Warning).map(finding))?;
    let mut notes: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for note in of(Class::Note) {
        notes
            .entry(&note.rule)
            .or_default()
            .push(note.line.to_string());
    }
    let notes = notes
        .into_iter()
        .map(|(rule, lines)| format!("- {rule}: line {}", lines.join(", ")));
    list(out, "Notes", notes)
}

fn finding(finding: &Finding) -> String {
    let quote = match finding.quote.as_str() {
        "" => String::new(),
        quote => format!("“{}”: ", plain(quote)),
    };
    format!(
        "- line {}, {}: {quote}{}. *{}*",
        finding.line,
        finding.rule,
        plain(finding.reason.trim_end_matches('.')),
        plain(&finding.suggestion)
    )
}

fn change(analysis: &Analysis, one: &Aligned) -> String {
    let mut text = format!(
        "- **{}** {}",
        word(one.effect),
        plain(&place(analysis, one))
    );
    for pair in [&one.level, &one.actor].into_iter().flatten() {
        text.push_str(&format!(", {} → {}", plain(&pair.from), plain(&pair.to)));
    }
    let lacking = one.old.is_none();
    let was = match &one.old_from {
        Some(from) => &format!("was ({})", plain(from)),
        None => "was",
    };
    let lines = [
        (was, one.old.as_ref()),
        ("is", one.new.as_ref()),
        (SUMMARY, one.requirement.as_ref().filter(|_| lacking)),
    ];
    for (name, words) in lines {
        if let Some(words) = words {
            text.push_str(&format!("\n  - {name}: {}", plain(words)));
        }
    }
    text
}

/// Escapes what Markdown would take for its own.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\r' | '\t' => plain.push(' '),
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '!' | '@' | '~' | '&' => {
                plain.push('\\');
                plain.push(character);
            }
            control if control.is_control() => plain.push('\u{fffd}'),
            other => plain.push(other),
        }
    }
    // An address becomes a link without any sign of ours.
    plain.replace("://", "\\://").replace("www.", "www\\.")
}
