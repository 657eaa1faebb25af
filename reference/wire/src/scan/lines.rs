//! Octets to lines: start line, header lines with folds, body, defects.

use super::Scan;

pub(super) fn scan(bytes: &[u8]) -> Scan {
    Scan {
        bytes: bytes.to_vec(),
        start: 0..0,
        headers: Vec::new(),
        body: bytes.len()..bytes.len(),
        defects: Vec::new(),
    }
}
