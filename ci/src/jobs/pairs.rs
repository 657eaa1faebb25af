//! Job `pairs`: set differences between catalogue, features, steps and mutations.

mod expression;
mod mutations;
mod pending;
mod phrases;
mod scenarios;

use crate::context::Context;
use crate::files;
use crate::job::Outcome;
use clauses::{Catalogue, Status, citations::leading_id};
use gherkin::StepType;
use mutations::Mutation;
use phrases::Phrase;
use scenarios::Step;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

pub(super) fn check(context: &Context) -> Outcome {
    let folder = match features(context) {
        Ok(folder) => folder,
        Err(fault) => return Outcome::fault(fault),
    };
    let texts = match files::texts(context, folder.join("clauses"), &["yaml"]) {
        Ok(texts) => texts.into_iter().map(|text| (text.short, text.content)),
        Err(fault) => return Outcome::fault(fault),
    };
    let catalogue = match Catalogue::load(texts) {
        Ok(catalogue) if !catalogue.is_empty() => catalogue,
        Ok(_) => {
            return Outcome::fault(format!("{}/clauses: no clause was found", folder.display()));
        }
        Err(fault) => return Outcome::fault(fault.to_string()),
    };
    let mut faults = Vec::new();
    let steps = keep(scenarios::read(context, &folder), &mut faults);
    let phrases = keep(phrases::read(context), &mut faults);
    let mutations = keep(mutations::read(context), &mut faults);
    faults.extend(statuses(&catalogue));
    faults.extend(pending::succeeded(&catalogue));
    faults.extend(judged(&catalogue, &steps));
    faults.extend(killed(&catalogue, &mutations));
    faults.extend(worded(&phrases, &steps));
    let looked_at = format!(
        "{} clauses, {} steps of scenarios, {} phrases, {} mutations",
        catalogue.len(),
        steps.len(),
        phrases.len(),
        mutations.len()
    );
    let named = pending::named(&catalogue, &steps);
    let told: Vec<String> = std::iter::once(looked_at).chain(named).collect();
    Outcome::of(faults, told.join("\n  "))
}

/// The folder that `--features` names, as the caller knows it, or the checkout's own.
fn features(context: &Context) -> Result<PathBuf, String> {
    match context.words.iter().position(|word| word == "--features") {
        None => Ok(PathBuf::from("features")),
        Some(_) => {
            let named = context.value("--features");
            let named = named.ok_or("--features: give the folder that holds clauses/")?;
            std::path::absolute(named).map_err(|fault| format!("{named}: {fault}"))
        }
    }
}

/// What could be read; what could not joins the faults. Nothing read at all is a fault too.
fn keep<T>(read: (Vec<T>, Vec<String>), faults: &mut Vec<String>) -> Vec<T> {
    faults.extend(read.1);
    read.0
}

/// Whatever is not judged says why.
fn statuses(catalogue: &Catalogue) -> Vec<String> {
    let mut faults = Vec::new();
    for clause in catalogue.iter() {
        let told = match &clause.status {
            Status::Judged => true,
            Status::Excluded { reason } | Status::Pending { reason } => !reason.trim().is_empty(),
            Status::Superseded { by } => !by.trim().is_empty(),
        };
        if !told {
            faults.push(format!(
                "{}:{}: `{}` is not judged and says no reason",
                clause.file, clause.line, clause.id
            ));
        }
    }
    faults
}

/// Every `Then` cites a clause that exists and is judged; every judged clause is cited.
fn judged(catalogue: &Catalogue, steps: &[Step]) -> Vec<String> {
    let mut faults = Vec::new();
    let mut cited = BTreeSet::new();
    for step in steps.iter().filter(|step| step.kind == StepType::Then) {
        let place = format!("{}:{}", step.file, step.line);
        let Some(id) = leading_id(&step.text) else {
            faults.push(format!(
                "{place}: a Then names the clause it judges: `Then [subclause/list/step] ...`"
            ));
            continue;
        };
        match catalogue.get(id) {
            None => {
                let meant = catalogue
                    .suggest(id)
                    .map(|id| format!("; did you mean `{id}`?"))
                    .unwrap_or_default();
                faults.push(format!(
                    "{place}: the catalogue has no clause `{id}`{meant}"
                ));
            }
            Some(_) if step.pending => {}
            Some(clause) if !clause.is_judged() => {
                let remedy = match &clause.status {
                    Status::Pending { .. } => {
                        "; set the entry to `judged`, or tag the scenario @pending"
                    }
                    Status::Judged | Status::Excluded { .. } | Status::Superseded { .. } => "",
                };
                faults.push(format!(
                    "{place}: `{id}` is {} in the catalogue, yet judged here{remedy}",
                    clause.status.name()
                ));
            }
            Some(clause) => {
                cited.insert(clause.id.clone());
            }
        }
    }
    for clause in catalogue
        .iter()
        .filter(|clause| clause.is_judged() && !cited.contains(&clause.id))
    {
        let remedy = match pending::waiting(&clause.id, steps).first() {
            Some(place) => format!("take the tag @pending from the one at {place}"),
            None => "write one or exclude it with a reason".to_owned(),
        };
        faults.push(format!(
            "{}:{}: `{}` is judged by no scenario; {remedy}",
            clause.file, clause.line, clause.id
        ));
    }
    faults
}

/// Every judged clause has a mutation; every mutation breaks a judged clause; names are unique.
fn killed(catalogue: &Catalogue, mutations: &[Mutation]) -> Vec<String> {
    let mut faults = Vec::new();
    let mut broken = BTreeSet::new();
    let mut names: BTreeMap<&str, &str> = BTreeMap::new();
    for mutation in mutations {
        match catalogue.get(&mutation.clause) {
            None => faults.push(format!(
                "{}: breaks `{}`, which the catalogue does not hold",
                mutation.file, mutation.clause
            )),
            Some(clause) if !clause.is_judged() => {
                faults.push(format!(
                    "{}: breaks `{}`, which is not judged",
                    mutation.file, mutation.clause
                ));
            }
            Some(clause) => {
                broken.insert(clause.id.clone());
            }
        }
        if let Some(name) = &mutation.name
            && let Some(first) = names.insert(name, &mutation.file)
        {
            faults.push(format!(
                "{}: the mutation `{name}` exists already in {first}",
                mutation.file
            ));
        }
    }
    for clause in catalogue
        .iter()
        .filter(|clause| clause.is_judged() && !broken.contains(&clause.id))
    {
        faults.push(format!(
            "{}:{}: no mutation breaks `{}`; add one under harness/sabotage/mutations",
            clause.file, clause.line, clause.id
        ));
    }
    faults
}

/// Every phrase is used and unique; every step has a phrase.
fn worded(phrases: &[Phrase], steps: &[Step]) -> Vec<String> {
    let mut faults = Vec::new();
    let mut seen: BTreeMap<String, &Phrase> = BTreeMap::new();
    for phrase in phrases {
        if let Some(first) = seen.insert(phrase.shape(), phrase) {
            faults.push(format!(
                "{}:{}: the phrase \"{}\" exists already at {}:{}",
                phrase.file, phrase.line, phrase.words, first.file, first.line
            ));
        }
        let says = |step: &Step| !step.pending && phrase.fits(step.kind, &step.text);
        if !steps.iter().any(says) {
            faults.push(format!(
                "{}:{}: no scenario says \"{}\"",
                phrase.file, phrase.line, phrase.words
            ));
        }
    }
    let written = steps.iter().filter(|step| !step.pending);
    for step in written.filter(|step| {
        !phrases
            .iter()
            .any(|phrase| phrase.fits(step.kind, &step.text))
    }) {
        faults.push(format!(
            "{}:{}: no step is defined for \"{}\"",
            step.file, step.line, step.text
        ));
    }
    faults
}

#[cfg(test)]
mod tests;
