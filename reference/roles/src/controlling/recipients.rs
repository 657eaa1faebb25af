//! The URI list of an INVITE (RFC 5366) or a MESSAGE (RFC 5365): whom it names, and what they are told about each other.

use std::collections::HashSet;

use wire::sip::Uri;
use wire::xml::group::Member;
use wire::xml::resource_lists::{self, Entry};

use super::general::Refusal;
use crate::groups::name;

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
    // 7.2.1.2/on-invite/5
    // The inviter is a participant too.
    let room = maximum.saturating_sub(1);
    each_once(listed, Some(inviter), room).map_err(|fault| match fault {
        Fault::Address => Refusal::new(400),
        // 7.2.1.2/on-invite/5.2
        Fault::TooMany => {
            Refusal::new(486).with("Warning", format!("399 {agent} \"too many participants\""))
        }
    })
}

/// The users that a MESSAGE is for, the sender included when it is on its own list (RFC 5365 7.1).
///
/// Refuses a list that is broken (400), or longer than `maximum` and so more than the server processes (413).
pub(crate) fn read_all(body: &[u8], maximum: usize, agent: &str) -> Result<Vec<Entry>, Refusal> {
    let listed = resource_lists::parse(body).map_err(|_| Refusal::new(400))?;
    each_once(listed, None, maximum).map_err(|fault| match fault {
        Fault::Address => Refusal::new(400),
        Fault::TooMany => {
            Refusal::new(413).with("Warning", format!("399 {agent} \"too many recipients\""))
        }
    })
}

/// Why a list cannot be used.
enum Fault {
    Address,
    TooMany,
}

fn each_once(listed: Vec<Entry>, but: Option<&Uri>, maximum: usize) -> Result<Vec<Entry>, Fault> {
    let mut entries: Vec<(Uri, Entry)> = Vec::new();
    for entry in listed {
        let uri = callable(&entry.uri).ok_or(Fault::Address)?;
        if but.is_some_and(|but| uri.same_as(but)) {
            continue;
        }
        if let Some((_, known)) = entries.iter_mut().find(|(known, _)| known.same_as(&uri)) {
            merge(known, entry);
            continue;
        }
        if entries.len() >= maximum {
            return Err(Fault::TooMany);
        }
        entries.push((uri, entry));
    }
    if entries.is_empty() {
        return Err(Fault::Address);
    }
    Ok(entries
        .into_iter()
        .map(|(uri, entry)| Entry {
            uri: uri.to_string(),
            ..entry
        })
        .collect())
}

/// The members of a group to invite, in the order of its document, each once, the inviter and those beyond `room` not.
pub(crate) fn of_group(members: &[Member], inviter: &Uri, room: usize) -> Vec<Entry> {
    let mut known: Vec<Uri> = vec![inviter.clone()];
    let mut entries = Vec::new();
    for member in members {
        if entries.len() >= room {
            break;
        }
        let Some(uri) = callable(&member.uri) else {
            continue;
        };
        if known.iter().any(|known| known.same_as(&uri)) {
            continue;
        }
        entries.push(Entry {
            uri: uri.to_string(),
            display_name: member.display_name.clone(),
            copy_control: None,
            anonymize: false,
        });
        known.push(uri);
    }
    entries
}

/// The members whom a MESSAGE of the sender goes to, each once; a group may have very many.
pub(crate) fn of_message(members: &[Member], sender: &Uri) -> Vec<String> {
    let mut known = HashSet::from([name(sender)]);
    members
        .iter()
        .filter_map(|member| callable(&member.uri))
        .filter(|uri| !uri.same_as(sender) && known.insert(name(uri)))
        .map(|uri| uri.to_string())
        .collect()
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

// RFC 5366 4 leaves the extras to us, RFC 5365 7.3 has the method ignored: headers and method of a list URI are dropped.
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
