//! A bundle of evidence: what was judged by what, with a digest of each entry, and signed when there is a key.

mod archive;
pub(crate) mod key;
mod manifest;

use std::collections::BTreeMap;

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use serde::Serialize;

pub(crate) use archive::LARGEST;
pub(crate) use manifest::Manifest;

/// The list of entries, which the signature is over.
const MANIFEST: &str = "manifest.json";
/// 64 octets, as `openssl pkeyutl -verify -rawin` reads them.
const SIGNATURE: &str = "manifest.sig";
/// The public key of whoever signed.
const SIGNER: &str = "signer.pem";

/// A bundle whose every octet is accounted for; whether its verdicts follow from it is judged apart.
#[derive(Debug)]
pub struct Certificate {
    pub(crate) manifest: Manifest,
    /// Entries by name, without manifest and signature.
    pub(crate) entries: BTreeMap<String, Vec<u8>>,
    /// Who signed; `None` when nobody did.
    pub(crate) signer: Option<VerifyingKey>,
}

/// Which entry of a bundle is not as it was certified, and why.
#[derive(Debug, Serialize, thiserror::Error)]
#[error("{entry}: {fault}")]
pub struct Refusal {
    /// Name of the entry; `container` for what lies around entries.
    pub entry: String,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What can be wrong with an entry.
#[derive(Debug, Serialize, thiserror::Error)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Fault {
    #[error("this is no zip archive that can be read")]
    Unreadable,
    #[error("octet {octet} is not as `shall certify` writes it")]
    Container { octet: usize },
    #[error("its {what} is more than a bundle may have")]
    TooLarge { what: &'static str },
    #[error("its octets are not those that were certified")]
    Digest,
    #[error("the manifest does not list it")]
    Unlisted,
    #[error("the manifest lists it, and it is not there")]
    Missing,
    #[error("it is no manifest of this program: {reason}")]
    Manifest { reason: String },
    #[error("the signature is not of the key in {SIGNER} over {MANIFEST}")]
    Signature,
    #[error("it is not signed by the key that was asked for, but by {by}")]
    Signer { by: String },
    #[error("it is not what an archive of a run holds: {reason}")]
    Run { reason: String },
    #[error("the messages do not bear it out: {said}")]
    Verdict { said: String },
}

impl Fault {
    pub(crate) fn of(self, entry: &str) -> Refusal {
        Refusal {
            entry: entry.to_owned(),
            fault: self,
        }
    }
}

impl Certificate {
    /// Packs entries under their names, with the manifest; signs it when there is a key.
    pub(crate) fn pack(
        mut entries: BTreeMap<String, Vec<u8>>,
        (edition, subject): (&str, &str),
        key: Option<&SigningKey>,
    ) -> Result<Vec<u8>, Refusal> {
        if let Some(key) = key {
            let pem = key::pem(&key.verifying_key());
            entries.insert(SIGNER.to_owned(), pem.into_bytes());
        }
        // Packed octets are known once they are packed; packing is the same each time.
        let listed = archive::digests(&archive::pack(&entries)?)?;
        let manifest = Manifest::of(listed, edition, subject).render();
        if let Some(key) = key {
            let signature = key.sign(&manifest).to_bytes();
            entries.insert(SIGNATURE.to_owned(), signature.to_vec());
        }
        entries.insert(MANIFEST.to_owned(), manifest);
        archive::pack(&entries)
    }

    /// What it holds, by name, without manifest and signature.
    #[must_use]
    pub fn into_entries(self) -> BTreeMap<String, Vec<u8>> {
        self.entries
    }

    /// Reads a bundle, and refuses it unless every octet is as it was packed; digests come before anything is unpacked.
    pub fn open(bytes: &[u8]) -> Result<Self, Refusal> {
        archive::canonical(bytes)?;
        let manifest = Manifest::parse(&archive::entry(bytes, MANIFEST)?)?;
        manifest.compare(archive::packed(bytes)?)?;
        let mut entries = archive::unpack(bytes)?;
        let signature = entries.remove(SIGNATURE);
        let text = entries.remove(MANIFEST).unwrap_or_default();
        for listed in &manifest.entries {
            let same = entries
                .get(&listed.name)
                .is_some_and(|bytes| archive::sha256(bytes) == listed.sha256);
            if !same {
                return Err(Fault::Digest.of(&listed.name));
            }
        }
        let signer = match (entries.get(SIGNER), &signature) {
            (None, None) => None,
            (Some(pem), Some(signature)) => Some(signed(pem, signature, &text)?),
            (None, Some(_)) => return Err(Fault::Unlisted.of(SIGNATURE)),
            (Some(_), None) => return Err(Fault::Missing.of(SIGNATURE)),
        };
        Ok(Self {
            manifest,
            entries,
            signer,
        })
    }
}

/// The key of `pem`, when `signature` is its over `text`.
fn signed(pem: &[u8], signature: &[u8], text: &[u8]) -> Result<VerifyingKey, Refusal> {
    let key = key::of_pem(pem).ok_or_else(|| Fault::Signature.of(SIGNER))?;
    let signature = Signature::from_slice(signature).ok();
    signature
        .and_then(|signature| key.verify_strict(text, &signature).ok())
        .ok_or_else(|| Fault::Signature.of(SIGNATURE))?;
    Ok(key)
}

#[cfg(test)]
mod tests;
