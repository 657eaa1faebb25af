//! How a scenario with a client ends: the tester declines, ends subscriptions and leaves, one after the other.

use std::sync::Arc;

use trace::Exchange;

use crate::Scene;
use crate::actions::SERVER;
use crate::agent::{Call, Side};
use crate::core::lock;
use crate::scene::LINGER;

impl Scene {
    /// Ends what goes on with a client; nothing is sent while something that it could cross is under way.
    pub(crate) async fn part(&mut self) {
        for call in self.unanswered_calls() {
            self.decline(&call.chair, 480).await;
        }
        self.settle().await;
        let open = self.open(Side::Called);
        match open.iter().any(|call| call.chair == SERVER) {
            true => self.followed().await,
            false => self.unfollowed().await,
        }
        self.end_subscriptions();
        self.settle().await;
        self.leave_calls().await;
        for call in self.open(Side::Called) {
            self.bye(&call.id).await;
        }
        self.settle().await;
    }

    /// Calls of the client that no chair has answered.
    fn unanswered_calls(&self) -> Vec<Call> {
        let agent = lock(&self.table.agent);
        let open = |c: &&Call| {
            c.side == Side::Called && c.code.is_none() && c.request.method() == Some("INVITE")
        };
        agent.calls.iter().filter(open).cloned().collect()
    }

    /// Waits for the SUBSCRIBE that a client sends once it is in a conference.
    async fn followed(&mut self) {
        let table = Arc::clone(&self.table);
        let subscribed = move |_: &Exchange| {
            let agent = lock(&table.agent);
            let mut calls = agent.calls.iter();
            calls
                .find(|call| call.request.method() == Some("SUBSCRIBE"))
                .map(drop)
        };
        self.wait(Some(LINGER), subscribed).await;
        self.settle().await;
    }

    /// Waits until a client that has left its conference no longer follows it.
    async fn unfollowed(&mut self) {
        let table = Arc::clone(&self.table);
        let ended = move |_: &Exchange| {
            let over = lock(&table.agent).notified().is_empty();
            over.then_some(())
        };
        self.wait(Some(LINGER), ended).await;
        self.settle().await;
    }

    /// The conference is over: a last NOTIFY for each subscription of the client (RFC 6665 4.4.1).
    fn end_subscriptions(&self) {
        let (number, via) = (self.table.number, self.table.via(SERVER));
        let open = lock(&self.table.agent).notified();
        for id in open {
            let state = "terminated;reason=noresource";
            let last = lock(&self.table.agent).notify(number, &id, state, &via);
            if let Some(last) = last {
                self.table.send_sip(last);
            }
        }
    }
}
