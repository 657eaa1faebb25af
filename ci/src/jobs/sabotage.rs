//! Job `sabotage`: `shall prove` kills every judged clause.

use super::shall;
use crate::command;
use crate::context::Context;
use crate::job::Outcome;
use serde::Deserialize;
use std::process::Command;
use std::time::Duration;

#[derive(Deserialize)]
struct Kills {
    totals: Totals,
    kills: Vec<Kill>,
}

#[derive(Deserialize)]
struct Totals {
    judged: u64,
    killed: u64,
    unproven: u64,
    survived: u64,
}

#[derive(Deserialize)]
struct Kill {
    clause: String,
    mutation: String,
    killed: bool,
}

pub(super) fn check(context: &Context) -> Outcome {
    match checked(context) {
        Ok(outcome) => outcome,
        Err(fault) => Outcome::fault(fault),
    }
}

fn checked(context: &Context) -> Result<Outcome, String> {
    let binary = shall::build(context)?;
    let mut command = Command::new(binary);
    command
        .current_dir(&context.root)
        .args(["prove", "--format", "json"]);
    let captured = command::capture(&mut command, Duration::from_secs(900))?;
    let mut faults: Vec<String> = shall::demand(&captured, 0, "shall prove")
        .into_iter()
        .collect();
    let Ok(kills) = serde_json::from_str::<Kills>(&captured.stdout) else {
        faults.push(format!(
            "`shall prove --format json` gave no kill table\n{}",
            command::tail(&captured.stdout, 10)
        ));
        return Ok(Outcome::Failed(faults));
    };
    faults.extend(unkilled(&kills));
    let told = format!(
        "{} of {} judged clauses killed, {} mutations",
        kills.totals.killed,
        kills.totals.judged,
        kills.kills.len()
    );
    Ok(Outcome::of(faults, told))
}

fn unkilled(kills: &Kills) -> Vec<String> {
    let mut faults = Vec::new();
    for kill in kills.kills.iter().filter(|kill| !kill.killed) {
        faults.push(format!(
            "{}: the mutation `{}` survived",
            kill.clause, kill.mutation
        ));
    }
    let totals = &kills.totals;
    if totals.judged == 0 || totals.killed != totals.judged || totals.unproven + totals.survived > 0
    {
        faults.push(format!(
            "{} judged, {} killed, {} unproven, {} survived",
            totals.judged, totals.killed, totals.unproven, totals.survived
        ));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_survivor_is_named_and_an_empty_table_refused() {
        let text = r#"{"totals":{"judged":2,"killed":1,"unproven":0,"survived":1},
            "kills":[{"clause":"a/b/1","mutation":"m","killed":false}]}"#;
        assert_eq!(
            unkilled(&serde_json::from_str(text).expect("kills")).len(),
            2
        );
        let text = r#"{"totals":{"judged":0,"killed":0,"unproven":0,"survived":0},"kills":[]}"#;
        assert_eq!(
            unkilled(&serde_json::from_str(text).expect("kills")).len(),
            1
        );
    }
}
