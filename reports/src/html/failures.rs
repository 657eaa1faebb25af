//! What did not go as it should: each clause with the message at fault, also on paper.

use super::{Report, address, word};
use crate::page::mark;
use crate::{ClauseSummary, ScenarioVerdict};
use maud::{Markup, html};
use trace::{Verdict, failure_text};

/// Clauses that are explained with their message; the others lead to their scenarios.
const EXPLAINED: usize = 40;

pub(super) fn section(report: &Report<'_>) -> Markup {
    let summary = report.summary;
    let broken = |clause: &&ClauseSummary| {
        matches!(
            clause.verdict,
            Some(Verdict::Fail | Verdict::Error | Verdict::Warning)
        )
    };
    let (expected, unexpected): (Vec<_>, Vec<_>) = summary
        .all()
        .filter(broken)
        .partition(|clause| clause.expected.is_some());
    let open = summary
        .all()
        .filter(|c| c.verdict == Some(Verdict::Inconclusive));
    let open = open.count();
    html! {
        section #failures {
            h2 { "Failures" }
            @if unexpected.is_empty() { p { "No clause failed." } }
            @if open > 0 {
                p { a href="#clauses&verdict=inconclusive" { (open) " inconclusive" }
                    ": what these speak of was not seen, so that they are neither kept nor broken." }
            }
            @for (at, clause) in unexpected.iter().enumerate() { (failure(report, clause, at < EXPLAINED)) }
            @if !expected.is_empty() {
                h3 { "Expected deviations" }
                @for clause in &expected { (failure(report, clause, false)) }
            }
            (lines("Stale expectations", &summary.stale))
            (lines("Faults of the harness or of the catalogue", &summary.faults))
        }
    }
}

fn failure(report: &Report<'_>, clause: &ClauseSummary, explained: bool) -> Markup {
    let worst = clause
        .scenarios
        .iter()
        .filter(|s| Some(s.verdict) == clause.verdict);
    let worst: Vec<&ScenarioVerdict> = worst.collect();
    let requirement = report
        .catalogue
        .get(&clause.id)
        .map_or("", |c| c.requirement.as_str());
    html! {
        article.card.failure {
            h3 { (mark(word(clause))) " " a.mono href={ "#clause=" (clause.id) } { (clause.id) } }
            p { (requirement) }
            @if let Some(why) = &clause.expected { p { strong { "Expected: " } (why) } }
            @if !clause.reason.is_empty() { p.soft { (clause.reason) } }
            ul.places {
                @for place in &worst {
                    @if let Some(id) = place.scenario_id {
                        li { a href=(address(id, place.line)) { (place.name) " (" (place.transport) ")" } }
                    }
                }
            }
            @if let (true, Some(text)) = (explained, worst.first().and_then(|place| text(report, clause, place))) {
                details {
                    summary { "The message at fault" }
                    pre { (signed(&text)) }
                }
            }
        }
    }
}

fn text(report: &Report<'_>, clause: &ClauseSummary, place: &ScenarioVerdict) -> Option<String> {
    let id = place.scenario_id?;
    let scenario = report.run.scenarios.iter().find(|s| s.id == id)?;
    let judged = |j: &&trace::Judgement| j.clause == clause.id && j.verdict == place.verdict;
    let judgement = scenario.judgements.iter().find(judged)?;
    Some(failure_text(judgement, "", &scenario.exchange))
}

/// Text whose signs for line ends are shown by name.
fn signed(text: &str) -> Markup {
    let name = |sign| if sign == "␍" { "CR" } else { "LF" };
    html! {
        @for part in text.split_inclusive(['␍', '␊']) {
            @match part.char_indices().last() {
                Some((at, '␍' | '␊')) => {
                    (part[..at]) span.sign data-name=(name(&part[at..])) { (part[at..]) }
                }
                _ => (part)
            }
        }
    }
}

fn lines(title: &str, lines: &[String]) -> Markup {
    html! {
        @if !lines.is_empty() {
            h3 { (title) }
            ul { @for line in lines { li { (line) } } }
        }
    }
}
