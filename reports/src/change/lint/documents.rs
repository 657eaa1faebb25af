//! RFCs, drafts and other documents that the text cites.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;

use super::{Report, Text, pattern};
use crate::change::statements::{Item, Kind};

static TAG: LazyLock<Regex> = LazyLock::new(|| pattern(r"\[([^\]\[\n]{2,80})\]"));
static RFC: LazyLock<Regex> = LazyLock::new(|| pattern(r"\bRFC[\s-]?(\d{1,6})\b"));
static VERSION: LazyLock<Regex> = LazyLock::new(|| pattern(r"-\d\d$"));
static MALFORMED: LazyLock<Regex> = LazyLock::new(|| pattern(r"\bTS\s?\d{2}\.?\d{3}\.\d{3}\b"));
static UNFINISHED: LazyLock<Regex> = LazyLock::new(|| pattern(r"[-_]V\d*[._]?,?\s*$"));
static NUMBERED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:3GPP2?\s*|OMA[- ]|ETSI\s*)?(?:TS|TR|[A-Z]\.S)\s?\d|^oma-|^3gpp|^iso|^itu|^urn:",
    )
});
static HEADER: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b([A-Z][A-Za-z]*(?:-[A-Za-z]+)*)\s+header"));
static OPTION: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"option[ -]tag\s+[“"'‘]*([a-z0-9-]+)"#));

pub(super) fn check(text: &Text<'_>, report: &mut Report<'_>) {
    let mut spellings: BTreeMap<String, String> = BTreeMap::new();
    let defined = definitions(text);
    let mut cited: BTreeSet<u32> = BTreeSet::new();
    for item in text.spoken() {
        for found in RFC.captures_iter(&item.text) {
            let number: u32 = found[1].parse().unwrap_or(u32::MAX);
            cited.insert(number);
            rfc(text, item, number, report);
        }
        for found in TAG.captures_iter(&item.text) {
            let tag = &found[1];
            let draft = draft(text, tag);
            cited.extend(draft.iter().copied());
            if let Some(rfc) = draft {
                let newer = text.tables.rfcs.obsolete.get(&rfc);
                let since = newer.map(|newer| format!(", and RFC {newer} stands in its place"));
                report.suggest(
                    "draft-became-rfc",
                    item,
                    &format!("[{tag}]"),
                    format!("the draft became RFC {rfc}{}", since.unwrap_or_default()),
                    format!("Cite RFC {}.", newer.unwrap_or(&rfc)),
                );
            }
            let canonical = canonical(tag, draft);
            match spellings.get(&canonical) {
                Some(first) if first != tag => {
                    report.add(
                        "reference-spellings",
                        item,
                        &format!("[{tag}]"),
                        format!("cited as [{first}] before"),
                    );
                }
                Some(_) => {}
                None => {
                    spellings.insert(canonical.clone(), tag.to_owned());
                }
            }
            let named = draft.is_some() || RFC.is_match(tag) || NUMBERED.is_match(tag.trim());
            let words = tag.contains("procedure") || tag.contains("subclause");
            if !named && !words && !defined.contains(&canonical) {
                report.add(
                    "undefined-reference",
                    item,
                    &format!("[{}]", tag.trim()),
                    "no entry of the document says which document it is".to_owned(),
                );
            }
        }
        malformed(item, report);
    }
    uncited(text, &cited, report);
}

fn rfc(text: &Text<'_>, item: &Item, number: u32, report: &mut Report<'_>) {
    let rfcs = &text.tables.rfcs;
    let quote = format!("RFC {number}");
    if number == 0 || number > rfcs.latest {
        report.add(
            "unknown-rfc",
            item,
            &quote,
            "no RFC has that number".to_owned(),
        );
    } else if let Some(newer) = rfcs.obsolete.get(&number) {
        report.suggest(
            "obsolete-rfc",
            item,
            &quote,
            format!("RFC {newer} stands in its place"),
            format!("Cite RFC {newer}."),
        );
    }
}

/// The RFC that a draft became, by its file name or a name by which texts cite it.
fn draft(text: &Text<'_>, tag: &str) -> Option<u32> {
    let lower = tag.trim().to_lowercase();
    let bare = lower.strip_suffix(".txt").unwrap_or(&lower);
    let bare = VERSION.replace(bare, "");
    let bare = bare.strip_suffix(" draft").unwrap_or(&bare);
    let dashed = bare.replace(' ', "-");
    let fits = |name: &String| *name == dashed || name == bare;
    let drafts = &text.tables.drafts;
    let found = drafts
        .iter()
        .find(|draft| draft.draft == dashed || draft.known_as.iter().any(fits));
    found.map(|draft| draft.rfc)
}

/// One name for all spellings of a tag.
fn canonical(tag: &str, draft: Option<u32>) -> String {
    if let Some(rfc) = draft {
        return format!("rfc{rfc}");
    }
    let plain: String = tag
        .to_lowercase()
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    let plain = plain
        .strip_prefix("3gppts")
        .map(|rest| format!("ts{rest}"))
        .unwrap_or(plain);
    plain.trim_end_matches('s').to_owned()
}

/// Tags that an entry of the document defines: alone on their line, or with words after them.
fn definitions(text: &Text<'_>) -> BTreeSet<String> {
    let entry = |item: &&Item| item.kind == Kind::Remark && item.text.trim_start().starts_with('[');
    let entries = text.structure.items.iter().filter(entry);
    entries
        .filter_map(|item| Some(canonical(&TAG.captures(&item.text)?[1], None)))
        .collect()
}

fn malformed(item: &Item, report: &mut Report<'_>) {
    if let Some(found) = MALFORMED.find(&item.text) {
        report.add(
            "malformed-document",
            item,
            found.as_str(),
            "the number has a part too many".to_owned(),
        );
    }
    if item.kind == Kind::Remark && UNFINISHED.is_match(&item.text) {
        report.add(
            "unfinished-entry",
            item,
            &item.text,
            "the version breaks off".to_owned(),
        );
    }
}

/// Headers, option tags and parameters whose RFC is cited nowhere in the document.
fn uncited(text: &Text<'_>, cited: &BTreeSet<u32>, report: &mut Report<'_>) {
    let stands = |rfc: u32| {
        let newer = |old: &u32| text.tables.rfcs.obsolete.get(old) == Some(&rfc);
        rfc == 3261 || cited.contains(&rfc) || cited.iter().any(newer)
    };
    let mut told: BTreeSet<String> = BTreeSet::new();
    for item in text.spoken() {
        let headers = HEADER
            .captures_iter(&item.text)
            .map(|found| found[1].to_owned());
        let headers = headers.filter_map(|name| Some((*text.tables.headers.get(&name)?, name)));
        let options = OPTION
            .captures_iter(&item.text)
            .map(|found| found[1].to_owned());
        let options =
            options.filter_map(|name| Some((text.tables.option_tags.get(&name)?.rfc, name)));
        let features = text
            .tables
            .names
            .features
            .iter()
            .filter(|(name, _)| quoted(&item.text, name));
        let features = features.map(|(name, rfc)| (*rfc, name.clone()));
        for (rfc, name) in headers.chain(options).chain(features) {
            if !stands(rfc) && told.insert(name.clone()) {
                report.suggest(
                    "uncited-definition",
                    item,
                    &name,
                    format!("RFC {rfc} defines it, and the document does not cite it"),
                    format!("Cite RFC {rfc}."),
                );
            }
        }
    }
}

fn quoted(text: &str, name: &str) -> bool {
    ["'", "\"", "‘", "“"]
        .iter()
        .any(|quote| text.contains(&format!("{quote}{name}")))
}
