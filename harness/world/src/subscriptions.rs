//! What a chair does as a subscriber: subscribe, refresh, end, forget.

use std::sync::Arc;

use trace::Exchange;
use trace::matchers::{Sip, received_requests, sent_requests};
use wire::scan::Scan;
use wire::sip::Message;

use crate::Scene;
use crate::agent::{Call, Side};
use crate::core::lock;
use crate::dialogs::final_answer;
use crate::lab::flow;
use crate::scene::LINGER;

/// What a SUBSCRIBE says.
#[derive(Clone, Debug)]
pub struct Terms {
    pub event: String,
    /// Seconds; `None` leaves the header out.
    pub expires: Option<u32>,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            event: "conference".to_owned(),
            expires: Some(3600),
        }
    }
}

impl Scene {
    /// The IM Session Identity of the session that `chair` is in.
    pub async fn session_identity(&mut self, chair: &str) -> Option<String> {
        self.answered(chair).await;
        let agent = lock(&self.table.agent);
        let mut calls = agent.calls.iter().rev();
        let call =
            calls.find(|c| c.chair == chair && !c.ended && c.request.method() == Some("INVITE"))?;
        Some(call.target.clone())
    }

    /// `chair` subscribes to the conference state of `target`; waits for the answer and the first NOTIFY.
    pub async fn subscribe(&mut self, chair: &str, target: &str, terms: &Terms) {
        if !self.act() {
            return;
        }
        let mut request = self
            .fresh("SUBSCRIBE", chair, target)
            .with("Event", terms.event.clone())
            .with("Accept", "application/conference-info+xml");
        if let Some(seconds) = terms.expires {
            request.push("Expires", seconds.to_string());
        }
        request.push("Supported", "norefersub");
        let to = flow(self.table.transport, self.subject);
        lock(&self.table.agent).start(chair, request.clone(), to);
        self.table
            .send_sip((chair.to_owned(), to, request.to_bytes()));
        self.subscribed(request, 0).await;
    }

    /// `chair` sends a SUBSCRIBE inside its latest subscription; 0 seconds end it.
    pub async fn resubscribe(&mut self, chair: &str, seconds: u32) {
        if !self.act() {
            return;
        }
        match self.subscriptions(chair).pop() {
            Some(call) => self.again(&call, seconds).await,
            None => self.block(format!("{chair} has no subscription")),
        }
    }

    /// `chair` knows nothing of its subscriptions any more.
    pub fn forget_subscriptions(&mut self, chair: &str) {
        lock(&self.table.agent)
            .calls
            .retain(|c| c.chair != chair || c.request.method() != Some("SUBSCRIBE"));
    }

    /// Subscriptions that are accepted and not over, oldest first.
    fn subscriptions(&self, chair: &str) -> Vec<Call> {
        let agent = lock(&self.table.agent);
        let open = |c: &&Call| {
            !c.ended
                && c.side == Side::Caller
                && c.request.method() == Some("SUBSCRIBE")
                && c.code.is_some_and(|code| code < 300)
        };
        let all = agent.calls.iter().filter(open);
        all.filter(|c| c.chair == chair).cloned().collect()
    }

    async fn again(&mut self, call: &Call, seconds: u32) {
        let (via, number) = (self.table.via(&call.chair), self.table.number);
        let prepared = lock(&self.table.agent).inside(number, "SUBSCRIBE", &call.id, &via);
        let Some((mut request, flow)) = prepared else {
            return;
        };
        for name in [
            "Contact",
            "Event",
            "Accept",
            "Supported",
            "P-Asserted-Identity",
        ] {
            if let Some(value) = call.request.header(name) {
                request.push(name, value.to_owned());
            }
        }
        request.push("Expires", seconds.to_string());
        let before = notifies(&self.exchange(), &request);
        self.table
            .send_sip((call.chair.clone(), flow, request.to_bytes()));
        self.subscribed(request, before).await;
    }

    /// Waits for the final answer, and when it accepts for the NOTIFY that follows at once (RFC 6665 4.2.1.2).
    async fn subscribed(&mut self, request: Message, before: usize) {
        self.wait(None, move |ex| {
            let refused = final_answer(ex, &request)? >= 300;
            let told = notifies(ex, &request) > before;
            (told || refused).then_some(())
        })
        .await;
    }

    /// Ends the subscriptions that no end of a session will end; `since` is the first frame of everybody's leaving.
    pub(crate) async fn unsubscribe_the_rest(&mut self, since: usize) {
        let sessions: Vec<String> = lock(&self.table.agent)
            .calls
            .iter()
            .filter(|c| c.request.method() == Some("INVITE"))
            .map(|c| c.target.clone())
            .collect();
        let chairs: Vec<String> = self.names().into_iter().map(|(_, chair)| chair).collect();
        for chair in chairs {
            for call in self.subscriptions(&chair) {
                let lasts = |c: &Call| {
                    let target = c.request.uri().unwrap_or_default();
                    !sessions.iter().any(|session| session == target)
                };
                if lasts(&call) {
                    self.told_of_the_end(&call, since).await;
                    self.again(&call, 0).await;
                }
            }
        }
    }

    /// Waits for the state in which a group is left when its session ends, where one did.
    async fn told_of_the_end(&mut self, subscription: &Call, since: usize) {
        let group = subscription.request.uri();
        let called =
            |call: &Call| call.request.method() == Some("INVITE") && call.request.uri() == group;
        let known = lock(&self.table.agent).calls.iter().any(called);
        let exchange = self.exchange();
        let mut left = sent_requests(&exchange, "BYE").into_iter();
        if !known || left.all(|bye| bye.frame.index < since) {
            return;
        }
        let dialog = subscription.call_id().to_owned();
        let told = move |ex: &Exchange| {
            let mut all = received_requests(ex, "NOTIFY").into_iter();
            let last = |one: &Sip<'_>| one.frame.index >= since && one.call_id() == dialog;
            all.any(|one| last(&one)).then_some(())
        };
        self.wait(Some(LINGER), told).await;
        self.settle().await;
    }

    /// Waits until the subject has ended the latest subscription of `chair`, `seconds` of protocol time at most.
    pub async fn run_out(&mut self, chair: &str, seconds: f64) {
        let Some(call) = self.subscriptions(chair).pop() else {
            return self.block(format!("{chair} has no subscription"));
        };
        let table = Arc::clone(&self.table);
        self.wait(Some(seconds), move |_| {
            let mut agent = lock(&table.agent);
            let call = agent.call_mut(&call.id);
            call.is_none_or(|call| call.ended).then_some(())
        })
        .await;
    }
}

/// How many different NOTIFYs came in the dialog of a SUBSCRIBE.
fn notifies(exchange: &Exchange, subscribe: &Message) -> usize {
    let call_id = subscribe.call_id().unwrap_or_default();
    let of_dialog = |frame: &&trace::Frame| {
        let scan = Scan::sip(&frame.bytes);
        scan.method().as_deref() == Some("NOTIFY")
            && scan.field("Call-ID").is_some_and(|v| v.value == call_id)
    };
    let mut seen: Vec<&[u8]> = exchange
        .received()
        .filter(of_dialog)
        .map(|frame| frame.bytes.as_slice())
        .collect();
    seen.sort_unstable();
    seen.dedup();
    seen.len()
}
