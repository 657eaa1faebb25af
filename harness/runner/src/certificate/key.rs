//! Keys of bundles: Ed25519 in PEM, private ones as PKCS#8, as `openssl genpkey -algorithm ed25519` writes them.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{
    DecodePrivateKey as _, DecodePublicKey as _, EncodePrivateKey as _, EncodePublicKey as _,
};
use ed25519_dalek::{SigningKey, VerifyingKey};

use crate::Error;

/// Octets of a file with a key.
const LARGEST: u64 = 16 << 10;

/// The private key in a file.
pub(crate) fn signing(path: &Path) -> Result<SigningKey, Error> {
    let text = text(path)?;
    SigningKey::from_pkcs8_pem(&text).map_err(|_| Error::Key {
        path: path.to_owned(),
        problem: "this is no private Ed25519 key in PEM",
        help: "`shall certify --new-key FILE` makes one, and so does `openssl genpkey -algorithm ed25519 -out FILE`",
    })
}

/// The public key in a file.
pub(crate) fn verifying(path: &Path) -> Result<VerifyingKey, Error> {
    of_pem(text(path)?.as_bytes()).ok_or_else(|| Error::Key {
        path: path.to_owned(),
        problem: "this is no public Ed25519 key in PEM",
        help: "give the file that `shall certify --new-key` wrote beside the private key, or what `openssl pkey -in KEY -pubout` prints",
    })
}

/// Makes a key: the private one in `path`, for its owner alone, the public one in `path`.pub.
pub(crate) fn make(path: &Path) -> Result<SigningKey, Error> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|_| Error::Key {
        path: path.to_owned(),
        problem: "the system gives no random octets",
        help: "make the key elsewhere and give it with --key",
    })?;
    let key = SigningKey::from_bytes(&seed);
    let private = key.to_pkcs8_pem(LineEnding::LF);
    let private = private.expect("32 octets are a key");
    write(path, 0o600, private.as_bytes())?;
    write(&public(path), 0o644, pem(&key.verifying_key()).as_bytes())?;
    Ok(key)
}

/// Where the public key of a private one in `path` is written.
pub(crate) fn public(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".pub");
    name.into()
}

/// A key in PEM.
pub(super) fn pem(key: &VerifyingKey) -> String {
    let pem = key.to_public_key_pem(LineEnding::LF);
    pem.expect("32 octets are a key")
}

pub(super) fn of_pem(text: &[u8]) -> Option<VerifyingKey> {
    VerifyingKey::from_public_key_pem(std::str::from_utf8(text).ok()?).ok()
}

/// Names a key: `sha256:` and the digest of its SubjectPublicKeyInfo, in hexadecimal.
pub(crate) fn fingerprint(key: &VerifyingKey) -> String {
    let der = key.to_public_key_der().expect("32 octets are a key");
    format!("sha256:{}", super::archive::sha256(der.as_bytes()))
}

fn text(path: &Path) -> Result<String, Error> {
    let mut text = String::new();
    let read = fs::File::open(path).and_then(|file| file.take(LARGEST).read_to_string(&mut text));
    read.map_err(|source| Error::File {
        path: path.to_owned(),
        source,
        help: "give a file with an Ed25519 key in PEM",
    })?;
    Ok(text)
}

/// Writes a file that is not there yet.
fn write(path: &Path, mode: u32, bytes: &[u8]) -> Result<(), Error> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    let written = options.open(path).and_then(|mut f| f.write_all(bytes));
    written.map_err(|source| Error::File {
        path: path.to_owned(),
        source,
        help: "name a file that is not there yet, in a folder that is",
    })
}
