//! The container of a bundle: a zip in one form only, so that every octet of it is accounted for.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _, Write as _};

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};
use sha2::{Digest as _, Sha256};
use zip::ZipArchive;
use zip::read::ZipFile;

use super::manifest::Listed;
use super::{Fault, MANIFEST, Refusal, SIGNATURE};

/// Octets of a bundle.
pub(crate) const LARGEST: u64 = 256 << 20;
/// Octets of all entries together, unpacked.
const UNPACKED: u64 = 1 << 30;
/// Octets of the manifest.
const LIST: u64 = 1 << 20;
/// Entries.
const ENTRIES: usize = 1000;
/// How many times larger an entry may be than packed.
const RATIO: u64 = 250;

type Archive<'a> = ZipArchive<Cursor<&'a [u8]>>;

/// Digest in hexadecimal.
pub(super) fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// Where a fault lies that belongs to no entry.
fn container(_: impl std::error::Error) -> Refusal {
    Fault::Unreadable.of("container")
}

/// An entry as it lies in the zip.
struct Packed {
    name: String,
    crc: u32,
    size: u64,
    octets: Vec<u8>,
}

/// A zip of these entries in the order of their names; equal entries give equal octets.
pub(super) fn pack(entries: &BTreeMap<String, Vec<u8>>) -> Result<Vec<u8>, Refusal> {
    let mut all = Vec::new();
    for (name, bytes) in entries {
        let mut crc = Crc::new();
        crc.update(bytes);
        let octets = match is_stored(name) {
            true => bytes.clone(),
            false => {
                let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
                let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
                written.map_err(container)?
            }
        };
        all.push(Packed {
            name: name.clone(),
            crc: crc.sum(),
            size: bytes.len() as u64,
            octets,
        });
    }
    Ok(written(&all))
}

/// The octets of a zip (APPNOTE.TXT 4.3): nothing varies but what the entries are.
fn written(entries: &[Packed]) -> Vec<u8> {
    let (mut zip, mut directory) = (Vec::new(), Vec::new());
    // Of less than 4 GiB, as `read` demands.
    let long = |number: usize| u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes();
    let short = |number: usize| u16::try_from(number).unwrap_or(u16::MAX).to_le_bytes();
    for entry in entries {
        let start = zip.len();
        let size = usize::try_from(entry.size).unwrap_or(usize::MAX);
        let method = if is_stored(&entry.name) { 0 } else { 8 };
        let common = [
            // Version 2.0; names in UTF-8; 1980-01-01, midnight.
            &[20, 0, 0, 8, method, 0, 0, 0, 0x21, 0][..],
            &entry.crc.to_le_bytes(),
            &long(entry.octets.len()),
            &long(size),
            &short(entry.name.len()),
            &[0, 0],
        ]
        .concat();
        let name = entry.name.as_bytes();
        zip.extend([b"PK\x03\x04", &common[..], name, &entry.octets].concat());
        directory.extend([b"PK\x01\x02\x14\x03", &common[..], &[0; 6]].concat());
        // A file of Unix that everybody may read.
        directory.extend([&[0, 0, 0xa4, 0x81], &long(start)[..], name].concat());
    }
    let (start, count) = (zip.len(), short(entries.len()));
    zip.extend(&directory);
    zip.extend([b"PK\x05\x06", &[0; 4][..], &count, &count].concat());
    zip.extend([&long(directory.len())[..], &long(start), &[0, 0]].concat());
    zip
}

/// Opens it within bounds.
fn read(bytes: &[u8]) -> Result<Archive<'_>, Refusal> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(container)?;
    let too_large = |entry: &str, what| Err(Fault::TooLarge { what }.of(entry));
    if archive.len() > ENTRIES {
        return too_large("container", "number of entries");
    }
    let mut total = 0;
    for at in 0..archive.len() {
        let entry = archive.by_index_raw(at).map_err(container)?;
        let (size, packed) = (entry.size(), entry.compressed_size());
        total += size.min(UNPACKED);
        if total > UNPACKED {
            return too_large(&name_of(&entry)?, "size");
        }
        if size / RATIO > packed {
            return too_large(&name_of(&entry)?, "size unpacked");
        }
    }
    Ok(archive)
}

/// Demands the one form: what was read, written again, must be the same octets.
pub(super) fn canonical(bytes: &[u8]) -> Result<(), Refusal> {
    let mut archive = read(bytes)?;
    let mut all: Vec<Packed> = Vec::new();
    for at in 0..archive.len() {
        let mut entry = archive.by_index_raw(at).map_err(container)?;
        let (name, crc, size) = (name_of(&entry)?, entry.crc32(), entry.size());
        if all.last().is_some_and(|last| last.name >= name) {
            let octet = usize::try_from(entry.header_start()).unwrap_or(usize::MAX);
            return Err(Fault::Container { octet }.of(&name));
        }
        let mut octets = Vec::new();
        entry.read_to_end(&mut octets).map_err(container)?;
        all.push(Packed {
            name,
            crc,
            size,
            octets,
        });
    }
    let again = written(&all);
    if again == bytes {
        return Ok(());
    }
    let octet = again.iter().zip(bytes).take_while(|(a, b)| a == b).count();
    Err(Fault::Container { octet }.of("container"))
}

fn name_of(entry: &ZipFile<'_, Cursor<&[u8]>>) -> Result<String, Refusal> {
    Ok(entry.name().map_err(container)?.into_owned())
}

/// What vouches for the packed octets of others stands as it is.
fn is_stored(name: &str) -> bool {
    matches!(name, MANIFEST | SIGNATURE)
}

/// One entry, unpacked.
pub(super) fn entry(bytes: &[u8], name: &str) -> Result<Vec<u8>, Refusal> {
    let mut archive = read(bytes)?;
    let file = archive.by_name(name);
    let mut file = file.map_err(|_| Fault::Missing.of(name))?;
    if file.size() > LIST {
        return Err(Fault::TooLarge { what: "size" }.of(name));
    }
    let mut text = Vec::new();
    let whole = file.read_to_end(&mut text);
    whole.map_err(|_| Fault::Digest.of(name))?;
    Ok(text)
}

/// Name of each entry that a manifest lists, and the digest of its packed octets.
pub(super) fn packed(bytes: &[u8]) -> Result<BTreeMap<String, String>, Refusal> {
    let mut archive = read(bytes)?;
    let mut all = BTreeMap::new();
    for at in 0..archive.len() {
        let mut entry = archive.by_index_raw(at).map_err(container)?;
        let name = name_of(&entry)?;
        if !is_stored(&name) {
            let mut raw = Vec::new();
            entry.read_to_end(&mut raw).map_err(container)?;
            all.insert(name, sha256(&raw));
        }
    }
    Ok(all)
}

/// Every entry, unpacked.
pub(super) fn unpack(bytes: &[u8]) -> Result<BTreeMap<String, Vec<u8>>, Refusal> {
    let mut archive = read(bytes)?;
    let mut all = BTreeMap::new();
    for at in 0..archive.len() {
        let entry = archive.by_index(at).map_err(container)?;
        let (name, size) = (name_of(&entry)?, entry.size());
        let mut content = Vec::new();
        let length = entry.take(size + 1).read_to_end(&mut content);
        if length.map_err(|_| Fault::Digest.of(&name))? as u64 != size {
            return Err(Fault::Digest.of(&name));
        }
        all.insert(name, content);
    }
    Ok(all)
}

/// What a manifest lists of a zip.
pub(super) fn digests(bytes: &[u8]) -> Result<Vec<Listed>, Refusal> {
    let packed = packed(bytes)?;
    let all = unpack(bytes)?.into_iter().zip(packed);
    let listed = all.map(|((name, content), (_, packed_sha256))| Listed {
        name,
        bytes: content.len(),
        sha256: sha256(&content),
        packed_sha256,
    });
    Ok(listed.collect())
}
