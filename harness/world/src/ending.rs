//! How a scenario ends: everybody leaves, the wire comes to rest, the checks are judged again.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use trace::Exchange;
use trace::matchers::{Sip, received_requests, received_responses, sent_requests};

use crate::agent::{Call, Side};
use crate::core::lock;
use crate::profile::Kind;
use crate::scene::{Check, LINGER};
use crate::{Checked, Scene};

impl Scene {
    /// Leaves every call, then judges each check again over the whole exchange.
    pub async fn finish(&mut self) -> Vec<Checked> {
        if self.recorded.is_none() {
            self.depart().await;
        }
        let exchange = self.exchange();
        let checked = |check: Check| Checked {
            finding: (check.matcher)(&exchange),
            clause: check.clause,
            line: check.line,
            text: check.text,
        };
        self.checks.drain(..).map(checked).collect()
    }

    /// Everybody goes, and the scenario's addresses are free.
    async fn depart(&mut self) {
        self.exhausted = false;
        let reason = self.blocked.take();
        let began = self.exchange().frames.len();
        self.hang_up().await;
        self.registrations_told().await;
        self.last_notifications(began).await;
        self.settle().await;
        self.media_closed().await;
        self.dismiss().await;
        self.blocked = reason.or(self.blocked.take());
        self.table.leave();
        self.lab.xdms.leave(&self.table);
    }

    /// Ends what is open: callers leave first, then guests one by one until the subject ends the session.
    async fn hang_up(&mut self) {
        if self.table.kind.is_told() {
            return self.part().await;
        }
        self.settle().await;
        self.leave_calls().await;
        loop {
            self.settle().await;
            let guests = self.open(Side::Called);
            // A session is known by the subject's Contact, the IM Session Identity.
            let shared = guests.iter().find(|call| {
                let company = guests.iter().filter(|other| other.target == call.target);
                company.count() > 1
            });
            let Some(first) = shared.or(guests.first()) else {
                break;
            };
            // The subject ends a session that has one participant left.
            if shared.is_none() {
                let (table, id) = (Arc::clone(&self.table), first.id.clone());
                let gone = move |_: &Exchange| {
                    lock(&table.agent)
                        .call_mut(&id)
                        .is_none_or(|call| call.ended)
                        .then_some(())
                };
                if self.wait(Some(LINGER), gone).await.is_some() {
                    continue;
                }
            }
            let id = first.id.clone();
            self.bye(&id).await;
        }
    }

    /// Waits until a core has told the IM server of each registration that it took (TS 24.229 5.4.1.7), if it does.
    async fn registrations_told(&mut self) {
        let silent = self.lab.profile.denies("third_party_registration");
        if self.table.kind != Kind::Core || silent {
            return;
        }
        let told = |ex: &Exchange| {
            let taken = |request: &Sip<'_>| {
                let answers = received_responses(ex, request.frame);
                let code = |answer: &Sip<'_>| answer.scan.code();
                answers
                    .iter()
                    .filter_map(code)
                    .any(|code| (200..300).contains(&code))
            };
            let own = sent_requests(ex, "REGISTER");
            let taken = own.into_iter().filter(taken).count();
            (received_requests(ex, "REGISTER").len() >= taken).then_some(())
        };
        self.wait(Some(LINGER), told).await;
    }

    /// Leaves what the tester called: BYE where it was answered, CANCEL where it rings.
    pub(crate) async fn leave_calls(&mut self) {
        for call in self.open(Side::Caller) {
            match call.code {
                Some(_) => self.bye(&call.id).await,
                None if call.remote_tag.is_some() => self.cancel(&call.id).await,
                None => {}
            }
        }
    }

    /// Waits until a client has closed every MSRP connection, where that is looked at.
    async fn media_closed(&mut self) {
        if !self.table.closings.load(Ordering::Relaxed) {
            return;
        }
        let closed = |ex: &Exchange| {
            let ends = |frame: &trace::Frame| (frame.local, frame.remote);
            let msrp = |frame: &&trace::Frame| frame.protocol == trace::Protocol::Msrp;
            let over = |frame: &trace::Frame| {
                let mut same = ex.received().filter(msrp);
                same.any(|other| other.bytes.is_empty() && ends(other) == ends(frame))
            };
            ex.frames.iter().filter(msrp).all(over).then_some(())
        };
        self.wait(Some(LINGER), closed).await;
    }

    /// Waits for the last NOTIFY of each subscription, which ends with the session (RFC 6665 4.4.1); one to
    /// anything else is ended.
    async fn last_notifications(&mut self, since: usize) {
        self.unsubscribe_the_rest(since).await;
        let table = Arc::clone(&self.table);
        let ended = move |_: &Exchange| {
            let agent = lock(&table.agent);
            let mut open = agent.calls.iter().filter(|call| {
                !call.ended
                    && call.side == Side::Caller
                    && call.request.method() == Some("SUBSCRIBE")
                    && call.code.is_some_and(|code| code < 300)
            });
            open.next().is_none().then_some(())
        };
        self.wait(Some(LINGER), ended).await;
    }

    /// Calls of this side that have a session, or may get one.
    pub(crate) fn open(&self, side: Side) -> Vec<Call> {
        let agent = lock(&self.table.agent);
        let wanted = |c: &&Call| c.side == side && !c.ended && c.request.method() == Some("INVITE");
        agent
            .calls
            .iter()
            .filter(wanted)
            .filter(|c| side == Side::Caller || c.code.is_some())
            .cloned()
            .collect()
    }

    /// Waits until everything that was asked is answered.
    pub(crate) async fn settle(&mut self) {
        self.wait(Some(LINGER), |ex| trace::settled(ex).then_some(()))
            .await;
    }
}
