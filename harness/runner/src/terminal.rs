//! What people see: progress, verdicts and reasons; colour only on a terminal.

use std::io::{ErrorKind, IsTerminal as _, Write, stderr, stdout};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anstyle::{AnsiColor, Style};
use clauses::Catalogue;
use reports::{ClauseSummary, Summary, Totals};
use trace::{Judgement, Verdict};

use crate::{Error, Played};

/// Prints an error of a whole command.
pub(crate) fn error(text: &str) {
    let style = Style::new().fg_color(Some(AnsiColor::Red.into())).bold();
    let paint = paints(stderr().is_terminal());
    // A closed standard error leaves nobody to tell.
    let _ = writeln!(stderr(), "{}: {text}", painted("error", style, paint));
}

/// Prints what is worth knowing before a whole command.
pub(crate) fn note(text: &str) {
    let style = Style::new().fg_color(Some(AnsiColor::Yellow.into())).bold();
    let paint = paints(stderr().is_terminal());
    // As above.
    let _ = writeln!(stderr(), "{}: {text}", painted("note", style, paint));
}

/// What writing to standard output came to; a reader that has seen enough, as in `shall clauses | head`, is no fault.
pub(crate) fn told(written: std::io::Result<()>) -> Result<(), Error> {
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Error::Output(error)),
        _ => Ok(()),
    }
}

/// Colour on terminals, unless NO_COLOR is set to anything (no-color.org).
fn paints(terminal: bool) -> bool {
    terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

fn painted(text: &str, style: Style, paint: bool) -> String {
    if paint {
        format!("{style}{text}{style:#}")
    } else {
        text.to_owned()
    }
}

/// Counts scenarios as they end, on a terminal only.
pub struct Progress {
    total: usize,
    ended: AtomicUsize,
    began: Instant,
    shown: bool,
}

impl Progress {
    #[must_use]
    pub fn new(total: usize) -> Self {
        Self {
            total,
            ended: AtomicUsize::new(0),
            began: Instant::now(),
            shown: stderr().is_terminal(),
        }
    }

    pub(crate) fn step(&self, played: &Played) {
        let ended = self.ended.fetch_add(1, Ordering::Relaxed) + 1;
        if self.shown && self.began.elapsed().as_millis() > 300 {
            let _ = write!(
                stderr(),
                "\r\x1b[K{ended}/{} {}",
                self.total,
                played.scenario
            );
            if ended == self.total {
                let _ = write!(stderr(), "\r\x1b[K");
            }
        }
    }
}

fn style(verdict: Verdict) -> Style {
    let colour = match verdict {
        Verdict::Pass => AnsiColor::Green,
        Verdict::Warning | Verdict::Inconclusive => AnsiColor::Yellow,
        Verdict::NotApplicable => AnsiColor::BrightBlack,
        Verdict::Fail | Verdict::Error => AnsiColor::Red,
    };
    Style::new().fg_color(Some(colour.into()))
}

fn row(clause: &ClauseSummary, catalogue: &Catalogue, paint: bool) -> String {
    let requirement = catalogue
        .get(&clause.id)
        .map(|c| c.requirement.as_str())
        .unwrap_or_default();
    let (word, colour) = match clause.verdict {
        Some(verdict) => (verdict.word(), style(verdict)),
        None => (clause.status, Style::new().dimmed()),
    };
    let mut line = format!(
        "  {} {:<34} {:<6} {requirement}",
        painted(&format!("{word:<14}"), colour, paint),
        clause.id,
        clause.level.to_string()
    );
    if clause.verdict.is_none_or(|v| v != Verdict::Pass) && !clause.reason.is_empty() {
        line += &format!("\n                 reason: {}", clause.reason);
    }
    line
}

pub(crate) fn totals(name: (&str, &str), totals: &Totals) -> String {
    let parts = [
        (totals.pass, "pass"),
        (totals.fail, "fail"),
        (totals.warning, "warning"),
        (totals.inconclusive, "inconclusive"),
        (totals.not_applicable, "not applicable"),
        (totals.pending, "pending"),
        (totals.excluded, "excluded"),
        (totals.superseded, "superseded"),
        (totals.error, "error"),
    ];
    let sum: usize = parts.iter().map(|(n, _)| n).sum();
    let words: Vec<String> = parts
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, w)| format!("{n} {w}"))
        .collect();
    let name = if sum == 1 { name.0 } else { name.1 };
    format!("{sum} {name}: {}", words.join(", "))
}

/// Prints every clause with its verdict, the failures in full, and the totals.
pub(crate) fn summary(
    catalogue: &Catalogue,
    summary: &Summary,
    failures: &[(Judgement, String)],
    folder: &Path,
) -> std::io::Result<()> {
    let out = &mut stdout().lock();
    let paint = paints(stdout().is_terminal());
    let mut subclause = "";
    for clause in &summary.clauses {
        let of = clause.id.split('/').next().unwrap_or_default();
        if of != subclause {
            subclause = of;
            writeln!(out, "\n{of} {}", catalogue.title(of).unwrap_or_default())?;
        }
        writeln!(out, "{}", row(clause, catalogue, paint))?;
    }
    if !summary.supporting.is_empty() {
        writeln!(out, "\nSupporting rules")?;
        for clause in &summary.supporting {
            writeln!(out, "{}", row(clause, catalogue, paint))?;
        }
    }
    for (judgement, text) in failures {
        writeln!(
            out,
            "\n{}",
            painted(text.trim_end(), style(judgement.verdict), false)
        )?;
    }
    for note in summary.stale.iter().chain(&summary.faults) {
        writeln!(out, "\n{note}")?;
    }
    writeln!(out)?;
    // A run of supporting rules alone says nothing of clauses.
    if !summary.clauses.is_empty() || summary.supporting.is_empty() {
        writeln!(out, "{}", totals(("clause", "clauses"), &summary.totals))?;
    }
    if !summary.supporting.is_empty() {
        writeln!(
            out,
            "{}",
            totals(
                ("supporting rule", "supporting rules"),
                &summary.supporting_totals
            )
        )?;
    }
    writeln!(
        out,
        "{} over {}, {:.2} s",
        summary.subject,
        summary.transports.join(" and "),
        summary.wall_seconds
    )?;
    for bound in bounds(summary) {
        writeln!(out, "{bound}")?;
    }
    pending(summary, out)?;
    closer(summary, folder, out)
}

/// What the totals do not say: how much was asked for, whether all of it was played, and what was expected.
pub(crate) fn bounds(summary: &Summary) -> Vec<String> {
    let (asked, known) = (summary.all().count(), summary.known.len());
    let part = || format!("asked for {asked} of {known} clauses and rules");
    let broken = || "interrupted: not all scenarios have run".to_owned();
    let expected = summary.all().filter(|clause| clause.expected.is_some());
    let expected: Vec<&str> = expected.map(|clause| clause.id.as_str()).collect();
    let deviations = || {
        format!(
            "expected, so no failure of the run: {}",
            expected.join(", ")
        )
    };
    [
        (asked < known).then(part),
        summary.interrupted.then(broken),
        (!expected.is_empty()).then(deviations),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Clauses that are named of those that nobody judges; the reports name all.
const NAMED: usize = 3;

fn pending(summary: &Summary, out: &mut impl Write) -> std::io::Result<()> {
    let all: Vec<&str> = summary.pending().map(|clause| clause.id.as_str()).collect();
    let Some(more) = all.len().checked_sub(1) else {
        return Ok(());
    };
    let named = all[..all.len().min(NAMED)].join(", ");
    let more = match (more + 1).saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    writeln!(
        out,
        "{} pending: no scenario judges {} yet: {named}{more}",
        all.len(),
        if all.len() == 1 { "it" } else { "them" }
    )
}

/// Where the reports are, and how to look closer.
fn closer(summary: &Summary, folder: &Path, out: &mut impl Write) -> std::io::Result<()> {
    let all = |names: &[&str]| {
        let paths = names.iter().map(|name| folder.join(name));
        let shown: Vec<String> = paths.map(|path| path.display().to_string()).collect();
        shown.join(", ")
    };
    writeln!(
        out,
        "\nto look:  {}\nverdicts: {}\nmessages: {}",
        all(&["report.html"]),
        all(&["summary.json", "summary.md", "junit.xml", "results.sarif"]),
        all(&["snapshots", "run.jsonl", "exchange.pcapng"])
    )?;
    let broken =
        |clause: &&ClauseSummary| matches!(clause.verdict, Some(v) if v >= Verdict::Inconclusive);
    let Some(clause) = summary.all().find(broken) else {
        return Ok(());
    };
    let again = match clause.scenarios.is_empty() {
        true => String::new(),
        false => format!("; the same run with --clause '{}'", clause.id),
    };
    writeln!(
        out,
        "closer:   shall clauses '{}' --coverage{again}",
        clause.id
    )
}
