//! Core, senders and clients of this job on one socket: offers messages, registers users, takes what is delivered.

use std::collections::BTreeMap;
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use super::ledger::Ledger;
use super::sip::{self, Heard};

/// How often an unanswered request is sent again, and how often the core refreshes the registrations.
const AGAIN: Duration = Duration::from_millis(100);
const REFRESH: Duration = Duration::from_millis(60);
/// Offers that wait for their answer.
const OUTSTANDING: usize = 16;

/// The side of the wire that is not the server.
pub(super) struct Network {
    socket: UdpSocket,
    own: SocketAddr,
    pub(super) port: u16,
    users: u64,
    /// Unanswered offers: what was sent, and when last.
    open: BTreeMap<u64, (String, Instant)>,
    next: u64,
    registers: u64,
}

impl Network {
    pub(super) fn open(users: u64) -> Result<Network, String> {
        let socket = UdpSocket::bind("127.0.0.1:0").map_err(|fault| fault.to_string())?;
        let own = socket.local_addr().map_err(|fault| fault.to_string())?;
        let wait = Some(Duration::from_millis(5));
        socket
            .set_read_timeout(wait)
            .map_err(|fault| fault.to_string())?;
        Ok(Network {
            socket,
            own,
            port: own.port(),
            users,
            open: BTreeMap::new(),
            next: 0,
            registers: 0,
        })
    }

    /// Talks with one life of the server until `end`, or until messages below `offered` are settled when that is all of them.
    pub(super) fn talk(
        &mut self,
        ledger: &mut Ledger,
        server: SocketAddr,
        offered: u64,
        end: Instant,
    ) -> Result<(), String> {
        let last = offered == ledger.entries.len() as u64;
        let mut refresh = Instant::now();
        while Instant::now() < end && !(last && ledger.settled(offered)) {
            if Instant::now() >= refresh {
                self.register(ledger, server)?;
                refresh = Instant::now() + REFRESH;
            }
            self.offer(ledger, server, offered)?;
            let mut buffer = [0; 65_536];
            // Only the read's time limit ends it otherwise.
            while let Ok((length, from)) = self.socket.recv_from(&mut buffer) {
                self.hear(ledger, &buffer[..length], from)?;
                if self.open.len() < OUTSTANDING || Instant::now() >= end {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Hears what a server has said before it was killed.
    pub(super) fn drain(&mut self, ledger: &mut Ledger) -> Result<(), String> {
        let mut buffer = [0; 65_536];
        while let Ok((length, from)) = self.socket.recv_from(&mut buffer) {
            self.hear(ledger, &buffer[..length], from)?;
        }
        Ok(())
    }

    fn send(&self, text: &str, to: SocketAddr) -> Result<(), String> {
        let sent = self.socket.send_to(text.as_bytes(), to);
        sent.map(drop).map_err(|fault| fault.to_string())
    }

    /// The core says who is there.
    fn register(&mut self, ledger: &Ledger, server: SocketAddr) -> Result<(), String> {
        for user in (0..self.users).filter(|user| ledger.is_there(*user)) {
            self.registers += 1;
            let register = sip::register(self.registers, user, self.own, server);
            self.send(&register, server)?;
        }
        Ok(())
    }

    fn offer(&mut self, ledger: &mut Ledger, server: SocketAddr, limit: u64) -> Result<(), String> {
        let now = Instant::now();
        while self.open.len() < OUTSTANDING && self.next < limit {
            let (number, user) = (self.next, ledger.user(self.next));
            let text = sip::message(number, user, self.own, server);
            self.send(&text, server)?;
            ledger.offered(number);
            self.open.insert(number, (text, now));
            self.next += 1;
        }
        let mut again = Vec::new();
        for (text, sent) in self.open.values_mut() {
            if now.duration_since(*sent) >= AGAIN {
                *sent = now;
                again.push(text.clone());
            }
        }
        again.iter().try_for_each(|text| self.send(text, server))
    }

    fn hear(&mut self, ledger: &mut Ledger, bytes: &[u8], from: SocketAddr) -> Result<(), String> {
        let heard = Heard::of(bytes);
        if let Some(code) = heard.code() {
            let number = heard.branch().strip_prefix("z9hG4bK-m");
            let number = number.and_then(|number| number.parse().ok());
            // A refused one is offered again, by the transaction that it has.
            if let Some(number) = number.filter(|_| code >= 200)
                && ledger.answered(number, code)
            {
                self.open.remove(&number);
            }
            return Ok(());
        }
        if heard.method() == "MESSAGE" {
            if !ledger.is_there(heard.user()) {
                return self.send(&heard.response(480, "Temporarily Unavailable"), from);
            }
            ledger.delivered(&heard.identity(), heard.branch(), heard.body());
            return self.send(&heard.response(200, "OK"), from);
        }
        Ok(())
    }
}
