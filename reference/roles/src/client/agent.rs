//! What a function that is a user agent too has of a client: it sees what happens, and acts where a user would.

use std::time::Duration;

use machines::msrp_receiver::Incoming;
use machines::port::{Local, Output};
use machines::transactions::Key;
use wire::sip::Message;

use super::ad_hoc::{entry, invite_list};
use super::config::Config;
use super::leg::CPIM;
use super::means::{Means, Purpose};
use super::session::{Session, Stage};
use super::upper::Told;
use super::{Client, originating};
use crate::messaging::leg::matches_any;

/// What has happened in a client whose user is a function.
#[derive(Debug)]
pub(crate) enum Happened {
    /// The user was told something.
    Told(Told),
    /// The other end has said what the session is: its INVITE, or its answer to ours.
    Opened {
        /// The name of the call.
        call: String,
        /// The message.
        message: Box<Message>,
    },
    /// A whole message came in a session.
    Heard {
        /// The name of the call.
        call: String,
        /// Address of the other end.
        peer: String,
        /// The message.
        message: Incoming,
    },
    /// A message of ours waits no more: it was sent, or could not be.
    Sent {
        /// The name of the call.
        call: String,
    },
    /// The other end leaves: the session is free, and the function has to answer the BYE.
    Left {
        /// The name of the call.
        call: String,
        /// Where to answer.
        key: Key,
        /// The BYE.
        bye: Box<Message>,
    },
    /// A timer of the function ran out.
    Fired(u64),
}

impl Client {
    /// A client whose user is a function.
    pub(crate) fn of_function(config: Config, local: Local) -> Self {
        let mut client = Self::new(config, local);
        client.means.happened = Some(Vec::new());
        client
    }

    /// What has happened since the last time.
    pub(crate) fn happened(&mut self) -> Vec<Happened> {
        let happened = self.means.happened.as_mut();
        happened.map(std::mem::take).unwrap_or_default()
    }

    /// Opens a session by the conference factory, on behalf of somebody, to whom the server shall bring it.
    // 13.1.1.1/history-sends/1 to 5; 7.2.1.2 takes those to invite from a list (F166)
    pub(crate) fn call_factory(&mut self, call: &str, initiator: &str) -> bool {
        if !self.may_call(call) {
            return false;
        }
        let factory = self.means.config.conference_factory.clone();
        let Some(peer) = originating::address(&factory) else {
            self.means.notice(format!("{factory} is no address"));
            return false;
        };
        let mut session = Session::new(call, Stage::Calling, Some(peer), &mut self.means);
        session.group = true;
        // 13.1.1.1/history-sends/3
        let sign = |request: &mut Message, sdp, means: &mut Means| {
            invite_list(request, sdp, &[entry(initiator.to_owned())], means);
            let from = request.from();
            let tag = from.as_ref().and_then(|from| from.tag());
            let tag = tag.map(|tag| format!(";tag={tag}"));
            request.set("From", format!("<{initiator}>{}", tag.unwrap_or_default()));
        };
        self.call(session, &factory, false, sign);
        true
    }

    /// Sends an envelope as it is; `text` stands for it when the user hears that it arrived.
    pub(crate) fn pass_on(
        &mut self,
        call: &str,
        envelope: Vec<u8>,
        text: &str,
    ) -> Result<(), &'static str> {
        let Some(session) = self.sessions.get_mut(call) else {
            return Err("is no session that goes on");
        };
        let types = &session.leg.terms.accept_types;
        if !types.is_empty() && !matches_any(types, CPIM) {
            return Err("takes no message/cpim");
        }
        session.leg.send(CPIM, envelope, text, &mut self.means)
    }

    /// Leaves a session for a reason.
    pub(crate) fn leave_because(&mut self, call: &str, why: &str) {
        self.leave_for(call, why);
    }

    /// The IM Session Identity of a session.
    pub(crate) fn identity(&self, call: &str) -> Option<String> {
        self.sessions.get(call)?.identity()
    }

    /// Answers a BYE.
    pub(crate) fn let_go(&mut self, key: Key, bye: &Message) {
        self.means.answer(key, bye, 200);
    }

    /// Tells whoever gives the commands.
    pub(crate) fn tell(&mut self, told: &Told) {
        self.means.tell(told);
    }

    /// Gives the driver something to do.
    pub(crate) fn put(&mut self, output: Output) {
        self.means.out.push(output);
    }

    /// A name that nothing else of this function has.
    pub(crate) fn token(&mut self) -> String {
        self.means.ids.msrp_message()
    }

    /// Starts a timer of the function.
    pub(crate) fn arm(&mut self, number: u64, after: Duration) {
        self.means.arm(Purpose::Function(number), after);
    }

    /// Forgets a timer of the function.
    pub(crate) fn disarm(&mut self, number: u64) {
        self.means.disarm(&Purpose::Function(number));
    }
}

impl Means {
    /// Lets the function know, if there is one.
    pub(super) fn happen(&mut self, what: impl FnOnce() -> Happened) {
        if let Some(happened) = self.happened.as_mut() {
            happened.push(what());
        }
    }
}
