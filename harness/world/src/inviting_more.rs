//! A chair asks the session by REFER to invite somebody, or to do something else (RFC 3515, RFC 4579 5.5).

use crate::Scene;
use crate::agent::Call;
use crate::core::lock;
use crate::dialogs::final_answer;
use crate::lab::flow;

/// What a REFER says.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// Values of Refer-To, one a header line.
    pub refer_to: Vec<String>,
    /// Inside the chair's INVITE dialog; on its own otherwise.
    pub inside: bool,
    /// Without a subscription (RFC 4488).
    pub silent: bool,
}

impl Scene {
    /// `chair` sends a REFER to the session that is going on, whether it is in it or not.
    pub async fn refer(&mut self, chair: &str, wish: &Wish) {
        if !self.act() {
            return;
        }
        let Some(call) = self.session_for(chair) else {
            return self.block("there is no session to send a REFER to");
        };
        let (mut request, to) = if wish.inside {
            let (number, via) = (self.table.number, self.table.via(chair));
            let prepared = lock(&self.table.agent).inside(number, "REFER", &call.id, &via);
            let Some((request, flow)) = prepared else {
                return;
            };
            let contact = self.contact_of(chair, &call);
            (request.with("Contact", contact), flow)
        } else {
            let request = self.fresh("REFER", chair, &call.target);
            (request, flow(self.table.transport, self.subject))
        };
        for value in &wish.refer_to {
            request.push("Refer-To", value.clone());
        }
        request.push("Supported", "norefersub");
        if wish.silent {
            request.push("Refer-Sub", "false");
        }
        if !wish.inside {
            lock(&self.table.agent).start(chair, request.clone(), to);
        }
        self.table
            .send_sip((chair.to_owned(), to, request.to_bytes()));
        self.wait(None, move |ex| final_answer(ex, &request)).await;
    }

    /// The call of `chair` in a session, or anybody's when it is in none.
    fn session_for(&self, chair: &str) -> Option<Call> {
        let agent = lock(&self.table.agent);
        let open = |c: &&Call| {
            !c.ended
                && c.request.method() == Some("INVITE")
                && c.code.is_some_and(|code| code < 300)
        };
        let mut all = agent.calls.iter().rev().filter(open);
        let own = all.clone().find(|c| c.chair == chair);
        own.or_else(|| all.next()).cloned()
    }
}
