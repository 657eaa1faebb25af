//! Statements of earlier change requests, as the old wording of the clauses that they are.

use std::collections::HashMap;

use clauses::{Catalogue, fingerprint};

use super::align::{self, Aligned, Effect};
use super::statements::Statement;
use super::{Document, Structure, Wording};

/// Sets the old wording, and where it stands, where an earlier text holds it; returns a note for each text.
pub(super) fn complete(
    alignment: &mut [Aligned],
    catalogue: &Catalogue,
    earlier: &[Document],
) -> Vec<String> {
    let of = |document: &Document| {
        let structure = Structure::of(document, Wording::New);
        let told = Told::of(document, &structure, catalogue);
        let count = from(alignment, catalogue, &document.name, &told);
        format!(
            "{}: old wording of {count} of the clauses that change",
            document.name
        )
    };
    earlier.iter().map(of).collect()
}

/// What an earlier text says.
struct Told<'a> {
    /// The statement that each clause is, however it was found.
    by_clause: HashMap<String, &'a Statement>,
    by_digest: HashMap<String, &'a Statement>,
}

impl<'a> Told<'a> {
    fn of(document: &Document, structure: &'a Structure, catalogue: &Catalogue) -> Self {
        let aligned = align::align(document, structure, catalogue).into_iter();
        let by_clause = aligned
            .filter_map(|one| Some((one.clause?, &structure.statements[one.statement?])))
            .collect();
        let by_digest = structure
            .statements
            .iter()
            .map(|statement| (fingerprint::of(&statement.paragraph).sha256, statement))
            .collect();
        Self {
            by_clause,
            by_digest,
        }
    }
}

fn from(alignment: &mut [Aligned], catalogue: &Catalogue, name: &str, told: &Told<'_>) -> usize {
    let mut count = 0;
    let lacking = |one: &&mut Aligned| one.old.is_none() && one.effect != Effect::Unchanged;
    for one in alignment.iter_mut().filter(lacking) {
        let Some(id) = &one.clause else {
            continue;
        };
        let digest = || {
            let print = catalogue.get(id)?.fingerprint.as_ref()?;
            told.by_digest.get(&print.sha256)
        };
        if let Some(statement) = told.by_clause.get(id).or_else(digest) {
            one.old = Some(statement.paragraph.clone());
            one.old_from = Some(format!("{name}, line {}", statement.line));
            count += 1;
        }
    }
    count
}
