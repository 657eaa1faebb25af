//! What the client tells, in words for a terminal.

use roles::client::upper::{Participant, Told};

/// The line for a person; nothing where there is nothing to see.
pub fn said(told: &Told) -> Option<String> {
    Some(match told {
        Told::Ready { address } => format!("listening on {address}"),
        Told::Incoming { call, from, name } => {
            format!("{call}: {} calls", who(from, name.as_ref()))
        }
        Told::Ringing { call } => format!("{call}: it rings"),
        Told::Established { call, session, .. } => format!("{call}: in session {session}"),
        Told::Refused { call, code, text } => format!("{call}: refused, {code} {text}"),
        Told::Modified { call } => format!("{call}: other parameters hold now"),
        Told::Ended { call, why } => format!("{call}: ended, {why}"),
        Told::Text { from, text, .. } => format!("{}: {}", plain(from), plain(text)),
        Told::Delivered { .. } => return None,
        Told::Participants { call, list } => {
            let list: Vec<String> = list.iter().map(participant).collect();
            format!("{call}: {}", list.join(", "))
        }
        Told::Notice { text } => format!("note: {}", plain(text)),
        Told::Cannot { action, why } => format!("cannot {action}: {why}"),
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

/// A peer's words may hold what would move the cursor: control characters are shown as such.
fn plain(text: &str) -> String {
    let visible = |character: char| {
        if character.is_control() && character != '\n' {
            char::REPLACEMENT_CHARACTER
        } else {
            character
        }
    };
    text.chars().map(visible).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_cannot_write_to_the_terminal() {
        let told = Told::Text {
            call: None,
            from: "sip:bob@im.example".into(),
            text: "\u{1b}[2Jgone".into(),
        };
        let line = said(&told).expect("a line");
        assert!(!line.contains('\u{1b}') && line.ends_with("[2Jgone"));
    }
}
