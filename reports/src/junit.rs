//! JUnit XML for build servers: one suite a subclause, one case per clause and scenario.

use crate::summarise::{effective, reason};
use crate::{ClauseSummary, Run, ScenarioRun, Summary};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use std::io::{self, Write};
use std::time::Duration;
use trace::{Judgement, Verdict};

/// Writes JUnit XML. Inconclusive, pending, excluded and not applicable are skipped cases with a
/// reason, for JUnit has no word for them; the exit code of the run tells them apart.
pub fn render_junit(summary: &Summary, run: &Run, out: &mut impl Write) -> io::Result<()> {
    let mut report = Report::new(format!("shall {} {}", summary.subject, summary.edition));
    if let Ok(time) = Duration::try_from_secs_f64(summary.wall_seconds) {
        report.set_time(time);
    }
    let mut suites: Vec<(String, TestSuite)> = Vec::new();
    for clause in summary.all() {
        let subclause = clause.id.split('/').next().unwrap_or_default();
        if suites.last().is_none_or(|(name, _)| name != subclause) {
            suites.push((subclause.to_owned(), TestSuite::new(subclause)));
        }
        let Some((_, suite)) = suites.last_mut() else {
            continue;
        };
        suite.add_test_cases(cases(clause, run));
    }
    report.add_test_suites(suites.into_iter().map(|(_, suite)| suite));
    let faults = summary
        .faults
        .iter()
        .map(|fault| ("fault", fault, NonSuccessKind::Error));
    let stale = summary
        .stale
        .iter()
        .map(|entry| ("stale expectation", entry, NonSuccessKind::Failure));
    let own: Vec<TestCase> = faults
        .chain(stale)
        .map(|(name, why, kind)| own_case(name, why, kind))
        .collect();
    if !own.is_empty() {
        let mut suite = TestSuite::new("run");
        suite.add_test_cases(own);
        report.add_test_suite(suite);
    }
    let xml = report.to_string().map_err(io::Error::other)?;
    out.write_all(without_skipped(&xml).as_bytes())
}

/// The schema of Jenkins has no count of skipped cases for all suites together, which quick-junit writes.
fn without_skipped(xml: &str) -> String {
    const KEY: &str = " skipped=\"";
    let (head, suites) = xml.split_at(xml.find("<testsuite ").unwrap_or(xml.len()));
    let cut = head.split_once(KEY).and_then(|(before, after)| {
        let (_, after) = after.split_once('"')?;
        Some(format!("{before}{after}{suites}"))
    });
    cut.unwrap_or_else(|| xml.to_owned())
}

fn cases(clause: &ClauseSummary, run: &Run) -> Vec<TestCase> {
    let judgements: Vec<&Judgement> = run
        .judgements
        .iter()
        .filter(|judgement| judgement.clause == clause.id)
        .collect();
    if clause.verdict.is_none() || judgements.is_empty() {
        let word = clause.verdict.map_or(clause.status, Verdict::word);
        let mut status = TestCaseStatus::skipped();
        status.set_message(match clause.status {
            "superseded" => clause.reason.clone(),
            _ => format!("{word}: {}", clause.reason),
        });
        return vec![named(clause, clause.id.clone(), status)];
    }
    judgements
        .into_iter()
        .map(|judgement| {
            let mut case = case(clause, judgement);
            if let Some(time) = run.scenario_of(judgement).and_then(time) {
                case.set_time(time);
            }
            case
        })
        .collect()
}

/// How long the scenario took.
fn time(scenario: &ScenarioRun) -> Option<Duration> {
    Duration::try_from_secs_f64(scenario.seconds).ok()
}

fn case(clause: &ClauseSummary, judgement: &Judgement) -> TestCase {
    let verdict = effective(judgement);
    let why = reason(judgement)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    let mut status = match verdict {
        Verdict::Pass | Verdict::Warning => TestCaseStatus::success(),
        Verdict::Inconclusive | Verdict::NotApplicable => TestCaseStatus::skipped(),
        Verdict::Fail if clause.expected.is_some() => TestCaseStatus::skipped(),
        Verdict::Fail => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Verdict::Error => TestCaseStatus::non_success(NonSuccessKind::Error),
    };
    let passed = matches!(verdict, Verdict::Pass | Verdict::Warning);
    if !passed {
        status.set_message(match &clause.expected {
            Some(expected) => format!("expected {}: {expected}: {why}", verdict.word()),
            None => format!("{}: {why}", verdict.word()),
        });
        status.set_type(verdict.word());
        status.set_description(describe(judgement));
    }
    let name = format!(
        "{} · {} ({})",
        clause.id, judgement.scenario, judgement.transport
    );
    let mut case = named(clause, name, status);
    if verdict == Verdict::Warning {
        case.set_system_out(format!("warning: {why}"));
    }
    case
}

fn describe(judgement: &Judgement) -> String {
    let finding = &judgement.finding;
    let mut text = format!(
        "{}:{}\nexpected: {}\nfound:    {}\n",
        judgement.feature, judgement.line, finding.expected, finding.found
    );
    for evidence in &finding.evidence {
        let (from, to) = evidence.octets;
        text.push_str(&format!(
            "frame {}, octets {from} to {to}\n",
            evidence.frame
        ));
    }
    text
}

fn named(clause: &ClauseSummary, name: String, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(name, status);
    case.set_classname(format!("{} {}", clause.level, clause.id));
    case
}

fn own_case(name: &str, why: &str, kind: NonSuccessKind) -> TestCase {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_message(why);
    let mut case = TestCase::new(format!("{name}: {why}"), status);
    case.set_classname("shall");
    case
}
