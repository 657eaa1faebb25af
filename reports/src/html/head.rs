//! The head of the page: who was judged, how it came out, and the counts.

use super::Report;
use crate::page::mark;
use crate::{Totals, exit_code};
use maud::{Markup, html};

pub(super) fn summary(report: &Report<'_>) -> Markup {
    let summary = report.summary;
    let (asked, known) = (summary.all().count(), summary.known.len());
    let tone = match exit_code(summary) {
        0 => "pass",
        1 => "fail",
        3 => "inconclusive",
        _ => "error",
    };
    html! {
        section #summary {
            h1 { (summary.subject) }
            p class={ "outcome mark " (tone) } { (crate::outcome(summary)) }
            p.soft {
                "Edition " (summary.edition) ", over " (summary.transports.join(" and ")) ", "
                (format!("{:.1}", summary.wall_seconds)) " s, "
                time { (crate::date::moment(report.run.started_ms)) } "."
            }
            @if asked < known {
                p { "Of the " (known) " clauses and rules of the catalogue the run was asked for " (asked)
                    "; the outcome is of these." }
            }
            @if summary.interrupted { p { "The run was ended before all scenarios had run." } }
            div.tallies {
                (tally("Clauses", "", &summary.totals))
                @if !summary.supporting.is_empty() {
                    (tally("Supporting rules of RFCs", "supporting", &summary.supporting_totals))
                }
            }
        }
    }
}

/// Counts of one list, each leading to its clauses.
fn tally(title: &str, list: &str, totals: &Totals) -> Markup {
    let rows = [
        ("pass", totals.pass),
        ("fail", totals.fail),
        ("error", totals.error),
        ("warning", totals.warning),
        ("inconclusive", totals.inconclusive),
        ("not-applicable", totals.not_applicable),
        ("pending", totals.pending),
        ("excluded", totals.excluded),
        ("superseded", totals.superseded),
    ];
    let list = if list.is_empty() { "oma" } else { list };
    html! {
        div.card.tally {
            h2 { (title) }
            ul {
                @for (word, count) in rows.into_iter().filter(|(_, count)| *count > 0) {
                    li {
                        a href={ "#clauses&verdict=" (word) "&list=" (list) } { strong { (count) } " " (mark(word)) }
                    }
                }
                @if let Some(unproven) = totals.unproven { li { strong { (unproven) } " " (mark("unproven")) } }
            }
        }
    }
}
