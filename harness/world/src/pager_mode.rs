//! Pager mode: a chair sends a MESSAGE to a list, a group or a session, or takes its time over one it got.

use std::sync::Arc;

use machines::port::Transport;
use trace::Exchange;
use wire::sip::Message;

use crate::Scene;
use crate::actions::{BOUNDARY, with_list};
use crate::core::lock;
use crate::dialogs::final_answer;
use crate::lab::flow;
use crate::scene::LINGER;

impl Scene {
    /// `chair` sends a MESSAGE for the users `others`, in a URI list, to `factory` (RFC 5365 6).
    pub async fn message_users(&mut self, chair: &str, others: &[String], factory: &str) {
        let manner = self.manner_of(chair);
        let entries = self.listed(others, &manner);
        let mut request = self.message_of(chair, factory);
        request.push("Require", "recipient-list-message");
        let (kind, content) = &manner.writes;
        request.set_body(
            &format!("multipart/mixed;boundary={BOUNDARY}"),
            with_list(kind, content.as_bytes(), &entries),
        );
        self.send_message(chair, request).await;
    }

    /// `chair` sends a MESSAGE to `target`.
    pub async fn message(&mut self, chair: &str, target: &str) {
        let (kind, content) = self.manner_of(chair).writes;
        let mut request = self.message_of(chair, target);
        request.set_body(&kind, content.into_bytes());
        self.send_message(chair, request).await;
    }

    /// `chair` sends a MESSAGE to the session that `owner` set up last, even if that is over.
    pub async fn message_session(&mut self, chair: &str, owner: &str) {
        if !self.act() {
            return;
        }
        let Some(call) = self.answered(owner).await else {
            return self.block(format!("{owner} has no session"));
        };
        if call.ended {
            // Its end is told to everybody else first.
            let (table, target) = (Arc::clone(&self.table), call.target.clone());
            let over = move |_: &Exchange| {
                let agent = lock(&table.agent);
                let mut open = agent
                    .calls
                    .iter()
                    .filter(|c| c.target == target && !c.ended);
                open.next().is_none().then_some(())
            };
            self.wait(Some(LINGER), over).await;
        }
        self.message(chair, &call.target).await;
    }

    fn message_of(&mut self, chair: &str, target: &str) -> Message {
        let mut request = self.fresh("MESSAGE", chair, target);
        // RFC 3428 4
        request.remove("Contact");
        if let Some((date, seconds)) = self.manner_of(chair).validity {
            request.push("Date", date);
            request.push("Expires", seconds.to_string());
        }
        request
    }

    async fn send_message(&mut self, chair: &str, mut request: Message) {
        if !self.act() {
            return;
        }
        let mut to = flow(self.table.transport, self.subject);
        // RFC 3428 8: the long ones never go by UDP.
        if request.to_bytes().len() > 1300 && to.transport == Transport::Udp {
            to.transport = Transport::Tcp;
            let via = request.header("Via").unwrap_or_default();
            request.set("Via", via.replacen("/UDP ", "/TCP ", 1));
        }
        self.table
            .send_sip((chair.to_owned(), to, request.to_bytes()));
        self.wait(None, move |ex| final_answer(ex, &request)).await;
    }

    /// From now on `chair` answers no message until it is told to.
    pub fn hold_messages(&mut self, chair: &str) {
        lock(&self.table.agent).silent.insert(chair.to_owned());
    }

    /// `chair` answers the messages it has, once there is one, and from now on every message at once.
    pub async fn answer_messages(&mut self, chair: &str) {
        if !self.act() {
            return;
        }
        let (table, seat) = (Arc::clone(&self.table), chair.to_owned());
        let came = move |_: &Exchange| {
            let agent = lock(&table.agent);
            let mut held = agent.unanswered.iter().filter(|(who, ..)| *who == seat);
            held.next().map(drop)
        };
        if self.wait(None, came).await.is_none() {
            return self.block(format!("no message reached {chair}"));
        }
        let replies: Vec<_> = {
            let mut agent = lock(&self.table.agent);
            agent.silent.remove(chair);
            let (held, others) = std::mem::take(&mut agent.unanswered)
                .into_iter()
                .partition(|(who, ..)| who == chair);
            agent.unanswered = others;
            let held: Vec<(String, Message, machines::port::Flow)> = held;
            held.into_iter()
                .map(|(who, message, flow)| {
                    let answer = agent.respond(&message, 200, "OK", Some(&who));
                    (who, flow, answer)
                })
                .collect()
        };
        for reply in replies {
            self.table.send_sip(reply);
        }
    }
}
