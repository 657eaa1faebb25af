//! A short page for merge requests: the counts, and every clause that did not pass.

use crate::{ClauseSummary, Proof, Summary, Totals, outcome};
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
    deviations(summary, out)?;
    pending(summary, out)?;
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
        "| | pass | fail | warning | inconclusive | not applicable | excluded | superseded | pending | error | unproven |"
    )?;
    writeln!(
        out,
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
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
            pending,
            error,
            unproven,
        } = totals;
        let unproven = unproven.map_or("?".to_owned(), |count| count.to_string());
        writeln!(
            out,
            "| {name} | {pass} | {fail} | {warning} | {inconclusive} | {not_applicable} | {excluded} | {superseded} | {pending} | {error} | {unproven} |"
        )?;
    }
    Ok(())
}

/// Proofs of one clause that are named; the rest are in `summary.json`.
const NAMED: usize = 3;

fn list(title: &str, clauses: &[ClauseSummary], out: &mut impl Write) -> io::Result<()> {
    let bad = |clause: &&ClauseSummary| {
        let passed = [None, Some(Verdict::Pass), Some(Verdict::NotApplicable)];
        clause.expected.is_none() && !passed.contains(&clause.verdict)
    };
    let bad: Vec<&ClauseSummary> = clauses.iter().filter(bad).collect();
    if bad.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "\n## {title} that did not pass\n\n| clause | level | verdict | why | where |\n| --- | --- | --- | --- | --- |"
    )?;
    for clause in bad {
        writeln!(
            out,
            "| `{}` | {} | {} | {} | {} |",
            clause.id,
            clause.level,
            clause.verdict.map_or("", Verdict::word),
            escape(&clause.reason),
            places(clause)
        )?;
    }
    Ok(())
}

/// What does not pass and is known, with the reason and the last day that the expectations give.
fn deviations(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    let known = summary.all().filter(|clause| clause.expected.is_some());
    let known: Vec<&ClauseSummary> = known.collect();
    if known.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "\n## Expected deviations\n\n| clause | level | verdict | expected because | found | where |\n| --- | --- | --- | --- | --- | --- |"
    )?;
    for clause in known {
        writeln!(
            out,
            "| `{}` | {} | {} | {} | {} | {} |",
            clause.id,
            clause.level,
            clause.verdict.map_or("", Verdict::word),
            escape(clause.expected.as_deref().unwrap_or_default()),
            escape(&clause.reason),
            places(clause)
        )?;
    }
    Ok(())
}

/// What nobody judges until somebody writes the scenario.
fn pending(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    for (at, clause) in summary.pending().enumerate() {
        if at == 0 {
            writeln!(out, "\n## Pending, not judged yet\n")?;
        }
        writeln!(
            out,
            "- `{}` ({}): {}",
            clause.id,
            clause.level,
            escape(&clause.reason)
        )?;
    }
    Ok(())
}

/// The octets that prove a verdict, as `run.jsonl` counts scenarios and frames.
fn places(clause: &ClauseSummary) -> String {
    let place = |proof: &Proof| {
        let scenario = proof
            .scenario_id
            .map_or("?".to_owned(), |id| id.to_string());
        let (from, to) = proof.octets;
        format!(
            "scenario {scenario}, frame {}, octets {from} to {to}",
            proof.frame
        )
    };
    let mut places: Vec<String> = clause.evidence.iter().take(NAMED).map(place).collect();
    let more = clause.evidence.len().saturating_sub(NAMED);
    if more > 0 {
        places.push(format!("{more} more"));
    }
    places.join("; ")
}

/// Keeps a text in one table cell.
pub(crate) fn escape(text: &str) -> String {
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    one_line.replace('|', "\\|").replace('<', "&lt;")
}
