//! One scenario: its table of chairs, its exchange, and the checks that judge it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use machines::port::{Flow, Transport};
use tokio::sync::{mpsc, watch};
use trace::{Direction, Exchange, Finding, Frame, Held, Protocol};
use wire::scan::Scan;
use wire::sip::Message;

use crate::agent::{Agent, Call, Reply, Side};
use crate::core::{Core, lock, user_key};
use crate::lab::{Focus, Lab};
use crate::msrp::Endpoint;
use crate::{Manner, Tamper};

/// Frames a scenario may record; a subject that floods is cut off, and that is evidence too.
const FRAMES: usize = 20_000;
/// A real wait never ends sooner than this, however fast protocol time runs.
const FLOOR: Duration = Duration::from_millis(1500);

/// What is left of a wait for a subject that has shown itself no conference server.
const GRACE: Duration = Duration::from_millis(1000);
/// Seconds of protocol time that the end of a scenario may wait for messages still on their way.
pub(crate) const LINGER: f64 = 4.0;

/// What the sockets and the steps share.
pub(crate) struct Table {
    pub(crate) number: usize,
    pub(crate) transport: Transport,
    pub(crate) core: Arc<Core>,
    began: Instant,
    exchange: Mutex<Exchange>,
    grown: watch::Sender<usize>,
    pub(crate) focus: watch::Sender<Focus>,
    pub(crate) agent: Mutex<Agent>,
    tamper: Mutex<Option<Box<dyn Tamper>>>,
    users: Mutex<BTreeMap<String, String>>,
    outgoing: mpsc::UnboundedSender<(Flow, Vec<u8>)>,
}

impl Table {
    pub(crate) fn via(&self) -> String {
        let token = if self.transport == Transport::Udp {
            "UDP"
        } else {
            "TCP"
        };
        format!("SIP/2.0/{token} {};rport", self.core.address)
    }

    pub(crate) fn record(
        &self,
        direction: Direction,
        chair: &str,
        protocol: Protocol,
        transport: &str,
        ends: (SocketAddr, SocketAddr),
        bytes: Vec<u8>,
    ) {
        let mut exchange = lock(&self.exchange);
        let index = exchange.frames.len();
        if index >= FRAMES {
            return;
        }
        let at_us = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX);
        let (chair, transport) = (chair.to_owned(), transport.to_owned());
        exchange.frames.push(Frame {
            index,
            at_us,
            direction,
            chair,
            protocol,
            transport,
            local: ends.0,
            remote: ends.1,
            bytes,
        });
        drop(exchange);
        self.grown.send_replace(index + 1);
    }

    pub(crate) fn tampered(
        &self,
        direction: Direction,
        protocol: Protocol,
        bytes: Vec<u8>,
    ) -> Vec<Vec<u8>> {
        match (lock(&self.tamper).as_mut(), direction) {
            (None, _) => vec![bytes],
            (Some(tamper), Direction::Received) => tamper.from_subject(protocol, &bytes),
            (Some(tamper), Direction::Sent) => tamper.to_subject(protocol, &bytes),
        }
    }

    pub(crate) fn receive_sip(&self, bytes: &[u8], flow: Flow) {
        for bytes in self.tampered(Direction::Received, Protocol::Sip, bytes.to_vec()) {
            let scan = Scan::sip(&bytes);
            let chair = self.chair_of(&scan);
            Focus::learn(&self.focus, &scan);
            self.record(
                Direction::Received,
                &chair,
                Protocol::Sip,
                name(flow.transport),
                (self.core.address, flow.remote),
                bytes.clone(),
            );
            let Ok(message) = Message::parse(&bytes) else {
                continue;
            };
            let replies =
                lock(&self.agent).receive(self.number, &chair, &message, flow, &self.via());
            for reply in replies {
                self.send_sip(reply);
            }
        }
    }

    pub(crate) fn send_sip(&self, (chair, flow, bytes): Reply) {
        self.record(
            Direction::Sent,
            &chair,
            Protocol::Sip,
            name(flow.transport),
            (self.core.address, flow.remote),
            bytes.clone(),
        );
        for bytes in self.tampered(Direction::Sent, Protocol::Sip, bytes) {
            // The queue ends with the scene; a message after that has nobody to judge it.
            let _ = self.outgoing.send((flow, bytes));
        }
    }

    fn chair_of(&self, scan: &Scan) -> String {
        let users = lock(&self.users);
        let order: [&str; 2] = if scan.is_request() {
            ["To", "From"]
        } else {
            ["From", "To"]
        };
        order
            .iter()
            .find_map(|field| {
                scan.field(field)
                    .and_then(|f| users.get(&user_key(&f.value)).cloned())
            })
            .unwrap_or_else(|| "core".to_owned())
    }
}

fn name(transport: Transport) -> &'static str {
    match transport {
        Transport::Udp => "udp",
        Transport::Tcp => "tcp",
    }
}

type Matcher = Box<dyn Fn(&Exchange) -> Finding + Send + Sync>;

/// A clause and what the exchange says of it.
pub struct Checked {
    pub clause: String,
    pub line: usize,
    pub text: String,
    pub finding: Finding,
}

struct Check {
    clause: String,
    line: usize,
    text: String,
    matcher: Matcher,
}

/// A scenario being played; made by [`Lab::scene`].
pub struct Scene {
    pub(crate) table: Arc<Table>,
    pub lab: Arc<Lab>,
    /// Where the subject listens.
    pub subject: SocketAddr,
    /// How much faster than the clock protocol time runs here.
    pub scale: f64,
    manners: BTreeMap<String, Manner>,
    endpoints: BTreeMap<String, Endpoint>,
    checks: Vec<Check>,
    /// Why the scenario could not go on, once it could not.
    pub blocked: Option<String>,
    exhausted: bool,
    calls: usize,
}

impl std::fmt::Debug for Scene {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scene")
            .field("number", &self.table.number)
            .finish_non_exhaustive()
    }
}

impl Scene {
    pub(crate) fn new(
        lab: Arc<Lab>,
        core: Arc<Core>,
        subject: SocketAddr,
        scale: f64,
        number: usize,
        transport: Transport,
        tamper: Option<Box<dyn Tamper>>,
    ) -> Self {
        let (outgoing, mut queue) = mpsc::unbounded_channel::<(Flow, Vec<u8>)>();
        let sender = Arc::clone(&core);
        tokio::spawn(async move {
            while let Some((flow, bytes)) = queue.recv().await {
                // What could not be sent shows as the answer that never comes.
                let _ = sender.send(flow, bytes).await;
            }
        });
        let table = Arc::new(Table {
            number,
            transport,
            core,
            began: lab.began,
            exchange: Mutex::default(),
            grown: watch::channel(0).0,
            focus: lab.focus.clone(),
            agent: Mutex::default(),
            tamper: Mutex::new(tamper),
            users: Mutex::default(),
            outgoing,
        });
        Self {
            table,
            lab,
            subject,
            scale,
            manners: BTreeMap::new(),
            endpoints: BTreeMap::new(),
            checks: Vec::new(),
            blocked: None,
            exhausted: false,
            calls: 0,
        }
    }

    /// Address of a chair, which takes its seat when first named.
    pub fn user(&self, chair: &str) -> String {
        let profile = &self.lab.profile;
        let address = if chair == "mallory" {
            profile.barred_user.clone()
        } else {
            profile.user(chair, self.table.number)
        };
        let mut users = lock(&self.table.users);
        if users.insert(user_key(&address), chair.to_owned()).is_none() && chair != "mallory" {
            self.table.core.seat_user(&address, &self.table);
        }
        address
    }

    /// Addresses of this scenario and the chairs they show as in snapshots.
    pub fn names(&self) -> Vec<(String, String)> {
        lock(&self.table.users)
            .iter()
            .map(|(address, chair)| (address.clone(), chair.clone()))
            .collect()
    }

    pub fn manner(&mut self, chair: &str) -> &mut Manner {
        self.manners.entry(chair.to_owned()).or_default()
    }

    pub(crate) fn manner_of(&self, chair: &str) -> Manner {
        self.manners.get(chair).cloned().unwrap_or_default()
    }

    pub(crate) async fn endpoint(&mut self, chair: &str) -> std::io::Result<&mut Endpoint> {
        if !self.endpoints.contains_key(chair) {
            let endpoint =
                Endpoint::bind(Arc::clone(&self.table), chair, self.table.core.address.ip())
                    .await?;
            self.endpoints.insert(chair.to_owned(), endpoint);
        }
        self.endpoints
            .get_mut(chair)
            .ok_or_else(|| std::io::ErrorKind::NotFound.into())
    }

    /// A copy of what crossed the wire so far.
    pub fn exchange(&self) -> Exchange {
        lock(&self.table.exchange).clone()
    }

    /// How long a message that the protocol demands may take.
    fn patience(&self) -> Duration {
        // Every transaction is over after 64 * T1 (RFC 3261 17.1.1.2, 17.1.2.2).
        Duration::from_secs_f64(32.0 / self.scale).max(FLOOR)
    }

    /// Waits until `seen` holds; the only wait there is. `None` when the protocol's time is up.
    pub async fn wait<T>(
        &mut self,
        limit: Option<f64>,
        seen: impl Fn(&Exchange) -> Option<T>,
    ) -> Option<T> {
        let mut grown = self.table.grown.subscribe();
        let mut focus = self.table.focus.subscribe();
        let scale = self.scale;
        let patience = limit.map_or_else(
            || self.patience(),
            |s| Duration::from_secs_f64(s / scale).max(FLOOR),
        );
        let deadline = tokio::time::Instant::now() + patience;
        let mut hopeless = None;
        loop {
            grown.borrow_and_update();
            if let Some(found) = seen(&lock(&self.table.exchange)) {
                return Some(found);
            }
            if self.blocked.is_some() || self.exhausted {
                return None;
            }
            let mut end = deadline;
            if *focus.borrow_and_update() == Focus::Idle {
                let since = *hopeless.get_or_insert_with(tokio::time::Instant::now);
                end = end.min(since + GRACE);
            }
            let news = async {
                tokio::select! {
                    _ = grown.changed() => {}
                    _ = focus.changed() => {}
                }
            };
            if tokio::time::timeout_at(end, news).await.is_err() {
                return None;
            }
        }
    }

    /// Something new happens at the table, so that waiting makes sense again.
    pub fn act(&mut self) -> bool {
        self.exhausted = false;
        self.blocked.is_none()
    }

    /// The scenario cannot go on; what needs more is inconclusive for this reason.
    pub fn block(&mut self, reason: impl Into<String>) {
        self.blocked.get_or_insert(reason.into());
    }

    /// Judges `clause` by `matcher`, waiting while what it speaks of has not been seen.
    pub async fn check(
        &mut self,
        clause: &str,
        line: usize,
        text: &str,
        matcher: impl Fn(&Exchange) -> Finding + Send + Sync + 'static,
    ) {
        let seen = self
            .wait(None, |ex| (matcher(ex).held != Held::Missing).then_some(()))
            .await;
        self.exhausted |= seen.is_none();
        self.checks.push(Check {
            clause: clause.to_owned(),
            line,
            text: text.to_owned(),
            matcher: Box::new(matcher),
        });
    }

    /// Leaves every call, then judges each check again over the whole exchange.
    pub async fn finish(&mut self) -> Vec<Checked> {
        self.exhausted = false;
        let reason = self.blocked.take();
        self.hang_up().await;
        self.blocked = reason;
        self.table.core.leave(&self.table);
        let exchange = self.exchange();
        let checked = |check: Check| Checked {
            finding: (check.matcher)(&exchange),
            clause: check.clause,
            line: check.line,
            text: check.text,
        };
        self.checks.drain(..).map(checked).collect()
    }

    /// Ends what is open: callers leave first, then guests one by one until the subject ends the session.
    async fn hang_up(&mut self) {
        self.settle().await;
        for call in self.open(Side::Caller) {
            match call.code {
                Some(_) => self.bye(&call.call_id).await,
                None if call.remote_tag.is_some() => self.cancel(&call.call_id).await,
                None => {}
            }
        }
        loop {
            self.settle().await;
            let guests = self.open(Side::Called);
            // A session is known by the subject's Contact, the IM Session Identity.
            let shared = guests.iter().find(|call| {
                let company = guests.iter().filter(|other| other.target == call.target);
                company.count() > 1
            });
            let Some(first) = shared.or(guests.first()) else {
                break;
            };
            // The subject ends a session that has one participant left.
            if shared.is_none() {
                let (table, id) = (Arc::clone(&self.table), first.call_id.clone());
                let gone = move |_: &Exchange| {
                    lock(&table.agent)
                        .call_mut(&id)
                        .is_none_or(|call| call.ended)
                        .then_some(())
                };
                if self.wait(Some(LINGER), gone).await.is_some() {
                    continue;
                }
            }
            let id = first.call_id.clone();
            self.bye(&id).await;
            if let Some(call) = lock(&self.table.agent).call_mut(&id) {
                call.ended = true;
            }
        }
    }

    /// Calls of this side that have a session, or may get one.
    fn open(&self, side: Side) -> Vec<Call> {
        let agent = lock(&self.table.agent);
        let wanted = |c: &&Call| c.side == side && !c.ended && c.request.method() == Some("INVITE");
        agent
            .calls
            .iter()
            .filter(wanted)
            .filter(|c| side == Side::Caller || c.code.is_some())
            .cloned()
            .collect()
    }

    /// Waits until everything that was asked is answered.
    async fn settle(&mut self) {
        self.wait(Some(LINGER), |ex| trace::settled(ex).then_some(()))
            .await;
    }

    pub(crate) fn next_call_id(&mut self) -> String {
        self.calls += 1;
        let call_id = format!(
            "{}x{}@{}",
            self.table.number,
            self.calls,
            self.table.core.address.ip()
        );
        self.table.core.seat_call(&call_id, &self.table);
        call_id
    }
}
