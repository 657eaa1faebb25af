//! A file of the catalogue with entries that are pending.

use clauses::fingerprint;

use super::draft::Draft;
use super::{Place, line, sentence};
use crate::change::align;

/// The file of one subclause; `removed` are the ids that the change request takes out of it.
pub(super) fn text(place: &Place<'_>, drafts: &[Draft<'_>], removed: &[&str]) -> String {
    let Place {
        request,
        subclause,
        title,
    } = place;
    let mut text = format!("# What change request {request} makes of {subclause}. {HOW}\n");
    if !removed.is_empty() {
        text.push_str(REMOVED);
        let lines = removed.iter().map(|id| format!("#   {id}\n"));
        text.extend(lines);
    }
    let subclause = quoted(&format!("{request}:{subclause}"));
    let list = if drafts.is_empty() { " []" } else { "" };
    let title = quoted(&line(title));
    text.push_str(&format!(
        "subclause: {subclause}\ntitle: {title}\nclauses:{list}\n"
    ));
    for draft in drafts {
        text.push_str(&entry(request, draft));
    }
    text
}

const REMOVED: &str = "#
# It removes these. Once it is adopted, set them to `status: excluded` with that as the `reason`, and delete what judges them:
";

const HOW: &str = "Pending entries are judged by nobody.
# For one that is to be judged: write its scenario, take the tag @pending from that, and set the entry to
# `status: judged`; what it supersedes gets `status: superseded` and `by:` with its id. `cargo ci pairs` checks that.";

fn entry(request: &str, draft: &Draft<'_>) -> String {
    let statement = draft.statement;
    let print = fingerprint::of(&statement.paragraph);
    let text = |value: Option<&String>| value.map(|value| quoted(value));
    let when = draft.old.and_then(|old| text(old.applies_when.as_ref()));
    let claim = draft.old.and_then(|old| text(old.claim.as_ref()));
    let old = draft.old.map(|old| quoted(&old.id));
    let source = format!(
        "{{ change_request: {}, change: null, line: {} }}",
        quoted(request),
        statement.line
    );
    let print = format!(
        "{{ sha256: \"{}\", simhash: \"{}\" }}",
        print.sha256, print.simhash
    );
    let keys = [
        ("level", Some(align::force(statement.level).to_string())),
        ("actor", Some(quoted(&draft.actor))),
        ("area", Some(quoted(&draft.area))),
        ("trigger", Some(quoted(&draft.trigger))),
        ("requirement", Some(quoted(&demanded(&statement.text)))),
        ("observable", Some(written(&draft.observable))),
        (
            "applies_when",
            Some(when.unwrap_or_else(|| "null".to_owned())),
        ),
        ("claim", claim),
        ("source", Some(source)),
        ("fingerprint", Some(print)),
        ("status", Some("pending".to_owned())),
        ("supersedes", old),
    ];
    let keys = keys.into_iter();
    let keys = keys.filter_map(|(key, value)| Some(format!("    {key}: {}\n", value?)));
    format!(
        "  - id: {}\n{}",
        quoted(&draft.id),
        keys.collect::<String>()
    )
}

/// A sentence without the keyword that it begins with, which its level says.
fn demanded(text: &str) -> String {
    let whole = sentence(text);
    let keywords = ["SHALL", "SHOULD", "MUST", "MAY", "shall"];
    let rest = keywords.iter().find_map(|word| whole.strip_prefix(word));
    let rest = rest.filter(|rest| rest.starts_with([' ', ',']));
    match rest.map(|rest| rest.trim_start_matches([' ', ','])) {
        Some(rest) if !rest.is_empty() => rest.to_owned(),
        _ => whole,
    }
}

/// A JSON string, which is YAML too.
fn quoted(text: &str) -> String {
    written(&text)
}

fn written(value: &impl serde::Serialize) -> String {
    serde_json::json!(value).to_string()
}
