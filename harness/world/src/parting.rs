//! How a scenario with a client ends: the tester declines, ends subscriptions and leaves, one after the other.

use std::collections::BTreeSet;
use std::sync::Arc;

use trace::Exchange;

use crate::Scene;
use crate::actions::SERVER;
use crate::agent::{Call, Side};
use crate::core::{lock, user_key};
use crate::scene::LINGER;

impl Scene {
    /// Ends what goes on with a client; nothing is sent while something that it could cross is under way.
    pub(crate) async fn part(&mut self) {
        for call in self.unanswered_calls() {
            self.decline(&call.chair, 480).await;
        }
        self.settle().await;
        self.followed().await;
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

    /// Conferences that the client is in: the server answered it as one, or invited it to one.
    fn conferences(&self) -> BTreeSet<String> {
        let focus = |call: &Call| {
            let contact = call.request.header("Contact").unwrap_or_default();
            (contact.contains(";isfocus") && call.code.is_some_and(|code| code < 300))
                .then(|| user_key(contact))
        };
        let server = |call: &Call| {
            let contact = call.contact.as_deref().filter(|_| call.chair == SERVER)?;
            Some(user_key(contact))
        };
        let called = self.open(Side::Caller);
        let answered = self.open(Side::Called);
        let invited = called.iter().filter_map(focus);
        invited.chain(answered.iter().filter_map(server)).collect()
    }

    /// Waits until the client follows each conference that it is in, and none that it has left.
    async fn followed(&mut self) {
        let (table, wanted) = (Arc::clone(&self.table), self.conferences());
        let those = move |_: &Exchange| (lock(&table.agent).followed() == wanted).then_some(());
        self.wait(Some(LINGER), those).await;
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
