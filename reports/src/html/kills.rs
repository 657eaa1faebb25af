//! The kill table: which deliberate violation of which clause was noticed.

use crate::page::mark;
use crate::{Kill, Kills};
use maud::{Markup, html};

pub(super) fn section(kills: &Kills) -> Markup {
    let totals = &kills.totals;
    let (dead, alive): (Vec<&Kill>, Vec<&Kill>) = kills.kills.iter().partition(|kill| kill.killed);
    html! {
        section #kills {
            h2 { "Sabotage" }
            p { "Each clause was broken on purpose: " (totals.killed) " of " (totals.judged)
                " judged clauses lost their pass, " (totals.survived) " sabotages went unnoticed." }
            @if !alive.is_empty() { (table(&alive)) }
            @if !kills.unproven.is_empty() {
                h3 { "Unproven" }
                ul { @for id in &kills.unproven { li { a.mono href={ "#clause=" (id) } { (id) } } } }
            }
            details {
                summary { (dead.len()) " kills" }
                (table(&dead))
            }
        }
    }
}

fn table(kills: &[&Kill]) -> Markup {
    html! {
        div.scroll {
            table {
                thead { tr { th { "Outcome" } th { "Clause" } th { "Sabotage" } th { "Also lost" } } }
                tbody {
                    @for kill in kills {
                        tr {
                            td { (mark(if kill.killed { "killed" } else { "survived" })) }
                            td { a.mono href={ "#clause=" (kill.clause) } { (kill.clause) } }
                            td { (kill.mutation) }
                            td.soft { (kill.also_lost.join(", ")) }
                        }
                    }
                }
            }
        }
    }
}
