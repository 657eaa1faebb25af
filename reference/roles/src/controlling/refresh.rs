//! SIP Session refresh procedure (7.2.1.11, RFC 4028): supervision of each participant, and our own refreshes.

use machines::session_timer::{self, Input, Output, Refresher, Timer, min_se};
use wire::sip::Message;

use super::admission::settings;
use super::session::Session;
use crate::means::{Means, Purpose};
use crate::media;

impl Session {
    /// Starts or restarts supervision; `ours`: we refresh.
    pub(crate) fn start_timer(
        &mut self,
        index: usize,
        interval: u32,
        ours: bool,
        means: &mut Means,
    ) {
        self.participants[index].changes.interval = interval;
        self.timer_input(index, Input::Agreed { interval, ours }, means);
    }

    pub(crate) fn stop_timer(&mut self, index: usize, means: &mut Means) {
        self.timer_input(index, Input::Stop, means);
    }

    /// A participant's session timer.
    pub(crate) fn timer_fired(&mut self, index: usize, timer: Timer, means: &mut Means) {
        self.timer_input(index, Input::Fired(timer), means);
    }

    /// Our refresh was refused.
    pub(crate) fn refresh_failed(&mut self, index: usize, code: u16, means: &mut Means) {
        self.timer_input(index, Input::RefreshFailed { code }, means);
    }

    fn timer_input(&mut self, index: usize, input: Input, means: &mut Means) {
        let party = self.party(index);
        let Some(participant) = self.participants.get_mut(index) else {
            return;
        };
        let mut said = Vec::new();
        participant.timer.handle(input, &mut said);
        for output in said {
            match output {
                Output::Arm { timer, after } => means.arm(Purpose::Session(party, timer), after),
                Output::Disarm(timer) => means.disarm(&Purpose::Session(party, timer)),
                Output::Refresh => self.refresh(index, means),
                // 7.2.1.11/on-timer-expiry/u1
                Output::Bye => self.remove(index, means),
                Output::Ignored(_) => {}
            }
        }
    }

    /// RFC 4028 7.4: UPDATE where the peer allows it, else a re-INVITE with the same description.
    pub(crate) fn refresh(&mut self, index: usize, means: &mut Means) {
        let participant = &self.participants[index];
        if participant.allow.iter().any(|method| method == "UPDATE") {
            if let Some(request) = self.refreshing("UPDATE", index, means) {
                self.send_inside(index, request, means);
            }
        } else if participant.changes.proposal.is_none() {
            // An open re-INVITE of ours refreshes just as well.
            let latest = media::reoffer(&participant.sdp, participant.version, &[]);
            if let Some((sdp, version)) = latest {
                self.reinvite(index, sdp, version, means);
            }
        }
    }

    /// A 2xx to a request of ours sets the timer anew.
    pub(crate) fn refreshed(&mut self, index: usize, response: &Message, means: &mut Means) {
        self.participants[index].changes.min_se = None;
        if let Some((interval, refresher)) =
            session_timer::accepted(response, &settings(&means.config))
        {
            self.start_timer(index, interval, refresher == Refresher::Uac, means);
        }
    }

    /// RFC 4028 7.3: once more with an interval that the peer takes, and once only.
    pub(crate) fn lengthen(&mut self, index: usize, response: &Message, means: &mut Means) {
        let changes = &mut self.participants[index].changes;
        match min_se(response).filter(|_| changes.min_se.is_none()) {
            Some(least) => {
                changes.min_se = Some(least.min(LONGEST));
                self.try_again(index, means);
            }
            None => self.refresh_failed(index, 422, means),
        }
    }
}

/// The longest interval that a peer's Min-SE can make us ask for, in seconds: a day.
const LONGEST: u32 = 86_400;
