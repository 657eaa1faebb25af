//! Calling one user (6.2.1.2).

use super::means::Means;
use super::session::{Session, Stage};
use super::{Client, originating};

impl Client {
    /// Calls the user.
    // 001:6.2.1.2/client-sends/1 to 4
    pub(super) fn call_user(&mut self, name: &str, user: &str, anonymous: bool) {
        let Some(peer) = originating::address(user) else {
            return self.means.notice(format!("{user} is no address"));
        };
        let uri = peer.uri.to_string();
        let session = Session::new(name, Stage::Calling, Some(peer), &mut self.means);
        self.call(session, &uri, anonymous, offer_alone);
    }
}

/// The offer is all of the body.
// 003: no multipart/mixed without a second part (CR-A).
pub(super) fn offer_alone(request: &mut wire::sip::Message, sdp: String, _: &mut Means) {
    request.set_body(crate::controlling::admission::SDP, sdp.into_bytes());
}
