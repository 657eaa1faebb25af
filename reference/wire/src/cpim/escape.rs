//! Backslash escapes of CPIM header values (RFC 3862 section 2.3.1).

use std::{borrow::Cow, str::Chars};

/// Undoes `\\ \" \' \b \t \n \r \uXXXX`; any other escaped character stands for itself, as does
/// a `\u` that names no character.
pub fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            plain.push(character);
            continue;
        }
        match characters.next() {
            None => plain.push('\\'),
            Some('b') => plain.push('\u{8}'),
            Some('t') => plain.push('\t'),
            Some('n') => plain.push('\n'),
            Some('r') => plain.push('\r'),
            Some('u') => plain.push(code_point(&mut characters).unwrap_or('u')),
            Some(other) => plain.push(other),
        }
    }
    Cow::Owned(plain)
}

/// Escapes the backslash and every control character; quotes are left to the caller, whose
/// header knows which of them are delimiters.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' => escaped.push_str("\\\\"),
            '\u{8}' => escaped.push_str("\\b"),
            '\t' => escaped.push_str("\\t"),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            other if other.is_control() => escaped += &format!("\\u{:04X}", u32::from(other)),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Takes the four digits off `characters` only when they name a character.
fn code_point(characters: &mut Chars<'_>) -> Option<char> {
    let rest = characters.as_str();
    let digits = rest.get(..4)?;
    if !digits.bytes().all(|octet| octet.is_ascii_hexdigit()) {
        return None;
    }
    let character = char::from_u32(u32::from_str_radix(digits, 16).ok()?)?;
    *characters = rest[4..].chars();
    Some(character)
}
