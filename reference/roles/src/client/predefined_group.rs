//! Calling a pre-defined group (6.2.1.4).

use super::one_to_one::offer_alone;
use super::session::{Session, Stage};
use super::{Client, originating};

impl Client {
    /// Starts or joins the session of the group.
    // 6.2.1.4/client-sends/1 to 5-bis
    pub(super) fn call_group(&mut self, name: &str, group: &str, anonymous: bool) {
        let Some(peer) = originating::address(group) else {
            return self.means.notice(format!("{group} is no address"));
        };
        let uri = peer.uri.to_string();
        let mut session = Session::new(name, Stage::Calling, Some(peer), &mut self.means);
        session.group = true;
        self.call(session, &uri, anonymous, offer_alone);
    }
}
