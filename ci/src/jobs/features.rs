//! Job `features`: the embedded reference conforms, and an empty run is no success.

use super::shall::{self, Summary};
use crate::context::Context;
use crate::job::Outcome;
use std::path::Path;

pub(super) fn check(context: &Context) -> Outcome {
    match checked(context) {
        Ok(outcome) => outcome,
        Err(fault) => Outcome::fault(fault),
    }
}

fn checked(context: &Context) -> Result<Outcome, String> {
    let binary = shall::build(context)?;
    let out = context
        .fresh("features")
        .map_err(|fault| fault.to_string())?;
    let run = shall::run(context, &binary, &out, &[])?;
    if let Some(fault) = shall::demand(&run, 0, "shall run") {
        return Ok(Outcome::fault(fault));
    }
    let mut faults = Vec::new();
    let summary = Summary::read(&out)?;
    faults.extend(unsound(&summary));
    faults.extend(missing(&out));
    let nothing = context
        .fresh("features-nothing")
        .map_err(|fault| fault.to_string())?;
    let empty = shall::run(context, &binary, &nothing, &["--clause", "no-such-clause"])?;
    faults.extend(shall::demand(
        &empty,
        3,
        "shall run --clause no-such-clause",
    ));
    Ok(Outcome::of(faults, told(&summary)))
}

/// What a conformant run may not contain, and what it must.
fn unsound(summary: &Summary) -> Vec<String> {
    let mut faults = Vec::new();
    if summary.total("pass") == 0 {
        faults.push("nothing passed: the run was empty".to_owned());
    }
    for name in ["fail", "inconclusive", "error"] {
        if summary.total(name) > 0 {
            faults.push(format!(
                "exit 0, yet {} clauses are {name}",
                summary.total(name)
            ));
        }
    }
    for clause in summary.all() {
        let verdict = clause.verdict.as_deref().unwrap_or_default();
        if verdict == "pass" && clause.evidence.is_empty() {
            faults.push(format!("{}: passes without evidence", clause.id));
        }
        let reason = clause.reason.as_deref().unwrap_or_default();
        if clause.status != "judged" && reason.trim().is_empty() {
            faults.push(format!("{}: {} without a reason", clause.id, clause.status));
        }
    }
    faults
}

fn missing(out: &Path) -> Vec<String> {
    let wanted = ["run.jsonl", "junit.xml", "summary.json"].into_iter();
    wanted
        .filter(|name| !out.join(name).is_file())
        .map(|name| format!("the run wrote no {name}"))
        .collect()
}

fn told(summary: &Summary) -> String {
    let totals = summary
        .totals
        .iter()
        .filter_map(|(name, count)| Some((name, (*count).filter(|count| *count > 0)?)));
    totals
        .map(|(name, count)| format!("{count} {name}"))
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(text: &str) -> Summary {
        serde_json::from_str(text).expect("a summary")
    }

    #[test]
    fn an_empty_run_is_no_success() {
        assert_eq!(unsound(&summary(r#"{"totals":{},"clauses":[]}"#)).len(), 1);
    }

    #[test]
    fn a_pass_needs_evidence_and_an_exclusion_a_reason() {
        let text = r#"{"totals":{"pass":1},"clauses":[
            {"id":"a/b/1","status":"judged","verdict":"pass","evidence":[]},
            {"id":"a/b/2","status":"excluded","verdict":null,"reason":""}]}"#;
        assert_eq!(unsound(&summary(text)).len(), 2);
    }
}
