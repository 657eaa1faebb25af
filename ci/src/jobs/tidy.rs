//! Job `tidy`: what every file owes its reader, and what no file may hold.

use crate::context::Context;
use crate::files::{self, Text};
use crate::job::Outcome;

/// Lines of a source file that is neither tests nor a table.
const LINES: usize = 400;

pub(super) fn check(context: &Context) -> Outcome {
    let mut faults = Vec::new();
    let sources = match files::texts(context, ".", &["rs"]) {
        Ok(sources) => sources,
        Err(fault) => return Outcome::fault(fault),
    };
    for text in &sources {
        faults.extend(header(text));
        faults.extend(length(text));
        faults.extend(forbidden(text));
        faults.extend(unexplained(text));
    }
    let all = match files::texts(context, ".", EXTENSIONS) {
        Ok(all) => all,
        Err(fault) => return Outcome::fault(fault),
    };
    for text in &all {
        faults.extend(machine_paths(text));
    }
    Outcome::of(
        faults,
        format!("{} sources, {} texts", sources.len(), all.len()),
    )
}

/// A file opens with a sentence that says what it is.
fn header(text: &Text) -> Option<String> {
    let mut lines = text.content.lines();
    let first = lines.next().unwrap_or_default();
    let Some(opening) = first.strip_prefix("//! ") else {
        return Some(format!(
            "{}:1: no `//!` sentence on the first line",
            text.short
        ));
    };
    let rest = lines.map_while(|line| line.strip_prefix("//! "));
    let paragraph: Vec<&str> = std::iter::once(opening).chain(rest).collect();
    let joined = paragraph.join(" ");
    let is_sentence = joined.contains(". ") || joined.trim_end().ends_with(['.', ':']);
    (!is_sentence).then(|| {
        format!(
            "{}:1: the header is not a sentence with its full stop",
            text.short
        )
    })
}

fn length(text: &Text) -> Option<String> {
    let count = text.content.lines().count();
    (count > LINES && !is_test(&text.short) && !is_table(&text.short)).then(|| {
        format!(
            "{}: {count} lines, the limit is {LINES}; split it by subject",
            text.short
        )
    })
}

/// Calls and attributes that hide a missing or a waiting piece.
fn forbidden(text: &Text) -> Vec<String> {
    let in_harness = text.short.starts_with("harness/");
    let mut faults = Vec::new();
    for (index, line) in text.content.lines().enumerate() {
        let code = line.split("//").next().unwrap_or_default();
        let mut refuse = |what: &str, remedy: &str| {
            faults.push(format!("{}:{}: {what}; {remedy}", text.short, index + 1));
        };
        if code.contains(concat!("#[", "ignore")) {
            refuse("an ignored test", "repair or remove it");
        }
        if code.contains(concat!("todo", "!(")) || code.contains(concat!("unimplemented", "!(")) {
            refuse("a hole left open", "write it or leave it out");
        }
        if in_harness && code.contains(concat!("sleep", "(")) {
            refuse(
                "a sleep in the harness",
                "wait for what ends the wait, see ARCHITECTURE.md",
            );
        }
    }
    faults
}

/// Lint exceptions say why.
fn unexplained(text: &Text) -> Vec<String> {
    let mut faults = Vec::new();
    for (at, _) in text
        .content
        .match_indices(concat!("#", "[allow("))
        .chain(text.content.match_indices(concat!("#", "[expect(")))
    {
        let attribute = text.content[at..].split(']').next().unwrap_or_default();
        if !attribute.contains("reason") {
            let line = text.content[..at].lines().count() + 1;
            faults.push(format!(
                "{}:{line}: a lint exception without `reason = \"...\"`",
                text.short
            ));
        }
    }
    faults
}

/// Paths that exist on somebody's machine only.
fn machine_paths(text: &Text) -> Vec<String> {
    let mut faults = Vec::new();
    for (index, line) in text.content.lines().enumerate() {
        for path in MACHINE {
            let told = line.match_indices(path).any(|(at, _)| {
                let before = line[..at].chars().next_back();
                before.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '.' | '/' | '-' | '_'))
            });
            if told {
                faults.push(format!(
                    "{}:{}: a path of one machine (`{path}`)",
                    text.short,
                    index + 1
                ));
            }
        }
    }
    faults
}

fn is_test(path: &str) -> bool {
    path.ends_with("tests.rs") || path.contains("/tests/")
}

fn is_table(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.contains("table")
        || name.contains("torture")
        || path.contains("/torture/")
        || path.contains("table/")
}

const EXTENSIONS: &[&str] = &[
    "rs", "toml", "md", "yaml", "yml", "feature", "xml", "xsd", "snap", "sh", "json", "html",
];

const MACHINE: &[&str] = &[
    concat!("/ho", "me/"),
    concat!("/ro", "ot/"),
    concat!("/Us", "ers/"),
    concat!("C:\\", "Users\\"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn text(short: &str, content: &str) -> Text {
        Text {
            short: short.into(),
            content: content.into(),
        }
    }

    #[test]
    fn a_header_is_a_sentence() {
        assert!(header(&text("a.rs", "//! Reads it.\n")).is_none());
        assert!(header(&text("a.rs", "//! Reads it and then\n//! writes it.\n")).is_none());
        assert!(header(&text("a.rs", "//! Reads it\n\nfn a() {}")).is_some());
        assert!(header(&text("a.rs", "fn a() {}")).is_some());
    }

    #[test]
    fn long_files_are_refused_unless_tests_or_tables() {
        let long = "line\n".repeat(401);
        assert!(length(&text("net/src/driver.rs", &long)).is_some());
        assert!(length(&text("net/src/driver_tests.rs", &long)).is_none());
        assert!(length(&text("wire/tests/torture/valid.rs", &long)).is_none());
    }

    #[test]
    fn the_harness_does_not_sleep() {
        let nap = concat!("tokio::time::sleep", "(second).await;");
        assert_eq!(forbidden(&text("harness/world/src/a.rs", nap)).len(), 1);
        assert!(forbidden(&text("reference/net/src/a.rs", nap)).is_empty());
    }

    #[test]
    fn exceptions_need_a_reason() {
        let bare = concat!("#", "[allow(dead_code)]");
        let told = concat!("#", "[allow(dead_code, reason = \"read by tests\")]");
        assert_eq!(unexplained(&text("a.rs", bare)).len(), 1);
        assert!(unexplained(&text("a.rs", told)).is_empty());
    }

    #[test]
    fn paths_of_machines_are_found() {
        let path = concat!("see /ho", "me/ann/notes");
        assert_eq!(machine_paths(&text("a.md", path)).len(), 1);
        assert!(machine_paths(&text("a.md", concat!("https://example.com/ho", "me/"))).is_empty());
    }
}
