//! Every step of every scenario, outlines expanded with their examples.

use crate::context::Context;
use crate::files;
use gherkin::{Background, Feature, GherkinEnv, Scenario, StepType, Table};

/// One step as a run would see it.
pub(super) struct Step {
    pub(super) file: String,
    /// Line in the file, from 1.
    pub(super) line: usize,
    /// What `And` and `But` continue.
    pub(super) kind: StepType,
    pub(super) text: String,
}

/// The steps of all features, and what could not be read.
pub(super) fn read(context: &Context) -> (Vec<Step>, Vec<String>) {
    let texts = match files::texts(context, "features", &["feature"]) {
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
        faults.push("features/: no scenario was found".into());
    }
    (steps, faults)
}

/// The steps of one feature.
pub(super) fn of(file: &str, content: &str) -> Result<Vec<Step>, String> {
    let feature = Feature::parse(content, GherkinEnv::default())
        .map_err(|fault| format!("{file}: {fault}"))?;
    let mut steps = Vec::new();
    background(file, feature.background.as_ref(), &mut steps);
    for scenario in &feature.scenarios {
        expand(file, scenario, &mut steps);
    }
    for rule in &feature.rules {
        background(file, rule.background.as_ref(), &mut steps);
        for scenario in &rule.scenarios {
            expand(file, scenario, &mut steps);
        }
    }
    Ok(steps)
}

fn background(file: &str, background: Option<&Background>, steps: &mut Vec<Step>) {
    for step in background.iter().flat_map(|background| &background.steps) {
        steps.push(Step {
            file: file.into(),
            line: step.position.line,
            kind: step.ty,
            text: step.value.clone(),
        });
    }
}

fn expand(file: &str, scenario: &Scenario, steps: &mut Vec<Step>) {
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
