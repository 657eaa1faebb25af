//! A run's subjects and the tester's endpoints beside them, one pair a transport.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use machines::port::{Flow, Transport};
use tokio::sync::{Mutex, watch};
use trace::{Direction, Exchange};
use wire::scan::Scan;

use crate::client::Prompt;
use crate::core::Core;
use crate::profile::{Adapter, Kind, SCENES, Setting};
use crate::pulse::Pulse;
use crate::subject::Subject;
use crate::xdms::Xdms;
use crate::{Profile, Scene, Tamper};

/// Why a run could not begin.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    #[error(
        "the tester cannot listen on {0}: {1}\n  help: free the port, or choose another with `core:` in the profile (and in the subject's configuration)"
    )]
    Bind(std::net::SocketAddr, std::io::Error),
    #[error(
        "the tester's XDMS cannot listen on {0}: {1}\n  help: free the port, or choose another with `xdms:` in the profile (and in the subject's configuration)"
    )]
    BindXdms(std::net::SocketAddr, std::io::Error),
    #[error(
        "the profile names no `sip` address\n  help: add the address the subject listens on, e.g. `sip: 127.0.0.1:5060`"
    )]
    NoAddress,
    #[error(
        "there is no reference of kind `{0}` to embed\n  help: write `adapter: process` or `remote`"
    )]
    NoReference(&'static str),
    #[error("the embedded reference did not start: {0}")]
    Embedded(#[from] net::Error),
    #[error("cannot start the subject `{0}`: {1}\n  help: check `command` in the profile")]
    Start(String, std::io::Error),
    #[error(
        "there is no program `{program}`; a relative path starts at {folder}\n  help: check `command` in the profile, or build it: the reference's im-server comes with `cargo build -p shall-app`"
    )]
    NoProgram { program: String, folder: String },
    #[error(
        "the subject `{0}` {1}\n  help: it must print one line to standard output when it listens"
    )]
    Silent(String, String),
    #[error(
        "{0} does not answer SIP: {1}\n  help: is the subject running, does it listen there, and does its configuration name {2} as its SIP/IP core?"
    )]
    Unreachable(std::net::SocketAddr, String, std::net::SocketAddr),
    #[error(
        "{0} answers SIP, but {1} to a call that alice made to bob, and bob was never invited\n  help: its configuration must name {2} as its SIP/IP core and allow `conference_factory` and `users` of the profile"
    )]
    NoInvitation(std::net::SocketAddr, String, std::net::SocketAddr),
}

/// What a run has learnt of the subject as a conference server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Focus {
    /// Nobody has been let in, and nobody invited.
    Unknown,
    /// It let an inviter in before it invited anybody at all.
    Idle,
    /// It invites.
    Active,
}

impl Focus {
    /// Learns from a message of the subject.
    pub(crate) fn learn(focus: &watch::Sender<Self>, scan: &Scan) {
        let has = |name: &str, text: &str| scan.field(name).is_some_and(|f| f.value.contains(text));
        let found = match scan.code() {
            Some(200..=299) => Self::Idle,
            None if !has("To", ";tag=") => Self::Active,
            _ => return,
        };
        if has("CSeq", "INVITE") {
            focus.send_if_modified(|known| {
                let news = *known != found && *known != Self::Active;
                if news {
                    *known = found;
                }
                news
            });
        }
    }
}

/// A subject's address, the tester's endpoint beside it, and how fast protocol time runs there.
#[derive(Clone)]
pub(crate) struct Stand {
    pub(crate) transport: Transport,
    pub(crate) setting: Setting,
    pub(crate) core: Arc<Core>,
    /// The tester's second place, as the IM server behind a SIP/IP core.
    pub(crate) im_server: Option<Arc<Core>>,
    pub(crate) sip: std::net::SocketAddr,
    pub(crate) scale: f64,
}

impl Stand {
    /// Binds the tester's side; the subject's address is the profile's, or to come.
    async fn open(
        profile: &Profile,
        transport: Transport,
        setting: Setting,
    ) -> Result<Self, LabError> {
        let bind = async |address| {
            let core = Core::bind(address).await;
            core.map_err(|error| LabError::Bind(address, error))
        };
        let core = bind(profile.core).await?;
        let im_server = match profile.kind {
            Kind::Core => Some(bind(profile.im_server).await?),
            _ => None,
        };
        let scale = profile.long_wait_scale.filter(|_| setting.long);
        Ok(Self {
            transport,
            setting,
            sip: profile.sip.unwrap_or(core.address),
            core,
            im_server,
            scale: scale.unwrap_or(profile.time_scale),
        })
    }
}

/// What needs a subject of its own; one that is a process is there once.
fn settings(profile: &Profile, apart: bool) -> Vec<Setting> {
    let split = |all: Vec<Setting>, there: bool, on: fn(&mut Setting)| {
        let twin = |mut setting: Setting| {
            on(&mut setting);
            setting
        };
        let twins: Vec<Setting> = all.iter().copied().filter(|_| there).map(twin).collect();
        [all, twins].concat()
    };
    let own = apart && profile.kind == Kind::Participating;
    let all = split(vec![Setting::default()], own, |s| s.terminating = true);
    let all = split(all, own, |s| s.proxy = true);
    let long = apart && profile.long_wait_scale.is_some();
    split(all, long, |s| s.long = true)
}

/// A scenario as it was recorded.
#[derive(Debug)]
pub struct Recorded {
    pub number: usize,
    pub transport: Transport,
    pub scale: f64,
    pub names: Vec<(String, String)>,
    /// Why it could not go on.
    pub blocked: Option<String>,
    /// What the subject does not offer of what it was asked for.
    pub unable: Option<String>,
    pub exchange: Exchange,
}

/// Everything the scenarios of one run share.
pub struct Lab {
    pub profile: Profile,
    pub began: Instant,
    stands: Vec<Stand>,
    subjects: Mutex<Vec<Subject>>,
    scenes: AtomicUsize,
    pub(crate) focus: watch::Sender<Focus>,
    pub(crate) pulse: Arc<Pulse>,
    pub(crate) xdms: Arc<Xdms>,
    pub(crate) prompt: Prompt,
}

impl Lab {
    /// Binds the tester and starts the subject, for each transport.
    pub async fn open(profile: Profile, transports: &[Transport]) -> Result<Arc<Self>, LabError> {
        let xdms = Xdms::bind(profile.xdms)
            .await
            .map_err(|error| LabError::BindXdms(profile.xdms, error))?;
        let mut stands: Vec<Stand> = Vec::new();
        let mut subjects = Vec::new();
        for &transport in transports {
            // A server that is one process has one core and one clock; embedded ones have their own,
            // and so have clients that are told where the tester listens.
            let told = profile.kind.is_told();
            let apart = profile.adapter == Adapter::Embedded
                || (told && profile.adapter == Adapter::Process && profile.core.port() == 0);
            if !apart && let Some(first) = stands.first().cloned() {
                stands.push(Stand { transport, ..first });
                continue;
            }
            for setting in settings(&profile, apart) {
                let mut stand = Stand::open(&profile, transport, setting).await?;
                // Every scenario starts a client of its own, which then says where it listens.
                if !told {
                    let subject = Subject::start(&profile, &stand, &xdms).await?;
                    stand.sip = subject.sip();
                    subjects.push(subject);
                }
                stands.push(stand);
            }
        }
        // A server that outlives the run must not take the next run's requests for retransmissions.
        let run = match profile.adapter {
            Adapter::Remote | Adapter::Person => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |d| d.as_millis()),
            Adapter::Embedded | Adapter::Process => 0,
        };
        let first = usize::try_from(run).unwrap_or(0).saturating_mul(SCENES) + 1;
        let lab = Self {
            profile,
            began: Instant::now(),
            stands,
            subjects: Mutex::new(subjects),
            scenes: AtomicUsize::new(first),
            focus: watch::channel(Focus::Unknown).0,
            pulse: Pulse::new(),
            xdms,
            prompt: Prompt::default(),
        };
        Ok(Arc::new(lab))
    }

    /// A fresh table for one scenario over `transport`.
    pub fn scene(
        self: &Arc<Self>,
        transport: Transport,
        setting: Setting,
        tamper: Option<Box<dyn Tamper>>,
    ) -> Scene {
        let number = self.scenes.fetch_add(1, Ordering::Relaxed);
        let of = |setting: Setting| {
            let mut stands = self.stands.iter();
            stands.find(|s| s.transport == transport && s.setting == setting)
        };
        // A subject that is one process is what it is, whatever the scenario would like.
        let quick = Setting {
            long: false,
            ..setting
        };
        let stand = of(setting)
            .or_else(|| of(quick))
            .or_else(|| of(Setting::default()))
            .unwrap_or(&self.stands[0]);
        let mut stand = stand.clone();
        if let Some(terminating) = self.profile.terminating.filter(|_| setting.terminating) {
            stand.sip = terminating;
        }
        Scene::new(Arc::clone(self), &stand, number, transport, tamper)
    }

    /// A lab in which nothing is played: its scenes look at what was recorded.
    #[must_use]
    pub fn archive(profile: Profile) -> Arc<Self> {
        let stand = Stand {
            transport: Transport::Udp,
            setting: Setting::default(),
            sip: profile.sip.unwrap_or(profile.core),
            core: Core::absent(profile.core),
            im_server: None,
            scale: profile.time_scale,
        };
        Arc::new(Self {
            xdms: Xdms::absent(profile.xdms),
            profile,
            began: Instant::now(),
            stands: vec![stand],
            subjects: Mutex::default(),
            scenes: AtomicUsize::default(),
            focus: watch::channel(Focus::Unknown).0,
            pulse: Pulse::new(),
            prompt: Prompt::default(),
        })
    }

    /// The scene of a scenario that was played before: Given and When change nothing, Then decides again.
    #[must_use]
    pub fn replay(self: &Arc<Self>, recorded: Recorded) -> Scene {
        let mut stand = self.stands[0].clone();
        stand.scale = recorded.scale;
        let lab = Arc::clone(self);
        let mut scene = Scene::new(lab, &stand, recorded.number, recorded.transport, None);
        scene.remember(recorded);
        scene
    }

    /// Whether scenarios may run side by side: their users and groups must differ.
    #[must_use]
    pub fn concurrent(&self) -> bool {
        self.profile.users.contains("{n}") && self.profile.groups.contains("{n}")
    }

    /// Asks a subject that we did not start for any answer at all, within a few seconds.
    pub async fn reach(self: &Arc<Self>) -> Result<(), LabError> {
        if self.profile.adapter == Adapter::Embedded || self.profile.kind.is_told() {
            return Ok(());
        }
        let mut last = None;
        for Stand {
            transport,
            core,
            sip,
            ..
        } in &self.stands
        {
            let mut scene = self.scene(*transport, Setting::default(), None);
            match scene.knock(Duration::from_secs(3)).await {
                true if self.profile.kind != Kind::Server => return Ok(()),
                true => {
                    let mut scene = self.scene(*transport, Setting::default(), None);
                    return scene.first_call().await;
                }
                false => {
                    let what = heard(&scene.exchange());
                    last = Some(LabError::Unreachable(*sip, what, core.address));
                }
            }
        }
        last.map_or(Ok(()), Err)
    }

    /// What crosses the wire over `transport` when the subject is asked for any answer at all, within a few seconds.
    pub async fn knock(self: &Arc<Self>, transport: Transport) -> Exchange {
        let mut scene = self.scene(transport, Setting::default(), None);
        scene.knock(Duration::from_secs(3)).await;
        scene.exchange()
    }

    /// Stops every subject that this run started.
    pub async fn close(&self) {
        let ends: Vec<_> = self
            .subjects
            .lock()
            .await
            .drain(..)
            .map(|s| tokio::spawn(s.stop()))
            .collect();
        for end in ends {
            // A subject that cannot end cleanly ends with the process.
            let _ = end.await;
        }
    }
}

fn heard(exchange: &Exchange) -> String {
    let received: Vec<String> = exchange
        .frames
        .iter()
        .filter(|f| f.direction == Direction::Received)
        .map(|f| Scan::sip(&f.bytes).start_line())
        .take(1)
        .collect();
    match received.first() {
        Some(line) => format!("it sent {line:?}, which is no answer to the tester's requests"),
        None => "it sent nothing back to OPTIONS and INVITE".to_owned(),
    }
}

pub(crate) fn flow(transport: Transport, remote: std::net::SocketAddr) -> Flow {
    Flow { transport, remote }
}
