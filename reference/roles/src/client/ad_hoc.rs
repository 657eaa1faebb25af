//! Calling several users by the conference factory (6.2.1.3).

use wire::mime::{self, Part};
use wire::sip::Message;
use wire::xml::resource_lists::{self, Entry};

use super::means::Means;
use super::session::{Session, Stage};
use super::{Client, originating};
use crate::controlling::admission::{LISTS, SDP};

impl Client {
    /// Calls the users.
    pub(super) fn call_users(&mut self, name: &str, users: &[String], anonymous: bool) {
        let Some(entries) = self.entries(name, users) else {
            return;
        };
        self.call_list(name, entries, anonymous);
    }

    /// An ad-hoc session of these users; they are few enough.
    // 6.2.1.3/client-sends/1 to 5-bis
    pub(super) fn call_list(&mut self, name: &str, entries: Vec<Entry>, anonymous: bool) {
        let factory = self.means.config.conference_factory.clone();
        let peer = originating::address(&factory);
        let mut session = Session::new(name, Stage::Calling, peer, &mut self.means);
        session.group = true;
        self.call(session, &factory, anonymous, |request, sdp, means| {
            invite_list(request, sdp, &entries, means);
        });
    }

    /// The entries for the users, when all are addresses and they are not too many.
    // 6.2.1.3/client-sends/4 and 4.2
    fn entries(&mut self, name: &str, users: &[String]) -> Option<Vec<Entry>> {
        if !self.fits(name, users.len()) {
            return None;
        }
        let mut entries = Vec::new();
        for user in users {
            let Some(address) = originating::address(user) else {
                self.means.notice(format!("{user} is no address"));
                return None;
            };
            entries.push(entry(address.uri.to_string()));
        }
        Some(entries)
    }

    /// Whether so many users may be invited; tells the user when not.
    pub(super) fn fits(&mut self, name: &str, count: usize) -> bool {
        let most = self.means.config.max_adhoc_group_size;
        if count > most {
            self.means.notice(format!(
                "{count} users are too many for {name}: the limit is {most}"
            ));
        }
        count <= most
    }
}

/// Puts the offer, and whom to invite, into an INVITE.
pub(super) fn invite_list(
    request: &mut Message,
    sdp: String,
    entries: &[Entry],
    means: &mut Means,
) {
    // RFC 5366 3 (CR-E).
    request.push("Require", "recipient-list-invite");
    let sdp = part(SDP, None, sdp.into_bytes());
    with_list(request, sdp, entries, means);
}

pub(super) fn entry(uri: String) -> Entry {
    Entry {
        uri,
        copy_control: Some("to".into()),
        ..Entry::default()
    }
}

/// Puts the part and the list of recipients into a body.
// 6.2.1.3/client-sends/3, 6.2.1.5/client-sends/6
pub(super) fn with_list(request: &mut Message, first: Part, entries: &[Entry], means: &mut Means) {
    let list = resource_lists::write(entries);
    let parts = [first, part(LISTS, Some("recipient-list"), list)];
    let mut boundary = means.ids.boundary();
    while mime::occurs(&boundary, &parts) {
        boundary = means.ids.boundary();
    }
    let kind = format!("multipart/mixed;boundary=\"{boundary}\"");
    request.set_body(&kind, mime::write(&boundary, &parts));
}

pub(super) fn part(kind: &str, disposition: Option<&str>, body: Vec<u8>) -> Part {
    let mut headers = vec![("Content-Type".to_owned(), kind.to_owned())];
    if let Some(disposition) = disposition {
        headers.push(("Content-Disposition".into(), disposition.into()));
    }
    Part {
        headers,
        body,
        ..Part::default()
    }
}
