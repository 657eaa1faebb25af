//! Making a session of more users out of one of two (6.2.1.5, in the later form: the peer's entry carries Replaces).

use super::session::Stage;
use super::{Client, originating};
use crate::client::ad_hoc::entry;

impl Client {
    /// Calls the peer of a session of two together with others.
    pub(super) fn extend(&mut self, call: &str, name: &str, with: &[String]) {
        let known = self.sessions.get(call);
        let found = known.filter(|one| !one.group && one.stage == Stage::Established);
        let Some((session, dialog)) = found.and_then(|one| Some((one, one.dialog.as_ref()?)))
        else {
            return self
                .means
                .notice(format!("{call} is no session of two that goes on"));
        };
        let Some(peer) = session.peer.as_ref().map(|peer| peer.uri.clone()) else {
            return self.means.notice(format!("nobody is known in {call}"));
        };
        // RFC 3891 6.1: the tags as the recipient sees them.
        let replaces = format!(
            "{};to-tag={};from-tag={}",
            dialog.id.call_id, dialog.id.remote_tag, dialog.id.local_tag
        );
        let anonymous = session.anonymous;
        // 6.2.1.5/client-sends/5 and 5.2
        if !self.fits(name, with.len() + 1) {
            return;
        }
        let mut entries = Vec::new();
        // 6.2.1.5/client-sends/8 (CR-G)
        let mut listed = peer;
        listed.headers = vec![("Replaces".to_owned(), escape(&replaces))];
        entries.push(entry(listed.to_string()));
        // 6.2.1.5/client-sends/3
        for user in with {
            match originating::address(user) {
                Some(address) => entries.push(entry(address.uri.to_string())),
                None => return self.means.notice(format!("{user} is no address")),
            }
        }
        // 6.2.1.5/client-sends/1, 2, 4, 6, 7 and 9
        self.call_list(name, entries, anonymous);
    }
}

// RFC 3261 19.1.1: in a URI's header, everything but unreserved octets is escaped.
fn escape(text: &str) -> String {
    let mut out = String::new();
    for octet in text.bytes() {
        if octet.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&octet) {
            out.push(char::from(octet));
        } else {
            out.push_str(&format!("%{octet:02X}"));
        }
    }
    out
}
