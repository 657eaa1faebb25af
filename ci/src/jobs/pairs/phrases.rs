//! The phrases that the step crate defines, read from its attributes.

use super::expression::Expression;
use crate::context::Context;
use crate::files;
use gherkin::StepType;

/// One `#[given("...")]`, `#[when("...")]` or `#[then("...")]`.
pub(super) struct Phrase {
    pub(super) file: String,
    /// Line of the attribute, from 1.
    pub(super) line: usize,
    pub(super) kind: StepType,
    pub(super) words: String,
    expression: Expression,
}

/// All phrases, and what could not be read.
pub(super) fn read(context: &Context) -> (Vec<Phrase>, Vec<String>) {
    let texts = match files::texts(context, "harness/steps/src", &["rs"]) {
        Ok(texts) => texts,
        Err(fault) => return (Vec::new(), vec![fault]),
    };
    let (mut phrases, mut faults) = (Vec::new(), Vec::new());
    for text in texts {
        for phrase in of(&text.short, &text.content) {
            match phrase {
                Ok(phrase) => phrases.push(phrase),
                Err(fault) => faults.push(fault),
            }
        }
    }
    if phrases.is_empty() {
        faults.push("harness/steps/src: no step is defined".into());
    }
    (phrases, faults)
}

/// The phrases of one source file.
pub(super) fn of(file: &str, content: &str) -> Vec<Result<Phrase, String>> {
    let mut found = Vec::new();
    for (opener, kind) in OPENERS {
        for (at, _) in content.match_indices(opener) {
            let line = content[..at].matches('\n').count() + 1;
            let inside = &content[at + opener.len()..];
            found.push(match literal(inside) {
                Some(words) => Expression::parse(&words)
                    .map(|expression| Phrase {
                        file: file.to_owned(),
                        line,
                        kind: *kind,
                        words,
                        expression,
                    })
                    .map_err(|fault| format!("{file}:{line}: {fault}")),
                None => Err(format!(
                    "{file}:{line}: a step is a cucumber expression in one literal, not a regex"
                )),
            });
        }
    }
    found
}

impl Phrase {
    /// The phrase with its parameters blanked: two phrases of one shape are ambiguous.
    pub(super) fn shape(&self) -> String {
        format!("{:?} {}", self.kind, self.expression.shape())
    }

    /// True when a step of a scenario is worded so.
    pub(super) fn fits(&self, kind: StepType, text: &str) -> bool {
        self.kind == kind && self.expression.fits(text)
    }
}

/// The string literal that opens an attribute, `expr = ` allowed before it.
fn literal(inside: &str) -> Option<String> {
    let rest = inside.trim_start();
    let rest = rest.strip_prefix("expr").map_or(rest, |rest| {
        rest.trim_start().trim_start_matches('=').trim_start()
    });
    if let Some(raw) = rest.strip_prefix("r#\"") {
        return raw.split_once("\"#").map(|(words, _)| words.to_owned());
    }
    if let Some(raw) = rest.strip_prefix("r\"") {
        return raw.split_once('"').map(|(words, _)| words.to_owned());
    }
    let mut words = String::new();
    let mut characters = rest.strip_prefix('"')?.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => return Some(words),
            '\\' => match characters.next()? {
                '\n' => characters = characters.as_str().trim_start().chars(),
                escaped => words.push(escaped),
            },
            _ => words.push(character),
        }
    }
    None
}

const OPENERS: &[(&str, StepType)] = &[
    ("#[given(", StepType::Given),
    ("#[when(", StepType::When),
    ("#[then(", StepType::Then),
];
