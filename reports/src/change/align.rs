//! Which clause of the catalogue each statement is, by digest, likeness and place.

mod groups;
mod homes;
mod likeness;
mod lists;
mod rounds;

use serde::Serialize;

use clauses::{Catalogue, Clause, Level};

use super::statements::{List, Statement, Structure, Wording, is_one_of_several};
use super::{Document, Keyword};
use groups::Unit;
use rounds::{How, Lost};

/// What the change does to one statement or one clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    Added,
    LevelChanged,
    /// Another actor has to keep it.
    Moved,
    /// Its subclause is restated without its list, or its sentence in words that may hold it still: whether it is to go
    /// is a question.
    NotRestated,
    Removed,
    Reworded,
    Unchanged,
}

impl Effect {
    /// Whether adopting the change request makes something else of the clause; a question does not.
    #[must_use]
    pub fn is_change(self) -> bool {
        !matches!(self, Self::NotRestated | Self::Unchanged)
    }
}

/// A statement beside the clause that it is.
#[derive(Clone, Debug, Serialize)]
pub struct Aligned {
    pub effect: Effect,
    /// Id in the catalogue; none for what is added, or stands in no catalogue.
    pub clause: Option<String>,
    /// Index of the statement; none for what is removed.
    pub statement: Option<usize>,
    /// Place before and after, where only the number is another one.
    pub renumbered: Option<Pair>,
    pub level: Option<Pair>,
    pub actor: Option<Pair>,
    /// Wording before, where the file holds it.
    pub old: Option<String>,
    /// `file, line 7`, where an earlier text holds the wording before.
    pub old_from: Option<String>,
    /// The statement's own words where its paragraph makes several.
    pub new: Option<String>,
    /// The catalogue's summary of the clause, which is not the old wording.
    pub requirement: Option<String>,
    /// `digest`, `summary`, `likeness` with its measures, or how else it was found.
    pub by: String,
}

/// Before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pair {
    pub from: String,
    pub to: String,
}

/// Aligns a change request with the catalogue.
pub(super) fn align(
    document: &Document,
    structure: &Structure,
    catalogue: &Catalogue,
) -> Vec<Aligned> {
    let old = Structure::of(document, Wording::Old);
    let (units, gone) = groups::units(document, structure, &old);
    let groups = groups::groups(catalogue);
    let found = rounds::pair(&structure.lists, &units, &gone, &groups);
    let mut all = Vec::new();
    for (unit, pairing) in units.iter().zip(&found.units) {
        let own = match pairing {
            Some(one) => {
                let group = &groups[one.group];
                let clauses = one.clauses.iter().map(|nth| group.clauses[*nth]).collect();
                matched(structure, unit, clauses, one.how)
            }
            None => unmatched(structure, unit, document.tracked),
        };
        all.extend(own);
    }
    tell_apart(&mut all, &structure.statements);
    for one in &found.lost {
        let group = &groups[one.group];
        all.extend(one.clauses.iter().map(|nth| lost(group.clauses[*nth], one)));
    }
    all.extend(found.strangers.iter().map(|old| deleted(old)));
    all
}

/// Of a paragraph that makes several statements, each shows its own words.
fn tell_apart(all: &mut [Aligned], statements: &[Statement]) {
    for one in all {
        if let (Some(index), Some(new)) = (one.statement, &mut one.new)
            && is_one_of_several(statements, index)
        {
            new.clone_from(&statements[index].text);
        }
    }
}

/// The statements of a paragraph beside the clauses of the same sentence: by step, then by order.
fn matched(structure: &Structure, unit: &Unit, clauses: Vec<&Clause>, how: How) -> Vec<Aligned> {
    let mut left = clauses;
    let mut all = Vec::new();
    for index in &unit.statements {
        let statement = &structure.statements[*index];
        let same = left
            .iter()
            .position(|clause| step_of(clause) == statement.step);
        let nth = same.or_else(|| (!left.is_empty()).then_some(0));
        let Some(clause) = nth.map(|nth| left.remove(nth)) else {
            let mut one = added(statement, *index);
            one.by = "a further statement of a known sentence".to_owned();
            all.push(one);
            continue;
        };
        let list = &structure.lists[statement.of];
        let one = beside(statement, list, clause, how, unit.old.as_deref());
        all.push(Aligned {
            statement: Some(*index),
            ..one
        });
    }
    let lost = left.into_iter().filter_map(|clause| match how {
        How::Digest | How::Summary => None,
        How::OldDigest => Some(removed(clause, unit.old.clone())),
        How::Like(_) => Some(asked(
            clause,
            "its sentence is reworded and says it nowhere apart",
        )),
    });
    all.extend(lost);
    all
}

fn beside(
    statement: &Statement,
    list: &List,
    clause: &Clause,
    how: How,
    old: Option<&str>,
) -> Aligned {
    // The catalogue's level may be a reading of words that have no keyword.
    let asked = how != How::Digest;
    let level = (asked && force(statement.level) != clause.level).then(|| Pair {
        from: clause.level.to_string(),
        to: force(statement.level).to_string(),
    });
    let actor = moved(statement, list, clause, how.is_known());
    let here = format!("{} step {}", statement.subclause, statement.step);
    let there = format!("{} step {}", number_of(clause), step_of(clause));
    let effect = match (how.is_known(), &level, &actor) {
        (_, Some(_), _) => Effect::LevelChanged,
        (_, _, Some(_)) => Effect::Moved,
        (true, ..) => Effect::Unchanged,
        (false, ..) => Effect::Reworded,
    };
    let changed = effect != Effect::Unchanged;
    Aligned {
        effect,
        clause: Some(clause.id.clone()),
        statement: None,
        renumbered: (here != there).then_some(Pair {
            from: there,
            to: here,
        }),
        level,
        actor,
        old: old.filter(|_| changed).map(str::to_owned),
        old_from: None,
        new: changed.then(|| statement.paragraph.clone()),
        requirement: changed.then(|| clause.requirement.clone()),
        by: how.to_string(),
    }
}

/// An actor of another kind than the catalogue's; a sentence known word for word can only have got another stem.
fn moved(statement: &Statement, list: &List, clause: &Clause, exact: bool) -> Option<Pair> {
    let named = if exact { &list.actor } else { &statement.actor };
    if exact && !super::words::actors(&statement.text).is_empty() {
        return None;
    }
    let kind = kind_of(named)?;
    let known = kind_of_id(&clause.actor)?;
    (kind != known).then(|| Pair {
        from: clause.actor.clone(),
        to: named.clone(),
    })
}

/// Client, server, history function or core, by the name in the text.
pub(super) fn kind_of(actor: &str) -> Option<&'static str> {
    let lower = actor.to_lowercase();
    let kinds = [
        ("history", "history"),
        ("client", "client"),
        ("server", "server"),
        ("core", "core"),
        ("function", "server"),
        ("xdms", "xdms"),
    ];
    kinds
        .into_iter()
        .find(|(word, _)| lower.contains(word))
        .map(|(_, kind)| kind)
}

pub(super) fn kind_of_id(actor: &str) -> Option<&'static str> {
    kind_of(&actor.replace('-', " "))
}

fn unmatched(structure: &Structure, unit: &Unit, tracked: bool) -> Vec<Aligned> {
    let effect = match (tracked, &unit.old) {
        (true, None) => Effect::Unchanged,
        (true, Some(old)) if !old.is_empty() => Effect::Reworded,
        _ => Effect::Added,
    };
    let one = |index: &usize| Aligned {
        effect,
        old: unit.old.clone().filter(|old| !old.is_empty()),
        by: match effect {
            Effect::Added => "no clause is like it".to_owned(),
            _ => "the tracked change; the catalogue holds no such clause".to_owned(),
        },
        ..added(&structure.statements[*index], *index)
    };
    unit.statements.iter().map(one).collect()
}

fn added(statement: &Statement, index: usize) -> Aligned {
    Aligned {
        effect: Effect::Added,
        clause: None,
        statement: Some(index),
        renumbered: None,
        level: None,
        actor: None,
        old: None,
        old_from: None,
        new: Some(statement.paragraph.clone()),
        requirement: None,
        by: String::new(),
    }
}

/// A clause that the text does not give: gone, or a question.
fn lost(clause: &Clause, one: &Lost) -> Aligned {
    match one.open {
        true => asked(
            clause,
            "the text gives a part of its list or subclause without it",
        ),
        false => removed(clause, one.old.clone()),
    }
}

/// A clause of which only its author can say whether it is to go.
fn asked(clause: &Clause, by: &str) -> Aligned {
    Aligned {
        effect: Effect::NotRestated,
        by: by.to_owned(),
        ..removed(clause, None)
    }
}

fn removed(clause: &Clause, old: Option<String>) -> Aligned {
    Aligned {
        effect: Effect::Removed,
        clause: Some(clause.id.clone()),
        statement: None,
        renumbered: None,
        level: None,
        actor: None,
        by: match old {
            Some(_) => "deleted by a tracked change".to_owned(),
            None => "its list is restated without it".to_owned(),
        },
        old,
        old_from: None,
        new: None,
        requirement: Some(clause.requirement.clone()),
    }
}

/// A statement that a tracked change deletes, in words that no clause of the catalogue has.
fn deleted(old: &str) -> Aligned {
    Aligned {
        effect: Effect::Removed,
        clause: None,
        statement: None,
        renumbered: None,
        level: None,
        actor: None,
        old: Some(old.to_owned()),
        old_from: None,
        new: None,
        requirement: None,
        by: "deleted by a tracked change; no clause of the catalogue has these words".to_owned(),
    }
}

/// A MUST weighs as a SHALL.
pub(super) fn force(keyword: Keyword) -> Level {
    match keyword {
        Keyword::May => Level::May,
        Keyword::Should => Level::Should,
        Keyword::Must | Keyword::None | Keyword::Shall => Level::Shall,
    }
}

/// The number of a clause's subclause, without the change request in front.
pub(super) fn number_of(clause: &Clause) -> &str {
    let subclause = clause.subclause();
    subclause.rsplit(':').next().unwrap_or(subclause)
}

fn step_of(clause: &Clause) -> &str {
    clause.id.rsplit('/').next().unwrap_or_default()
}
