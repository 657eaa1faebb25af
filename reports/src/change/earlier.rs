//! Sentences of earlier change requests, as the old wording of the clauses that they became.

use std::collections::HashMap;

use clauses::{Catalogue, fingerprint};

use super::align::{Aligned, Effect};
use super::{Document, Structure, Wording};

/// Sets the old wording where an earlier text holds it; returns a note for each text.
pub(super) fn complete(
    alignment: &mut [Aligned],
    catalogue: &Catalogue,
    earlier: &[Document],
) -> Vec<String> {
    earlier
        .iter()
        .map(|document| {
            let count = from(alignment, catalogue, &sentences(document));
            format!(
                "{}: old wording of {count} of the clauses that change",
                document.name
            )
        })
        .collect()
}

/// Sentences with statements as printed, by digest.
fn sentences(document: &Document) -> HashMap<String, String> {
    let statements = Structure::of(document, Wording::New).statements;
    let printed = statements.into_iter().map(|statement| statement.paragraph);
    printed
        .map(|printed| (fingerprint::of(&printed).sha256, printed))
        .collect()
}

fn from(
    alignment: &mut [Aligned],
    catalogue: &Catalogue,
    sentences: &HashMap<String, String>,
) -> usize {
    let mut count = 0;
    let lacking = |one: &&mut Aligned| one.old.is_none() && one.effect != Effect::Unchanged;
    for one in alignment.iter_mut().filter(lacking) {
        let clause = one.clause.as_ref().and_then(|id| catalogue.get(id));
        let print = clause.and_then(|clause| clause.fingerprint.as_ref());
        if let Some(old) = print.and_then(|print| sentences.get(&print.sha256)) {
            one.old = Some(old.clone());
            count += 1;
        }
    }
    count
}
