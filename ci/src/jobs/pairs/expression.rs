//! Cucumber expressions, enough to tell which phrase words a step.

/// A parsed expression.
pub(super) struct Expression {
    pieces: Vec<Piece>,
}

enum Piece {
    Literal(String),
    /// `(s)`: may be there.
    Optional(String),
    /// `a/b`: one of them.
    Either(Vec<String>),
    /// `{name}`.
    Parameter(String),
}

impl Expression {
    /// Reads an expression; a backslash takes the next character as it is.
    pub(super) fn parse(words: &str) -> Result<Expression, String> {
        let mut pieces = Vec::new();
        let mut text = String::new();
        let mut slashed = false;
        let mut rest = words.chars();
        while let Some(character) = rest.next() {
            match character {
                '\\' => text.extend(rest.next()),
                '{' | '(' => {
                    close_word(&mut pieces, &mut text, &mut slashed);
                    let end = if character == '{' { '}' } else { ')' };
                    let (inside, after) = rest
                        .as_str()
                        .split_once(end)
                        .ok_or_else(|| format!("`{character}` is never closed in \"{words}\""))?;
                    pieces.push(if end == '}' {
                        Piece::Parameter(inside.to_owned())
                    } else {
                        Piece::Optional(inside.to_owned())
                    });
                    rest = after.chars();
                }
                ' ' => {
                    close_word(&mut pieces, &mut text, &mut slashed);
                    text.push(' ');
                    close_word(&mut pieces, &mut text, &mut slashed);
                }
                '/' => {
                    slashed = true;
                    text.push(ALTERNATIVE);
                }
                _ => text.push(character),
            }
        }
        close_word(&mut pieces, &mut text, &mut slashed);
        Ok(Expression { pieces })
    }

    /// The expression with every parameter blanked.
    pub(super) fn shape(&self) -> String {
        let shown = self.pieces.iter().map(|piece| match piece {
            Piece::Either(words) => words.join("/"),
            Piece::Literal(text) => text.clone(),
            Piece::Optional(text) => format!("({text})"),
            Piece::Parameter(_) => "{}".to_owned(),
        });
        shown.collect()
    }

    /// True when the whole text is worded so.
    pub(super) fn fits(&self, text: &str) -> bool {
        fits(&self.pieces, text)
    }
}

fn close_word(pieces: &mut Vec<Piece>, text: &mut String, slashed: &mut bool) {
    if text.is_empty() {
        return;
    }
    let word = std::mem::take(text);
    pieces.push(if std::mem::take(slashed) {
        Piece::Either(word.split(ALTERNATIVE).map(str::to_owned).collect())
    } else {
        Piece::Literal(word)
    });
}

fn fits(pieces: &[Piece], text: &str) -> bool {
    let Some((piece, rest)) = pieces.split_first() else {
        return text.is_empty();
    };
    match piece {
        Piece::Either(words) => words.iter().any(|word| {
            text.strip_prefix(word.as_str())
                .is_some_and(|after| fits(rest, after))
        }),
        Piece::Literal(word) => text
            .strip_prefix(word.as_str())
            .is_some_and(|after| fits(rest, after)),
        Piece::Optional(word) => {
            text.strip_prefix(word.as_str())
                .is_some_and(|after| fits(rest, after))
                || fits(rest, text)
        }
        Piece::Parameter(name) => {
            let ends = text
                .char_indices()
                .map(|(at, character)| at + character.len_utf8());
            ends.filter(|end| is_value(name, &text[..*end]))
                .any(|end| fits(rest, &text[end..]))
        }
    }
}

/// Built-in parameters by their form; our own take any text without a blank at its ends.
fn is_value(name: &str, value: &str) -> bool {
    let quoted = |mark| value.len() > 1 && value.starts_with(mark) && value.ends_with(mark);
    match name {
        "string" => quoted('"') || quoted('\''),
        "word" => !value.contains(' '),
        "int" => value.parse::<i64>().is_ok(),
        "float" => value.parse::<f64>().is_ok(),
        _ => value.trim() == value,
    }
}

const ALTERNATIVE: char = '\u{1}';
