//! A chair as a subscriber of a SIP/IP core: it registers, proves itself, and asks for others; and the server beside it.

use roles::digest::{Algorithm, Parameters, Proof};
use trace::Exchange;
use wire::scan::Scan;
use wire::sip::Message;

use crate::Scene;
use crate::actions::SERVER;
use crate::core::{lock, user_key};
use crate::dialogs::final_answer;
use crate::lab::flow;

/// How a chair registers.
#[derive(Clone, Debug, Default)]
pub struct Registering {
    /// Seconds in Expires, if it says them.
    pub expires: Option<u32>,
    /// Every contact at once instead of its own.
    pub all: bool,
    /// Whose address it registers, when not its own.
    pub of: Option<String>,
    /// The password it takes for its own.
    pub password: Option<String>,
    /// It does not answer the challenge.
    pub silent: bool,
}

impl Scene {
    /// `chair` registers; the final status.
    pub async fn enrol(&mut self, chair: &str, how: &Registering) -> Option<u16> {
        if !self.act() {
            return None;
        }
        let registrar = format!("sip:{}", self.lab.profile.domain);
        let mut request = self.fresh("REGISTER", chair, &registrar);
        for name in ["P-Asserted-Identity", "Accept-Contact"] {
            request.remove(name);
        }
        let address = self.user(how.of.as_deref().unwrap_or(chair));
        request.set("To", format!("<{address}>"));
        if how.all {
            request.set("Contact", "*");
        }
        if let Some(expires) = how.expires {
            request.push("Expires", expires.to_string());
        }
        let first = self.deliver(chair, &request).await;
        if how.silent || !matches!(first, Some(401 | 407)) {
            return first;
        }
        let password = how.password.clone();
        let request = self.proved(chair, &request, password.as_deref())?;
        self.deliver(chair, &request).await
    }

    /// Somebody sends the latest REGISTER of `chair` that proved itself again, in a call of its own.
    pub async fn replay(&mut self, chair: &str, expires: u32) -> Option<u16> {
        if !self.act() {
            return None;
        }
        let latest = self
            .exchange()
            .sent()
            .filter_map(|frame| {
                let message = Message::parse(&frame.bytes).ok()?;
                let proved = message.header("Authorization").is_some();
                (proved && frame.chair == chair).then_some(message)
            })
            .last();
        let Some(mut request) = latest else {
            self.block(format!("{chair} has not proved itself"));
            return None;
        };
        request.set("Call-ID", self.next_call_id());
        request.set("Expires", expires.to_string());
        self.renew(chair, &mut request);
        self.deliver(chair, &request).await
    }

    /// `chair` asks for `other` with a request of this method; waits until it is somewhere, or answered.
    pub async fn ask(&mut self, chair: &str, other: &str, method: &str) {
        if !self.act() {
            return;
        }
        lock(&self.table.agent).silent.insert(SERVER.to_owned());
        let target = self.user(other);
        let mut request = self.fresh(method, chair, &target);
        self.introduce_to_core(chair, &mut request);
        if !self.fill(chair, method, &mut request).await {
            return;
        }
        if let Some(407) = self.carry(chair, &request).await {
            let id = request.call_id().unwrap_or_default().to_owned();
            lock(&self.table.agent).calls.retain(|call| call.id != id);
            let Some(request) = self.proved(chair, &request, None) else {
                return;
            };
            self.carry(chair, &request).await;
        }
    }

    /// The server gives back the latest request of this method that it got, as a proxy does.
    pub async fn give_back(&mut self, method: &str, forgetful: bool) {
        if !self.act() {
            return;
        }
        let latest = self
            .exchange()
            .received()
            .filter_map(|frame| {
                let message = Message::parse(&frame.bytes).ok()?;
                let wanted = frame.chair == SERVER && message.method() == Some(method);
                wanted.then_some((message, frame.remote))
            })
            .last();
        let Some((received, remote)) = latest else {
            return self.block(format!("no {method} reached the server"));
        };
        let mut request = received.clone();
        let routes = request.values("Route").into_iter().skip(1);
        let routes: Vec<String> = routes.filter(|_| !forgetful).collect();
        request.remove("Route");
        for route in routes {
            request.push("Route", route);
        }
        let hops = request
            .header("Max-Forwards")
            .and_then(|hops| hops.parse::<u8>().ok());
        let hops = hops.unwrap_or(70).saturating_sub(1);
        request.set("Max-Forwards", hops.to_string());
        let branch = lock(&self.table.agent).branch(self.table.number);
        let via = self.table.via(SERVER);
        request.push_first("Via", format!("{via};branch={branch}"));
        let back = flow(self.table.transport, remote);
        lock(&self.table.agent).relay(branch, received, back);
        let to = flow(self.table.transport, self.subject);
        let bytes = request.to_bytes();
        self.table.send_sip((SERVER.to_owned(), to, bytes));
    }

    /// What a subscriber says of itself to a core.
    fn introduce_to_core(&mut self, chair: &str, request: &mut Message) {
        let manner = self.manner_of(chair);
        request.set("Max-Forwards", manner.hops.to_string());
        request.remove("P-Asserted-Identity");
        if let Some(other) = &manner.asserts {
            let address = self.user(other);
            request.push("P-Asserted-Identity", format!("<{address}>"));
        }
        request.remove("Accept-Contact");
        let name = if manner.compact {
            "a"
        } else {
            "Accept-Contact"
        };
        for value in &manner.features {
            request.push(name, value.clone());
        }
    }

    async fn fill(&mut self, chair: &str, method: &str, request: &mut Message) -> bool {
        let manner = self.manner_of(chair);
        match method {
            "INVITE" => {
                manner.announce(request);
                match self.own_sdp(chair, &manner, &manner.setup, 1).await {
                    Ok(sdp) => request.set_body("application/sdp", sdp.into_bytes()),
                    Err(error) => {
                        self.block(format!("the tester has no MSRP port for {chair}: {error}"));
                        return false;
                    }
                }
            }
            "MESSAGE" => {
                // RFC 3428 4
                request.remove("Contact");
                let (kind, content) = manner.writes;
                request.set_body(&kind, content.into_bytes());
            }
            "SUBSCRIBE" => {
                request.push("Event", "conference");
                request.push("Accept", "application/conference-info+xml");
                request.push("Expires", "600");
            }
            "REFER" => {
                let carol = self.user("carol");
                request.push("Refer-To", format!("<{carol}>"));
            }
            _ => {}
        }
        true
    }

    /// Sends a request that begins something, and waits until somebody has it or it is answered.
    async fn carry(&mut self, chair: &str, request: &Message) -> Option<u16> {
        let to = flow(self.table.transport, self.subject);
        if request.method() != Some("MESSAGE") {
            lock(&self.table.agent).start(chair, request.clone(), to);
        }
        let began = self.exchange().frames.len();
        self.table
            .send_sip((chair.to_owned(), to, request.to_bytes()));
        let sent = request.clone();
        let there = move |ex: &Exchange| {
            let answer = final_answer(ex, &sent).map(Some);
            answer.or_else(|| arrived(ex, &sent, began).then_some(None))
        };
        self.wait(None, there).await.flatten()
    }

    /// Sends a request and waits for its final answer.
    async fn deliver(&mut self, chair: &str, request: &Message) -> Option<u16> {
        let to = flow(self.table.transport, self.subject);
        self.table
            .send_sip((chair.to_owned(), to, request.to_bytes()));
        let sent = request.clone();
        self.wait(None, move |ex| final_answer(ex, &sent)).await
    }

    /// The request again, with the answer to the latest challenge that it got.
    fn proved(
        &mut self,
        chair: &str,
        request: &Message,
        password: Option<&str>,
    ) -> Option<Message> {
        let challenge = self
            .exchange()
            .received()
            .filter_map(|frame| {
                let answer = Message::parse(&frame.bytes).ok()?;
                let same = answer.call_id() == request.call_id();
                (same && matches!(answer.code(), Some(401 | 407))).then_some(answer)
            })
            .last()?;
        let (asks, answers) = match challenge.code() {
            Some(401) => ("WWW-Authenticate", "Authorization"),
            _ => ("Proxy-Authenticate", "Proxy-Authorization"),
        };
        let offers: Vec<Parameters> = challenge
            .headers(asks)
            .filter_map(Parameters::read)
            .collect();
        let known = |offer: &&Parameters| Algorithm::read(offer.get("algorithm")).is_some();
        let Some(offer) = offers.iter().find(known) else {
            self.block(format!(
                "{chair} is challenged by nothing that the tester can answer"
            ));
            return None;
        };
        let algorithm = Algorithm::read(offer.get("algorithm"))?;
        let user = name(&self.user(chair));
        let own = self.lab.profile.password.clone();
        let get = |name: &str| offer.get(name).unwrap_or_default();
        let proof = Proof {
            user: &user,
            realm: get("realm"),
            password: password.unwrap_or(&own),
            method: request.method().unwrap_or_default(),
            uri: request.uri().unwrap_or_default(),
            nonce: get("nonce"),
            auth: Some(("00000001", "tester")),
        };
        let value = format!(
            "Digest username=\"{user}\", realm=\"{}\", nonce=\"{}\", uri=\"{}\", response=\"{}\", algorithm={}, qop=auth, nc=00000001, cnonce=\"tester\"",
            proof.realm,
            proof.nonce,
            proof.uri,
            proof.response(algorithm),
            algorithm.name()
        );
        let mut again = request.clone();
        again.set(answers, value);
        self.renew(chair, &mut again);
        Some(again)
    }

    /// Another transaction of the same request.
    fn renew(&self, chair: &str, request: &mut Message) {
        let branch = lock(&self.table.agent).branch(self.table.number);
        request.set("Via", format!("{};branch={branch}", self.table.via(chair)));
        if let Some(cseq) = request.cseq() {
            request.set("CSeq", format!("{} {}", cseq.number + 1, cseq.method));
        }
    }
}

/// Whether a request of the tester has come to somebody since then.
fn arrived(exchange: &Exchange, request: &Message, since: usize) -> bool {
    let frames = exchange.frames.iter().skip(since);
    let mut received = frames.filter(|frame| frame.direction == trace::Direction::Received);
    received.any(|frame| {
        let scan = Scan::sip(&frame.bytes);
        let same = |name: &str| scan.field(name).map(|field| field.value);
        scan.method().as_deref() == request.method()
            && same("Call-ID").as_deref() == request.call_id()
    })
}

/// The name of a user for digest authentication: the user part of the address.
pub(crate) fn name(address: &str) -> String {
    let key = user_key(address);
    key.split('@').next().unwrap_or_default().to_owned()
}
