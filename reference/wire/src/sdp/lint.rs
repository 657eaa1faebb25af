//! Faults of a session description with the octet where each begins.

use super::{Description, Media};
use crate::msrp::{Uri, address, same_host};

/// Line-level faults as (octet offset from the start of `text`, sentence with its clause).
///
/// Judged are line ends and shapes, order and presence (RFC 4566 section 5), and for MSRP media
/// the attributes `path` and `accept-types` and their agreement with `c=` and `m=` (RFC 4975
/// section 8). Ports 0 and 9 are not compared: the stream is refused, or the peer connects.
pub fn lint(text: &str) -> Vec<(usize, String)> {
    let mut faults = Vec::new();
    let lines = split(text, &mut faults);
    shapes(&lines, &mut faults);
    order(&lines, &mut faults);
    presence(text, &lines, &mut faults);
    if let Ok(description) = Description::parse(text) {
        let starts: Vec<usize> = lines
            .iter()
            .filter(|line| line.kind() == Some('m'))
            .map(|line| line.at)
            .collect();
        for (media, at) in description.media.iter().zip(starts) {
            connection(&description, media, at, &mut faults);
            if media.is_msrp() {
                msrp(&description, media, at, &mut faults);
            }
        }
    }
    faults.sort();
    faults
}

#[derive(Clone, Copy)]
struct Raw<'a> {
    at: usize,
    text: &'a str,
}

impl Raw<'_> {
    fn kind(&self) -> Option<char> {
        let mut characters = self.text.chars();
        let kind = characters.next()?;
        (characters.next() == Some('=')).then_some(kind)
    }
}

fn split<'a>(text: &'a str, faults: &mut Vec<(usize, String)>) -> Vec<Raw<'a>> {
    let mut lines = Vec::new();
    let mut at = 0;
    for piece in text.split_inclusive('\n') {
        let line = piece.strip_suffix("\r\n").unwrap_or_else(|| {
            faults.push((
                at,
                "the line does not end with CRLF (RFC 4566 section 5)".to_owned(),
            ));
            piece.strip_suffix('\n').unwrap_or(piece)
        });
        lines.push(Raw { at, text: line });
        at += piece.len();
    }
    lines
}

fn shapes(lines: &[Raw<'_>], faults: &mut Vec<(usize, String)>) {
    for line in lines {
        let fault = match line.kind() {
            None => "the line is not `letter=value` (RFC 4566 section 5)",
            Some(kind) if !KINDS.contains(kind) => {
                "the line's letter is unknown (RFC 4566 section 5)"
            }
            Some('v') if line.text != "v=0" => "the version is not 0 (RFC 4566 section 5.1)",
            Some('o')
                if line.text[2..]
                    .split(' ')
                    .filter(|field| !field.is_empty())
                    .count()
                    != 6 =>
            {
                "`o=` does not have six fields (RFC 4566 section 5.2)"
            }
            Some('c')
                if line.text[2..]
                    .split(' ')
                    .filter(|field| !field.is_empty())
                    .count()
                    != 3 =>
            {
                "`c=` does not have three fields (RFC 4566 section 5.7)"
            }
            Some('m') if Media::parse(&line.text[2..]).is_none() => {
                "`m=` is not `media port protocol format` (RFC 4566 section 5.14)"
            }
            Some('s') if line.text == "s=" => "`s=` is empty (RFC 4566 section 5.3)",
            Some(_) if line.text.contains(['\0', '\r']) => {
                "a control character (RFC 4566 section 9)"
            }
            Some(_) => continue,
        };
        faults.push((line.at, fault.to_owned()));
    }
}

/// Compares each line's place in the grammar with its predecessor's, per section.
fn order(lines: &[Raw<'_>], faults: &mut Vec<(usize, String)>) {
    let mut sequence = SESSION;
    let mut reached = 0;
    let mut last = None;
    for line in lines {
        let Some(kind) = line.kind().filter(|kind| KINDS.contains(*kind)) else {
            continue;
        };
        if kind == 'm' {
            (sequence, reached, last) = (MEDIA, 0, Some('m'));
            continue;
        }
        let Some(place) = sequence.find(kind) else {
            faults.push((
                line.at,
                format!("`{kind}=` does not belong to this section (RFC 4566 section 5)"),
            ));
            continue;
        };
        // Several time descriptions: `t=` may follow the `r=` of the one before.
        let next_time = kind == 't' && last == Some('r');
        if place < reached && !next_time {
            faults.push((
                line.at,
                format!("`{kind}=` is out of order (RFC 4566 section 5)"),
            ));
        } else if last == Some(kind) && ONCE.contains(kind) && !(sequence == MEDIA && kind == 'c') {
            faults.push((
                line.at,
                format!("`{kind}=` occurs twice (RFC 4566 section 5)"),
            ));
        }
        reached = if next_time { place } else { reached.max(place) };
        last = Some(kind);
    }
}

fn presence(text: &str, lines: &[Raw<'_>], faults: &mut Vec<(usize, String)>) {
    let media = lines
        .iter()
        .position(|line| line.kind() == Some('m'))
        .unwrap_or(lines.len());
    let end = lines.get(media).map_or(text.len(), |line| line.at);
    for (kind, section) in [('v', "5.1"), ('o', "5.2"), ('s', "5.3"), ('t', "5.9")] {
        if !lines[..media].iter().any(|line| line.kind() == Some(kind)) {
            let at = if kind == 'v' { 0 } else { end };
            faults.push((
                at,
                format!("`{kind}=` is missing (RFC 4566 section {section})"),
            ));
        }
    }
}

fn connection(
    description: &Description,
    media: &Media,
    at: usize,
    faults: &mut Vec<(usize, String)>,
) {
    if description.connection(media).is_none() {
        faults.push((
            at,
            "neither the session nor the media has a usable `c=` (RFC 4566 section 5.7)".to_owned(),
        ));
    }
}

fn msrp(description: &Description, media: &Media, at: usize, faults: &mut Vec<(usize, String)>) {
    let mut fault = |sentence: &str| faults.push((at, sentence.to_owned()));
    if media.kind != "message" {
        fault("the media of MSRP is not `message` (RFC 4975 section 8.1)");
    }
    if media.formats != ["*"] {
        fault("the format of MSRP is not `*` (RFC 4975 section 8.1)");
    }
    let types = media.accept_types();
    if types.is_empty() {
        fault("`a=accept-types` is missing or empty (RFC 4975 section 8.6)");
    }
    if types.iter().any(|word| word != "*" && !is_type(word)) {
        fault(
            "`a=accept-types` holds something else than `type/subtype` or `*` (RFC 4975 section 8.6)",
        );
    }
    let path = media.path();
    let parsed: Result<Vec<Uri>, _> = path.iter().map(|uri| Uri::parse(uri)).collect();
    let Ok(uris) = parsed else {
        return fault("`a=path` holds something else than MSRP addresses (RFC 4975 section 8.2)");
    };
    let Some(own) = uris.last() else {
        return fault("`a=path` is missing or empty (RFC 4975 section 8.2)");
    };
    if own.session.is_empty() || !own.transport.eq_ignore_ascii_case("tcp") {
        fault(
            "the endpoint's address in `a=path` lacks a session or `;tcp` (RFC 4975 section 8.2)",
        );
    }
    if own.secure != media.protocol.to_ascii_uppercase().contains("TLS") {
        fault("the protocol of `m=` and the scheme in `a=path` disagree (RFC 4975 section 8.1)");
    }
    if own.port.is_none() {
        fault("the endpoint's address in `a=path` has no port (RFC 4975 section 8.1)");
    }
    if matches!(media.port, 0 | CONNECTS) {
        return;
    }
    if own.port.is_some_and(|port| port != media.port) {
        fault("the ports of `m=` and `a=path` disagree (RFC 4975 section 8.1)");
    }
    if description
        .connection(media)
        .is_some_and(|host| disagree(&host, &own.host))
    {
        fault("the addresses of `c=` and `a=path` disagree (RFC 4975 section 8.1)");
    }
}

/// A name and an address may mean the same host; only two of a kind can disagree.
fn disagree(one: &str, other: &str) -> bool {
    address(one).is_some() == address(other).is_some() && !same_host(one, other)
}

fn is_type(word: &str) -> bool {
    word.split_once('/').is_some_and(|(kind, subtype)| {
        !kind.is_empty() && !subtype.is_empty() && !subtype.contains('/')
    })
}

const KINDS: &str = "vosiuepcbtrzkam";
const SESSION: &str = "vosiuepcbtrzka";
const MEDIA: &str = "icbka";
const ONCE: &str = "vosiuczk";
const CONNECTS: u16 = 9;
