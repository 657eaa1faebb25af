//! Word files (.docx): paragraphs with tracked insertions, deletions and moves, headings, numbers and comments.

mod body;
mod numbering;
mod xml;

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};

use zip::ZipArchive;

use super::{Document, ReadError};

/// Most octets that a part may have once unpacked.
const UNPACKED: u64 = 64 << 20;
/// Most parts of a file.
const PARTS: usize = 4096;
/// How many times larger a part may be than what it was packed into.
const RATIO: u64 = 1000;

/// Why the inside of a file cannot be read, with a remedy.
pub(super) type Fault = (String, &'static str);

const DAMAGED: &str =
    "the file is damaged or was cut off; copy it again, or save it anew from the word processor";

/// Reads a file that begins as a ZIP archive does.
pub(super) fn read(name: &str, octets: &[u8]) -> Result<Document, ReadError> {
    parts(octets)
        .and_then(|parts| body::read(name, &parts))
        .map_err(|(problem, remedy)| ReadError::Malformed {
            name: name.to_owned(),
            line: 1,
            problem,
            remedy,
        })
}

/// The XML parts that are needed, by the last part of their names.
pub(super) type Parts = BTreeMap<&'static str, String>;

fn parts(octets: &[u8]) -> Result<Parts, Fault> {
    let broken = |error: zip::result::ZipError| (format!("no sound ZIP archive: {error}"), DAMAGED);
    let mut archive = ZipArchive::new(Cursor::new(octets)).map_err(broken)?;
    if archive.len() > PARTS {
        return Err((
            format!("more than {PARTS} parts, which no Word file has"),
            DAMAGED,
        ));
    }
    let mut parts = Parts::new();
    for name in [
        "document.xml",
        "styles.xml",
        "numbering.xml",
        "comments.xml",
    ] {
        let mut part = match archive.by_name(&format!("word/{name}")) {
            Ok(part) => part,
            Err(zip::result::ZipError::FileNotFound) => continue,
            Err(error) => return Err(broken(error)),
        };
        let most = UNPACKED.min(part.compressed_size().saturating_mul(RATIO).max(1 << 20));
        let mut text = Vec::new();
        let unpacked = part.by_ref().take(most + 1).read_to_end(&mut text);
        unpacked.map_err(|error| (format!("word/{name} cannot be unpacked: {error}"), DAMAGED))?;
        if text.len() as u64 > most {
            return Err((
                format!("word/{name} unpacks to more than {most} octets"),
                "a change request is smaller; give it alone, without the specification around it",
            ));
        }
        let text =
            String::from_utf8(text).map_err(|_| (format!("word/{name} is not UTF-8"), DAMAGED))?;
        parts.insert(name, text);
    }
    if !parts.contains_key("document.xml") {
        return Err((
            "a ZIP archive without word/document.xml, so no Word file".to_owned(),
            "open the document in a word processor and save it as .docx",
        ));
    }
    Ok(parts)
}
