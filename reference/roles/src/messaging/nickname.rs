//! NICKNAME (RFC 7701 7): a participant of a chat room asks for a name, and the others read it in the conference state.

use machines::port::{LinkId, Output};
use wire::msrp::Frame;

use super::frames::answer;
use super::leg::LegId;
use super::switch::Switch;
use crate::controlling::session::Session;

/// A participant who is shown under another name from now on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Renamed {
    pub(crate) room: u64,
    pub(crate) member: usize,
    /// `None`: under its address alone.
    pub(crate) name: Option<String>,
}

impl Switch {
    /// Who is shown under another name since the last time.
    pub(crate) fn take_renamed(&mut self) -> Vec<Renamed> {
        std::mem::take(&mut self.renamed)
    }

    /// Answers a NICKNAME; the old name stays unless the answer is 200.
    pub(super) fn nickname(
        &mut self,
        link: LinkId,
        of: LegId,
        frame: &Frame,
        out: &mut Vec<Output>,
    ) {
        let code = match self.rename(of, frame) {
            Ok(()) => 200,
            Err(code) => code,
        };
        answer(link, frame, code, out);
    }

    fn rename(&mut self, of: LegId, frame: &Frame) -> Result<(), u16> {
        let asked = frame.header("Use-Nickname").and_then(read).ok_or(424_u16)?;
        let folded = fold(&asked);
        if self.barred_nicknames.iter().any(|one| fold(one) == folded) {
            return Err(403);
        }
        if !asked.is_empty() && self.is_taken(of, &folded) {
            return Err(425);
        }
        let leg = self.legs.get_mut(&of).ok_or(481_u16)?;
        let seat = leg.seat.as_deref_mut().ok_or(403_u16)?;
        // RFC 7701 7.3: an empty name takes the nickname away.
        seat.nickname = (!asked.is_empty()).then_some(asked);
        let name = seat.nickname.clone().or_else(|| seat.display.clone());
        self.renamed.push(Renamed {
            room: leg.room,
            member: leg.member,
            name,
        });
        Ok(())
    }

    // The display names that participants came with count: they are the nicknames of IM 1.0.
    fn is_taken(&self, by_other_than: LegId, folded: &str) -> bool {
        let room = self.legs.get(&by_other_than).map(|leg| leg.room);
        let others = room
            .and_then(|room| self.rooms.get(&room))
            .into_iter()
            .flatten();
        others
            .filter(|leg| **leg != by_other_than)
            .filter_map(|leg| self.legs.get(leg)?.seat.as_deref())
            .flat_map(|seat| [&seat.nickname, &seat.display])
            .flatten()
            .any(|name| fold(name) == folded)
    }
}

impl Session {
    /// A participant is shown under another name: its address says so, and subscribers hear of it.
    pub(crate) fn renamed(&mut self, member: usize, name: Option<String>) {
        if let Some(participant) = self.participants.get_mut(member) {
            participant.address.display = name;
            self.changed = true;
        }
    }
}

/// The text of a quoted string of at most 1023 octets (RFC 7701 11); `None`: malformed.
fn read(value: &str) -> Option<String> {
    let inner = value.trim().strip_prefix('"')?.strip_suffix('"')?;
    if inner.len() > LONGEST || inner.chars().any(char::is_control) {
        return None;
    }
    let mut text = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => return None,
            '\\' => text.push(characters.next()?),
            other => text.push(other),
        }
    }
    Some(text.trim().to_owned())
}

// What people take for the same name: letter case and blanks do not count.
fn fold(name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    words.join(" ").to_lowercase()
}

/// Octets of the longest nickname.
const LONGEST: usize = 1023;

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn a_nickname_is_a_quoted_string() {
        assert_eq!(read("\"Ali\""), Some("Ali".into()));
        assert_eq!(read("\"\""), Some(String::new()));
        assert_eq!(read(r#""a \"b\"""#), Some(r#"a "b""#.into()));
        for bad in ["Ali", "\"", "\"a\"b\"", "\"a\\\"", ""] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert_eq!(read(&format!("\"{}\"", "x".repeat(1024))), None);
    }
}
