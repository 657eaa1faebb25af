//! One scenario: its table of chairs, its exchange, and the checks that judge it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use machines::port::{Flow, Transport};
use tokio::sync::{mpsc, watch};
use trace::{Exchange, Finding, Held};

use crate::client::Client;
use crate::core::{Core, lock, user_key};
use crate::lab::{Focus, Lab, Recorded, Stand};
use crate::msrp::Endpoint;
use crate::profile::{Adapter, Kind};
use crate::pulse::QUIET;
use crate::table::Table;
use crate::xdms::OWNER;
use crate::{Manner, Tamper};

/// A real wait never ends sooner than this, however fast protocol time runs.
const FLOOR: Duration = Duration::from_millis(2000);

/// A person may take this long to read what to do and to do it.
const PERSON: Duration = Duration::from_secs(120);
/// What is left of a wait for a subject that has shown itself no conference server.
const GRACE: Duration = Duration::from_millis(400);
/// Seconds of protocol time that the end of a scenario may wait for messages still on their way.
pub(crate) const LINGER: f64 = 4.0;

type Matcher = Box<dyn Fn(&Exchange) -> Finding + Send + Sync>;

/// A clause and what the exchange says of it.
pub struct Checked {
    pub clause: String,
    pub line: usize,
    pub text: String,
    pub finding: Finding,
}

pub(crate) struct Check {
    pub(crate) clause: String,
    pub(crate) line: usize,
    pub(crate) text: String,
    pub(crate) matcher: Matcher,
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
    /// Those that chairs have moved away from; their connections are still read.
    former: Vec<Endpoint>,
    pub(crate) checks: Vec<Check>,
    /// Why the scenario could not go on, once it could not.
    pub blocked: Option<String>,
    pub(crate) exhausted: bool,
    calls: usize,
    pub(crate) client: Option<Client>,
    /// The client shall refuse calls while it is in a session; an embedded one can be told so.
    pub single_session: bool,
    /// Its names, when it was played before and is only judged again.
    pub(crate) recorded: Option<Vec<(String, String)>>,
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
        stand: &Stand,
        number: usize,
        transport: Transport,
        tamper: Option<Box<dyn Tamper>>,
    ) -> Self {
        let (outgoing, mut queue) = mpsc::unbounded_channel::<(Arc<Core>, Flow, Vec<u8>)>();
        tokio::spawn(async move {
            while let Some((sender, flow, bytes)) = queue.recv().await {
                // What could not be sent shows as the answer that never comes.
                let _ = sender.send(flow, bytes).await;
            }
        });
        let table = Arc::new(Table {
            number,
            transport,
            core: Arc::clone(&stand.core),
            im_server: stand.im_server.clone(),
            began: lab.began,
            exchange: Mutex::default(),
            grown: watch::channel(0).0,
            focus: lab.focus.clone(),
            pulse: Arc::clone(&lab.pulse),
            agent: Mutex::default(),
            tamper: Mutex::new(tamper),
            users: Mutex::default(),
            groups: Mutex::default(),
            documents: Mutex::default(),
            puts: Mutex::default(),
            kind: lab.profile.kind,
            closings: AtomicBool::default(),
            cannot: Mutex::default(),
            outgoing,
        });
        Self {
            table,
            lab,
            subject: stand.sip,
            scale: stand.scale,
            manners: BTreeMap::new(),
            endpoints: BTreeMap::new(),
            former: Vec::new(),
            checks: Vec::new(),
            blocked: None,
            exhausted: false,
            calls: 0,
            client: None,
            single_session: false,
            recorded: None,
        }
    }

    /// Number in the addresses of its users.
    #[must_use]
    pub fn number(&self) -> usize {
        self.table.number
    }

    /// Takes what was seen when it was played.
    pub(crate) fn remember(&mut self, recorded: Recorded) {
        self.recorded = Some(recorded.names.clone());
        self.blocked = recorded.blocked;
        *lock(&self.table.cannot) = recorded.unable;
        *lock(&self.table.users) = recorded.names.into_iter().collect();
        *lock(&self.table.exchange) = recorded.exchange;
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
        // The user of a client sits at no chair of the tester's, nor does the one whose history it is.
        if matches!(chair, "user" | OWNER) {
            drop(users);
            self.table.seat_user(&address);
        } else if users.insert(user_key(&address), chair.to_owned()).is_none() && chair != "mallory"
        {
            self.table.seat_user(&address);
        }
        address
    }

    /// Addresses of this scenario and the chairs and groups they show as in snapshots.
    pub fn names(&self) -> Vec<(String, String)> {
        if let Some(names) = &self.recorded {
            return names.clone();
        }
        let users = lock(&self.table.users).clone();
        let of = |chair| user_key(&self.lab.profile.user(chair, self.table.number));
        let (user, owner) = (of("user"), of(OWNER));
        // The client's own Contact may have the user part at another host.
        let part = user.split('@').next().unwrap_or_default().to_owned();
        let own = [
            (user, "user".to_owned()),
            (part, "user".to_owned()),
            (owner, OWNER.to_owned()),
        ];
        let own = own.into_iter().filter(|_| self.table.kind.is_told());
        // Names of digest authentication, and of contacts, stand without the host.
        let parts = users.iter().map(|(address, chair)| {
            let part = address.split('@').next().unwrap_or_default();
            (part.to_owned(), chair.clone())
        });
        let parts: Vec<(String, String)> =
            parts.filter(|_| self.table.kind == Kind::Core).collect();
        let all = users.into_iter().chain(own).chain(parts);
        all.chain(self.group_names()).collect()
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

    pub(crate) async fn renew_endpoint(&mut self, chair: &str) -> std::io::Result<()> {
        let next = self.endpoint(chair).await?.renewed().await?;
        let former = self.endpoints.insert(chair.to_owned(), next);
        self.former.extend(former);
        Ok(())
    }

    /// A copy of what crossed the wire so far.
    pub fn exchange(&self) -> Exchange {
        lock(&self.table.exchange).clone()
    }

    /// How long a message that the protocol demands may take.
    fn patience(&self) -> Duration {
        // Every transaction is over after 64 * T1 (RFC 3261 17.1.1.2, 17.1.2.2).
        let least = match self.lab.profile.adapter {
            Adapter::Person => PERSON,
            Adapter::Embedded | Adapter::Process | Adapter::Remote => FLOOR,
        };
        Duration::from_secs_f64(32.0 / self.scale).max(least)
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
            let unable = lock(&self.table.cannot).is_some();
            if self.blocked.is_some() || self.exhausted || unable || self.recorded.is_some() {
                return None;
            }
            if self.table.pulse.gone() {
                self.block("the subject no longer answers");
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
            let pause = tokio::time::Instant::now() + QUIET;
            if tokio::time::timeout_at(end.min(pause), news).await.is_err() {
                if end <= pause {
                    return None;
                }
                self.lab.listen_for_life(self.table.transport).await;
            }
        }
    }

    /// Something new happens at the table, so that waiting makes sense again.
    pub fn act(&mut self) -> bool {
        self.exhausted = false;
        self.blocked.is_none() && self.recorded.is_none() && lock(&self.table.cannot).is_none()
    }

    /// The scenario cannot go on; what needs more is inconclusive for this reason.
    pub fn block(&mut self, reason: impl Into<String>) {
        if self.recorded.is_none() {
            self.blocked.get_or_insert(reason.into());
        }
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

    pub(crate) fn next_call_id(&mut self) -> String {
        self.calls += 1;
        let call_id = format!(
            "{}x{}@{}",
            self.table.number,
            self.calls,
            self.table.core.address.ip()
        );
        self.table.seat_call(&call_id);
        call_id
    }
}
