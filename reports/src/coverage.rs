//! What judges each clause; schema `shall.coverage/1`.

use crate::summary::write_json;
use clauses::{Catalogue, Citation, Level};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Every entry of the catalogue with the scenarios that judge it.
#[derive(Clone, Debug, Serialize)]
pub struct Coverage {
    /// `shall.coverage/1`.
    pub schema: &'static str,
    /// Judged entries.
    pub judged: usize,
    pub excluded: usize,
    pub superseded: usize,
    /// Entries whose scenarios are to be written.
    pub pending: usize,
    /// Ids that count as judged, yet no scenario judges them.
    pub uncovered: Vec<String>,
    /// Citations of ids that the catalogue does not hold, as `file:line: id`.
    pub unknown: Vec<String>,
    pub clauses: Vec<CoveredClause>,
}

/// One entry of the catalogue.
#[derive(Clone, Debug, Serialize)]
pub struct CoveredClause {
    pub id: String,
    pub level: Level,
    pub actor: String,
    pub supporting: bool,
    pub requirement: String,
    /// `judged`, `pending`, `excluded` or `superseded`.
    pub status: &'static str,
    /// Why it is excluded or pending, or by what it is superseded.
    pub reason: String,
    pub scenarios: Vec<Place>,
}

/// A judging step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    pub feature: String,
    pub scenario: String,
    pub file: String,
    /// Line of the step, from 1.
    pub line: usize,
}

impl Coverage {
    /// Matches the entries that `takes` selects with the citations of all features.
    pub fn of(
        catalogue: &Catalogue,
        citations: &[Citation],
        takes: impl Fn(&str) -> bool,
    ) -> Coverage {
        let mut places: BTreeMap<&str, Vec<Place>> = BTreeMap::new();
        let mut unknown = Vec::new();
        for citation in citations.iter().filter(|c| takes(&c.clause)) {
            if catalogue.get(&citation.clause).is_none() {
                unknown.push(format!(
                    "{}:{}: {}",
                    citation.file, citation.line, citation.clause
                ));
            }
            places.entry(&citation.clause).or_default().push(Place {
                feature: citation.feature.clone(),
                scenario: citation.scenario.clone(),
                file: citation.file.clone(),
                line: citation.line,
            });
        }
        let covered = |clause: &clauses::Clause| CoveredClause {
            id: clause.id.clone(),
            level: clause.level,
            actor: clause.actor.clone(),
            supporting: clause.supporting,
            requirement: clause.requirement.clone(),
            status: clause.status.name(),
            reason: clause.status.reason(),
            scenarios: places.get(clause.id.as_str()).cloned().unwrap_or_default(),
        };
        let clauses: Vec<CoveredClause> = catalogue
            .iter()
            .filter(|clause| takes(&clause.id))
            .map(covered)
            .collect();
        let count = |status| {
            clauses
                .iter()
                .filter(|clause| clause.status == status)
                .count()
        };
        let bare =
            |clause: &&CoveredClause| clause.status == "judged" && clause.scenarios.is_empty();
        Coverage {
            schema: "shall.coverage/1",
            judged: count("judged"),
            excluded: count("excluded"),
            superseded: count("superseded"),
            pending: count("pending"),
            uncovered: clauses
                .iter()
                .filter(bare)
                .map(|clause| clause.id.clone())
                .collect(),
            unknown,
            clauses,
        }
    }
}

/// Writes the coverage as JSON.
pub fn render_coverage_json(coverage: &Coverage, out: &mut impl Write) -> io::Result<()> {
    write_json(coverage, out)
}

/// Writes the coverage for people: each clause, then where it is judged or why not.
pub fn render_coverage_text(coverage: &Coverage, out: &mut impl Write) -> io::Result<()> {
    for clause in &coverage.clauses {
        writeln!(
            out,
            "{}  {} {}  {}",
            clause.id, clause.level, clause.status, clause.requirement
        )?;
        if !clause.reason.is_empty() {
            writeln!(out, "    {}", clause.reason)?;
        }
        for place in &clause.scenarios {
            writeln!(out, "    {}:{}  {}", place.file, place.line, place.scenario)?;
        }
        if clause.status == "judged" && clause.scenarios.is_empty() {
            writeln!(out, "    NO SCENARIO JUDGES IT")?;
        }
    }
    for citation in &coverage.unknown {
        writeln!(out, "unknown clause  {citation}")?;
    }
    writeln!(
        out,
        "{} judged ({} without a scenario), {} excluded, {} superseded, {} pending",
        coverage.judged,
        coverage.uncovered.len(),
        coverage.excluded,
        coverage.superseded,
        coverage.pending
    )
}
