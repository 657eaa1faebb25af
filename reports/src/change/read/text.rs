//! Plain text in UTF-8, UTF-16 or Windows-1252: a paragraph a line, or lines wrapped by hand.

use super::{Document, Paragraph, ReadError};
use crate::change::marks;

/// Lines longer than this show that the text is not wrapped by hand, in characters.
const WRAPPED: usize = 110;
/// Longest line that is read, in octets.
const LINE: usize = 1 << 20;

/// Reads a text; another encoding than UTF-8 leaves a note.
pub(super) fn read(name: &str, octets: &[u8]) -> Result<Document, ReadError> {
    let (text, note) = decode(name, octets)?;
    let lines: Vec<&str> = text.lines().collect();
    if let Some(at) = lines.iter().position(|line| line.len() > LINE) {
        return Err(ReadError::Malformed {
            name: name.to_owned(),
            line: at + 1,
            problem: format!("the line has more than {LINE} octets"),
            remedy: "give the change request as text with a paragraph a line",
        });
    }
    if let Some(at) = lines.iter().position(|line| line.contains('\0')) {
        return Err(ReadError::Malformed {
            name: name.to_owned(),
            line: at + 1,
            problem: "a NUL octet, so this is no text".to_owned(),
            remedy: "give the change request as text (UTF-8) or as .docx",
        });
    }
    Ok(Document {
        name: name.to_owned(),
        format: "text",
        notes: note.into_iter().collect(),
        paragraphs: paragraphs(&lines),
        tracked: false,
    })
}

fn decode(name: &str, octets: &[u8]) -> Result<(String, Option<String>), ReadError> {
    let said = |encoding: &str| Some(format!("read as {encoding}; UTF-8 is safer"));
    let utf16 = |octets: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = octets
            .chunks_exact(2)
            .map(|pair| unit([pair[0], pair[1]]))
            .collect();
        String::from_utf16(&units).map_err(|_| ReadError::Malformed {
            name: name.to_owned(),
            line: 1,
            problem: "begins like UTF-16 and is not".to_owned(),
            remedy: "save the text as UTF-8",
        })
    };
    match octets {
        [0xEF, 0xBB, 0xBF, rest @ ..] if std::str::from_utf8(rest).is_ok() => {
            Ok((String::from_utf8_lossy(rest).into_owned(), None))
        }
        [0xFF, 0xFE, rest @ ..] => Ok((utf16(rest, u16::from_le_bytes)?, said("UTF-16"))),
        [0xFE, 0xFF, rest @ ..] => Ok((utf16(rest, u16::from_be_bytes)?, said("UTF-16"))),
        _ => match std::str::from_utf8(octets) {
            Ok(text) => Ok((text.to_owned(), None)),
            Err(_) => Ok((
                octets.iter().map(|octet| windows_1252(*octet)).collect(),
                said("Windows-1252"),
            )),
        },
    }
}

/// The character of an octet; the five that the code page leaves open stay control characters.
fn windows_1252(octet: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž',
        '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}',
        'ž', 'Ÿ',
    ];
    match octet {
        0x80..=0x9F => HIGH[usize::from(octet - 0x80)],
        _ => char::from(octet),
    }
}

fn paragraphs(lines: &[&str]) -> Vec<Paragraph> {
    let lengths = || lines.iter().map(|line| line.chars().count());
    let longest = lengths().max().unwrap_or_default();
    let wrapped = longest <= WRAPPED && lengths().filter(|length| *length > 50).count() > 1;
    let mut all: Vec<Paragraph> = Vec::new();
    let mut before = 0;
    for (index, line) in lines.iter().enumerate() {
        let text = line.trim_end();
        match all.last_mut() {
            Some(last) if wrapped && continues(last, text, before, longest) => {
                last.text.push(' ');
                last.text.push_str(text.trim_start());
            }
            _ => all.push(Paragraph {
                line: index + 1,
                text: text.to_owned(),
                ..Paragraph::default()
            }),
        }
        before = text.chars().count();
    }
    all
}

/// Whether a line of a wrapped text goes on with the paragraph; `before` is the length of the line above.
fn continues(last: &Paragraph, text: &str, before: usize, longest: usize) -> bool {
    let text = text.trim_start();
    if last.text.trim().is_empty() || text.is_empty() || !marks::is_plain(text) {
        return false;
    }
    if marks::heading(&last.text).is_some() {
        return false;
    }
    let open = !last.text.ends_with(['.', ';', ':']);
    let small = text.starts_with(|c: char| c.is_lowercase());
    small || (open && before * 3 > longest * 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(octets: &[u8]) -> Vec<String> {
        let document = read("a.txt", octets).unwrap();
        document.paragraphs.into_iter().map(|p| p.text).collect()
    }

    #[test]
    fn three_encodings_give_the_same_text() {
        let text = "7.9 Title\n1. SHALL say “no”";
        let utf16: Vec<u8> = [0xFF, 0xFE]
            .into_iter()
            .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        let latin = b"7.9 Title\n1. SHALL say \x93no\x94";
        assert_eq!(texts(text.as_bytes()), texts(&utf16));
        assert_eq!(texts(text.as_bytes()), texts(latin));
        assert!(read("a.txt", latin).unwrap().notes[0].contains("Windows-1252"));
    }

    #[test]
    fn a_text_wrapped_by_hand_is_joined_and_keeps_the_first_line() {
        let text = "7.9 Title\n\nUpon receiving a SIP INVITE request of somebody else the IM\nServer:\n\n1. SHALL answer the request with a response that says what it\n   thinks of it;\n2. SHALL wait.\n";
        let document = read("a.txt", text.as_bytes()).unwrap();
        let found: Vec<(usize, &str)> = document
            .paragraphs
            .iter()
            .filter(|p| !p.text.is_empty())
            .map(|p| (p.line, p.text.as_str()))
            .collect();
        assert_eq!(found.len(), 4);
        assert_eq!(found[1].0, 3);
        assert!(found[1].1.ends_with("the IM Server:"));
        assert!(found[2].1.ends_with("what it thinks of it;"));
    }
}
