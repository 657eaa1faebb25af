//! What every request and response of the client carries (7.1.1.1 and 6.2.1.1 of the terminating client).

use machines::port::Transport;
use machines::session_timer::{Refresher, Settings, header};
use machines::transactions::Key;
use wire::sip::{Message, NameAddr, Uri};

use super::means::Means;
use crate::controlling::admission::extensions_among;
use crate::controlling::general::{ACCEPT_CONTACT, reason};

/// The methods that the client answers.
pub(super) const ALLOW: &str = "INVITE, ACK, CANCEL, BYE, UPDATE, OPTIONS, MESSAGE, NOTIFY";

/// The extensions that the client knows.
pub(super) const SUPPORTED: [&str; 2] = ["timer", "replaces"];

/// The bodies that an INVITE may have.
pub(super) const ACCEPT: &str = "application/sdp, multipart/mixed";

/// Whoever does not want to be known (RFC 3323 4.1.1.3).
const ANONYMOUS: &str = "\"Anonymous\" <sip:anonymous@anonymous.invalid>";

const IDENTITIES: usize = 64;

impl Means {
    /// The user's address with the display name.
    pub(super) fn user(&self) -> String {
        match (Uri::parse(&self.config.address), &self.config.display_name) {
            (Ok(uri), Some(name)) => {
                let mut user = NameAddr::of(uri);
                user.display = Some(name.clone());
                user.to_string()
            }
            _ => format!("<{}>", self.config.address),
        }
    }

    /// Where the client can be reached, with the IM feature tag.
    // 003:7.1.1.1/client-sends/4
    pub(super) fn contact(&self) -> String {
        let user = Uri::parse(&self.config.address)
            .ok()
            .and_then(|uri| uri.user);
        let user = user.unwrap_or_else(|| "im".into());
        let transport = match self.config.transport {
            Transport::Udp => "udp",
            Transport::Tcp => "tcp",
        };
        format!(
            "<sip:{user}@{};transport={transport}>;+g.oma.sip-im",
            self.local.sip
        )
    }

    /// A request outside of dialogs.
    // 003:7.1.1.1/client-sends/stem
    pub(super) fn initial(&mut self, method: &str, uri: &str, anonymous: bool) -> Message {
        let from = if anonymous {
            ANONYMOUS.to_owned()
        } else {
            self.user()
        };
        let (tag, host) = (self.ids.tag(), self.local.sip.ip().to_string());
        let mut request = Message::request(method, uri)
            .with("Max-Forwards", "70")
            .with("From", format!("{from};tag={tag}"))
            .with("To", format!("<{uri}>"))
            .with("Call-ID", self.ids.call_id(&host))
            .with("CSeq", format!("1 {method}"));
        if method != "MESSAGE" {
            request.push("Contact", self.contact());
        }
        // 003:7.1.1.1/client-sends/1
        request.push("Accept-Contact", ACCEPT_CONTACT);
        // RFC 3325 9.2: for the core, which asserts it.
        request.push("P-Preferred-Identity", self.user());
        if self.config.assert_identity {
            request.push("P-Asserted-Identity", self.user());
        }
        if anonymous {
            // 003:7.1.1.1/client-sends/5
            request.push("Privacy", "id");
        }
        // 003:7.1.1.1/client-sends/3
        request.push("Allow", ALLOW);
        // 003:7.1.1.1/client-sends/6
        request.push("Supported", SUPPORTED.join(", "));
        // 003:7.1.1.1/client-sends/2
        request.push("User-Agent", self.config.release.clone());
        request
    }

    /// An INVITE that sets up a session.
    pub(super) fn invitation(&mut self, uri: &str, anonymous: bool) -> Message {
        let mut request = self.initial("INVITE", uri, anonymous);
        request.push("Accept", ACCEPT);
        // 003:7.1.1.1/client-sends/7
        let interval = header(self.config.session_expires, Refresher::Uac);
        request.push("Session-Expires", interval);
        request
    }

    /// Any response of the client.
    // 004:6.2.1.1/client-responds/1
    pub(super) fn response(&self, request: &Message, code: u16) -> Message {
        let mut response = Message::response(request, code, reason(code));
        let makes_dialog = matches!(request.method(), Some("INVITE" | "NOTIFY" | "UPDATE"));
        if makes_dialog && code < 300 {
            let routes: Vec<String> = request.headers("Record-Route").map(str::to_owned).collect();
            for route in routes {
                response.push("Record-Route", route);
            }
            response.push("Contact", self.contact());
        }
        // 004:6.2.1.1/client-responds/4
        response.push("P-Asserted-Identity", self.user());
        // 004:6.2.1.1/client-responds/3
        response.push("Allow", ALLOW);
        // 004:6.2.1.1/client-responds/2
        response.push("Server", self.config.release.clone());
        response
    }

    pub(super) fn answer(&mut self, key: Key, request: &Message, code: u16) {
        let response = self.response(request, code);
        self.respond(key, response);
    }

    pub(super) fn refuse(&mut self, key: Key, request: &Message, refusal: &Refusal) {
        let mut response = self.response(request, refusal.code);
        for (name, value) in &refusal.headers {
            response.push(name, value.clone());
        }
        self.respond(key, response);
    }

    /// What the client wants of session timers: it refreshes itself.
    pub(super) fn settings(&self) -> Settings {
        Settings {
            session_expires: self.config.session_expires,
            min_se: 90,
            prefer: Refresher::Uas,
        }
    }
}

pub(super) use crate::controlling::general::Refusal;

/// Refuses what we cannot do and are required to (RFC 3261 8.2.2.3).
pub(super) fn extensions(request: &Message) -> Result<(), Refusal> {
    extensions_among(&SUPPORTED, request)
}

/// Who asserts to be the sender of a message, or else who says so.
pub(super) fn originator(message: &Message) -> Option<NameAddr> {
    asserted(message).or_else(|| message.from())
}

/// The sender that the network vouches for (RFC 3325).
pub(super) fn asserted(message: &Message) -> Option<NameAddr> {
    let all: Vec<NameAddr> = message
        .values("P-Asserted-Identity")
        .iter()
        .take(IDENTITIES)
        .filter_map(|value| NameAddr::parse(value).ok())
        .collect();
    let sip = all.iter().find(|one| one.uri.is_sip()).cloned();
    sip.or_else(|| all.into_iter().next())
}

/// Why a response refuses, for people.
pub(super) fn explain(response: &Message) -> String {
    let code = response.code().unwrap_or(500);
    let warning = response
        .values("Warning")
        .iter()
        .find_map(|value| wire::sip::Warning::parse(value).ok());
    match warning {
        Some(warning) => format!("{}: {}", reason(code), warning.text),
        None => reason(code).to_owned(),
    }
}
