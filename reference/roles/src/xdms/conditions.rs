//! Entity tags and the conditions on them (RFC 4825 section 7.11, RFC 9110 section 13.1).

use std::hash::Hasher as _;

use super::Request;

/// Status of a GET: 200, 304 when the asker has it already, 412 when it is not what the asker expects.
pub(super) fn read(request: &Request, etag: Option<&str>) -> u16 {
    let wanted = request.values("If-Match");
    let known = request.values("If-None-Match");
    if !wanted.is_empty() && !listed(&wanted, etag) {
        412
    } else if listed(&known, etag) {
        304
    } else {
        200
    }
}

/// Whether a PUT or DELETE may go on; `there` says whether what is addressed exists.
pub(super) fn write(request: &Request, etag: Option<&str>, there: bool) -> bool {
    let etag = etag.filter(|_| there);
    let wanted = request.values("If-Match");
    let known = request.values("If-None-Match");
    (wanted.is_empty() || listed(&wanted, etag)) && !listed(&known, etag)
}

fn listed(tags: &[&str], etag: Option<&str>) -> bool {
    etag.is_some_and(|etag| tags.iter().any(|tag| *tag == "*" || *tag == etag))
}

/// A strong tag: equal documents have equal tags, in every process of this program (FNV-1a, 64 bits, and the length).
pub(super) fn etag(document: &[u8]) -> String {
    struct Fnv(u64);
    impl std::hash::Hasher for Fnv {
        fn finish(&self) -> u64 {
            self.0
        }
        fn write(&mut self, octets: &[u8]) {
            for octet in octets {
                self.0 = (self.0 ^ u64::from(*octet)).wrapping_mul(0x100_0000_01b3);
            }
        }
    }
    let mut hasher = Fnv(0xcbf2_9ce4_8422_2325);
    hasher.write(document);
    format!("\"{:x}-{:016x}\"", document.len(), hasher.finish())
}
