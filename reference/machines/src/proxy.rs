//! A stateful proxy over the transaction layer (RFC 3261 16): requests go on, responses come back, the best one wins.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use wire::sip::{Message, NameAddr, Uri};

use crate::identifiers::COOKIE;
use crate::port::{self, Flow, TimerId};
use crate::transaction::LIFETIME;
use crate::transactions::{Key, Layer, Output};

mod best;
mod copy;

pub use copy::next_hop;

/// Where a copy of a request goes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target {
    /// The new Request-URI; the old one stays when there is none.
    pub uri: Option<String>,
    /// What to push above the Route that is there, topmost first: `<sip:192.0.2.1;lr>`.
    pub routes: Vec<String>,
    /// To where the copy is sent; [`next_hop`] says what its Route or Request-URI asks for.
    pub flow: Flow,
}

/// Every branch has ended, and none with a 2xx: to be given back with [`Proxy::pass`], or to be forwarded elsewhere.
#[derive(Clone, PartialEq, Debug)]
pub struct Final {
    /// The transaction of the request.
    pub key: Key,
    /// The best of the responses, without our Via.
    pub response: Message,
    /// Whether the request was cancelled in the meantime, so that it should go nowhere else.
    pub cancelled: bool,
}

/// The requests on their way through one node; its transactions are those of a [`Layer::for_proxy`].
#[derive(Debug)]
pub struct Proxy {
    local: SocketAddr,
    names: Vec<String>,
    contexts: HashMap<Key, Context>,
    /// The transaction that received what this one sent on.
    origins: HashMap<Key, Key>,
}

/// One request and its copies (RFC 3261 16: response context).
#[derive(Debug)]
struct Context {
    invite: bool,
    copies: Vec<Key>,
    open: Vec<Key>,
    finals: Vec<Message>,
    passed: bool,
    cancelled: bool,
}

impl Proxy {
    /// A proxy that is called by the address it listens on, and by these host names.
    pub fn new(local: SocketAddr, names: Vec<String>) -> Proxy {
        Proxy {
            local,
            names,
            contexts: HashMap::new(),
            origins: HashMap::new(),
        }
    }

    /// Whether the URI names this proxy, whatever its user part and parameters say.
    pub fn is_own(&self, uri: &Uri) -> bool {
        let port = uri.port.unwrap_or(5060);
        let host = uri.host.trim_matches(['[', ']']);
        let named = self
            .names
            .iter()
            .any(|name| name.eq_ignore_ascii_case(host));
        let ours = host.parse() == Ok(self.local.ip());
        uri.is_sip() && (ours && port == self.local.port() || named && uri.port.is_none())
    }

    /// What a proxy checks before anything else (RFC 3261 16.3), in the request as it was received; the error is the
    /// response to give: 400, 416, 420, 482 or 483.
    pub fn validate(&self, request: &Message) -> Result<(), Message> {
        let refuse = |code, reason| Message::response(request, code, reason);
        let uri = request.uri().and_then(|uri| Uri::parse(uri).ok());
        if uri.is_some_and(|uri| !uri.is_sip() && !uri.scheme.eq_ignore_ascii_case("tel")) {
            return Err(refuse(416, "Unsupported URI Scheme"));
        }
        match request
            .header("Max-Forwards")
            .map(|hops| hops.trim().parse::<u8>())
        {
            Some(Ok(0)) => return Err(refuse(483, "Too Many Hops")),
            Some(Err(_)) => return Err(refuse(400, "Bad Max-Forwards")),
            Some(Ok(_)) | None => {}
        }
        if copy::passed(request, self.local) {
            return Err(refuse(482, "Loop Detected"));
        }
        let unknown = request.values("Proxy-Require");
        if !unknown.is_empty() {
            return Err(refuse(420, "Bad Extension").with("Unsupported", unknown.join(", ")));
        }
        Ok(())
    }

    /// Takes our own values from the top of the Route, and gives them back in order; undoes first what a strict router
    /// did to the Request-URI (RFC 3261 16.4).
    pub fn take_routes(&self, request: &mut Message) -> Vec<Uri> {
        let mut routes = request.values("Route");
        let asked = request.uri().and_then(|uri| Uri::parse(uri).ok());
        let swapped = asked.filter(|uri| self.is_own(uri) && uri.params.has("lr"));
        if let (Some(own), Some(last)) = (swapped, routes.last().and_then(|it| uri_of(it))) {
            routes.pop();
            routes.insert(0, format!("<{own}>"));
            copy::readdress(request, &last.to_string());
        }
        let own: Vec<Uri> = routes
            .iter()
            .map_while(|route| uri_of(route).filter(|uri| self.is_own(uri)))
            .collect();
        request.remove("Route");
        for route in routes.into_iter().skip(own.len()) {
            request.push("Route", route);
        }
        own
    }

    /// Sends a copy of the request on (RFC 3261 16.6) and keeps what its responses need; several copies of one request
    /// fork it. The error is the response to give.
    pub fn forward(
        &mut self,
        key: Key,
        request: Message,
        target: Target,
        record_route: Option<String>,
        layer: &mut Layer,
        out: &mut Vec<Output>,
    ) -> Result<Key, Message> {
        let Some(received) = layer.request_of(key) else {
            return Err(Message::response(&request, 500, "Server Internal Error"));
        };
        self.validate(received)?;
        let mark = copy::mark(received);
        let invite = received.method() == Some("INVITE");
        let context = self.contexts.entry(key).or_insert_with(|| Context {
            invite,
            copies: Vec::new(),
            open: Vec::new(),
            finals: Vec::new(),
            passed: false,
            cancelled: false,
        });
        if context.cancelled {
            return Err(Message::response(&request, 487, "Request Terminated"));
        }
        if context.copies.len() >= BRANCHES {
            return Err(Message::response(&request, 500, "Too Many Branches"));
        }
        let flow = target.flow;
        let copy = copy::of(request, target, record_route);
        let branch = layer.forward(copy, flow, &format!(".{mark}"), out);
        context.open.push(branch);
        context.copies.push(branch);
        self.origins.insert(branch, key);
        if invite {
            arm(calling(branch), TIMER_C, out);
        }
        Ok(branch)
    }

    /// Sends on a request that has no transaction: the ACK to a 2xx (RFC 3261 16.11). One that may go no further is
    /// dropped.
    pub fn relay(&self, ack: Message, target: Target, layer: &Layer, out: &mut Vec<Output>) {
        if self.validate(&ack).is_err() {
            return out.push(Output::Port(port::Output::Ignored(
                "an ACK that loops".into(),
            )));
        }
        let received = ack.via().and_then(|via| via.branch().map(str::to_owned));
        let branch = format!("{COOKIE}{}.{}", copy::hash(&received), copy::mark(&ack));
        let flow = target.flow;
        layer.relay(copy::of(ack, target, None), flow, &branch, out);
    }

    /// The transaction that received what this one sent on.
    pub fn origin(&self, branch: Key) -> Option<Key> {
        self.origins.get(&branch).copied()
    }

    /// Takes a response to a copy (RFC 3261 16.7): a provisional one and a 2xx go back at once, of the others the best
    /// is given when no branch is left.
    pub fn response(
        &mut self,
        branch: Key,
        mut message: Message,
        layer: &mut Layer,
        out: &mut Vec<Output>,
    ) -> Option<Final> {
        let key = *self.origins.get(&branch)?;
        let context = self.contexts.get_mut(&key)?;
        let code = message.code()?;
        copy::drop_via(&mut message);
        match code {
            ..=100 => {}
            101..=199 => {
                if context.invite && context.open.contains(&branch) {
                    arm(calling(branch), TIMER_C, out);
                }
                if !context.passed {
                    layer.pass(key, &message, out);
                }
            }
            200..=299 if context.invite || !context.passed => {
                context.passed = true;
                layer.pass(key, &message, out);
                self.ended(key, branch, out);
                self.cancel_rest(key, layer, out);
                self.linger(key, out);
            }
            _ => {
                context.finals.push(message);
                self.ended(key, branch, out);
                if code >= 600 {
                    self.cancel_rest(key, layer, out);
                }
                return self.conclude(key);
            }
        }
        None
    }

    /// Takes a branch to which nobody answered as if the answer had been this code (RFC 3261 16.8, 16.9).
    pub fn failed(
        &mut self,
        branch: Key,
        code: u16,
        layer: &mut Layer,
        out: &mut Vec<Output>,
    ) -> Option<Final> {
        let key = *self.origins.get(&branch)?;
        let reason = if code == 408 {
            "Request Timeout"
        } else {
            "Service Unavailable"
        };
        let response = Message::response(layer.request_of(key)?, code, reason);
        let context = self.contexts.get_mut(&key)?;
        context.finals.push(best::tagged(response, layer.tag(key)));
        self.ended(key, branch, out);
        self.conclude(key)
    }

    /// Gives back a final response that is no 2xx, and forgets the request.
    pub fn pass(&mut self, last: &Final, layer: &mut Layer, out: &mut Vec<Output>) {
        layer.pass(last.key, &last.response, out);
        self.forget(last.key);
    }

    /// Cancels what is open of a request that was cancelled (RFC 3261 16.10); false when nothing of it was forwarded, so
    /// that the caller answers 487.
    pub fn cancelled(&mut self, key: Key, layer: &mut Layer, out: &mut Vec<Output>) -> bool {
        let Some(context) = self.contexts.get_mut(&key) else {
            return false;
        };
        context.cancelled = true;
        self.cancel_rest(key, layer, out);
        true
    }

    /// Whether the timer is the proxy's.
    pub fn owns(timer: TimerId) -> bool {
        !Layer::owns(timer) && timer.0 & PROXY != 0
    }

    /// Takes a timer: an INVITE that rings too long is cancelled (timer C, RFC 3261 16.8), one that was accepted long
    /// ago is forgotten.
    pub fn fired(&mut self, timer: TimerId, layer: &mut Layer, out: &mut Vec<Output>) {
        let key = Key(timer.0 & !(PROXY | LINGER));
        if timer.0 & LINGER != 0 {
            self.forget(key);
        } else {
            layer.cancel(key, out);
        }
    }

    /// How many requests are on their way.
    pub fn len(&self) -> usize {
        self.contexts.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.contexts.is_empty()
    }

    fn ended(&mut self, key: Key, branch: Key, out: &mut Vec<Output>) {
        let Some(context) = self.contexts.get_mut(&key) else {
            return;
        };
        if context.invite && context.open.contains(&branch) {
            out.push(Output::Port(port::Output::Disarm(calling(branch))));
        }
        context.open.retain(|open| *open != branch);
    }

    fn cancel_rest(&mut self, key: Key, layer: &mut Layer, out: &mut Vec<Output>) {
        let Some(context) = self.contexts.get(&key).filter(|context| context.invite) else {
            return;
        };
        for branch in &context.open {
            layer.cancel(*branch, out);
        }
    }

    // A 2xx may come again as long as the transactions live; other requests get one answer.
    fn linger(&mut self, key: Key, out: &mut Vec<Output>) {
        match self.contexts.get(&key) {
            Some(context) if context.invite => arm(lingering(key), LIFETIME, out),
            Some(_) | None => self.forget(key),
        }
    }

    fn conclude(&mut self, key: Key) -> Option<Final> {
        let context = self.contexts.get_mut(&key)?;
        if !context.open.is_empty() || context.passed {
            return None;
        }
        let cancelled = context.cancelled;
        let response = best::of(std::mem::take(&mut context.finals))?;
        Some(Final {
            key,
            response,
            cancelled,
        })
    }

    fn forget(&mut self, key: Key) {
        let copies = self.contexts.remove(&key).map(|context| context.copies);
        for branch in copies.into_iter().flatten() {
            self.origins.remove(&branch);
        }
    }
}

fn uri_of(route: &str) -> Option<Uri> {
    NameAddr::parse(route).ok().map(|route| route.uri)
}

fn arm(timer: TimerId, after: Duration, out: &mut Vec<Output>) {
    out.push(Output::Port(port::Output::Arm { timer, after }));
}

fn calling(branch: Key) -> TimerId {
    TimerId(PROXY | branch.0)
}

fn lingering(key: Key) -> TimerId {
    TimerId(PROXY | LINGER | key.0)
}

/// How long a forwarded INVITE may ring after its latest provisional response: more than 3 minutes (RFC 3261 16.6).
pub const TIMER_C: Duration = Duration::from_secs(181);

/// The most copies of one request.
pub const BRANCHES: usize = 16;

// Below the bit of the layer, above the numbers that a role counts.
const PROXY: u64 = 1 << 62;
const LINGER: u64 = 1 << 61;
