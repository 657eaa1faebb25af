//! From the octets of a file to paragraphs; what cannot be a change request is refused with a remedy.

mod docx;
mod text;

use serde::Serialize;

/// Largest file that is read, in octets.
const LARGEST: usize = 32 << 20;
/// Most octets of text that a change request may have, in both wordings.
const TEXT: usize = 2 << 20;

/// A change request as paragraphs.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Document {
    /// File name without its folder.
    pub name: String,
    /// `text` or `docx`.
    pub format: &'static str,
    /// What a reader has to know about how it was read, such as its encoding.
    pub notes: Vec<String>,
    #[serde(skip)]
    pub paragraphs: Vec<Paragraph>,
    /// True when insertions or deletions are marked, so that the old wording is known.
    pub tracked: bool,
}

/// One paragraph in its old and its new wording.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paragraph {
    /// Line of a text, or number of the paragraph in a Word file; from 1.
    pub line: usize,
    /// Page where the file says so, from 1.
    pub page: Option<usize>,
    /// Number that the word processor prints before it, such as `3.` or `a)`.
    pub label: String,
    /// Level of a heading, from 1.
    pub heading: Option<u8>,
    /// Wording with the change; empty when the change deletes the paragraph.
    pub text: String,
    /// Wording before the change, where it differs; empty when the change inserts the paragraph.
    pub old: Option<String>,
    /// Whether the change moves it here or away.
    pub moved: bool,
    /// Who made the tracked changes of it, each once.
    pub authors: Vec<String>,
    /// Comments of reviewers, `author: text`.
    pub comments: Vec<String>,
}

/// Why a file is not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    #[error("{name}: is empty\n  help: give the change request as text (UTF-8) or as .docx")]
    Empty { name: String },
    #[error("{name}: is {found}, which is not read\n  help: {remedy}")]
    Kind {
        name: String,
        found: &'static str,
        remedy: &'static str,
    },
    #[error("{name}:{line}: {problem}\n  help: {remedy}")]
    Malformed {
        name: String,
        line: usize,
        problem: String,
        remedy: &'static str,
    },
    #[error(
        "{name}: {what} has more than {} MiB, the most that is read\n  help: give the change request alone, without the specification around it, or in parts", limit >> 20
    )]
    Large {
        name: String,
        what: &'static str,
        /// In octets.
        limit: usize,
    },
    #[error(
        "{name}: holds no statement\n  help: the text needs headings with numbers (7.2.1 Title) and sentences with SHALL, SHOULD or MAY below them"
    )]
    Nothing { name: String },
}

impl Document {
    /// Reads a file of either format; `name` stands in messages.
    pub fn read(name: &str, octets: &[u8]) -> Result<Self, ReadError> {
        let large = |what, limit| ReadError::Large {
            name: name.to_owned(),
            what,
            limit,
        };
        if octets.len() > LARGEST {
            return Err(large("the file", LARGEST));
        }
        if let Some((found, remedy)) = foreign(octets) {
            return Err(ReadError::Kind {
                name: name.to_owned(),
                found,
                remedy,
            });
        }
        let document = match octets.starts_with(b"PK\x03\x04") {
            true => docx::read(name, octets)?,
            // UTF-16 has two octets a character.
            false if octets.len() > 2 * TEXT => return Err(large("the text", TEXT)),
            false => text::read(name, octets)?,
        };
        let octets = |p: &Paragraph| p.text.len() + p.old.as_ref().map_or(0, String::len);
        if document.paragraphs.iter().map(octets).sum::<usize>() > TEXT {
            return Err(large("the text", TEXT));
        }
        let blank = |p: &Paragraph| p.text.is_empty() && p.old.is_none();
        match document.paragraphs.iter().all(blank) {
            true => Err(ReadError::Empty {
                name: name.to_owned(),
            }),
            false => Ok(document),
        }
    }
}

/// Formats known by their first octets, and what to do about them.
fn foreign(octets: &[u8]) -> Option<(&'static str, &'static str)> {
    const SAVE: &str =
        "open it in a word processor and save it as .docx, which keeps the tracked changes";
    let known: [(&[u8], &str, &str); 6] = [
        (
            b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1",
            "a Word file of before 2007 (.doc)",
            SAVE,
        ),
        (
            b"%PDF-",
            "a PDF",
            "give the .docx or the text that it was made from; a PDF has lost its paragraphs",
        ),
        (b"{\\rtf", "Rich Text Format", SAVE),
        (
            b"\x1F\x8B",
            "a gzip archive",
            "unpack it and give the file inside",
        ),
        (b"\x89PNG", "a picture", "give the text, not an image of it"),
        (
            b"7z\xBC\xAF\x27\x1C",
            "a 7z archive",
            "unpack it and give the file inside",
        ),
    ];
    known
        .into_iter()
        .find(|(magic, ..)| octets.starts_with(magic))
        .map(|(_, found, remedy)| (found, remedy))
}
