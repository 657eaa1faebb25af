//! Parameters in capitals whose definition no document is named for.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::{Report, Text, pattern, typing};
use crate::change::statements::Kind;

static PARAMETER: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b[A-Z]{2,}(?:[-_][A-Z]{2,})+\b"));
/// What a name of two words has that is a parameter and no kind of thing, as `SIP-URI` is.
static MEASURE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:COUNT|DURATION|INTERVAL|LENGTH|LIMIT|MAX|MAXIMUM|MIN|MINIMUM|NUMBER|RATE|SIZE|TIME|TIMEOUT|TIMER)\b",
    )
});
static CITED: LazyLock<Regex> = LazyLock::new(|| pattern(r"\[[^\]]{2,}\]|\b(?:RFC|TS|TR) ?\d"));

pub(super) fn check(text: &Text<'_>, report: &mut Report<'_>) {
    let mut sourced: BTreeSet<&str> = BTreeSet::new();
    for item in text.spoken().filter(|item| CITED.is_match(&item.text)) {
        let named = PARAMETER.find_iter(&item.text);
        sourced.extend(named.map(|found| found.as_str()));
    }
    let stated = text.spoken();
    for item in stated.filter(|item| matches!(item.kind, Kind::Statement | Kind::Stem)) {
        for found in PARAMETER.find_iter(&typing::untagged(item)) {
            let name = found.as_str();
            let words = name.split(['-', '_']).count();
            let document = name.starts_with("OMA");
            let parameter = !document && (words > 2 || MEASURE.is_match(&name.replace('_', "-")));
            if parameter && !sourced.contains(name) {
                report.add(
                    "unsourced-parameter",
                    item,
                    name,
                    format!("nothing says which document defines {name}"),
                );
            }
        }
    }
}
