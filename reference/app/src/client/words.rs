//! What the client tells, in words for a terminal.

use roles::client::upper::{Participant, Told};
use wire::sip::Uri;

/// The line for a person; nothing where there is nothing to see.
pub fn said(told: &Told) -> Option<String> {
    Some(match told {
        Told::Ready { address } => format!("listening on {address}"),
        Told::Incoming { call, from, name } => {
            format!("{call}: {} calls", who(from, name.as_ref()))
        }
        Told::Ringing { call } => format!("{call}: it rings"),
        Told::Established { call, session, .. } => format!("{call}: in session {}", plain(session)),
        Told::Refused { call, code, text } => format!("{call}: refused, {code} {}", plain(text)),
        Told::Modified { call } => format!("{call}: other parameters hold now"),
        Told::Ended { call, why } => format!("{call}: ended, {}", plain(why)),
        Told::Text { from, text, .. } => format!("{}: {}", plain(from), plain(text)),
        Told::Delivered { .. } => return None,
        Told::Participants { call, list } => {
            let list: Vec<String> = list.iter().map(participant).collect();
            format!("{call}: {}", list.join(", "))
        }
        Told::Notice { text } => format!("note: {}", plain(text)),
        Told::Cannot { action, why } => format!("cannot {}: {}", plain(action), plain(why)),
    })
}

fn participant(one: &Participant) -> String {
    let status = one.status.as_deref().unwrap_or("unknown");
    format!(
        "{} ({})",
        who(&one.address, one.name.as_ref()),
        plain(status)
    )
}

fn who(address: &str, name: Option<&String>) -> String {
    match name {
        Some(name) => format!("{} <{}>", plain(name), plain(address)),
        None => plain(address),
    }
}

/// A peer's words, shown as words: nothing moves the cursor, turns the writing round, or looks like another line.
pub fn plain(text: &str) -> String {
    let mut shown = String::new();
    for character in text.chars() {
        match character {
            '\n' => shown.push_str("\n    "),
            '\r' => {}
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                shown.push(char::REPLACEMENT_CHARACTER);
            }
            _ if character.is_control() => shown.push(char::REPLACEMENT_CHARACTER),
            _ => shown.push(character),
        }
    }
    shown
}

/// Short names of users: within the own domain, the user part alone.
#[derive(Clone, Debug)]
pub struct Names {
    host: String,
}

impl Names {
    /// Names as the user with this address says them.
    pub fn of(own: &str) -> Self {
        let host = Uri::parse(own).map(|uri| uri.host);
        Self {
            host: host.unwrap_or_default(),
        }
    }

    /// The address that a name stands for.
    pub fn address(&self, name: &str) -> String {
        if name.contains(':') {
            name.to_owned()
        } else if name.contains('@') {
            format!("sip:{name}")
        } else {
            format!("sip:{name}@{}", self.host)
        }
    }

    /// The name of an address.
    pub fn short(&self, address: &str) -> String {
        let Ok(uri) = Uri::parse(address) else {
            return plain(address);
        };
        match uri.user {
            Some(user) if uri.host.eq_ignore_ascii_case(&self.host) => plain(&user),
            Some(_) if uri.host == "anonymous.invalid" => "somebody".to_owned(),
            Some(user) => format!("{}@{}", plain(&user), plain(&uri.host)),
            None => plain(address),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_cannot_write_to_the_terminal() {
        let told = Told::Text {
            call: None,
            from: "sip:bob@im.example".into(),
            text: "\u{1b}[2Jgone\nsip:carol@im.example: \u{202e}yes".into(),
        };
        let line = said(&told).expect("a line");
        assert!(!line.contains(['\u{1b}', '\u{202e}']), "{line}");
        assert!(line.contains("\n    sip:carol"), "{line}");
    }

    #[test]
    fn names_are_short_at_home_and_whole_elsewhere() {
        let names = Names::of("sip:alice@im.example");
        for (name, address) in [
            ("bob", "sip:bob@im.example"),
            ("bob@other.example", "sip:bob@other.example"),
        ] {
            assert_eq!(names.address(name), address);
            assert_eq!(names.short(address), name);
        }
        assert_eq!(names.address("sips:x@y"), "sips:x@y");
        assert_eq!(names.short("no address"), "no address");
    }
}
