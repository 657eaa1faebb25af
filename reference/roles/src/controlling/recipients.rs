//! The URI list of an INVITE (RFC 5366): whom to invite, and what the invited are told about each other.

use wire::sip::Uri;
use wire::xml::resource_lists::{self, Entry};

use super::general::Refusal;

/// The users to invite, in the order of the list, each once.
///
/// Refuses a list that is broken (400) or would make more than `maximum` participants (486).
pub(crate) fn read(
    body: &[u8],
    inviter: &Uri,
    maximum: usize,
    agent: &str,
) -> Result<Vec<Entry>, Refusal> {
    let listed = resource_lists::parse(body).map_err(|_| Refusal::new(400))?;
    let mut entries: Vec<(Uri, Entry)> = Vec::new();
    for entry in listed {
        let uri = callable(&entry.uri).ok_or_else(|| Refusal::new(400))?;
        if uri.same_as(inviter) {
            continue;
        }
        if let Some((_, known)) = entries.iter_mut().find(|(known, _)| known.same_as(&uri)) {
            merge(known, entry);
            continue;
        }
        // 7.2.1.2/on-invite/5
        // The inviter is a participant too.
        if entries.len() + 1 >= maximum {
            // 7.2.1.2/on-invite/5.2
            return Err(
                Refusal::new(486).with("Warning", format!("399 {agent} \"too many participants\""))
            );
        }
        entries.push((uri, entry));
    }
    if entries.is_empty() {
        return Err(Refusal::new(400));
    }
    Ok(entries
        .into_iter()
        .map(|(uri, entry)| Entry {
            uri: uri.to_string(),
            ..entry
        })
        .collect())
}

/// What the invited may know (RFC 5364 4): no bcc, no anonymised address; nothing when nobody is named openly.
pub(crate) fn history(entries: &[Entry]) -> Option<Vec<u8>> {
    let open = |entry: &&Entry| {
        entry
            .copy_control
            .as_deref()
            .is_some_and(|copy| rank(copy) > 0)
    };
    let shown: Vec<Entry> = entries.iter().filter(open).map(shown).collect();
    (!shown.is_empty()).then(|| resource_lists::write(&shown))
}

fn shown(entry: &Entry) -> Entry {
    if !entry.anonymize {
        return entry.clone();
    }
    Entry {
        uri: ANONYMOUS.into(),
        display_name: None,
        copy_control: entry.copy_control.clone(),
        anonymize: false,
    }
}

// RFC 5366 4 leaves the extras to us: headers and method of a list URI are dropped.
fn callable(text: &str) -> Option<Uri> {
    let mut uri = Uri::parse(text.trim()).ok()?;
    if !["sip", "sips", "tel"]
        .iter()
        .any(|scheme| uri.scheme.eq_ignore_ascii_case(scheme))
    {
        return None;
    }
    uri.headers.clear();
    uri.params.remove("method");
    Some(uri)
}

// RFC 5364 4: of several copies of one address, to wins over cc over bcc.
fn merge(known: &mut Entry, again: Entry) {
    let old = known.copy_control.as_deref().map_or(0, rank);
    if again
        .copy_control
        .as_deref()
        .is_some_and(|copy| rank(copy) > old)
    {
        known.copy_control = again.copy_control;
    }
    known.anonymize |= again.anonymize;
}

fn rank(copy: &str) -> u8 {
    match copy.to_ascii_lowercase().as_str() {
        "to" => 2,
        "cc" => 1,
        _ => 0,
    }
}

/// The address of whoever shall not be known (RFC 5364 4, RFC 4575 5.6).
pub(crate) const ANONYMOUS: &str = "sip:anonymous@anonymous.invalid";
