//! `manifest.json` of a bundle, schema `shall.manifest/1`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Fault, MANIFEST, Refusal};

const SCHEMA: &str = "shall.manifest/1";

/// Every entry of a bundle but the manifest and its signature.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    schema: String,
    /// The program that made the bundle, and its version.
    pub(crate) tool: String,
    /// The catalogue's edition.
    pub(crate) edition: String,
    /// The subject's name, from its profile.
    pub(crate) subject: String,
    pub(crate) entries: Vec<Listed>,
}

/// One entry.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Listed {
    pub(crate) name: String,
    /// Octets, unpacked.
    pub(crate) bytes: usize,
    /// Digest of the entry, in hexadecimal.
    pub(crate) sha256: String,
    /// Digest of its octets as they lie in the zip, which another deflate need not give again.
    pub(crate) packed_sha256: String,
}

impl Manifest {
    pub(super) fn of(entries: Vec<Listed>, edition: &str, subject: &str) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            tool: concat!("shall ", env!("CARGO_PKG_VERSION")).to_owned(),
            edition: edition.to_owned(),
            subject: subject.to_owned(),
            entries,
        }
    }

    pub(super) fn render(&self) -> Vec<u8> {
        let mut text = serde_json::to_vec_pretty(self).expect("a manifest is made of text");
        text.push(b'\n');
        text
    }

    pub(super) fn parse(text: &[u8]) -> Result<Self, Refusal> {
        let wrong = |reason: String| Fault::Manifest { reason }.of(MANIFEST);
        let read: Self = serde_json::from_slice(text).map_err(|error| wrong(error.to_string()))?;
        if read.schema != SCHEMA {
            let said = format!("its schema is {:?}, not {SCHEMA}", read.schema);
            return Err(wrong(said));
        }
        if read.render() != text {
            return Err(wrong("it is not written as this program does".to_owned()));
        }
        Ok(read)
    }

    /// Demands exactly the listed entries, packed as they were.
    pub(super) fn compare(&self, mut there: BTreeMap<String, String>) -> Result<(), Refusal> {
        for listed in &self.entries {
            match there.remove(&listed.name) {
                None => return Err(Fault::Missing.of(&listed.name)),
                Some(digest) if digest != listed.packed_sha256 => {
                    return Err(Fault::Digest.of(&listed.name));
                }
                Some(_) => {}
            }
        }
        match there.into_keys().next() {
            Some(name) => Err(Fault::Unlisted.of(&name)),
            None => Ok(()),
        }
    }
}
