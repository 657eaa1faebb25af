//! What the tester tells as the SIP/IP core: who of the users is registered (TS 24.229 5.7.1.1).

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
}
