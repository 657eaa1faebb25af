//! The body of a scanned message: what `Content-Length` says against what came.

use super::{Defect, DefectKind, HeaderLine};
use crate::Span;
use crate::sip::full;

/// The body's span, given where it begins; notes every disagreement.
pub(super) fn measure(
    bytes: &[u8],
    headers: &[HeaderLine],
    start: usize,
    defects: &mut Vec<Defect>,
) -> Span {
    let came = bytes.len() - start;
    let mut lengths = headers.iter().filter(|header| is_length(bytes, header));
    let Some(first) = lengths.next() else {
        if came > 0 {
            let span = start..bytes.len();
            defects.push(Defect {
                kind: DefectKind::ContentLengthMissing,
                span,
            });
        }
        return start..bytes.len();
    };
    defects.extend(lengths.map(|header| Defect {
        kind: DefectKind::ContentLengthDuplicate,
        span: header.whole.clone(),
    }));
    let (kind, end) = match decimal(&bytes[first.value.clone()]) {
        None => (DefectKind::ContentLengthBad, bytes.len()),
        Some(length) if length > came => (DefectKind::ContentLengthLong, bytes.len()),
        Some(length) if length < came => (DefectKind::ContentLengthShort, start + length),
        Some(_) => return start..bytes.len(),
    };
    let span = first.value.clone();
    defects.push(Defect { kind, span });
    start..end
}

fn is_length(bytes: &[u8], header: &HeaderLine) -> bool {
    let name = std::str::from_utf8(&bytes[header.name.clone()]).unwrap_or_default();
    full(name).eq_ignore_ascii_case("Content-Length")
}

fn decimal(value: &[u8]) -> Option<usize> {
    let digits = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    let text = std::str::from_utf8(value).ok().filter(|_| digits)?;
    // More digits than fit announce more than can have come.
    Some(text.parse().unwrap_or(usize::MAX))
}
