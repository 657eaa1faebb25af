//! From a changed statement to files of the catalogue and of the features, pending until somebody writes the scenario.

mod draft;
mod entries;
mod skeleton;

use std::collections::BTreeMap;

use clauses::Catalogue;

use super::Analysis;
use super::align::{Effect, number_of};
use draft::{Draft, drafts};

/// Path below a features folder and text of each file, for what is added, reworded, moved or of another level.
/// `tag` gives the tag of the features whose subject is an actor.
#[must_use]
pub fn scaffold_of(
    analysis: &Analysis,
    catalogue: &Catalogue,
    tag: impl Fn(&str) -> &'static str,
) -> Vec<(String, String)> {
    let request = request(&analysis.document.name);
    let mut by_subclause: BTreeMap<&str, Vec<Draft<'_>>> = BTreeMap::new();
    for draft in drafts(analysis, catalogue, &request) {
        let own = by_subclause.entry(&draft.statement.subclause);
        own.or_default().push(draft);
    }
    let removed = removed(analysis, catalogue);
    for subclause in removed.keys() {
        by_subclause.entry(subclause).or_default();
    }
    let mut files = Vec::new();
    for (subclause, drafts) in &by_subclause {
        let place = Place {
            request: &request,
            subclause,
            title: title(analysis, catalogue, subclause),
        };
        let gone = removed.get(subclause).map_or(&[][..], Vec::as_slice);
        files.push((
            format!("clauses/{request}-{subclause}.yaml"),
            entries::text(&place, drafts, gone),
        ));
        let mut by_tag: BTreeMap<&str, Vec<&Draft<'_>>> = BTreeMap::new();
        for draft in drafts {
            by_tag.entry(tag(&draft.actor)).or_default().push(draft);
        }
        for (tag, drafts) in by_tag {
            files.push((
                format!("pending/{tag}/{request}-{subclause}.feature"),
                skeleton::text(&place, tag, &drafts),
            ));
        }
    }
    files
}

/// The subclause that files are written for, and by which change request.
struct Place<'a> {
    request: &'a str,
    subclause: &'a str,
    title: &'a str,
}

/// Ids of what the change request takes out, by subclause.
fn removed<'a>(
    analysis: &'a Analysis,
    catalogue: &'a Catalogue,
) -> BTreeMap<&'a str, Vec<&'a str>> {
    let mut removed: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let all = analysis.alignment.iter();
    for one in all.filter(|one| one.effect == Effect::Removed) {
        if let Some(clause) = one.clause.as_ref().and_then(|id| catalogue.get(id)) {
            removed
                .entry(number_of(clause))
                .or_default()
                .push(&clause.id);
        }
    }
    removed
}

fn title<'a>(analysis: &'a Analysis, catalogue: &'a Catalogue, subclause: &str) -> &'a str {
    let mut restated = analysis.subclauses.iter();
    let restated = restated.find(|known| known.number == subclause);
    restated.map_or_else(
        || catalogue.title(subclause).unwrap_or_default(),
        |known| known.title.as_str(),
    )
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

/// A sentence in one line, without what joins it to the next of its list.
fn sentence(text: &str) -> String {
    let text = line(text);
    let mut bare = text.strip_prefix("and ").unwrap_or(&text);
    for end in [" and", " or"] {
        bare = bare.trim_end_matches([';', ',', ' ']);
        bare = bare.strip_suffix(end).unwrap_or(bare);
    }
    bare.trim_end_matches([';', ',', ' ']).to_owned()
}

/// One line, whatever stood between the words.
fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
