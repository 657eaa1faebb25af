//! Registering the user's address (RFC 3261 10), and keeping it registered.

use std::time::Duration;

use machines::transactions::Key;
use wire::sip::{Message, NameAddr, Uri};

use super::Client;
use super::general::explain;
use super::means::{Means, Open, Purpose, Task};
use super::upper::Told;

/// What the registrar knows of us.
#[derive(Debug, Default)]
pub(super) struct Registration {
    /// The latest REGISTER, to be sent again.
    request: Option<Message>,
    /// Whether the user has heard that the client is ready.
    told: bool,
}

impl Client {
    /// Registers where credentials are configured; ready when that is done.
    pub(super) fn start(&mut self) {
        match &self.means.config.register {
            Some(credentials) => self.register(credentials.expires),
            None => self.ready(),
        }
    }

    fn ready(&mut self) {
        if !self.registration.told {
            self.registration.told = true;
            let address = self.means.local.sip.to_string();
            self.means.tell(&Told::Ready { address });
        }
    }

    /// Registers anew, or no more with 0.
    pub(super) fn register(&mut self, expires: u32) {
        let request = match self.registration.request.take() {
            Some(mut request) => {
                super::originating::again(&mut request);
                request
            }
            None => first(&mut self.means),
        };
        let mut request = request;
        request.set("Expires", expires.to_string());
        self.registration.request = Some(request.clone());
        self.means.request("", Task::Register, request);
    }

    /// Gives the registration back, if there is one.
    pub(super) fn unregister(&mut self) {
        self.means.disarm(&Purpose::Reregister);
        if self.registration.request.is_some() {
            self.register(0);
        }
    }

    /// The registrar's answer.
    pub(super) fn registered(&mut self, key: Key, open: &Open, response: &Message) {
        let code = response.code().unwrap_or(500);
        if code < 200 {
            return;
        }
        self.means.open.remove(&key);
        let mut latest = open.request.clone();
        latest.remove("Authorization");
        latest.remove("Proxy-Authorization");
        self.registration.request = Some(latest);
        if code >= 300 {
            self.registration.request = None;
            let mut text = explain(response);
            if matches!(code, 401 | 403 | 407) {
                text.push_str("; user or password may be wrong");
            }
            return self.means.notice(format!("not registered: {code} {text}"));
        }
        if open.request.header("Expires") == Some("0") {
            self.registration.request = None;
            return;
        }
        let granted = granted(response, &self.means).unwrap_or(3600);
        let after = u64::from(granted.clamp(SOONEST, LONGEST)) / 2;
        self.means
            .arm(Purpose::Reregister, Duration::from_secs(after));
        self.ready();
    }
}

fn first(means: &mut Means) -> Message {
    let domain = Uri::parse(&means.config.address).map_or_else(
        |_| means.config.address.clone(),
        |uri| format!("{}:{}", uri.scheme, uri.host),
    );
    let mut request = means.initial("REGISTER", &domain, false);
    request.set("To", means.user());
    for name in [
        "Accept-Contact",
        "P-Preferred-Identity",
        "P-Asserted-Identity",
    ] {
        request.remove(name);
    }
    request
}

// RFC 3261 10.2.1.1: the duration of our own Contact, else that of the message.
fn granted(response: &Message, means: &Means) -> Option<u32> {
    let ours = NameAddr::parse(&means.contact()).ok()?;
    let own = response
        .values("Contact")
        .into_iter()
        .take(CONTACTS)
        .find_map(|value| {
            let contact = NameAddr::parse(&value).ok()?;
            let expires = contact.params.value("expires")?.parse().ok();
            expires.filter(|_| contact.uri.same_as(&ours.uri))
        });
    own.or_else(|| response.header("Expires")?.trim().parse().ok())
}

const CONTACTS: usize = 64;
const SOONEST: u32 = 60;
const LONGEST: u32 = 86_400;
