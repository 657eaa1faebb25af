//! The IM client or history function under test: one for each scenario, told line by line what to do.

mod adapters;
mod person;

use std::sync::Arc;
use std::time::Duration;

use machines::port::Transport;
use tokio::sync::mpsc::{Sender, UnboundedReceiver, UnboundedSender, channel, unbounded_channel};
use tokio::task::JoinHandle;
use trace::matchers::user_lines;
use trace::{Direction, Exchange, Protocol};

use crate::core::lock;
use crate::profile::Kind;
use crate::table::Table;
use crate::{Command, Scene, Told};

pub(crate) use person::Prompt;

/// The chair's name in frames and snapshots.
pub(crate) const CHAIR: &str = "user";
/// Seconds of the clock that a client has to say that it is ready.
const START: f64 = 5.0;
/// Lines of the client that may wait to be recorded.
const TOLD: usize = 4096;
/// So long a client may take to fall silent once its user has gone.
const LAST: Duration = Duration::from_secs(3);

/// A client that runs.
pub(crate) struct Client {
    /// What its user does.
    orders: UnboundedSender<String>,
    /// What keeps it alive.
    running: adapters::Running,
    /// Records what it tells, to the last line.
    hearing: JoinHandle<()>,
}

/// What a client is told before it starts.
struct Terms {
    address: String,
    /// On whose behalf a history function calls.
    initiator: String,
    /// XCAP root of the tester's XDMS.
    xdms: String,
    factory: String,
    most: usize,
    proxy: std::net::SocketAddr,
    transport: Transport,
    scale: f64,
    number: usize,
    /// Whether it refuses calls while it is in a session.
    single: bool,
}

/// The two ends of the lines: orders to carry out, and where what is told goes.
struct Lines {
    orders: UnboundedReceiver<String>,
    told: Sender<String>,
}

impl Scene {
    /// Address of the client's user.
    pub fn user_address(&self) -> String {
        self.user(CHAIR)
    }

    /// Starts the client of this scenario, once; false when it does not come up.
    pub async fn client(&mut self) -> bool {
        let recorded = self.recorded.is_some();
        if self.client.is_some() || recorded {
            return self.blocked.is_none() && !recorded;
        }
        let profile = self.lab.profile.clone();
        let terms = self.terms();
        if profile.kind == Kind::History {
            self.lab.xdms.seat(&terms.initiator, &self.table);
        }
        let (orders, waiting) = unbounded_channel();
        let (telling, mut heard) = channel::<String>(TOLD);
        let table = Arc::clone(&self.table);
        let mut remote = self.subject;
        lock(&table.agent).roster = vec![terms.address.clone()];
        let hearing = tokio::spawn(async move {
            while let Some(line) = heard.recv().await {
                table.hear_user(&mut remote, &line);
            }
        });
        let lines = Lines {
            orders: waiting,
            told: telling,
        };
        match adapters::start(&profile, &terms, lines, &self.lab.prompt).await {
            Ok(running) => {
                self.client = Some(Client {
                    orders,
                    running,
                    hearing,
                });
            }
            Err(problem) => {
                self.block(problem);
                return false;
            }
        }
        let ready = self
            .wait(Some(START * self.scale), |ex| {
                told(ex, |event| match event {
                    Told::Ready { address } => Some(address.clone()),
                    _ => None,
                })
            })
            .await;
        match ready.map(|address| address.parse()) {
            Some(Ok(address)) => self.subject = address,
            Some(Err(_)) => self.block("the client names no address where it hears SIP"),
            None => self.block("the client did not say that it is ready"),
        }
        self.blocked.is_none()
    }

    /// What it is told before it starts.
    fn terms(&self) -> Terms {
        let profile = &self.lab.profile;
        Terms {
            address: self.user_address(),
            initiator: self.owner(),
            xdms: self.lab.xdms.root(),
            factory: profile.conference_factory.clone(),
            most: profile.max_participants,
            proxy: self.table.core.address,
            transport: self.table.transport,
            scale: self.scale,
            number: self.table.number,
            single: self.single_session,
        }
    }

    /// The user does something; starts the client first.
    pub async fn user_does(&mut self, command: Command) -> bool {
        if !self.client().await || !self.act() {
            return false;
        }
        let line = command.line();
        let ends = (self.table.core.address, self.subject);
        self.table.record(
            Direction::Sent,
            CHAIR,
            Protocol::User,
            "line",
            ends,
            line.clone().into_bytes(),
        );
        let lines = self
            .table
            .tampered(Direction::Sent, Protocol::User, line.into_bytes());
        let Some(client) = &self.client else {
            return false;
        };
        for line in lines {
            // A client that has gone shows as the message that never comes.
            let _ = client
                .orders
                .send(String::from_utf8_lossy(&line).into_owned());
        }
        true
    }

    /// Waits until the client has told its user something that `seen` takes.
    pub async fn told<T>(&mut self, seen: impl Fn(&Told) -> Option<T>) -> Option<T> {
        self.wait(None, |ex| told(ex, &seen)).await
    }

    /// What the client said it cannot do, if it was asked for that.
    pub fn cannot(&self) -> Option<String> {
        lock(&self.table.cannot).clone()
    }

    /// Lets the client go, when there is one, and hears it out.
    pub(crate) async fn dismiss(&mut self) {
        if let Some(client) = self.client.take() {
            drop(client.orders);
            client.running.stop();
            // A client that goes on talking is not listened to.
            let _ = tokio::time::timeout(LAST, client.hearing).await;
        }
    }
}

/// The first thing told that `seen` takes.
fn told<T>(exchange: &Exchange, seen: impl Fn(&Told) -> Option<T>) -> Option<T> {
    user_lines(exchange, Direction::Received)
        .filter_map(|frame| Told::read(&String::from_utf8_lossy(&frame.bytes)).ok())
        .find_map(|event| seen(&event))
}

impl Table {
    /// Records a line of the client for its user.
    fn hear_user(&self, remote: &mut std::net::SocketAddr, line: &str) {
        let bytes = line.trim_end().as_bytes().to_vec();
        if bytes.is_empty() {
            return;
        }
        for bytes in self.tampered(Direction::Received, Protocol::User, bytes) {
            match Told::read(&String::from_utf8_lossy(&bytes)) {
                Ok(Told::Cannot { action, why }) => {
                    lock(&self.cannot).get_or_insert(format!("the client cannot {action}: {why}"));
                }
                Ok(Told::Ready { address }) => *remote = address.parse().unwrap_or(*remote),
                _ => {}
            }
            let ends = (self.core.address, *remote);
            self.record(
                Direction::Received,
                CHAIR,
                Protocol::User,
                "line",
                ends,
                bytes,
            );
        }
    }
}
