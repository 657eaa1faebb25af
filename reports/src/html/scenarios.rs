//! The list of scenarios, and the stage on which the script shows one of them.

use super::Report;
use crate::page::mark;
use maud::{Markup, html};
use trace::Verdict;
use trace::run_file::Scenario;

pub(super) fn section(report: &Report<'_>) -> Markup {
    let scenarios = &report.run.scenarios;
    let mut features: Vec<(&str, Vec<&Scenario>)> = Vec::new();
    for scenario in scenarios {
        match features
            .iter_mut()
            .find(|(name, _)| *name == scenario.feature)
        {
            Some((_, members)) => members.push(scenario),
            None => features.push((&scenario.feature, vec![scenario])),
        }
    }
    html! {
        section #scenarios {
            h2 { "Scenarios" }
            p.soft { (scenarios.len()) " played" }
            @for (feature, members) in &features {
                section.group {
                    h3.mono { (feature) }
                    ul.plays {
                        @for scenario in members {
                            li data-verdict=(worst(scenario)) {
                                (mark(worst(scenario))) " "
                                a href={ "#scenario=" (scenario.id) } { (scenario.name) }
                                " " span.soft { (scenario.transport) ", line " (scenario.line) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The worst verdict that a scenario gave.
pub(super) fn worst(scenario: &Scenario) -> &'static str {
    let verdicts = scenario.judgements.iter().map(|j| j.verdict);
    verdicts.max().map_or("nothing judged", Verdict::word)
}

/// Where one scenario is shown: empty until the script fills it.
pub(super) fn stage() -> Markup {
    html! {
        section #stage hidden aria-label="Scenario" {
            p.screen { a #back href="#scenarios" { "← All results" } }
            h1 #play tabindex="-1" {}
            p.soft #place {}
            p #trouble hidden {}
            div.beside {
                section aria-label="Steps" { h2 { "Steps" } ol #steps {} }
                div {
                    section aria-label="Ladder" { h2 { "Ladder" } div #ladder.scroll {} }
                    // Read out when a step is chosen; the messages are not, because they are long.
                    div #verdict aria-live="polite" {}
                    section #messages aria-label="Messages" {}
                }
            }
        }
    }
}
