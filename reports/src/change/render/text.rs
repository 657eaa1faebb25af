//! The analysis for people at a terminal.

use std::io::{self, Write};

use super::{SUMMARY, UNSEARCHED, author, changed, count, flips, place, totals, word};
use crate::change::{Analysis, Finding};

/// Writes what changes, what is wrong, and what it touches. Characters that could steer a terminal are shown as signs.
pub fn render_change_text(analysis: &Analysis, out: &mut impl Write) -> io::Result<()> {
    let mut text = Vec::new();
    whole(analysis, &mut text)?;
    let safe: String = String::from_utf8_lossy(&text).chars().map(shown).collect();
    out.write_all(safe.as_bytes())
}

fn shown(character: char) -> char {
    match character {
        '\n' => '\n',
        control if control.is_control() => '\u{fffd}',
        other => other,
    }
}

fn whole(analysis: &Analysis, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{}: {}", analysis.document.name, totals(analysis))?;
    for note in &analysis.document.notes {
        writeln!(out, "  note: {note}")?;
    }
    for one in changed(analysis) {
        writeln!(out, "\n{:<10} {}", word(one.effect), place(analysis, one))?;
        if let Some(level) = &one.level {
            writeln!(out, "  level     {} -> {}", level.from, level.to)?;
        }
        if let Some(actor) = &one.actor {
            writeln!(out, "  actor     {} -> {}", actor.from, actor.to)?;
        }
        if let Some(requirement) = &one.requirement {
            writeln!(out, "  {SUMMARY}: {requirement}")?;
        }
        if let Some(old) = &one.old {
            writeln!(out, "  - {old}")?;
        }
        if let Some(from) = &one.old_from {
            writeln!(out, "    ({from})")?;
        }
        if let Some(new) = &one.new {
            writeln!(out, "  + {new}")?;
        }
    }
    findings(analysis, out)?;
    impact(analysis, out)?;
    if !analysis.unread.is_empty() {
        writeln!(out, "\nneither heading, list, statement nor note:")?;
    }
    for one in &analysis.unread {
        writeln!(out, "  line {:<5} {}", one.line, one.text)?;
    }
    Ok(())
}

fn findings(analysis: &Analysis, out: &mut impl Write) -> io::Result<()> {
    writeln!(out)?;
    for finding in analysis
        .findings
        .iter()
        .filter(|finding| finding.silenced.is_none())
    {
        let also: Vec<String> = finding.also.iter().map(ToString::to_string).collect();
        let also = if also.is_empty() {
            String::new()
        } else {
            format!(" (also {})", also.join(", "))
        };
        writeln!(
            out,
            "{}:{}: {} {}{also}",
            analysis.document.name,
            finding.line,
            finding.class.word(),
            finding.rule
        )?;
        if !finding.quote.is_empty() {
            writeln!(out, "  > {}", finding.quote)?;
        }
        writeln!(out, "  {}. {}", finding.reason, finding.suggestion)?;
    }
    let open = |class: &str| {
        let of = |f: &&Finding| f.silenced.is_none() && f.class.word() == class;
        count(analysis.findings.iter().filter(of).count(), class)
    };
    let silenced = analysis
        .findings
        .iter()
        .filter(|f| f.silenced.is_some())
        .count();
    writeln!(
        out,
        "{}, {}, {}; {silenced} silenced",
        open("error"),
        open("warning"),
        open("note")
    )
}

fn impact(analysis: &Analysis, out: &mut impl Write) -> io::Result<()> {
    let impact = &analysis.impact;
    for one in &impact.clauses {
        writeln!(out, "\ntouches {} ({})", one.clause, word(one.effect))?;
        let groups = [
            ("scenario", &one.scenarios),
            ("step", &one.steps),
            ("source", &one.sources),
            ("sabotage", &one.sabotages),
        ];
        for (name, places) in groups {
            for place in places {
                writeln!(out, "  {name:<9} {place}")?;
            }
        }
    }
    if !impact.clauses.is_empty() && impact.searched.is_none() {
        writeln!(out, "\n{UNSEARCHED}")?;
    }
    flips::text(impact, out)?;
    let said = &impact.compatibility;
    writeln!(
        out,
        "\nbackward compatibility: {}; computed: {}",
        author(analysis),
        said.computed
    )?;
    for reason in &said.because {
        writeln!(out, "  {reason}")?;
    }
    Ok(())
}
