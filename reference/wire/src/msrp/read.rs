//! Finding and reading one frame; the same layout serves streams and single frames.

use memchr::memmem;

use super::{Flag, Frame, Kind, Violation, end_mark, is_content_type};
use crate::{Framed, Limits, Span};

/// Where the pieces of the frame at the start of a buffer lie.
struct Layout {
    start: Span,
    headers: Vec<Span>,
    body: Option<Span>,
    abrupt: bool,
    flag: Flag,
    len: usize,
}

/// Finds the first frame of a stream.
///
/// `limits.line` bounds each line, `limits.headers` their number, `limits.message` all octets
/// before the body, `limits.body` the body. Line ends between frames are skipped: some peers send
/// them as keep-alives. What can never become a frame is refused at once, not when it is complete.
pub fn frame(buf: &[u8], limits: &Limits) -> Result<Framed, Violation> {
    let mut skip = 0;
    while buf[skip..].starts_with(b"\r\n") {
        skip += 2;
    }
    if skip > limits.message {
        return Err(Violation::HeadersTooLong {
            limit: limits.message,
        });
    }
    let rest = &buf[skip..];
    if rest == b"\r" {
        return Ok(Framed::Incomplete);
    }
    let found = layout(rest, limits)?;
    Ok(found.map_or(Framed::Incomplete, |layout| Framed::Complete {
        skip,
        len: layout.len,
    }))
}

pub(super) fn parse(bytes: &[u8]) -> Result<Frame, Violation> {
    let unbounded = Limits {
        message: usize::MAX,
        headers: usize::MAX,
        line: usize::MAX,
        body: usize::MAX,
    };
    let layout = layout(bytes, &unbounded)?.ok_or(Violation::NoEndLine)?;
    if layout.len < bytes.len() {
        return Err(Violation::TrailingOctets);
    }
    if layout.abrupt {
        return Err(Violation::NoCrlfBeforeEndLine);
    }
    let (transaction, kind) = start_line(text(bytes, &layout.start)?)?;
    let mut headers = Vec::with_capacity(layout.headers.len());
    for span in &layout.headers {
        headers.push(header_line(text(bytes, span)?)?);
    }
    let mut headers = headers.into_iter();
    let to_path = path(headers.next(), "To-Path", Violation::ToPathNotFirst)?;
    let from_path = path(headers.next(), "From-Path", Violation::FromPathNotSecond)?;
    let body = layout.body.map(|span| bytes[span].to_vec());
    let frame = Frame {
        transaction,
        kind,
        to_path,
        from_path,
        headers: headers.collect(),
        body,
        flag: layout.flag,
    };
    check(&frame)?;
    Ok(frame)
}

/// The layout of the frame that `buf` starts with; `None` when octets are missing.
fn layout(buf: &[u8], limits: &Limits) -> Result<Option<Layout>, Violation> {
    let opening = buf.len().min(PREFIX.len());
    if buf[..opening] != PREFIX[..opening] {
        return Err(Violation::StartLine);
    }
    let Some(start) = line_at(buf, 0, limits)? else {
        return Ok(None);
    };
    let (transaction, _) = start_line(text(buf, &start)?)?;
    let mark = end_mark(&transaction);
    let mut at = start.end + 2;
    let mut headers = Vec::new();
    loop {
        if at > limits.message {
            return Err(Violation::HeadersTooLong {
                limit: limits.message,
            });
        }
        let Some(line) = line_at(buf, at, limits)? else {
            return Ok(None);
        };
        let after = line.end + 2;
        if let Some(flag) = end_flag(&buf[line.clone()], &mark) {
            return Ok(Some(Layout {
                start,
                headers,
                body: None,
                abrupt: false,
                flag,
                len: after,
            }));
        }
        at = after;
        if line.is_empty() {
            break;
        }
        if headers.len() == limits.headers {
            return Err(Violation::HeadersTooMany {
                limit: limits.headers,
            });
        }
        headers.push(line);
    }
    let Some((end, flag)) = body_end(buf, at, &mark, limits)? else {
        return Ok(None);
    };
    let abrupt = end < at;
    let body = Some(at..end.max(at));
    Ok(Some(Layout {
        start,
        headers,
        body,
        abrupt,
        flag,
        len: end + 2 + mark.len() + 3,
    }))
}

/// The line that begins at `at`, without its line end; `None` when the line end is missing.
fn line_at(buf: &[u8], at: usize, limits: &Limits) -> Result<Option<Span>, Violation> {
    let found = memmem::find(&buf[at..], b"\r\n");
    if found.unwrap_or(buf.len() - at) > limits.line {
        return Err(Violation::LineTooLong { limit: limits.line });
    }
    Ok(found.map(|length| at..at + length))
}

/// Where the body that begins at `from` ends, and the flag after it.
///
/// The search starts at the blank line's own line end, so that an end line right after it is
/// found (and refused when the frame is read) and does not stall the stream.
fn body_end(
    buf: &[u8],
    from: usize,
    mark: &[u8],
    limits: &Limits,
) -> Result<Option<(usize, Flag)>, Violation> {
    let needle = [b"\r\n", mark].concat();
    for found in memmem::find_iter(&buf[from - 2..], &needle) {
        let end = from - 2 + found;
        if end > from.saturating_add(limits.body) {
            return Err(Violation::BodyTooLong { limit: limits.body });
        }
        let tail = end + needle.len();
        let flag = buf.get(tail).copied().and_then(Flag::of);
        if let Some(flag) = flag
            && buf[tail + 1..].starts_with(b"\r\n")
        {
            return Ok(Some((end, flag)));
        }
    }
    let pending = needle.len() + 3;
    if buf.len() - from > limits.body.saturating_add(pending) {
        return Err(Violation::BodyTooLong { limit: limits.body });
    }
    Ok(None)
}

fn end_flag(line: &[u8], mark: &[u8]) -> Option<Flag> {
    let [flag] = line.strip_prefix(mark)? else {
        return None;
    };
    Flag::of(*flag)
}

fn start_line(line: &str) -> Result<(String, Kind), Violation> {
    let rest = line.strip_prefix("MSRP ").ok_or(Violation::StartLine)?;
    let (transaction, rest) = rest.split_once(' ').ok_or(Violation::StartLine)?;
    if !is_transaction(transaction) {
        return Err(Violation::Transaction);
    }
    let (word, comment) = rest
        .split_once(' ')
        .map_or((rest, None), |(word, comment)| (word, Some(comment)));
    let kind = if word.len() == 3 && word.bytes().all(|octet| octet.is_ascii_digit()) {
        let code = word.parse().map_err(|_| Violation::StartLine)?;
        Kind::Response(code, comment.unwrap_or_default().to_owned())
    } else if comment.is_none()
        && !word.is_empty()
        && word.bytes().all(|octet| octet.is_ascii_uppercase())
    {
        Kind::Request(word.to_owned())
    } else {
        return Err(Violation::StartLine);
    };
    Ok((transaction.to_owned(), kind))
}

fn is_transaction(text: &str) -> bool {
    (4..=32).contains(&text.len())
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text
            .bytes()
            .all(|octet| octet.is_ascii_alphanumeric() || b".-+%=".contains(&octet))
}

fn header_line(line: &str) -> Result<(String, String), Violation> {
    let (name, value) = line.split_once(':').ok_or(Violation::HeaderLine)?;
    let token = !name.is_empty()
        && name
            .bytes()
            .all(|octet| octet.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&octet));
    if !token
        || value
            .chars()
            .any(|character| character.is_control() && character != '\t')
    {
        return Err(Violation::HeaderLine);
    }
    Ok((name.to_owned(), value.trim_matches([' ', '\t']).to_owned()))
}

fn path(
    header: Option<(String, String)>,
    name: &str,
    missing: Violation,
) -> Result<Vec<String>, Violation> {
    let value = match header {
        Some((found, value)) if found.eq_ignore_ascii_case(name) => value,
        _ => return Err(missing),
    };
    let path: Vec<String> = value
        .split(' ')
        .filter(|uri| !uri.is_empty())
        .map(str::to_owned)
        .collect();
    if path.is_empty() {
        Err(Violation::PathEmpty)
    } else {
        Ok(path)
    }
}

fn check(frame: &Frame) -> Result<(), Violation> {
    if frame
        .header("To-Path")
        .or(frame.header("From-Path"))
        .is_some()
    {
        return Err(Violation::PathRepeated);
    }
    let types = frame
        .headers
        .iter()
        .position(|(name, _)| is_content_type(name));
    if types.is_some_and(|place| place + 1 < frame.headers.len()) {
        return Err(Violation::TypeNotLast);
    }
    if matches!(frame.kind, Kind::Response(..)) {
        if frame.body.is_some() {
            return Err(Violation::ResponseBody);
        }
        if frame.flag != Flag::Complete {
            return Err(Violation::ResponseFlag);
        }
    }
    match (&frame.body, types) {
        (None, Some(_)) => Err(Violation::TypeWithoutBody),
        (Some(_), None) => Err(Violation::BodyWithoutType),
        (Some(body), _) if frame.method() != Some("SEND") && body.len() > NON_SEND_BODY => {
            Err(Violation::NonSendBody)
        }
        _ => Ok(()),
    }
}

fn text<'a>(bytes: &'a [u8], span: &Span) -> Result<&'a str, Violation> {
    std::str::from_utf8(&bytes[span.clone()]).map_err(|_| Violation::NotUtf8)
}

const PREFIX: &[u8] = b"MSRP ";
const NON_SEND_BODY: usize = 10_240;
