//! What an entry says beside its sentence: taken from the clauses that it stands for or beside.

use std::collections::{BTreeSet, HashMap};

use clauses::{Catalogue, Clause, Observable};

use crate::change::Analysis;
use crate::change::align::{Aligned, Effect, kind_of, kind_of_id, number_of};
use crate::change::statements::Statement;

/// An entry to be.
pub(super) struct Draft<'a> {
    pub(super) id: String,
    pub(super) statement: &'a Statement,
    /// The clause that it is to stand for.
    pub(super) old: Option<&'a Clause>,
    pub(super) actor: String,
    pub(super) area: String,
    pub(super) trigger: String,
    pub(super) observable: Observable,
}

/// A draft for each statement that says something new, in the order of the text.
pub(super) fn drafts<'a>(
    analysis: &'a Analysis,
    catalogue: &'a Catalogue,
    request: &str,
) -> Vec<Draft<'a>> {
    let wanted = [
        Effect::Added,
        Effect::LevelChanged,
        Effect::Moved,
        Effect::Reworded,
    ];
    let kin = Kin::of(analysis, catalogue);
    let mut taken = BTreeSet::new();
    let mut all = Vec::new();
    for one in &analysis.alignment {
        let statement = one.statement.map(|index| &analysis.statements[index]);
        let Some(statement) = statement.filter(|_| wanted.contains(&one.effect)) else {
            continue;
        };
        if !is_number(&statement.subclause) {
            continue;
        }
        let old = clause_of(one, catalogue);
        let near = kin.near(old, statement);
        let actor = actor(statement, &near, catalogue);
        let list = old.map(list_of).or_else(|| kin.list(statement));
        let list = list.map_or_else(|| list_name(statement, &actor), str::to_owned);
        let mut id = format!(
            "{request}:{}/{list}/{}",
            statement.subclause, statement.step
        );
        while catalogue.get(&id).is_some() || !taken.insert(id.clone()) {
            id.push_str("-bis");
        }
        all.push(Draft {
            id,
            old,
            area: most(near.iter().map(|clause| clause.area.as_str()))
                .unwrap_or("pending")
                .to_owned(),
            trigger: trigger(statement, &near),
            observable: most(near.iter().map(|clause| clause.observable))
                .unwrap_or_else(|| seen(statement)),
            statement,
            actor,
        });
    }
    all
}

/// Known clauses by where they stand.
struct Kin<'a> {
    /// Clauses that statements of a list are, by the list.
    of_list: HashMap<usize, Vec<&'a Clause>>,
    of_subclause: HashMap<&'a str, Vec<&'a Clause>>,
}

impl<'a> Kin<'a> {
    fn of(analysis: &Analysis, catalogue: &'a Catalogue) -> Self {
        let mut kin = Self {
            of_list: HashMap::new(),
            of_subclause: HashMap::new(),
        };
        for clause in catalogue.iter().filter(|clause| !clause.supporting) {
            let own = kin.of_subclause.entry(number_of(clause));
            own.or_default().push(clause);
        }
        for one in &analysis.alignment {
            let statement = one.statement.map(|index| &analysis.statements[index]);
            if let (Some(statement), Some(clause)) = (statement, clause_of(one, catalogue))
                && number_of(clause) == statement.subclause
            {
                kin.of_list.entry(statement.of).or_default().push(clause);
            }
        }
        kin
    }

    /// The clause that the statement stands for, else those of its list, else of its subclause.
    fn near(&self, old: Option<&'a Clause>, statement: &Statement) -> Vec<&'a Clause> {
        let list = || self.of_list.get(&statement.of);
        let subclause = || self.of_subclause.get(statement.subclause.as_str());
        match old {
            Some(old) => vec![old],
            None => list().or_else(subclause).cloned().unwrap_or_default(),
        }
    }

    /// The name that the catalogue has for the statement's list.
    fn list(&self, statement: &Statement) -> Option<&'a str> {
        let clauses = self.of_list.get(&statement.of)?;
        most(clauses.iter().map(|clause| list_of(clause)))
    }
}

fn clause_of<'a>(one: &Aligned, catalogue: &'a Catalogue) -> Option<&'a Clause> {
    one.clause.as_ref().and_then(|id| catalogue.get(id))
}

fn list_of(clause: &Clause) -> &str {
    clause.id.split('/').nth(1).unwrap_or("general")
}

fn is_number(subclause: &str) -> bool {
    let sound = |c: char| c.is_ascii_alphanumeric() || c == '.';
    !subclause.is_empty() && subclause.chars().all(sound)
}

/// What occurs most often, the earliest of equals.
fn most<T: PartialEq + Copy>(values: impl Iterator<Item = T>) -> Option<T> {
    let mut counts: Vec<(T, usize)> = Vec::new();
    for value in values {
        match counts.iter_mut().find(|(known, _)| *known == value) {
            Some((_, count)) => *count += 1,
            None => counts.push((value, 1)),
        }
    }
    let most = counts.iter().map(|(_, count)| *count).max()?;
    let first = counts.into_iter().find(|(_, count)| *count == most);
    first.map(|(value, _)| value)
}

/// Where a test sees it, by its own words.
fn seen(statement: &Statement) -> Observable {
    let says = |word: &str| statement.text.contains(word);
    let about = says("MSRP") || (!says("SIP") && statement.trigger.contains("MSRP"));
    match about {
        true => Observable::OnWireMsrp,
        false => Observable::OnWireSip,
    }
}

/// Whether the catalogue has no actor of the enabler that a printed one begins with, as in `poc server`.
fn is_foreign(printed: &str, catalogue: &Catalogue) -> bool {
    let first = printed.split(|c: char| !c.is_alphanumeric()).next();
    let first = first.unwrap_or_default();
    let mut known = catalogue.iter().flat_map(|clause| clause.actor.split('-'));
    !first.is_empty() && !known.any(|word| word == first)
}

/// The catalogue's name of the actor: of the clauses near by where the text says nothing else, else the one that has
/// most of the printed words.
fn actor(statement: &Statement, near: &[&Clause], catalogue: &Catalogue) -> String {
    let printed = statement.actor.to_lowercase();
    let known = most(near.iter().map(|clause| clause.actor.as_str()));
    let kind = kind_of(&printed).filter(|_| !is_foreign(&printed, catalogue));
    if kind.is_none() && !printed.is_empty() {
        return hyphened(&printed);
    }
    if let Some(known) = known.filter(|known| kind.is_none() || kind == kind_of_id(known)) {
        return known.to_owned();
    }
    let named = |actor: &str| {
        actor
            .split('-')
            .filter(|word| printed.contains(word))
            .count()
    };
    let best = catalogue.iter().map(|clause| clause.actor.as_str());
    let best = best
        .filter(|actor| kind.is_some() && kind_of_id(actor) == kind)
        .max_by_key(|actor| (named(actor), usize::MAX - actor.len()));
    match best {
        Some(actor) => actor.to_owned(),
        None if printed.is_empty() => "unnamed".to_owned(),
        None => hyphened(&printed),
    }
}

/// An actor of the text in the style of the catalogue's.
fn hyphened(printed: &str) -> String {
    printed.replace([' ', '/'], "-")
}

/// A list that the catalogue does not hold, named in its style.
fn list_name(statement: &Statement, actor: &str) -> String {
    match statement.list.strip_prefix("when-sending-") {
        Some(what) => format!("{}-sends-{what}", kind_of_id(actor).unwrap_or("server")),
        None => statement.list.clone(),
    }
}

fn trigger(statement: &Statement, near: &[&Clause]) -> String {
    let known = || most(near.iter().map(|clause| clause.trigger.as_str()));
    match statement.trigger.as_str() {
        "" => known().unwrap_or("always").to_owned(),
        printed => super::line(printed),
    }
}
