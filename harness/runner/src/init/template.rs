//! The text of a profile: each key below what its schema says of it.

use serde_json::Value;
use world::Kind;

use super::questions::Answers;

/// Columns of a comment.
const WIDTH: usize = 110;
/// Clauses that are named beside a claim; the schema names all.
const NAMED: usize = 3;

/// What becomes of a key.
enum Line {
    /// It stands in the profile.
    Set(&'static str, String),
    /// It stands there as a comment, with an example.
    Shown(&'static str, String),
}

/// A commented profile in which `without` are false.
pub(super) fn text(answers: &Answers, without: &[String], schema: &Value) -> String {
    let mut text = String::from(
        "# Profile of a subject: what it is, where it is, and what it does not do.\n\
         # With `shall init --schema > profile.schema.json` beside it, an editor that reads the next line helps.\n\
         # yaml-language-server: $schema=profile.schema.json\n",
    );
    for line in keys(answers) {
        let (Line::Set(key, _) | Line::Shown(key, _)) = &line;
        let about = schema["properties"][key]["description"].as_str();
        text += "\n";
        text += &comment(about.unwrap_or_default(), "# ");
        text += &match line {
            Line::Set(key, value) => format!("{key}: {value}\n"),
            Line::Shown(key, value) => format!("# {key}: {value}\n"),
        };
    }
    text + "\n" + &claims(answers.kind, without, &schema["properties"]["claims"])
}

fn keys(answers: &Answers) -> Vec<Line> {
    use Line::{Set, Shown};
    let kind = answers.kind;
    let user = |name: &str| format!("sip:{name}@{}", answers.domain);
    let each = |name: &str| format!("\"sip:{{{name}}}.{{n}}@{}\"", answers.domain);
    let mut keys = vec![
        Set("subject", Value::from(answers.subject.as_str()).to_string()),
        Set("kind", kind.tag().to_owned()),
    ];
    if kind.is_told() {
        keys.extend([
            Set("adapter", "process".to_owned()),
            Set("command", command(kind)),
            Set("one_session", "[--one-session]".to_owned()),
        ]);
    } else {
        keys.extend([
            Set("adapter", "remote".to_owned()),
            Set("sip", format!("\"{}\"", answers.sip)),
            Set("core", format!("\"{}\"", answers.core)),
        ]);
    }
    match kind {
        Kind::Server => keys.push(Set("xdms", format!("\"{}\"", answers.xdms))),
        Kind::Core => keys.push(Set("im_server", "\"127.0.0.1:5071\"".to_owned())),
        Kind::Participating => keys.push(Shown("terminating", "127.0.0.1:5061".to_owned())),
        Kind::Client | Kind::History => {}
    }
    keys.push(Set("domain", answers.domain.clone()));
    keys.push(Set("conference_factory", user("conference-factory")));
    if kind == Kind::Server {
        keys.push(Set("session_only_factory", user("session-factory")));
        keys.push(Set("unallocated_factory", user("no-such-factory")));
    }
    if matches!(kind, Kind::Server | Kind::Participating) {
        keys.push(Set("barred_user", user("mallory")));
    }
    keys.push(Set("users", each("chair")));
    if kind == Kind::Core {
        keys.push(Shown("password", "secret".to_owned()));
    }
    keys.extend([
        Set("groups", each("group")),
        Set("max_participants", "4".to_owned()),
        Shown("time_scale", "1".to_owned()),
        Shown("session_interval", "90".to_owned()),
    ]);
    keys
}

/// The command line of a program that does what lines of JSON say.
fn command(kind: Kind) -> String {
    let program = match kind {
        Kind::Client => "im-client",
        _ => "path/to/history-function",
    };
    let words = "--address \"{address}\" --proxy \"{proxy}\" --transport \"{transport}\" --factory \"{factory}\" \
                 --max-adhoc-group-size \"{max}\" --time-scale \"{scale}\" \"{one_session}\" upper";
    let words: Vec<&str> = words.split_whitespace().collect();
    format!("[{program}, {}]", words.join(", "))
}

fn claims(kind: Kind, without: &[String], schema: &Value) -> String {
    let mut text = comment(schema["description"].as_str().unwrap_or_default(), "# ");
    let mut set = String::new();
    for (claim, about) in schema["properties"].as_object().into_iter().flatten() {
        let kinds = about["x-kinds"].as_array();
        let of_kind = kinds.is_some_and(|kinds| kinds.iter().any(|k| k == kind.tag()));
        if without.contains(claim) || of_kind {
            let said = about["description"].as_str().unwrap_or_default();
            text += &comment(&format!("{claim}: {}", shortened(said)), "#   ");
        }
    }
    for claim in without {
        set += &format!("  {claim}: false\n");
    }
    match without {
        [] => text + "claims: {}\n",
        _ => text + "claims:\n" + &set,
    }
}

/// The same with some of the clauses only.
fn shortened(said: &str) -> String {
    let parts: Vec<&str> = said.split(", ").collect();
    match parts.len().saturating_sub(NAMED) {
        0 => said.to_owned(),
        more => format!("{} and {more} more.", parts[..NAMED].join(", ")),
    }
}

/// A comment of lines that are not too long.
fn comment(text: &str, lead: &str) -> String {
    let mut lines = String::new();
    let mut line = lead.trim_end().to_owned();
    let indent = lead.len() - lead.trim_end().len();
    let mut gap = " ".repeat(indent);
    for word in text.split_whitespace() {
        if line.len() + word.len() >= WIDTH {
            lines += &format!("{line}\n");
            line = lead.trim_end().to_owned();
            gap = " ".repeat(indent);
        }
        line += &gap;
        line += word;
        gap = " ".to_owned();
    }
    lines + &line + "\n"
}
