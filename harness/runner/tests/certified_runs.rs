//! `shall certify` and `shall verify`: a run that others can check, and that nobody can change unseen.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod binary;
#[path = "../../../reports/tests/schema/mod.rs"]
#[allow(dead_code, reason = "the schemas' own test needs more of it")]
mod schema;

use std::fs;
use std::path::PathBuf;
use std::process::Output;

use binary::{folder, shall};
use runner::Certificate;
use serde_json::Value;

/// Ended with this code; what it said has each of these words.
#[track_caller]
fn said(output: &Output, code: i32, words: &[&str]) {
    let text = [&output.stdout[..], &output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    assert_eq!(output.status.code(), Some(code), "{text}");
    for word in words {
        assert!(text.contains(word), "{word:?} in: {text}");
    }
}

/// A profile whose password, and whose words for a program, must not go far.
const PROFILE: &str = r#"
subject: a core with a secret
kind: core
adapter: embedded
domain: example.com
conference_factory: sip:conference-factory@example.com
users: "sip:{chair}.{n}@example.com"
max_participants: 4
time_scale: 16
password: horse-battery-staple
command: [horse-battery-staple]
config: horse-battery-staple
"#;

/// A run of the registrar, in which passwords are used.
fn run(name: &str) -> PathBuf {
    let folder = folder(&format!("certified-{name}"));
    fs::write(folder.join("core.yaml"), PROFILE).unwrap();
    let selected = ["run", "--profile", "core.yaml", "--clause", "rfc3261:10*"];
    said(&shall(&folder, &selected), 0, &["pass"]);
    folder
}

#[test]
fn a_bundle_is_verified_and_after_any_flip_refused() {
    let folder = run("flips");
    let made = ["certify", "out", "--new-key", "my.key"];
    said(
        &shall(&folder, &made),
        0,
        &["signed by: sha256:", "my.key.pub"],
    );
    let asked = ["verify", "bundle.zip", "--key", "my.key.pub"];
    said(
        &shall(&folder, &asked),
        0,
        &[
            "the key that was asked for",
            "all the same",
            "asked for ",
            " of 4",
        ],
    );

    let bundle = fs::read(folder.join("bundle.zip")).unwrap();
    Certificate::open(&bundle).unwrap();
    // Marsaglia's xorshift: the same thousand flips each time.
    let mut seed = 0x5ba1_1000_u64;
    let mut random = move || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % (1 << 32)).unwrap()
    };
    for _ in 0..1000 {
        let (at, change) = (
            random() % bundle.len(),
            u8::try_from(random() % 255 + 1).unwrap(),
        );
        let mut flipped = bundle.clone();
        flipped[at] ^= change;
        let read = Certificate::open(&flipped);
        assert!(read.is_err(), "octet {at} changed by {change}");
    }

    let mut flipped = bundle;
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    fs::write(folder.join("flipped.zip"), flipped).unwrap();
    let refused = shall(&folder, &["verify", "flipped.zip"]);
    said(&refused, 1, &["flipped.zip: refused: "]);
}

#[test]
fn no_secret_enters_a_bundle() {
    let folder = run("secrets");
    said(&shall(&folder, &["certify", "out"]), 0, &["nobody"]);
    let bytes = fs::read(folder.join("bundle.zip")).unwrap();
    for (name, content) in Certificate::open(&bytes).unwrap().into_entries() {
        let text = String::from_utf8_lossy(&content);
        assert!(!text.contains("horse-battery"), "{name}");
    }
    // A run file of a program that kept it.
    let path = folder.join("out/run.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    let leaky = text.replacen("\"domain\":", "\"password\":\"x\",\"domain\":", 1);
    assert_ne!(leaky, text);
    fs::write(&path, leaky).unwrap();
    said(
        &shall(&folder, &["certify", "out"]),
        1,
        &["its profile holds `password`"],
    );
}

#[test]
fn verdicts_that_the_messages_do_not_bear_out_are_not_certified() {
    let folder = run("forged");
    let path = folder.join("out/run.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(
        &path,
        text.replacen("\"verdict\":\"pass\"", "\"verdict\":\"fail\"", 1),
    )
    .unwrap();
    let forged = shall(&folder, &["certify", "out"]);
    said(
        &forged,
        1,
        &["the messages do not bear it out", "was fail, is pass"],
    );
    fs::write(&path, &text).unwrap();

    let path = folder.join("out/summary.json");
    let summary = fs::read_to_string(&path).unwrap();
    fs::write(
        &path,
        summary.replacen("\"verdict\": \"pass\"", "\"verdict\": \"fail\"", 1),
    )
    .unwrap();
    let forged = shall(&folder, &["certify", "out"]);
    said(&forged, 1, &["summary.json: ", "the verdict is another"]);
}

/// A key and its public half, as openssl wrote them.
const KEY: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
-----END PRIVATE KEY-----
";
const PUBLIC: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PUBLIC KEY-----
";

#[test]
fn a_bundle_tells_who_signed_it() {
    let folder = run("keys");
    fs::write(folder.join("their.key"), KEY).unwrap();
    fs::write(folder.join("their.pub"), PUBLIC).unwrap();
    for (line, code, words) in [
        ("certify out --key their.key", 0, "signed by: sha256:"),
        ("verify bundle.zip --key their.pub", 0, "asked for"),
        ("certify out --new-key own.key --out own.zip", 0, "keep it"),
        ("verify own.zip --key their.pub", 1, "not signed by the key"),
        ("certify out --out none.zip", 0, "nobody"),
        ("verify none.zip", 0, "nobody signed"),
        ("verify none.zip --key their.pub", 1, "but by nobody"),
        // A key is never written over, and what is none is named.
        ("certify out --new-key own.key", 2, "own.key: "),
        (
            "certify out --key core.yaml",
            2,
            "core.yaml: this is no private",
        ),
        (
            "verify own.zip --key own.key",
            2,
            "own.key: this is no public",
        ),
        ("verify core.yaml", 2, "no zip archive"),
        ("verify nowhere.zip", 2, "nowhere.zip: "),
    ] {
        let arguments: Vec<&str> = line.split(' ').collect();
        said(&shall(&folder, &arguments), code, &[words]);
    }
    for (asked, refused) in [
        ("own.key.pub", Value::Null),
        ("their.pub", "signer.pem".into()),
    ] {
        let line = ["verify", "own.zip", "--key", asked, "--format", "json"];
        let text = String::from_utf8(shall(&folder, &line).stdout).unwrap();
        schema::check(reports::VERIFICATION_SCHEMA, &text);
        let json: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(json["verified"], refused.is_null());
        assert_eq!(json["refusal"]["entry"], refused);
    }
}
