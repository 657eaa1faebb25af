//! No octet of a bundle changes unseen, and none comes in or goes.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::*;

fn entries() -> BTreeMap<String, Vec<u8>> {
    let text = |word: &str| word.repeat(40).into_bytes();
    let all = [
        ("run.jsonl", "{\"kind\":\"run\"}\n"),
        ("features/a.feature", "Then x\n"),
    ];
    all.map(|(name, word)| (name.to_owned(), text(word))).into()
}

fn bundle(key: Option<&SigningKey>) -> Vec<u8> {
    Certificate::pack(entries(), ("an edition", "a subject"), key).unwrap()
}

fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

/// A zip of these entries as another program might write it.
fn zip(entries: &[(&str, &[u8])], comment: &str) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        writer.start_file(*name, stored).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.set_comment(comment).unwrap();
    writer.finish().unwrap().into_inner()
}

fn refused(bytes: &[u8]) -> String {
    Certificate::open(bytes).unwrap_err().to_string()
}

#[test]
fn what_is_packed_is_read_back() {
    let read = Certificate::open(&bundle(None)).unwrap();
    assert_eq!((read.entries, read.signer), (entries(), None));
    let read = Certificate::open(&bundle(Some(&key()))).unwrap();
    assert_eq!(read.signer, Some(key().verifying_key()));
    assert_eq!(bundle(Some(&key())), bundle(Some(&key())));
}

#[test]
fn every_octet_counts() {
    for key in [None, Some(key())] {
        let bundle = bundle(key.as_ref());
        for at in 0..bundle.len() {
            for bit in [0x01, 0x80] {
                let mut flipped = bundle.clone();
                flipped[at] ^= bit;
                assert!(Certificate::open(&flipped).is_err(), "octet {at}");
            }
        }
        let longer = [&bundle[..], b"\0"].concat();
        assert!(Certificate::open(&longer).is_err());
        assert!(Certificate::open(&[b"MZ", &bundle[..]].concat()).is_err());
        assert!(Certificate::open(&bundle[..bundle.len() - 1]).is_err());
    }
}

#[test]
fn an_entry_that_comes_goes_or_changes_is_named() {
    let mut all = archive::unpack(&bundle(None)).unwrap();
    all.insert("stray.txt".to_owned(), b"x".to_vec());
    let packed = archive::pack(&all).unwrap();
    assert_eq!(refused(&packed), "stray.txt: the manifest does not list it");

    all.remove("stray.txt");
    let run = all.remove("run.jsonl");
    let packed = archive::pack(&all).unwrap();
    assert!(refused(&packed).starts_with("run.jsonl: the manifest lists it, and it"));

    all.insert(
        "run.jsonl".to_owned(),
        [run.unwrap(), b" ".to_vec()].concat(),
    );
    let packed = archive::pack(&all).unwrap();
    assert!(refused(&packed).starts_with("run.jsonl: its octets are not those"));

    all.remove(MANIFEST);
    let packed = archive::pack(&all).unwrap();
    assert!(refused(&packed).starts_with("manifest.json: the manifest lists it, and"));
}

#[test]
fn a_signature_is_of_its_key_over_its_manifest() {
    let signed = archive::unpack(&bundle(Some(&key()))).unwrap();
    let other = SigningKey::from_bytes(&[8; 32]);

    let mut all = signed.clone();
    let forged = other.sign(&all[MANIFEST]).to_bytes().to_vec();
    all.insert(SIGNATURE.to_owned(), forged);
    assert!(
        refused(&archive::pack(&all).unwrap()).starts_with("manifest.sig: the signature is not")
    );

    let mut all = signed.clone();
    all.remove(SIGNATURE);
    assert!(refused(&archive::pack(&all).unwrap()).starts_with("manifest.sig: the manifest lists"));

    // Another key over another manifest is sound, and seen to be another's.
    let theirs = Certificate::open(&bundle(Some(&other))).unwrap();
    assert_ne!(theirs.signer, Some(key().verifying_key()));
}

#[test]
fn containers_of_others_and_bombs_are_refused() {
    assert_eq!(
        refused(b"nonsense"),
        "container: this is no zip archive that can be read"
    );
    let foreign = zip(&[("a.txt", b"a")], "");
    assert!(refused(&foreign).starts_with("container: octet "));
    let remark = zip(&[(MANIFEST, b"{}")], "by hand");
    assert!(refused(&remark).starts_with("container: octet"));
    let bomb: BTreeMap<String, Vec<u8>> = [("bomb".to_owned(), vec![0; 4 << 20])].into();
    let bomb = archive::pack(&bomb).unwrap();
    assert_eq!(
        refused(&bomb),
        "bomb: its size unpacked is more than a bundle may have"
    );
    let many = (0..1001).map(|n| (format!("{n:04}"), Vec::new())).collect();
    let many = archive::pack(&many).unwrap();
    assert_eq!(
        refused(&many),
        "container: its number of entries is more than a bundle may have"
    );
}
