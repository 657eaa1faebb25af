//! Job `pending`: what a change request adds is pending, named and judged by nobody, until somebody says that it is judged.

use super::pairs;
use super::shall::{self, Summary};
use crate::command::{self, Captured};
use crate::context::Context;
use crate::files;
use crate::job::Outcome;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// A change request of ours, with a rule that the catalogue does not have.
const REQUEST: &str = "7.2.1.1 General
When sending a SIP 1xx response other than 100 to a SIP REFER request the IM Server:
1. SHALL include a Date header field.
";
const ID: &str = "CR-0042:7.2.1.1/server-sends-1xx/1";
const ENTRY: &str = "clauses/CR-0042-7.2.1.1.yaml";
const FEATURE: &str = "pending/server/CR-0042-7.2.1.1.feature";

pub(super) fn check(context: &Context) -> Outcome {
    match checked(context) {
        Ok(faults) => Outcome::of(faults, format!("{ID}: pending, and judged once it says so")),
        Err(fault) => Outcome::fault(fault),
    }
}

fn checked(context: &Context) -> Result<Vec<String>, String> {
    let out = context
        .fresh("pending")
        .map_err(|fault| fault.to_string())?;
    let features = out.join("features");
    for text in files::texts(context, "features", &["yaml", "feature"])? {
        write(&out.join(&text.short), &text.content)?;
    }
    let shall = shall::build(context)?;
    let request = out.join("CR-0042.txt");
    write(&request, REQUEST)?;
    let mut scaffold = Command::new(&shall);
    scaffold
        .arg("change")
        .arg(&request)
        .arg("--scaffold")
        .arg(&features);
    let written = command::capture(&mut scaffold, Duration::from_secs(60))?;
    let again = command::capture(&mut scaffold, Duration::from_secs(60))?;
    let mut faults = Vec::new();
    faults.extend(shall::demand(&written, 0, "shall change --scaffold"));
    faults.extend(shall::demand(&again, 2, "a second --scaffold"));
    faults.extend(accepted(context, &shall, &features)?);
    faults.extend(refused(context, &shall, &features)?);
    Ok(faults)
}

/// The scaffold as written: named everywhere, judged nowhere.
fn accepted(context: &Context, shall: &Path, features: &Path) -> Result<Vec<String>, String> {
    let mut faults = Vec::new();
    match paired(context, features) {
        Outcome::Passed(told) if told.contains(&format!("pending: `{ID}`")) => {}
        other => faults.push(format!(
            "pairs does not name {ID} as pending: {}",
            words(other)
        )),
    }
    let out = features.with_file_name("run");
    let run = run(context, shall, &out, features)?;
    faults.extend(shall::demand(&run, 0, "shall run with a pending clause"));
    let summary = Summary::read(&out)?;
    if summary.total("pending") != 1 || summary.total("pass") == 0 {
        faults.push(format!(
            "summary.json counts {} pending",
            summary.total("pending")
        ));
    }
    let clause = summary.all().find(|clause| clause.id == ID);
    if !clause.is_some_and(|clause| clause.status == "pending" && clause.verdict.is_none()) {
        faults.push(format!("summary.json does not say that {ID} is not judged"));
    }
    let junit = out.join("junit.xml");
    let junit = std::fs::read_to_string(&junit).map_err(|fault| fault.to_string())?;
    let case = junit.split_once(&format!("<testcase name=\"{ID}\""));
    if !case.is_some_and(|(_, case)| skipped(case)) {
        faults.push(format!("junit.xml does not say why {ID} was skipped"));
    }
    if !run
        .stdout
        .contains(&format!("1 pending: no scenario judges it yet: {ID}"))
    {
        faults.push("the terminal does not name what is pending".to_owned());
    }
    Ok(faults)
}

fn skipped(case: &str) -> bool {
    let (case, _) = case.split_once("</testcase>").unwrap_or((case, ""));
    case.contains("<skipped message=\"pending: no scenario judges it yet\"")
}

/// What was claimed without being written is found out.
fn refused(context: &Context, shall: &Path, features: &Path) -> Result<Vec<String>, String> {
    let (entry, feature) = (features.join(ENTRY), features.join(FEATURE));
    let out = features.with_file_name("refused");
    let mut faults = Vec::new();
    let mut pairs = |what: &str| match paired(context, features) {
        Outcome::Failed(said) if said.iter().any(|fault| fault.contains(ID)) => {}
        other => faults.push(format!("{what}: pairs takes it: {}", words(other))),
    };
    replace(&feature, "  @pending\n", "")?;
    let early = "a scenario that judges what is pending";
    pairs(early);
    let early = shall::demand(&run(context, shall, &out, features)?, 2, early);
    replace(&entry, "status: pending", "status: judged")?;
    let hollow = "a scenario without steps";
    let hollow = shall::demand(&run(context, shall, &out, features)?, 2, hollow);
    replace(&feature, "  Scenario:", "  @pending\n  Scenario:")?;
    let unjudged = "a judged clause whose scenario is pending";
    pairs(unjudged);
    let features = features.display().to_string();
    let whole = shall::run(context, shall, &out, &["--features", &features])?;
    faults.extend(early.into_iter().chain(hollow));
    faults.extend(shall::demand(&whole, 3, unjudged));
    let summary = Summary::read(&out)?;
    let clause = summary.all().find(|clause| clause.id == ID);
    let verdict = clause.and_then(|clause| clause.verdict.as_deref());
    if verdict != Some("inconclusive") {
        faults.push(format!("{unjudged} is {verdict:?}, not inconclusive"));
    }
    Ok(faults)
}

fn paired(context: &Context, features: &Path) -> Outcome {
    let words = ["--features".to_owned(), features.display().to_string()];
    pairs::check(&Context {
        root: context.root.clone(),
        out: context.out.clone(),
        target: context.target.clone(),
        strict: context.strict,
        words: words.to_vec(),
    })
}

fn words(outcome: Outcome) -> String {
    match outcome {
        Outcome::Failed(faults) => faults.join("\n"),
        Outcome::Passed(told) | Outcome::Skipped(told) => told,
    }
}

/// The subclause with its neighbours, asked for by name.
fn run(context: &Context, shall: &Path, out: &Path, features: &Path) -> Result<Captured, String> {
    let features = features.display().to_string();
    let asked = [
        "--features",
        &features,
        "--clause",
        "7.2.1.1/server-sends-1xx",
        "--clause",
        ID,
    ];
    shall::run(context, shall, out, &asked)
}

fn replace(path: &Path, from: &str, to: &str) -> Result<(), String> {
    let text =
        std::fs::read_to_string(path).map_err(|fault| format!("{}: {fault}", path.display()))?;
    match text.contains(from) {
        true => write(path, &text.replace(from, to)),
        false => Err(format!("{}: has no `{}`", path.display(), from.trim())),
    }
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    let folder = path.parent().unwrap_or(path);
    let written = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(path, text));
    written.map_err(|fault| format!("{}: {fault}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_without_its_own_reason_is_not_skipped() {
        let reason = "<skipped message=\"pending: no scenario judges it yet\"/>";
        assert!(skipped(&format!(">{reason}</testcase>")));
        assert!(!skipped(&format!(
            "></testcase><testcase>{reason}</testcase>"
        )));
    }
}
