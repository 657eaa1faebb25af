//! The kill table: which sabotage of which clause was noticed; schema `shall.kills/1`.

use crate::summary::{Summary, write_json};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::io::{self, Write};

/// All sabotages of a `prove` run.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Kills {
    /// `shall.kills/1`.
    pub schema: String,
    pub totals: KillTotals,
    pub kills: Vec<Kill>,
    /// Judged clauses that no sabotage killed.
    pub unproven: Vec<String>,
}

/// Counts of a kill table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct KillTotals {
    /// Clauses that runs judge.
    pub judged: usize,
    /// Clauses with at least one kill.
    pub killed: usize,
    /// Clauses without a kill.
    pub unproven: usize,
    /// Sabotages that went unnoticed.
    pub survived: usize,
}

/// One sabotage of one clause.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Kill {
    pub clause: String,
    pub mutation: String,
    /// True when the scenarios of the clause failed, for that clause.
    pub killed: bool,
    /// Other clauses that were lost with it.
    pub also_lost: Vec<String>,
}

impl Kills {
    /// Builds the table over the ids that runs judge.
    pub fn of<'a>(judged: impl IntoIterator<Item = &'a str>, kills: Vec<Kill>) -> Kills {
        let dead: BTreeSet<&str> = kills
            .iter()
            .filter(|kill| kill.killed)
            .map(|kill| kill.clause.as_str())
            .collect();
        let judged: Vec<&str> = judged.into_iter().collect();
        let unproven: Vec<String> = judged
            .iter()
            .filter(|id| !dead.contains(*id))
            .map(|id| (*id).to_owned())
            .collect();
        let totals = KillTotals {
            judged: judged.len(),
            killed: judged.len() - unproven.len(),
            unproven: unproven.len(),
            survived: kills.iter().filter(|kill| !kill.killed).count(),
        };
        Kills {
            schema: "shall.kills/1".to_owned(),
            totals,
            kills,
            unproven,
        }
    }

    /// Reads back what `render_kills_json` wrote.
    pub fn read(text: &str) -> Result<Kills, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// Writes into a summary how many of its judged clauses are unproven.
    pub fn note(&self, summary: &mut Summary) {
        let count = |clauses: &[crate::ClauseSummary]| {
            Some(
                clauses
                    .iter()
                    .filter(|clause| self.unproven.contains(&clause.id))
                    .count(),
            )
        };
        summary.totals.unproven = count(&summary.clauses);
        summary.supporting_totals.unproven = count(&summary.supporting);
    }
}

/// Writes the table as JSON.
pub fn render_kills_json(kills: &Kills, out: &mut impl Write) -> io::Result<()> {
    write_json(kills, out)
}

/// Writes the table for people: one sabotage a line, then what is unproven.
pub fn render_kills_text(kills: &Kills, out: &mut impl Write) -> io::Result<()> {
    let width = kills
        .kills
        .iter()
        .map(|kill| kill.clause.len())
        .max()
        .unwrap_or_default();
    for kill in &kills.kills {
        let outcome = if kill.killed { "killed  " } else { "SURVIVED" };
        write!(out, "{outcome}  {:width$}  {}", kill.clause, kill.mutation)?;
        if !kill.also_lost.is_empty() {
            write!(out, "  also lost: {}", kill.also_lost.join(", "))?;
        }
        writeln!(out)?;
    }
    for id in &kills.unproven {
        writeln!(out, "unproven  {id}")?;
    }
    let KillTotals {
        judged,
        killed,
        unproven,
        survived,
    } = kills.totals;
    writeln!(
        out,
        "{killed} of {judged} judged clauses killed, {unproven} unproven, {survived} sabotages survived"
    )
}
