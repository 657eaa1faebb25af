//! Every step of every scenario, outlines expanded with their examples.

use crate::context::Context;
use crate::files;
use clauses::citations::PENDING;
use gherkin::{Background, Feature, GherkinEnv, Scenario, StepType, Table};
use std::path::Path;

/// One step as a run would see it.
pub(super) struct Step {
    pub(super) file: String,
    /// Line in the file, from 1.
    pub(super) line: usize,
    /// What `And` and `But` continue.
    pub(super) kind: StepType,
    pub(super) text: String,
    /// True where the scenario is still to be written, so that no run plays it.
    pub(super) pending: bool,
}

/// The steps of all features below a folder, and what could not be read.
pub(super) fn read(context: &Context, folder: &Path) -> (Vec<Step>, Vec<String>) {
    let texts = match files::texts(context, folder, &["feature"]) {
        Ok(texts) => texts,
        Err(fault) => return (Vec::new(), vec![fault]),
    };
    let (mut steps, mut faults) = (Vec::new(), Vec::new());
    for text in texts {
        match of(&text.short, &text.content) {
            Ok(found) => steps.extend(found),
            Err(fault) => faults.push(fault),
        }
    }
    if steps.is_empty() {
        faults.push(format!("{}: no scenario was found", folder.display()));
    }
    (steps, faults)
}

/// The steps of one feature.
pub(super) fn of(file: &str, content: &str) -> Result<Vec<Step>, String> {
    let feature = Feature::parse(content, GherkinEnv::default())
        .map_err(|fault| format!("{file}: {fault}"))?;
    let mut steps = Vec::new();
    let whole = is_pending(&feature.tags);
    background(file, feature.background.as_ref(), whole, &mut steps);
    for scenario in &feature.scenarios {
        expand(file, scenario, whole, &mut steps);
    }
    for rule in &feature.rules {
        let whole = whole || is_pending(&rule.tags);
        background(file, rule.background.as_ref(), whole, &mut steps);
        for scenario in &rule.scenarios {
            expand(file, scenario, whole, &mut steps);
        }
    }
    Ok(steps)
}

fn is_pending(tags: &[String]) -> bool {
    tags.iter().any(|tag| tag == PENDING)
}

fn background(file: &str, background: Option<&Background>, pending: bool, steps: &mut Vec<Step>) {
    for step in background.iter().flat_map(|background| &background.steps) {
        steps.push(Step {
            file: file.into(),
            line: step.position.line,
            kind: step.ty,
            text: step.value.clone(),
            pending,
        });
    }
}

fn expand(file: &str, scenario: &Scenario, pending: bool, steps: &mut Vec<Step>) {
    let pending = pending || is_pending(&scenario.tags);
    let rows: Vec<Vec<(String, String)>> = scenario
        .examples
        .iter()
        .filter_map(|examples| examples.table.as_ref())
        .flat_map(rows)
        .collect();
    let rows = if scenario.examples.is_empty() {
        vec![Vec::new()]
    } else {
        rows
    };
    for row in rows {
        for step in &scenario.steps {
            let text = row.iter().fold(step.value.clone(), |text, (name, value)| {
                text.replace(&format!("<{name}>"), value)
            });
            steps.push(Step {
                file: file.into(),
                line: step.position.line,
                kind: step.ty,
                text,
                pending,
            });
        }
    }
}

fn rows(table: &Table) -> Vec<Vec<(String, String)>> {
    let Some((names, values)) = table.rows.split_first() else {
        return Vec::new();
    };
    values
        .iter()
        .map(|row| names.iter().cloned().zip(row.iter().cloned()).collect())
        .collect()
}
