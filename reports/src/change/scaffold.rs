//! From a changed statement to files of the catalogue and of the features, not judged until somebody writes the scenario.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use clauses::fingerprint;

use super::Analysis;
use super::align::{self, Aligned, Effect};
use super::statements::Statement;

/// Path below a features folder and text of each file, for what is added, reworded or of another level.
#[must_use]
pub fn scaffold_of(analysis: &Analysis) -> Vec<(String, String)> {
    let mut by_subclause: BTreeMap<&str, Vec<(&Aligned, &Statement)>> = BTreeMap::new();
    let wanted = [
        Effect::Added,
        Effect::Reworded,
        Effect::LevelChanged,
        Effect::Moved,
    ];
    for one in analysis
        .alignment
        .iter()
        .filter(|one| wanted.contains(&one.effect))
    {
        if let Some(statement) = one.statement.map(|index| &analysis.statements[index]) {
            by_subclause
                .entry(&statement.subclause)
                .or_default()
                .push((one, statement));
        }
    }
    let mut files = Vec::new();
    for (subclause, changed) in by_subclause
        .into_iter()
        .filter(|(subclause, _)| is_number(subclause))
    {
        let request = request(&analysis.document.name);
        files.push((
            format!("clauses/{request}-{subclause}.yaml"),
            entries(analysis, &request, subclause, &changed),
        ));
        files.push((
            format!("pending/{request}-{subclause}.txt"),
            skeleton(&request, &changed),
        ));
    }
    files
}

fn is_number(subclause: &str) -> bool {
    !subclause.is_empty()
        && subclause
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '.')
}

/// The change request as ids and file names have it.
fn request(name: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let plain: String = stem.chars().map(plain).take(40).collect();
    match plain.trim_matches('-') {
        "" => "change".to_owned(),
        name => name.to_owned(),
    }
}

fn id(request: &str, statement: &Statement) -> String {
    format!(
        "{request}:{}/{}/{}",
        statement.subclause, statement.list, statement.step
    )
}

fn entries(
    analysis: &Analysis,
    request: &str,
    subclause: &str,
    changed: &[(&Aligned, &Statement)],
) -> String {
    let title = analysis
        .subclauses
        .iter()
        .find(|known| known.number == subclause);
    let title = title.map(|known| known.title.as_str()).unwrap_or_default();
    let mut text = format!(
        "# Pending: what change request {request} adds or words anew in {subclause}.\nsubclause: {}\ntitle: {}\nclauses:\n",
        quoted(&format!("{request}:{subclause}")),
        quoted(title)
    );
    let mut seen = BTreeSet::new();
    for (one, statement) in changed {
        let mut id = id(request, statement);
        while !seen.insert(id.clone()) {
            id.push_str("-bis");
        }
        let print = fingerprint::of(&statement.paragraph);
        let actor = match statement.actor.is_empty() {
            true => "unnamed".to_owned(),
            false => statement.actor.to_lowercase().replace([' ', '/'], "-"),
        };
        if let Some(old) = &one.clause {
            let _ = writeln!(
                text,
                "  # Stands for {old}; once a scenario judges this one, give that one `status: superseded` and `by: {id}`."
            );
        }
        let lines = [
            format!("  - id: {}", quoted(&id)),
            format!("    level: {}", align::force(statement.level)),
            format!("    actor: {}", quoted(&actor)),
            "    area: pending".to_owned(),
            format!("    trigger: {}", quoted(&statement.trigger)),
            format!("    requirement: {}", quoted(&statement.text)),
            "    observable: on-wire-sip".to_owned(),
            "    applies_when: null".to_owned(),
            format!(
                "    source: {{ change_request: {}, change: null, line: {} }}",
                quoted(request),
                statement.line
            ),
            format!(
                "    fingerprint: {{ sha256: \"{}\", simhash: \"{}\" }}",
                print.sha256, print.simhash
            ),
            "    status: excluded".to_owned(),
            "    reason: \"Pending: no scenario judges it yet.\"".to_owned(),
        ];
        text.push_str(&lines.join("\n"));
        text.push('\n');
    }
    text
}

/// Scenarios to be written; no feature yet, because a Then may only name a clause that is judged.
fn skeleton(request: &str, changed: &[(&Aligned, &Statement)]) -> String {
    let mut text = format!(
        "# Move this into a .feature once its steps are written, and set the entries to `status: judged`.\nFeature: {request}\n"
    );
    for (_, statement) in changed {
        let trigger = if statement.trigger.is_empty() {
            "it is asked for"
        } else {
            &statement.trigger
        };
        let _ = write!(
            text,
            "\n  # {}\n  Scenario: {} step {}\n    Given …\n    When {trigger}\n    Then [{}] …\n",
            statement.text,
            statement.subclause,
            statement.step,
            id(request, statement)
        );
    }
    text
}

/// A JSON string, which is YAML too.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
