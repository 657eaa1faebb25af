//! The way of a request through the core: filters in their order, then the user's contacts or a server's address.

use machines::port::{Flow, Transport};
use machines::proxy::{self, Target};
use machines::transactions::Key;
use wire::sip::{Message, Uri};

use super::config::{Case, DefaultHandling, Filter};
use super::{Core, Purpose, trust};
use crate::controlling::general::Refusal;

/// How far a request has come along the filters of a user; a server that gives it back names this in the Route
/// (TS 24.229 5.4.3.2: original dialog identifier).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Trail {
    pub(super) case: Case,
    pub(super) user: usize,
    /// The filter to look at next.
    pub(super) next: usize,
}

/// A request at an application server, to be taken further when that fails.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    request: Message,
    trail: Trail,
    transport: Transport,
}

/// A request under way: its transaction, and the transport for whoever names none.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) key: Key,
    pub(super) transport: Transport,
    pub(super) request: Message,
    /// Whether it came from inside the trust domain, or from a user who is known.
    pub(super) known: bool,
    /// The user to whom it goes now.
    pub(super) callee: Option<usize>,
}

/// Where a copy went: whether that is inside the trust domain, and to which user.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sent {
    pub(super) inside: bool,
    pub(super) callee: Option<usize>,
}

impl Core {
    /// Gives the request to the server of the first filter that matches, else takes it on.
    pub(super) fn walk(&mut self, job: Job, trail: Trail) {
        let filters = self.config.filters.iter().enumerate().skip(trail.next);
        let mut found = filters.filter(|(_, filter)| filter.matches(trail.case, &job.request));
        let first = found.next().map(|(at, filter)| (at, filter.clone()));
        match first {
            Some((
                at,
                Filter {
                    to: Some(server),
                    default_handling,
                    ..
                },
            )) => {
                let after = Trail {
                    next: at + 1,
                    ..trail
                };
                self.hand_over(job, after, &server, default_handling);
            }
            Some((_, Filter { to: None, .. })) | None => self.after_filters(job, trail),
        }
    }

    fn hand_over(&mut self, job: Job, after: Trail, server: &str, otherwise: DefaultHandling) {
        let Some(flow) = Uri::parse(server).ok().and_then(|uri| self.hop_to(&uri)) else {
            self.warn(format!(
                "the filter's server {server} has no address; write its IP"
            ));
            return self.refuse(job.key, &job.request, Refusal::new(500));
        };
        let mark = self.ids.msrp_session();
        self.trails.insert(mark.clone(), after);
        self.arm(Purpose::Trail(mark.clone()), TRAIL);
        let routes = vec![
            format!("<{}>", loose(server)),
            format!("<sip:{mark}@{};lr>", self.local),
        ];
        if otherwise == DefaultHandling::Continue {
            let waiting = Waiting {
                request: job.request.clone(),
                trail: after,
                transport: job.transport,
            };
            self.waiting.insert(job.key, waiting);
        }
        self.forward(
            job,
            Target {
                uri: None,
                routes,
                flow,
            },
        );
    }

    fn after_filters(&mut self, job: Job, trail: Trail) {
        let asked = self.asked_user(&job.request);
        match trail.case {
            Case::TerminatingRegistered | Case::TerminatingUnregistered
                if asked == Some(trail.user) =>
            {
                self.deliver(job, trail.user);
            }
            _ => self.terminate(job),
        }
    }

    /// Towards whom the Request-URI names: a user, a server by a route, or an address.
    pub(super) fn terminate(&mut self, job: Job) {
        if let Some(user) = self.asked_user(&job.request) {
            let case = if self.location.of(user).is_empty() {
                Case::TerminatingUnregistered
            } else {
                Case::TerminatingRegistered
            };
            let trail = Trail {
                case,
                user,
                next: 0,
            };
            return self.walk(job, trail);
        }
        let asked = job.request.uri().and_then(|uri| Uri::parse(uri).ok());
        let Some(asked) = asked else {
            return self.refuse(job.key, &job.request, Refusal::new(400));
        };
        if let Some(server) = self.routed(&asked) {
            let routes = vec![format!("<{}>", loose(&server.to_string()))];
            let Some(flow) = self.hop_to(&server) else {
                self.warn(format!(
                    "the route's server {server} has no address; write its IP"
                ));
                return self.refuse(job.key, &job.request, Refusal::new(500));
            };
            return self.forward(
                job,
                Target {
                    uri: None,
                    routes,
                    flow,
                },
            );
        }
        match proxy::next_hop(&job.request, job.transport) {
            Some(flow) if !self.proxy.is_own(&asked) && job.known => {
                let target = Target {
                    uri: None,
                    routes: Vec::new(),
                    flow,
                };
                self.forward(job, target);
            }
            Some(_) if !self.proxy.is_own(&asked) => {
                self.warn(format!(
                    "a request from outside for {asked} is refused: the core serves its own domain"
                ));
                self.refuse(job.key, &job.request, Refusal::new(403));
            }
            _ => {
                self.warn(format!(
                    "nobody serves {asked}; add a user or a route for it"
                ));
                self.refuse(job.key, &job.request, Refusal::new(404));
            }
        }
    }

    /// To every contact of the user that can take it.
    fn deliver(&mut self, job: Job, user: usize) {
        let bindings = self.location.of(user);
        let targets: Vec<Target> = bindings
            .iter()
            .map(|binding| {
                let uri = &binding.contact.uri;
                let named = address(uri, binding.flow.transport);
                Target {
                    uri: Some(uri.to_string()),
                    routes: Vec::new(),
                    flow: named.unwrap_or(binding.flow),
                }
            })
            .collect();
        if targets.is_empty() {
            return self.refuse(job.key, &job.request, Refusal::new(480));
        }
        for target in targets {
            let copy = Job {
                request: job.request.clone(),
                callee: Some(user),
                ..job
            };
            self.forward(copy, target);
        }
    }

    /// Sends a copy on, with us in its Record-Route when it may begin a dialog.
    pub(super) fn forward(&mut self, job: Job, target: Target) {
        let Job {
            key,
            mut request,
            callee,
            ..
        } = job;
        let inside = self.trust.reaches(target.flow);
        if !inside {
            trust::keep_private(&mut request);
        }
        let begins = match request.method() {
            Some("INVITE" | "SUBSCRIBE" | "REFER") => {
                request.to().is_some_and(|to| to.tag().is_none())
            }
            // RFC 6665 4.3: it may come before the answer to its SUBSCRIBE, and make the dialog.
            Some("NOTIFY") => true,
            _ => false,
        };
        let own = begins.then(|| format!("<sip:{};lr>", self.local));
        let proxy = &mut self.proxy;
        let (layer, out) = (&mut self.layer, &mut self.spoken);
        match proxy.forward(key, request, target, own, layer, out) {
            Ok(branch) => drop(self.sent.insert(branch, Sent { inside, callee })),
            Err(refusal) => self.respond(key, refusal),
        }
        self.sort();
    }

    /// What becomes of a request whose server failed: it goes on without that server, if its filter says so.
    pub(super) fn go_on(&mut self, key: Key, code: u16) -> bool {
        let Some(waiting) = self.waiting.remove(&key) else {
            return false;
        };
        if code != 408 && code / 100 != 5 {
            return false;
        }
        let method = waiting.request.method().unwrap_or_default();
        self.warn(format!(
            "an application server does not take a {method} ({code}); it goes on without, as its filter says"
        ));
        let job = Job {
            key,
            transport: waiting.transport,
            request: waiting.request,
            known: true,
            callee: None,
        };
        self.walk(job, waiting.trail);
        true
    }

    fn asked_user(&self, request: &Message) -> Option<usize> {
        let asked = Uri::parse(request.uri()?).ok()?;
        self.user_of(&asked)
    }

    // An address before a host.
    fn routed(&self, asked: &Uri) -> Option<Uri> {
        let routes = self.config.routes.iter();
        let read = routes
            .filter_map(|route| Some((Uri::parse(&route.uri).ok()?, Uri::parse(&route.to).ok()?)));
        let fits = |(uri, _): &(Uri, Uri)| {
            uri.host.eq_ignore_ascii_case(&asked.host)
                && (uri.user.is_none() || uri.user == asked.user)
        };
        let best = read.filter(fits).max_by_key(|(uri, _)| uri.user.is_some());
        best.map(|(_, to)| to)
    }

    /// Where a URI with an address leads; by UDP when it names no transport.
    pub(super) fn hop_to(&self, uri: &Uri) -> Option<Flow> {
        address(uri, Transport::Udp)
    }
}

fn address(uri: &Uri, otherwise: Transport) -> Option<Flow> {
    proxy::next_hop(&Message::request("OPTIONS", &uri.to_string()), otherwise)
}

// RFC 3261 16.12: a Route that leaves the Request-URI alone.
fn loose(server: &str) -> String {
    if server.contains(";lr") {
        server.to_owned()
    } else {
        format!("{server};lr")
    }
}

/// How long a server may keep a request before it gives it back: longer than an INVITE may ring.
const TRAIL: std::time::Duration = std::time::Duration::from_secs(240);
