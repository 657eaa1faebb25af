//! A SIP dialog (RFC 3261 12): what both ends remember between INVITE or SUBSCRIBE and the end.

use wire::sip::{Message, NameAddr, Uri};

/// What tells one dialog from another (RFC 3261 12).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Id {
    /// The Call-ID.
    pub call_id: String,
    /// Our tag.
    pub local_tag: String,
    /// The other end's tag; empty when it has none (RFC 3261 12.1.1).
    pub remote_tag: String,
}

impl Id {
    /// The dialog that a received request belongs to; nothing when it has no To tag.
    pub fn of_request(request: &Message) -> Option<Id> {
        Id::read(request, &request.to()?, &request.from()?)
    }

    /// The dialog that a received response belongs to; nothing when it has no From tag.
    pub fn of_response(response: &Message) -> Option<Id> {
        Id::read(response, &response.from()?, &response.to()?)
    }

    fn read(message: &Message, local: &NameAddr, remote: &NameAddr) -> Option<Id> {
        let local_tag = local.tag()?.to_owned();
        let remote_tag = remote.tag().unwrap_or("").to_owned();
        Some(Id {
            call_id: message.call_id()?.to_owned(),
            local_tag,
            remote_tag,
        })
    }
}

/// How far the dialog is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// Made by a provisional response.
    Early,
    /// Made or confirmed by a 2xx.
    Confirmed,
    /// Over.
    Terminated,
}

/// Why a message makes no dialog.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Fault {
    /// Neither Contact nor a way to answer.
    #[error("no readable Contact (RFC 3261 12.1.1)")]
    NoContact,
    /// From or To cannot be read, or our tag is missing.
    #[error("From, To or tag is missing (RFC 3261 12.1)")]
    NoParties,
    /// CSeq or Call-ID cannot be read.
    #[error("CSeq or Call-ID is missing (RFC 3261 12.1)")]
    NoSequence,
    /// The response is no 101 to 299.
    #[error("only a 101 to 299 makes a dialog (RFC 3261 12.1)")]
    WrongResponse,
}

/// What can happen to it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Input<'a> {
    /// A request came inside the dialog.
    Request(&'a Message),
    /// Our 2xx to this INVITE or UPDATE is out: only now does it move the remote target (RFC 3261 12.2.2, RFC 6141 4.9).
    Granted(&'a Message),
    /// A response came to a request inside the dialog, or another to the one that made it.
    Response(&'a Message),
    /// We ended it.
    Ended,
}

/// What follows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Output {
    /// The request is in order; the role answers it.
    Accept,
    /// The request shall get this answer and nothing more.
    Reject {
        /// Status code.
        code: u16,
        /// Reason phrase.
        reason: &'static str,
    },
    /// The other end is at another address now (RFC 3261 12.2).
    TargetChanged,
    /// The dialog is over.
    Terminated,
    /// The input means nothing here, and why.
    Ignored(&'static str),
}

/// One end of a dialog.
#[derive(Clone, Debug)]
pub struct Dialog {
    /// Its name.
    pub id: Id,
    /// How far it is.
    pub state: State,
    /// We, with our tag.
    pub local: NameAddr,
    /// The other end, with its tag.
    pub remote: NameAddr,
    /// Where requests go in the end (the remote target).
    pub target: Uri,
    /// The Route values on the way there, nearest first.
    pub route: Vec<String>,
    /// The number of our last request; 0 before the first.
    pub local_cseq: u32,
    /// The number of the other end's last request, if there was one.
    pub remote_cseq: Option<u32>,
    /// Our Contact value, printed on requests that refresh the target.
    pub contact: String,
}

impl Dialog {
    /// The dialog that a response to our request makes (RFC 3261 12.1.2).
    pub fn uac(request: &Message, response: &Message, contact: &str) -> Result<Dialog, Fault> {
        let code = response
            .code()
            .filter(|code| (101..300).contains(code))
            .ok_or(Fault::WrongResponse)?;
        let local = request.from().ok_or(Fault::NoParties)?;
        let remote = response.to().ok_or(Fault::NoParties)?;
        let id = Id::of_response(response).ok_or(Fault::NoParties)?;
        if id.remote_tag.is_empty() {
            return Err(Fault::NoParties);
        }
        let mut route = response.values("Record-Route");
        route.reverse();
        Ok(Dialog {
            id,
            state: if code < 200 {
                State::Early
            } else {
                State::Confirmed
            },
            local,
            remote,
            target: response.contact().ok_or(Fault::NoContact)?.uri,
            route,
            local_cseq: request.cseq().ok_or(Fault::NoSequence)?.number,
            remote_cseq: None,
            contact: contact.to_owned(),
        })
    }

    /// The dialog that our answer to a request makes (RFC 3261 12.1.1).
    pub fn uas(
        request: &Message,
        local_tag: &str,
        contact: &str,
        confirmed: bool,
    ) -> Result<Dialog, Fault> {
        let mut local = request.to().ok_or(Fault::NoParties)?;
        local.params.set("tag", Some(local_tag.to_owned()));
        let remote = request.from().ok_or(Fault::NoParties)?;
        let call_id = request.call_id().ok_or(Fault::NoSequence)?.to_owned();
        let remote_tag = remote.tag().unwrap_or("").to_owned();
        Ok(Dialog {
            id: Id {
                call_id,
                local_tag: local_tag.to_owned(),
                remote_tag,
            },
            state: if confirmed {
                State::Confirmed
            } else {
                State::Early
            },
            local,
            remote,
            target: request.contact().ok_or(Fault::NoContact)?.uri,
            route: request.values("Record-Route"),
            local_cseq: 0,
            remote_cseq: Some(request.cseq().ok_or(Fault::NoSequence)?.number),
            contact: contact.to_owned(),
        })
    }

    /// The next request inside the dialog (RFC 3261 12.2.1.1); ACK is [`Dialog::ack`].
    pub fn request(&mut self, method: &str) -> Message {
        self.local_cseq += 1;
        let mut message = self.skeleton(method, self.local_cseq);
        if refreshes_target(method) {
            message.push("Contact", self.contact.clone());
        }
        message
    }

    /// The ACK for the 2xx to our INVITE of that number (RFC 3261 13.2.2.4).
    pub fn ack(&self, cseq: u32) -> Message {
        self.skeleton("ACK", cseq)
    }

    /// Where the next request goes: the first route, or else the target (RFC 3261 12.2.1.1).
    pub fn next_hop(&self) -> Uri {
        let first = self
            .route
            .first()
            .and_then(|route| NameAddr::parse(route).ok());
        first.map_or_else(|| self.target.clone(), |route| route.uri)
    }

    /// Takes one input and appends what it causes.
    pub fn handle(&mut self, input: Input<'_>, out: &mut Vec<Output>) {
        match (self.state, input) {
            (State::Terminated, Input::Request(request)) if request.method() != Some("ACK") => {
                out.push(Output::Reject {
                    code: 481,
                    reason: "Call/Transaction Does Not Exist",
                });
            }
            (State::Terminated, _) => out.push(Output::Ignored("the dialog is over")),
            (State::Early | State::Confirmed, Input::Ended) => self.end(out),
            (State::Early | State::Confirmed, Input::Request(request)) => {
                self.receive(request, out)
            }
            (State::Early | State::Confirmed, Input::Granted(request)) => {
                self.retarget(request, out)
            }
            (State::Early | State::Confirmed, Input::Response(response)) => {
                self.answered(response, out)
            }
        }
    }

    // RFC 3261 12.2.2.
    fn receive(&mut self, request: &Message, out: &mut Vec<Output>) {
        let Some(cseq) = request.cseq() else {
            return out.push(Output::Reject {
                code: 400,
                reason: "Bad Request",
            });
        };
        if cseq.method == "ACK" {
            return out.push(Output::Accept);
        }
        if self.remote_cseq.is_some_and(|last| cseq.number <= last) {
            return out.push(Output::Reject {
                code: 500,
                reason: "Server Internal Error",
            });
        }
        self.remote_cseq = Some(cseq.number);
        if refreshes_target(&cseq.method) && !matches!(cseq.method.as_str(), "INVITE" | "UPDATE") {
            self.retarget(request, out);
        }
        out.push(Output::Accept);
        if cseq.method == "BYE" {
            self.end(out);
        }
    }

    // RFC 3261 12.2.1.2, 12.3.
    fn answered(&mut self, response: &Message, out: &mut Vec<Output>) {
        let (Some(code), Some(cseq)) = (response.code(), response.cseq()) else {
            return out.push(Output::Ignored("response without code or CSeq"));
        };
        match code {
            200..=299 => {
                self.confirm(response);
                if refreshes_target(&cseq.method) {
                    self.retarget(response, out);
                }
                if cseq.method == "BYE" {
                    self.end(out);
                }
            }
            408 | 481 => self.end(out),
            300.. if self.state == State::Early && cseq.method == "INVITE" => self.end(out),
            300.. if cseq.method == "BYE" => self.end(out),
            _ => {}
        }
    }

    // RFC 3261 13.2.2.4: the 2xx fixes the route set anew.
    fn confirm(&mut self, response: &Message) {
        if self.state == State::Early && response.cseq().is_some_and(|cseq| cseq.method == "INVITE")
        {
            self.state = State::Confirmed;
            self.route = response.values("Record-Route");
            self.route.reverse();
        }
    }

    fn retarget(&mut self, message: &Message, out: &mut Vec<Output>) {
        let Some(contact) = message.contact() else {
            return;
        };
        if !contact.uri.same_as(&self.target) {
            self.target = contact.uri;
            out.push(Output::TargetChanged);
        }
    }

    fn end(&mut self, out: &mut Vec<Output>) {
        self.state = State::Terminated;
        out.push(Output::Terminated);
    }

    fn skeleton(&self, method: &str, cseq: u32) -> Message {
        let (uri, route) = self.path();
        let mut message = Message::request(method, &uri);
        message.push("Max-Forwards", "70");
        for value in route {
            message.push("Route", value);
        }
        message.push("From", self.local.to_string());
        message.push("To", self.remote.to_string());
        message.push("Call-ID", self.id.call_id.clone());
        message.push("CSeq", format!("{cseq} {method}"));
        message
    }

    // RFC 3261 12.2.1.1: a first hop without `lr` wants to be the Request-URI itself.
    fn path(&self) -> (String, Vec<String>) {
        let target = self.target.to_string();
        let first = self
            .route
            .first()
            .and_then(|route| NameAddr::parse(route).ok());
        match first {
            Some(strict) if !strict.uri.params.has("lr") => {
                let mut route = self.route.get(1..).unwrap_or_default().to_vec();
                route.push(format!("<{target}>"));
                (strict.uri.to_string(), route)
            }
            Some(_) | None => (target, self.route.clone()),
        }
    }
}

/// Whether the method moves the remote target (RFC 3261 12.2, RFC 3311 5.1, RFC 6665 4.4.1, RFC 3515 2.4).
fn refreshes_target(method: &str) -> bool {
    matches!(
        method,
        "INVITE" | "UPDATE" | "SUBSCRIBE" | "NOTIFY" | "REFER"
    )
}
