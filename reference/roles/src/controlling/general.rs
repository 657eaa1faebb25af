//! What every response of the controlling function carries (7.2.1.1), and how refusals are printed.

use machines::transactions::Key;
use wire::sip::Message;

use crate::Config;
use crate::means::Means;

/// A request that is turned down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl Refusal {
    pub(crate) fn new(code: u16) -> Self {
        Self {
            code,
            headers: Vec::new(),
        }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

impl Means {
    /// Turns a request down.
    pub(crate) fn refuse(&mut self, key: Key, request: &Message, refusal: Refusal) {
        let mut response = Message::response(request, refusal.code, reason(refusal.code));
        for (name, value) in refusal.headers {
            response.push(name, value);
        }
        response.push("Server", self.config.release.clone());
        self.respond(key, response);
    }

    /// A 200 without anything special.
    pub(crate) fn accept(&mut self, key: Key, request: &Message) {
        let response =
            Message::response(request, 200, "OK").with("Server", self.config.release.clone());
        self.respond(key, response);
    }
}

/// The headers that a 1xx and a 200 to the INVITE have in common.
pub(crate) fn response(
    config: &Config,
    request: &Message,
    code: u16,
    asserted: &str,
    identity: &str,
) -> Message {
    // 7.2.1.1/server-sends-1xx/1, 7.2.1.1/server-sends-200/1
    let mut response = Message::response(request, code, reason(code));
    // RFC 3261 12.1.1: a response that makes a dialog repeats the Record-Route.
    let routes: Vec<String> = request.headers("Record-Route").map(str::to_owned).collect();
    for route in routes {
        response.push("Record-Route", route);
    }
    // 7.2.1.1/server-sends-1xx/5, 7.2.1.1/server-sends-200/5
    response.push("Contact", contact(identity));
    // 7.2.1.1/server-sends-1xx/4a and 4b, 7.2.1.1/server-sends-200/4a and 4b
    response.push("P-Asserted-Identity", format!("<{asserted}>"));
    // 7.2.1.1/server-sends-1xx/3, 7.2.1.1/server-sends-200/2
    response.push("Allow", ALLOW);
    // 7.2.1.1/server-sends-1xx/2, 7.2.1.1/server-sends-200/6
    response.push("Server", config.release.clone());
    response
}

/// The focus in Contact: the IM Session Identity and both feature tags (RFC 4579 5).
pub(crate) fn contact(identity: &str) -> String {
    format!("<{identity}>;isfocus;+g.oma.sip-im")
}

/// The methods in the Allow headers of a message, 7.2.1.1/on-invite/1 and 7.2.2.2/on-200/1.
pub(crate) fn allowed(message: &Message) -> Vec<String> {
    message
        .values("Allow")
        .into_iter()
        .take(ALLOW_LIMIT)
        .collect()
}

/// The reason phrase of RFC 3261 21 for a code.
pub(crate) fn reason(code: u16) -> &'static str {
    match code {
        180 => "Ringing",
        200 => "OK",
        202 => "Accepted",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        410 => "Gone",
        413 => "Request Entity Too Large",
        415 => "Unsupported Media Type",
        420 => "Bad Extension",
        422 => "Session Interval Too Small",
        423 => "Interval Too Brief",
        480 => "Temporarily Unavailable",
        481 => "Call/Transaction Does Not Exist",
        482 => "Loop Detected",
        486 => "Busy Here",
        487 => "Request Terminated",
        488 => "Not Acceptable Here",
        489 => "Bad Event",
        491 => "Request Pending",
        500 => "Server Internal Error",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        504 => "Server Time-out",
        600 => "Busy Everywhere",
        603 => "Decline",
        604 => "Does Not Exist Anywhere",
        606 => "Not Acceptable",
        _ => "Failure",
    }
}

/// The methods that the server answers.
pub(crate) const ALLOW: &str =
    "INVITE, ACK, CANCEL, BYE, UPDATE, OPTIONS, SUBSCRIBE, REFER, MESSAGE";

/// The immediate feature tag demand on whoever is invited (RFC 3841 9.2).
pub(crate) const ACCEPT_CONTACT: &str = "*;+g.oma.sip-im;require;explicit";

/// The bodies that an INVITE may have.
pub(crate) const ACCEPT: &str = "application/sdp, multipart/mixed, application/resource-lists+xml";

const ALLOW_LIMIT: usize = 64;
