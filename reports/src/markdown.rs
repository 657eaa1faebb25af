//! A short page for merge requests: the counts, and every clause that did not pass.

use crate::{ClauseSummary, Summary, Totals, outcome};
use std::io::{self, Write};
use trace::Verdict;

/// Writes the page.
pub fn render_markdown(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    let outcome = outcome(summary);
    writeln!(out, "# {}: {outcome}\n", escape(&summary.subject))?;
    let transports = summary.transports.join(", ");
    writeln!(
        out,
        "Edition {}, over {transports}, {:.1} s.\n",
        escape(&summary.edition),
        summary.wall_seconds
    )?;
    if summary.known.len() > summary.all().count() {
        let (some, all) = (summary.all().count(), summary.known.len());
        writeln!(
            out,
            "Of the {all} clauses and rules of the catalogue the run was asked for {some}; the outcome is of these.\n"
        )?;
    }
    if summary.interrupted {
        writeln!(
            out,
            "The run was interrupted before all scenarios had run.\n"
        )?;
    }
    counts(summary, out)?;
    list("Clauses", &summary.clauses, out)?;
    list("Supporting rules", &summary.supporting, out)?;
    for (title, lines) in [
        ("Stale expectations", &summary.stale),
        ("Faults", &summary.faults),
    ] {
        if !lines.is_empty() {
            writeln!(out, "\n## {title}\n")?;
        }
        for line in lines {
            writeln!(out, "- {}", escape(line))?;
        }
    }
    Ok(())
}

fn counts(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "| | pass | fail | warning | inconclusive | not applicable | excluded | superseded | error | unproven |"
    )?;
    writeln!(
        out,
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    )?;
    for (name, totals) in [
        ("clauses", &summary.totals),
        ("supporting", &summary.supporting_totals),
    ] {
        let Totals {
            pass,
            fail,
            warning,
            inconclusive,
            not_applicable,
            excluded,
            superseded,
            error,
            unproven,
        } = totals;
        let unproven = unproven.map_or("?".to_owned(), |count| count.to_string());
        writeln!(
            out,
            "| {name} | {pass} | {fail} | {warning} | {inconclusive} | {not_applicable} | {excluded} | {superseded} | {error} | {unproven} |"
        )?;
    }
    Ok(())
}

fn list(title: &str, clauses: &[ClauseSummary], out: &mut impl Write) -> io::Result<()> {
    let bad = |clause: &&ClauseSummary| {
        !matches!(
            clause.verdict,
            None | Some(Verdict::Pass | Verdict::NotApplicable)
        )
    };
    let bad: Vec<&ClauseSummary> = clauses.iter().filter(bad).collect();
    if bad.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "\n## {title} that did not pass\n\n| clause | level | verdict | why |\n| --- | --- | --- | --- |"
    )?;
    for clause in bad {
        let verdict = clause.verdict.map_or("", Verdict::word);
        let expected = clause
            .expected
            .as_ref()
            .map(|why| format!(", expected: {why}"))
            .unwrap_or_default();
        writeln!(
            out,
            "| `{}` | {} | {verdict}{} | {} |",
            clause.id,
            clause.level,
            escape(&expected),
            escape(&clause.reason)
        )?;
    }
    Ok(())
}

/// Keeps a text in one table cell.
fn escape(text: &str) -> String {
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    one_line.replace('|', "\\|").replace('<', "&lt;")
}
