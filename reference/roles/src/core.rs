//! A small SIP/IP core: registrar, location service, proxy with initial filter criteria, and the trust boundary.

mod config;
mod gate;
mod location;
mod means;
mod registrar;
mod third_party;
mod trust;
mod way;

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

use machines::port::{Flow, Input, Local, Node, Output};
use machines::proxy::{self, Final, Proxy, Target};
use machines::timers::Timers;
use machines::transactions::{self, Event, Key, Layer};
use wire::sip::{Message, NameAddr, Uri};

use crate::controlling::general::Refusal;
use crate::identifiers::Identifiers;

pub use config::{Algorithm, Case, Config, DefaultHandling, FEATURE, Filter, Route, User};
use gate::Gate;
use location::Location;
use third_party::Told;
use trust::Trust;
use way::{Job, Sent, Trail, Waiting};

/// What a timer is for.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Purpose {
    /// The next second.
    Tick,
    /// Warnings may be given again.
    Quiet,
    /// A request that an application server may give back.
    Trail(String),
}

/// A SIP/IP core; its warnings to the operator are lines for its user.
#[derive(Debug)]
pub struct Core {
    config: Config,
    /// Whose each public user identity is.
    users: HashMap<String, usize>,
    local: SocketAddr,
    ids: Identifiers,
    layer: Layer,
    proxy: Proxy,
    gate: Gate,
    trust: Trust,
    location: Location,
    told: Told,
    trails: HashMap<String, Trail>,
    waiting: HashMap<Key, Waiting>,
    sent: HashMap<Key, Sent>,
    /// Which open requests came from inside the trust domain.
    inside: HashMap<Key, bool>,
    /// Seconds since the start, counted as long as something depends on them.
    now: u64,
    /// Until when a nonce may be used.
    nonces: u64,
    ticking: bool,
    warnings: usize,
    timers: Timers<Purpose>,
    spoken: Vec<transactions::Output>,
    events: VecDeque<Event>,
    out: Vec<Output>,
}

impl Core {
    /// A core without registrations; `local` are the addresses it prints.
    pub fn new(config: Config, local: Local) -> Self {
        let mut ids = Identifiers::new(config.seed, 0);
        let names = vec![config.domain.clone()];
        Self {
            local: local.sip,
            users: means::users(&config),
            layer: Layer::for_proxy(local.sip, ids.fork()),
            proxy: Proxy::new(local.sip, names),
            gate: Gate::new(ids.boundary()),
            trust: Trust::new(&config),
            ids,
            config,
            location: Location::default(),
            told: Told::default(),
            trails: HashMap::new(),
            waiting: HashMap::new(),
            sent: HashMap::new(),
            inside: HashMap::new(),
            now: 0,
            nonces: 0,
            ticking: false,
            warnings: 0,
            timers: Timers::new(),
            spoken: Vec::new(),
            events: VecDeque::new(),
            out: Vec::new(),
        }
    }

    fn take(&mut self, input: Input) {
        match input {
            Input::Sip { flow, message } => {
                self.with_layer(|layer, out| layer.receive(flow, message, out));
            }
            Input::Malformed { flow, .. } => {
                self.ignore(format!("no SIP message from {}", flow.remote))
            }
            Input::SendFailed { flow } => {
                self.with_layer(|layer, out| layer.send_failed(flow, out))
            }
            Input::Fired(timer) if Layer::owns(timer) => {
                self.with_layer(|layer, out| layer.fired(timer, out));
            }
            Input::Fired(timer) if Proxy::owns(timer) => {
                self.proxy.fired(timer, &mut self.layer, &mut self.spoken);
                self.sort();
            }
            Input::Fired(timer) => match self.timers.fired(timer) {
                Some(purpose) => self.fired(purpose),
                None => self.ignore("a timer that was disarmed"),
            },
            Input::Shutdown => self.out.push(Output::Done),
            _ => self.ignore("a core speaks SIP only"),
        }
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Request { key, flow, message } => self.request(key, flow, message),
            Event::Response { key, message } => self.response(key, message),
            Event::Ack { flow, message, .. } => self.acknowledge(flow, message),
            Event::Cancel { key, .. } => self.cancelled(key),
            Event::Timeout(key) => self.failed(key, 408),
            Event::SendFailed(key) => self.failed(key, 503),
            Event::Unacknowledged(_) => {}
        }
    }

    // RFC 3261 16.10.
    fn cancelled(&mut self, key: Key) {
        let (layer, out) = (&mut self.layer, &mut self.spoken);
        let forwarded = self.proxy.cancelled(key, layer, out);
        let request = self.layer.request_of(key).cloned();
        if let Some(request) = request.filter(|_| !forwarded) {
            self.refuse(key, &request, Refusal::new(487));
        }
        self.sort();
    }

    // RFC 3261 16.3 to 16.6.
    fn request(&mut self, key: Key, flow: Flow, mut message: Message) {
        if let Err(refusal) = self.proxy.validate(&message) {
            self.warn_of_loop(flow, &message, &refusal);
            return self.respond(key, refusal);
        }
        let own = self.proxy.take_routes(&mut message);
        let inside = self.trust.admits(flow, &message);
        self.note(key, inside);
        let ours = message.uri().and_then(|uri| Uri::parse(uri).ok());
        let ours = ours.is_some_and(|uri| self.proxy.is_own(&uri) && uri.user.is_none());
        match message.method() {
            Some("REGISTER") if ours && message.header("Route").is_none() => {
                return self.register(key, flow, &message);
            }
            Some("OPTIONS") if ours => {
                let response = Message::response(&message, 200, "OK");
                return self.respond(key, response);
            }
            _ => {}
        }
        let begins = message.to().is_some_and(|to| to.tag().is_none());
        let sender = match self.sender(key, flow, &mut message, inside, begins) {
            Ok(sender) => sender,
            Err(Challenged) => return,
        };
        let known = inside || sender.is_some();
        let job = Job {
            key,
            transport: flow.transport,
            request: message,
            known,
            callee: None,
        };
        if !begins {
            return self.along(job, !own.is_empty());
        }
        self.begin(job, inside, sender, &own);
    }

    // A request that begins something: where it left off, from its sender's filters, or straight to its receiver.
    fn begin(&mut self, job: Job, inside: bool, sender: Option<usize>, own: &[Uri]) {
        let marks = own.iter().rev().filter_map(|uri| uri.user.as_ref());
        let trail = marks
            .filter_map(|mark| self.trails.get(mark))
            .next()
            .copied();
        if let (true, Some(trail)) = (inside, trail) {
            return self.walk(job, trail);
        }
        if job.request.header("Route").is_some() {
            return self.along(job, false);
        }
        let orig = own.iter().any(|uri| uri.params.has("orig"));
        match sender {
            Some(user) if !inside || orig => {
                let case = Case::Originating;
                self.walk(
                    job,
                    Trail {
                        case,
                        user,
                        next: 0,
                    },
                );
            }
            _ => self.terminate(job),
        }
    }

    // RFC 3261 16.6 step 7: by its Route, or to its target.
    fn along(&mut self, job: Job, on_our_way: bool) {
        let hop = proxy::next_hop(&job.request, job.transport);
        let asked = job.request.uri().unwrap_or_default().to_owned();
        let callee = Uri::parse(&asked).ok();
        let callee = callee.and_then(|target| self.location.with(&target));
        match hop.filter(|_| on_our_way || job.known) {
            Some(flow) => {
                let target = Target {
                    uri: None,
                    routes: Vec::new(),
                    flow,
                };
                self.forward(Job { callee, ..job }, target);
            }
            None if hop.is_some() => {
                self.warn(format!(
                    "a request for {asked} from a sender who is unknown is refused; the core carries what begins with its users and servers"
                ));
                self.refuse(job.key, &job.request, Refusal::new(403));
            }
            None => self.refuse(job.key, &job.request, Refusal::new(481)),
        }
    }

    /// Which user sent it, with that user's identity put in. A user who is not known is asked to prove it, when the
    /// request begins something and says that it is from one of ours.
    fn sender(
        &mut self,
        key: Key,
        flow: Flow,
        message: &mut Message,
        inside: bool,
        begins: bool,
    ) -> Result<Option<usize>, Challenged> {
        if inside {
            let asserted = message.values(trust::ASSERTED).into_iter();
            let mut asserted = asserted.filter_map(|value| NameAddr::parse(&value).ok());
            return Ok(asserted.find_map(|asserted| self.user_of(&asserted.uri)));
        }
        if trust::strip(message) {
            self.warn(format!(
                "P-Asserted-Identity from {} is taken off; add that address to `trusted` if it is a server of yours",
                flow.remote
            ));
        }
        let proves = message.header(gate::credentials(message)).is_some();
        let from = message.from().map(|from| from.uri);
        let local = from.as_ref().is_some_and(|from| self.is_local(from));
        let named = from.and_then(|from| self.user_of(&from));
        let user = match self.location.at(flow, named) {
            Some(user) if !proves => Some(user),
            _ if begins && (proves || local) => match self.authenticated(key, flow, message) {
                Some(user) => Some(user),
                None => return Err(Challenged),
            },
            other => other,
        };
        message.remove("Proxy-Authorization");
        match user {
            Some(user) => trust::assert(message, &self.config.users[user].identities),
            None => message.remove("P-Preferred-Identity"),
        }
        Ok(user)
    }

    fn acknowledge(&mut self, flow: Flow, mut message: Message) {
        self.proxy.take_routes(&mut message);
        if !self.trust.admits(flow, &message) {
            trust::strip(&mut message);
        }
        match proxy::next_hop(&message, flow.transport) {
            Some(flow) => {
                let target = Target {
                    uri: None,
                    routes: Vec::new(),
                    flow,
                };
                self.proxy
                    .relay(message, target, &self.layer, &mut self.spoken);
                self.sort();
            }
            None => self.ignore("an ACK for nobody"),
        }
    }

    // RFC 3261 16.7, with identities only from those and to those who may.
    fn response(&mut self, branch: Key, mut message: Message) {
        let code = message.code().unwrap_or(500);
        if self.told_server(branch, code) {
            return;
        }
        let sent = self.sent.get(&branch).copied();
        if !sent.is_some_and(|sent| sent.inside) {
            trust::strip(&mut message);
            let callee = sent.and_then(|sent| sent.callee);
            if let Some(user) = callee.filter(|_| code > 100) {
                trust::assert(&mut message, &self.config.users[user].identities);
            }
        }
        if let Some(key) = self.proxy.origin(branch)
            && self.inside.get(&key) != Some(&true)
        {
            trust::keep_private(&mut message);
        }
        let (layer, out) = (&mut self.layer, &mut self.spoken);
        let last = self.proxy.response(branch, message, layer, out);
        self.conclude(last);
    }

    fn failed(&mut self, branch: Key, code: u16) {
        if self.told_server(branch, code) {
            return;
        }
        let (layer, out) = (&mut self.layer, &mut self.spoken);
        let last = self.proxy.failed(branch, code, layer, out);
        self.conclude(last);
    }

    fn conclude(&mut self, last: Option<Final>) {
        if let Some(last) = last {
            let code = last.response.code().unwrap_or(500);
            if last.cancelled || !self.go_on(last.key, code) {
                self.proxy.pass(&last, &mut self.layer, &mut self.spoken);
            }
        }
        self.sort();
    }

    fn fired(&mut self, purpose: Purpose) {
        match purpose {
            Purpose::Trail(mark) => drop(self.trails.remove(&mark)),
            Purpose::Quiet => self.quiet(),
            Purpose::Tick => {
                self.ticking = false;
                self.now += 1;
                for user in self.location.expire(self.now) {
                    let identity = self.config.users[user].identities[0].clone();
                    let cause =
                        Message::request("REGISTER", "").with("To", format!("<{identity}>"));
                    self.tell_servers(user, &cause);
                }
                self.tick();
            }
        }
    }

    /// Counts the seconds as long as a registration or a nonce depends on them.
    fn tick(&mut self) {
        let needed = !self.location.is_empty() || self.now < self.nonces;
        if needed && !self.ticking {
            self.ticking = true;
            self.arm(Purpose::Tick, Duration::from_secs(1));
        }
    }
}

/// The request has been answered with a challenge.
#[derive(Debug)]
struct Challenged;

impl Node for Core {
    fn handle(&mut self, input: Input, out: &mut Vec<Output>) {
        self.take(input);
        while let Some(event) = self.events.pop_front() {
            self.event(event);
        }
        out.append(&mut self.out);
    }
}
