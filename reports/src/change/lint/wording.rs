//! Who acts, with which force, and whether a test could decide it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use super::{Report, Text, pattern};
use crate::change::align::{kind_of, kind_of_id};
use crate::change::statements::{Item, Kind};
use crate::change::words;

static UNTESTABLE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:appropriate|e\.g\.|when needed|if needed|as needed|according to (?:the )?(?:local|operator) policy|if possible|as soon as possible|any other reason|not enough|sufficient|reasonable|short period|immediately|implementation dependent)",
    )
});
static REFUSES: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\b(?:reject|refuse|failure response|decline)\b"));
static CODE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b[3-6]\d\d\b"));
static WARNED: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\bwarning\b|\breason header"));

pub(super) fn check(text: &Text<'_>, report: &mut Report<'_>) {
    let owners = owners(text);
    for item in text.spoken() {
        actor(text, item, &owners, report);
        force(item, report);
        if item.kind == Kind::Statement {
            tests(item, report);
        }
    }
    bare(text, report);
}

/// The kind of actor of each subclause: what the catalogue says of its clauses, else what most of its lists say.
fn owners(text: &Text<'_>) -> BTreeMap<usize, &'static str> {
    let mut votes: BTreeMap<usize, BTreeMap<&'static str, usize>> = BTreeMap::new();
    for one in text.alignment {
        let statement = one.statement.map(|index| &text.structure.statements[index]);
        let Some((statement, subclause)) =
            statement.and_then(|s| Some((s, text.structure.lists[s.of].subclause?)))
        else {
            continue;
        };
        let known = one
            .clause
            .as_ref()
            .and_then(|id| text.catalogue.get(id))
            .and_then(|clause| kind_of_id(&clause.actor));
        let (kind, weight) = match (known, kind_of(&statement.actor)) {
            (Some(kind), _) => (kind, 3),
            (None, Some(kind)) => (kind, 1),
            (None, None) => continue,
        };
        *votes.entry(subclause).or_default().entry(kind).or_default() += weight;
    }
    let most = |tally: BTreeMap<&'static str, usize>| {
        tally
            .into_iter()
            .max_by_key(|(_, count)| *count)
            .map(|(kind, _)| kind)
    };
    votes
        .into_iter()
        .filter_map(|(subclause, tally)| Some((subclause, most(tally)?)))
        .collect()
}

fn actor(
    text: &Text<'_>,
    item: &Item,
    owners: &BTreeMap<usize, &'static str>,
    report: &mut Report<'_>,
) {
    if !matches!(item.kind, Kind::Statement | Kind::Stem) {
        return;
    }
    let keywords = words::keywords(&item.text);
    for (at, actor) in words::actors(&item.text) {
        let after = at + actor.len();
        let acts = keywords.iter().any(|(keyword, _)| *keyword == after + 1);
        // At the end of a stem it is whose duties follow.
        let leads = item.kind == Kind::Stem && item.text[after..].trim() == ":";
        if !acts && !leads {
            continue;
        }
        let lower = actor.to_lowercase();
        if lower.starts_with("poc ") || lower.starts_with("presence ") {
            report.add(
                "foreign-enabler",
                item,
                actor,
                format!("a {actor} has no duty in this specification"),
            );
        } else if lower.starts_with("conference ") {
            report.add(
                "actor-differs",
                item,
                actor,
                "no function of this specification has that name".to_owned(),
            );
        } else if let (Some(owner), Some(kind)) =
            (item.subclause.and_then(|s| owners.get(&s)), kind_of(actor))
            && *owner != kind
        {
            let number = text.subclause(item);
            report.add(
                "actor-differs",
                item,
                actor,
                format!("{number} is about the {}", named(owner)),
            );
        }
    }
}

/// A kind of actor as people call it.
fn named(kind: &str) -> &str {
    match kind {
        "client" => "IM Client",
        "core" => "SIP/IP Core",
        "history" => "IM History Function",
        "xdms" => "XDMS",
        _ => "IM Server",
    }
}

fn force(item: &Item, report: &mut Report<'_>) {
    for (at, _) in words::keywords(&item.text) {
        let small = item.text[at..].starts_with("shall");
        match (item.kind, small) {
            (Kind::Note(..), false) => report.add(
                "keyword-in-note",
                item,
                &item.text,
                "a keyword in a note".to_owned(),
            ),
            (_, true) if item.kind != Kind::Remark => report.add(
                "small-shall",
                item,
                &item.text,
                "`shall` in small letters".to_owned(),
            ),
            _ => {}
        }
    }
}

fn tests(item: &Item, report: &mut Report<'_>) {
    if let Some(found) = UNTESTABLE.find(&item.text) {
        report.add(
            "untestable",
            item,
            &item.text,
            format!("`{}` leaves to the reader what is demanded", found.as_str()),
        );
    }
    if REFUSES.is_match(&item.text) && !CODE.is_match(&item.text) {
        report.add(
            "refusal-without-code",
            item,
            &item.text,
            "no status code is given".to_owned(),
        );
    }
}

/// Several conditions of a list with one code and nothing that tells them apart.
fn bare(text: &Text<'_>, report: &mut Report<'_>) {
    let mut seen: BTreeMap<(usize, String), Vec<&Item>> = BTreeMap::new();
    for item in text
        .structure
        .items
        .iter()
        .filter(|item| item.kind == Kind::Statement)
    {
        let refusal = REFUSES.is_match(&item.text)
            || item.text.contains("return")
            || item.text.contains("respond");
        let Some(list) = item
            .list
            .filter(|_| refusal && !WARNED.is_match(&item.text))
        else {
            continue;
        };
        if let Some(code) = CODE.find(&item.text) {
            seen.entry((list, code.as_str().to_owned()))
                .or_default()
                .push(item);
        }
    }
    for ((_, code), items) in seen.into_iter().filter(|(_, items)| items.len() > 1) {
        let lines: Vec<String> = items.iter().map(|item| item.line.to_string()).collect();
        report.add(
            "same-bare-code",
            items[0],
            &code,
            format!(
                "{} conditions are refused with {code} (lines {})",
                items.len(),
                lines.join(", ")
            ),
        );
    }
}
