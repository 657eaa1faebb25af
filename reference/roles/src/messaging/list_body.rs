//! The body of a MESSAGE with a URI list (RFC 5365): the list taken out, what remains put together again.

use wire::mime::{self, Part};
use wire::sip::{ContentType, Disposition, Message};

use crate::controlling::admission::LISTS;
use crate::controlling::general::Refusal;

/// A body taken apart.
#[derive(Debug)]
pub(crate) struct Listed {
    /// All but the list, in order.
    pub(crate) parts: Vec<Part>,
    pub(crate) list: Vec<u8>,
}

/// Whether the body has a list of recipients.
pub(crate) fn has_list(message: &Message) -> bool {
    match message.header("Content-Type") {
        Some(kind) if is_lists(kind) => !shows_history(message.header("Content-Disposition")),
        Some(kind) => {
            mime::parse(kind, &message.body).is_ok_and(|parts| parts.iter().any(is_recipient_list))
        }
        None => false,
    }
}

/// Takes the list out of the body.
pub(crate) fn read(message: &Message) -> Result<Listed, Refusal> {
    let kind = message
        .header("Content-Type")
        .ok_or_else(|| Refusal::new(400))?;
    let mut parts = mime::parse(kind, &message.body).map_err(|_| Refusal::new(400))?;
    let at = parts.iter().position(is_recipient_list);
    let list = parts.remove(at.ok_or_else(|| Refusal::new(400))?).body;
    // A list and nothing to send, or two lists.
    if parts.is_empty() || parts.iter().any(is_recipient_list) {
        return Err(Refusal::new(400));
    }
    Ok(Listed { parts, list })
}

/// The part that shows recipients to each other (RFC 5365 7.3).
pub(crate) fn history(list: Vec<u8>) -> Part {
    let headers = [
        ("Content-Type", LISTS),
        (
            "Content-Disposition",
            "recipient-list-history; handling=optional",
        ),
    ];
    Part {
        headers: headers
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec(),
        body: list,
        ..Part::default()
    }
}

/// Puts what remains into a copy: one part stands alone (RFC 5365 7.3), several keep their kind of multipart.
pub(crate) fn write(copy: &mut Message, original: &Message, mut parts: Vec<Part>, boundary: &str) {
    let plain = |part: &Part| {
        part.headers
            .iter()
            .all(|(name, _)| ABOUT_BODY.iter().any(|own| own.eq_ignore_ascii_case(name)))
    };
    if parts.len() == 1 && plain(&parts[0]) {
        let part = parts.remove(0);
        if part.content_type().is_none() {
            copy.push("Content-Type", "text/plain");
        }
        for (name, value) in part.headers {
            copy.push(&name, value);
        }
        copy.body = part.body;
        return;
    }
    let kind = original.header("Content-Type").unwrap_or_default();
    let kind = ContentType::parse(kind).map_or_else(
        |_| format!("multipart/mixed;boundary=\"{boundary}\""),
        |mut kind| {
            kind.params.set("boundary", Some(format!("\"{boundary}\"")));
            kind.to_string()
        },
    );
    copy.set_body(&kind, mime::write(boundary, &parts));
}

fn is_recipient_list(part: &Part) -> bool {
    part.content_type().is_some_and(is_lists) && !shows_history(part.header("Content-Disposition"))
}

fn is_lists(kind: &str) -> bool {
    ContentType::parse(kind).is_ok_and(|kind| kind.value.eq_ignore_ascii_case(LISTS))
}

// A list of another disposition is something to read, not somebody to write to.
fn shows_history(disposition: Option<&str>) -> bool {
    disposition
        .and_then(|text| Disposition::parse(text).ok())
        .is_some_and(|found| !found.value.eq_ignore_ascii_case("recipient-list"))
}

/// Headers of a SIP message that speak of its body; a part with others stays a part.
pub(crate) const ABOUT_BODY: [&str; 5] = [
    "Content-Type",
    "Content-Disposition",
    "Content-Encoding",
    "Content-Language",
    "MIME-Version",
];
