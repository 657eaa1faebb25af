//! SARIF 2.1.0 for code scanning: a rule a clause, a result a broken clause and scenario, at the judging line.

use std::io::{self, Write};

use clauses::Catalogue;
use serde_json::{Value, json};
use trace::{Judgement, Verdict};

use crate::summarise::{effective, reason};
use crate::summary::write_json;
use crate::{ClauseSummary, Run, Summary, exit_code};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// Writes SARIF. Failures are errors, recommendations not followed are warnings, and what is expected is suppressed;
/// clauses without a verdict are no results, but make the run unsuccessful.
pub fn render_sarif(
    catalogue: &Catalogue,
    summary: &Summary,
    run: &Run,
    out: &mut impl Write,
) -> io::Result<()> {
    let judged: Vec<&ClauseSummary> = summary.all().filter(|c| c.status == "judged").collect();
    let rules: Vec<Value> = judged.iter().map(|c| rule(catalogue, c)).collect();
    let results: Vec<Value> = judged
        .iter()
        .enumerate()
        .flat_map(|(index, clause)| results(index, clause, run))
        .collect();
    let sarif = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "Shall",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "automationDetails": { "id": format!("shall/{}", summary.subject) },
            "invocations": [invocation(summary)],
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    write_json(&sarif, out)
}

fn rule(catalogue: &Catalogue, clause: &ClauseSummary) -> Value {
    let requirement = catalogue.get(&clause.id).map(|c| c.requirement.as_str());
    json!({
        "id": clause.id,
        "shortDescription": { "text": requirement.unwrap_or(&clause.id) },
        "defaultConfiguration": { "level": level(clause.level) },
        "properties": { "actor": clause.actor, "level": clause.level },
    })
}

fn level(level: clauses::Level) -> &'static str {
    match level {
        clauses::Level::Shall => "error",
        clauses::Level::Should => "warning",
        clauses::Level::May => "note",
    }
}

fn invocation(summary: &Summary) -> Value {
    let code = exit_code(summary);
    let faults = summary.all().filter(|c| c.verdict == Some(Verdict::Error));
    let faults = faults.map(|clause| format!("{}: {}", clause.id, clause.reason));
    let notes = faults.chain(summary.faults.iter().chain(&summary.stale).cloned());
    let notes = notes.map(|text| ("error", text));
    let pending = summary.pending();
    let pending = pending.map(|clause| {
        (
            "note",
            format!("{} is pending: {}", clause.id, clause.reason),
        )
    });
    let notes = notes.chain(pending);
    let notes = notes.map(|(level, text)| json!({ "level": level, "message": message(&text) }));
    json!({
        "executionSuccessful": code <= 1,
        "exitCode": code,
        "toolExecutionNotifications": notes.collect::<Vec<Value>>(),
    })
}

fn results(index: usize, clause: &ClauseSummary, run: &Run) -> Vec<Value> {
    let own = run.judgements.iter().filter(|j| j.clause == clause.id);
    own.filter_map(|judgement| {
        let level = match effective(judgement) {
            Verdict::Fail => "error",
            Verdict::Warning => "warning",
            _ => return None,
        };
        Some(result((index, level), clause, judgement, run))
    })
    .collect()
}

fn result(
    (index, level): (usize, &str),
    clause: &ClauseSummary,
    judgement: &Judgement,
    run: &Run,
) -> Value {
    let Judgement {
        feature,
        scenario,
        transport,
        ..
    } = judgement;
    let mut text = reason(judgement);
    let id = run.scenario_of(judgement).map(|scenario| scenario.id);
    for evidence in &judgement.finding.evidence {
        let (from, to) = evidence.octets;
        let frame = evidence.frame;
        text += &format!("; frame {frame}, octets {from} to {to}");
    }
    let suppressed = clause
        .expected
        .iter()
        .map(|why| json!({ "kind": "external", "status": "accepted", "justification": why }));
    json!({
        "ruleId": clause.id,
        "ruleIndex": index,
        "kind": "fail",
        "level": level,
        "message": message(&text),
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": uri(feature), "uriBaseId": "%SRCROOT%" },
            "region": { "startLine": judgement.line.max(1) },
        }}],
        "partialFingerprints": {
            "clauseAndScenario/v1": format!("{} {feature} {scenario} {transport}", clause.id),
        },
        "suppressions": suppressed.collect::<Vec<Value>>(),
        "properties": { "transport": transport, "scenario": scenario, "scenario_id": id },
    })
}

/// A text in which nothing is a link: SARIF reads brackets as links.
fn message(text: &str) -> Value {
    let plain = text.replace('\\', "\\\\");
    json!({ "text": plain.replace('[', "\\[").replace(']', "\\]") })
}

/// A path as a relative reference (RFC 3986).
fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            _ => uri += &format!("%{byte:02X}"),
        }
    }
    uri
}
