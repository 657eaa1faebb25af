//! What a participating function is told of its users: by the SIP/IP core that they are registered (TS 24.229
//! 5.7.1.1), by themselves what they want (RFC 3903), by others what waits for them.

use crate::Scene;
use crate::actions::SERVER;
use crate::dialogs::final_answer;
use crate::lab::flow;

impl Scene {
    /// The address of a chair.
    pub fn address(&mut self, chair: &str) -> String {
        self.user(chair)
    }

    /// Sends a third-party REGISTER about `user` and waits for the final answer.
    pub async fn register(&mut self, user: &str, seconds: u32) {
        if !self.act() {
            return;
        }
        let target = format!("sip:{}", self.subject);
        let mut request = self.fresh("REGISTER", SERVER, &target);
        request.set("To", format!("<{user}>"));
        for name in ["Accept-Contact", "P-Asserted-Identity"] {
            request.remove(name);
        }
        request.push("Expires", seconds.to_string());
        let to = flow(self.table.transport, self.subject);
        self.table
            .send_sip((SERVER.to_owned(), to, request.to_bytes()));
        self.wait(None, move |ex| final_answer(ex, &request)).await;
    }

    /// `chair` publishes settings of the event package `event`; waits for the final answer, and gives its entity tag.
    pub async fn publish(&mut self, chair: &str, publication: &Publication) -> Option<String> {
        if !self.act() {
            return None;
        }
        let user = self.user(chair);
        let mut request = self.fresh("PUBLISH", chair, &user);
        request.remove("Contact");
        request.push("Event", publication.event.clone());
        request.push("Expires", publication.expires.to_string());
        if let Some(tag) = &publication.tag {
            request.push("SIP-If-Match", tag.clone());
        }
        if let Some(document) = &publication.document {
            request.set_body(
                "application/poc-settings+xml",
                document.clone().into_bytes(),
            );
        }
        let to = flow(self.table.transport, self.subject);
        self.table
            .send_sip((chair.to_owned(), to, request.to_bytes()));
        let wanted = request.clone();
        self.wait(None, move |ex| final_answer(ex, &wanted)).await;
        let exchange = self.exchange();
        let sent = trace::matchers::sent_requests(&exchange, "PUBLISH").pop()?;
        let answers = trace::matchers::received_responses(&exchange, sent.frame);
        let tag = answers.iter().find_map(|m| m.scan.field("SIP-ETag"));
        tag.map(|tag| tag.value)
    }

    /// `chair` sends the user of another chair a MESSAGE.
    pub async fn message_user(&mut self, chair: &str, other: &str, text: &str) {
        let user = self.user(other);
        self.manner(chair).writes = ("text/plain".to_owned(), text.to_owned());
        self.message(chair, &user).await;
    }
}

/// What a PUBLISH carries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Publication {
    /// The event package.
    pub event: String,
    /// How long it shall hold, in seconds.
    pub expires: u32,
    /// The entity tag of the publication that it changes.
    pub tag: Option<String>,
    /// The document, unless it only refreshes or removes.
    pub document: Option<String>,
}
