//! Statements of one list that cannot both be kept.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use super::{Report, Text, pattern};
use crate::change::statements::{Item, Kind};
use crate::change::words;

/// `refresher parameter set to 'uac'`, or without `parameter` where the value is quoted.
static VALUE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"\b(?:([\w-]+) parameter (?:set|equal) to\s+[‘'“"]*|([\w-]+) (?:set|equal) to\s+[‘'“"]+)([\w-]+)[’'”"]*"#,
    )
});
static CODE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b[3-6]\d\d\b"));
static CONDITION: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b(?:if|when)\s+(.+)$"));
static NOT: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\w+\s+(NOT|not)\b"));
/// Words that name no one thing, so that two values of them say nothing.
const ANYTHING: [&str; 5] = ["value", "header", "field", "parameter", "it"];

pub(super) fn check(text: &Text<'_>, report: &mut Report<'_>) {
    let mut said = Said::default();
    for item in &text.structure.items {
        if let (Kind::Statement, Some(list)) = (item.kind, item.list) {
            values(list, item, &mut said, report);
            force(list, item, &mut said, report);
            codes(list, item, &mut said, report);
        }
    }
}

/// What the lists have said so far, each by list and the thing said of.
#[derive(Default)]
struct Said {
    values: BTreeMap<(usize, String), String>,
    /// Whether it is forbidden.
    duties: BTreeMap<(usize, String), (bool, String)>,
    codes: BTreeMap<(usize, String), String>,
}

/// One parameter with two values.
fn values(list: usize, item: &Item, said: &mut Said, report: &mut Report<'_>) {
    for found in VALUE.captures_iter(&item.text) {
        let Some(name) = found.get(1).or(found.get(2)) else {
            continue;
        };
        let name = name.as_str().to_lowercase();
        if ANYTHING.contains(&name.as_str()) {
            continue;
        }
        let known = said.values.entry((list, name));
        let known = known.or_insert_with(|| found[3].to_owned());
        if *known != found[3] {
            let reason = format!("the list has `{known}` for it too");
            report.add("contradiction", item, &found[0], reason);
        }
    }
}

/// One act demanded and forbidden.
fn force(list: usize, item: &Item, said: &mut Said, report: &mut Report<'_>) {
    let Some((at, _)) = words::keywords(&item.text).first().copied() else {
        return;
    };
    let duty = &item.text[at..];
    let forbidden = NOT.captures(duty).and_then(|found| found.get(1));
    let act = match forbidden {
        Some(not) => &duty[not.end()..],
        None => duty.split_once(' ').map_or("", |(_, act)| act),
    };
    let mine = forbidden.is_some();
    let known = said.duties.entry((list, words::plain(act)));
    let (theirs, step) = known.or_insert_with(|| (mine, item.step.clone()));
    if *theirs != mine {
        let what = if mine { "demands" } else { "forbids" };
        let reason = format!("step {step} {what} the same");
        report.add("contradiction", item, &item.text, reason);
    }
}

/// One condition refused with two codes.
fn codes(list: usize, item: &Item, said: &mut Said, report: &mut Report<'_>) {
    let (Some(condition), Some(code)) = (CONDITION.captures(&item.text), CODE.find(&item.text))
    else {
        return;
    };
    // A condition that names a code is about an answer that came.
    if CODE.is_match(&condition[1]) {
        return;
    }
    let known = said.codes.entry((list, words::plain(&condition[1])));
    let known = known.or_insert_with(|| code.as_str().to_owned());
    if known.as_str() != code.as_str() {
        let reason = format!("the list has {known} for the same condition");
        report.add("contradiction", item, &item.text, reason);
    }
}
