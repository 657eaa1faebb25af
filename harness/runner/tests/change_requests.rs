//! `shall change` at the command line: what cannot be read ends soon, in bounded memory, with 2 and a remedy.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod binary;

use std::fs;
use std::io::{Cursor, Write as _};
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use binary::{folder, shall};
use zip::write::SimpleFileOptions;

/// Memory that a refusal may take, in KiB; twice the limit of what is unpacked, and the program.
const MEMORY: u32 = 400 << 10;
/// A refusal takes a fraction of a second; more only where many tests share the machine.
const SOON: Duration = Duration::from_secs(10);
const TEXT: &str = "9.1 Visitors\nUpon receiving a SIP BYE request the IM Server:\n1. SHALL say “adieu” to the visitor.\n";

/// `shall change FILE` with little memory.
fn change(folder: &Path, file: &str) -> Output {
    let limited = format!("ulimit -v {MEMORY}; exec \"$0\" change \"$1\"");
    let mut command = Command::new("sh");
    command.args(["-c", &limited, env!("CARGO_BIN_EXE_shall"), file]);
    command.current_dir(folder).output().unwrap()
}

#[track_caller]
fn refused(folder: &Path, file: &str, words: &str) {
    let begun = Instant::now();
    let output = change(folder, file);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{file}: {output:?}");
    assert!(
        error.contains(words) && error.contains("help:"),
        "{file}: {error}"
    );
    assert!(
        error.contains(file) && !error.contains("panicked"),
        "{error}"
    );
    assert!(output.stdout.is_empty(), "{file}: {output:?}");
    assert!(begun.elapsed() < SOON, "{file}: {:?}", begun.elapsed());
}

/// A Word file whose text is this part.
fn docx(document: &[u8]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    archive.start_file("word/document.xml", options).unwrap();
    archive.write_all(document).unwrap();
    archive.finish().unwrap().into_inner()
}

/// Entities that would unfold to a thousand million letters.
fn laughs() -> String {
    let mut text = "<!DOCTYPE d [<!ENTITY a0 \"ha\">".to_owned();
    for level in 1..10 {
        let below = format!("&a{};", level - 1).repeat(10);
        text.push_str(&format!("<!ENTITY a{level} \"{below}\">"));
    }
    text + "]><d>&a9;</d>"
}

#[test]
fn what_is_no_change_request_ends_with_2_and_a_remedy() {
    let folder = folder("no-change-request");
    let sound = docx(b"<w:document xmlns:w='w'><w:p>9.1 Visitors</w:p></w:document>");
    let bomb = docx(format!("<w:document xmlns:w='w'>{}", " ".repeat(200 << 20)).as_bytes());
    let large = TEXT.repeat((10 << 20) / TEXT.len() + 1);
    let utf16 = [&[0xFF, 0xFE][..], &[0x00, 0xD8].repeat(9)].concat();
    let cases: [(&str, &[u8], &str); 12] = [
        (
            "old.doc",
            b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 and more",
            "save it as .docx",
        ),
        ("printed.pdf", b"%PDF-1.7\n%more", "is a PDF"),
        ("rich.rtf", b"{\\rtf1 more}", "Rich Text"),
        ("zip-bomb.docx", &bomb, "unpacks to more than"),
        ("xml-bomb.docx", &docx(laughs().as_bytes()), "document type"),
        (
            "cut.docx",
            &sound[..sound.len() / 2],
            "no sound ZIP archive",
        ),
        ("other.docx", &docx(b"<d>"), "ends inside an element"),
        ("halves.txt", &utf16, "begins like UTF-16"),
        ("empty.txt", b"", "is empty"),
        ("blank.txt", b" \n\n", "is empty"),
        ("large.txt", large.as_bytes(), "has more than 2 MiB"),
        ("machine.txt", b"\x7FELF\x02\x01\x01\0\0\0", "a NUL octet"),
    ];
    for (file, octets, words) in cases {
        fs::write(folder.join(file), octets).unwrap();
        refused(&folder, file, words);
    }
    fs::create_dir(folder.join("box")).unwrap();
    refused(&folder, "box", "give the file of a change request");
    refused(&folder, "absent.txt", "give the file of a change request");
}

#[test]
fn other_encodings_are_read_and_said() {
    let folder = folder("encodings");
    let units = |order: fn(u16) -> [u8; 2]| TEXT.encode_utf16().flat_map(order).collect::<Vec<_>>();
    let latin: Vec<u8> = TEXT
        .chars()
        .map(|c| match c {
            '“' => 0x93,
            '”' => 0x94,
            plain => u8::try_from(plain).unwrap(),
        })
        .collect();
    let cases = [
        ("windows.txt", latin, "Windows-1252"),
        (
            "little.txt",
            [vec![0xFF, 0xFE], units(u16::to_le_bytes)].concat(),
            "UTF-16",
        ),
        (
            "big.txt",
            [vec![0xFE, 0xFF], units(u16::to_be_bytes)].concat(),
            "UTF-16",
        ),
    ];
    for (file, octets, encoding) in cases {
        fs::write(folder.join(file), octets).unwrap();
        let output = shall(&folder, &["change", file]);
        let text = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert!(text.contains(&format!("read as {encoding}")), "{text}");
        assert!(text.contains("say “adieu” to the visitor"), "{text}");
    }
}
