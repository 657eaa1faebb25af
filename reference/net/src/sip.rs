//! SIP over UDP and TCP: receives, sends, and keeps the open connections by their far end.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError, RwLock};

use machines::port::{Flow, Input, Transport};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use wire::Framed;
use wire::sip::Message;

use crate::connection;
use crate::hub::{Event, Hub};
use crate::outbox::{Item, Outbox, Pushed};
use crate::seats::Seat;
use crate::stream::Reader;
use crate::trace::{Cause, Caused, Mark, Place, Protocol};
use crate::{refusal, via};

pub(crate) struct Sip {
    udp: Arc<UdpSocket>,
    local: SocketAddr,
    connections: RwLock<HashMap<SocketAddr, Arc<Outbox>>>,
}

impl Sip {
    pub(crate) fn new(udp: Arc<UdpSocket>, local: SocketAddr) -> Sip {
        Sip {
            udp,
            local,
            connections: RwLock::default(),
        }
    }

    fn find(&self, remote: SocketAddr) -> Option<Arc<Outbox>> {
        self.connections
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&remote)
            .cloned()
    }

    fn insert(&self, remote: SocketAddr, outbox: &Arc<Outbox>) {
        self.connections
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(remote, Arc::clone(outbox));
    }

    fn remove(&self, remote: SocketAddr, outbox: &Arc<Outbox>) {
        let mut connections = self
            .connections
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if connections
            .get(&remote)
            .is_some_and(|known| Arc::ptr_eq(known, outbox))
        {
            connections.remove(&remote);
        }
    }

    /// Sends a datagram; a full socket loses it, as the network may.
    pub(crate) fn send_udp(
        &self,
        hub: &Hub,
        bytes: &[u8],
        remote: SocketAddr,
        mark: Mark,
    ) -> io::Result<()> {
        match self.udp.try_send_to(bytes, self.reachable(remote)) {
            Ok(_) => {
                hub.teller.sent(Some(self.place(remote)), mark, bytes);
                Ok(())
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                hub.count.lost.fetch_add(1, Ordering::Relaxed);
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    fn place(&self, remote: SocketAddr) -> Place {
        Place {
            protocol: Protocol::Sip,
            transport: Transport::Udp,
            local: self.local,
            remote,
        }
    }

    /// An IPv6 socket reaches an IPv4 peer by its mapped address.
    fn reachable(&self, remote: SocketAddr) -> SocketAddr {
        match remote.ip() {
            IpAddr::V4(ip) if self.local.is_ipv6() => {
                SocketAddr::new(ip.to_ipv6_mapped().into(), remote.port())
            }
            _ => remote,
        }
    }
}

/// Sends over the open connection to `remote`, or opens one.
pub(crate) fn send_tcp(hub: &Arc<Hub>, remote: SocketAddr, item: Item) {
    let item = match hub.sip.find(remote) {
        Some(outbox) => match outbox.push(item) {
            Pushed::Queued | Pushed::Full => return,
            Pushed::Refused(item) => item,
        },
        None => item,
    };
    // RFC 3261 18.2.2: a response whose connection is gone goes to the address in its Via.
    let to = match item.bytes.starts_with(b"SIP/2.0 ") {
        true => via::reconnect(&item.bytes, remote).unwrap_or(remote),
        false => remote,
    };
    let item = match hub.sip.find(to).filter(|_| to != remote) {
        Some(outbox) => match outbox.push(item) {
            Pushed::Queued | Pushed::Full => return,
            Pushed::Refused(item) => item,
        },
        None => item,
    };
    open(hub, to, item);
}

fn open(hub: &Arc<Hub>, to: SocketAddr, item: Item) {
    let outbox = Arc::new(Outbox::default());
    outbox.push(item);
    hub.sip.insert(to, &outbox);
    let hub = Arc::clone(hub);
    let task = Arc::clone(&hub);
    hub.spawn_polite(async move {
        let local = task.sip.local.ip();
        match (
            connection::connect(&task, local, to).await,
            seat(&task, &outbox),
        ) {
            (Ok(stream), Some(seat)) => converse(&task, stream, to, outbox, seat).await,
            _ => {
                task.sip.remove(to, &outbox);
                report_unsent(&task, &outbox, true).await;
            }
        }
    });
}

/// Tells the senders of what was left; a request that never found a connection may go over UDP instead.
async fn report_unsent(hub: &Hub, outbox: &Outbox, never_connected: bool) {
    for item in outbox.unsent() {
        if let Some(origin) = item.origin {
            let fallback = origin.fallback.filter(|_| never_connected);
            hub.tell(origin.shard, Event::Unsent(origin.flow, fallback))
                .await;
        }
    }
}

fn seat(hub: &Hub, outbox: &Arc<Outbox>) -> Option<Seat> {
    let taken = hub.seats.take(outbox, true);
    if taken.as_ref().is_none_or(|(_, crowded)| *crowded) {
        hub.count.refused.fetch_add(1, Ordering::Relaxed);
    }
    taken.map(|(seat, _)| seat)
}

/// Accepts SIP connections for ever.
pub(crate) async fn accept(hub: Arc<Hub>, listener: TcpListener) {
    loop {
        let (stream, remote) = connection::accept(&listener).await;
        let outbox = Arc::new(Outbox::default());
        let Some(seat) = seat(&hub, &outbox) else {
            continue;
        };
        let remote = canonical(remote);
        hub.sip.insert(remote, &outbox);
        let task = Arc::clone(&hub);
        hub.spawn_polite(async move { converse(&task, stream, remote, outbox, seat).await });
    }
}

async fn converse(
    hub: &Hub,
    stream: TcpStream,
    remote: SocketAddr,
    outbox: Arc<Outbox>,
    seat: Seat,
) {
    let reading = read(hub, &stream, remote, &outbox, &seat);
    let place = Place::of(Protocol::Sip, &stream);
    let moved = |item: &Item| {
        seat.spoke();
        hub.teller.sent(place, item.mark, &item.bytes);
    };
    connection::run(hub, &stream, &outbox, reading, &moved).await;
    hub.sip.remove(remote, &outbox);
    drop(stream);
    drop(seat);
    report_unsent(hub, &outbox, false).await;
}

async fn read(hub: &Hub, stream: &TcpStream, remote: SocketAddr, outbox: &Outbox, seat: &Seat) {
    let flow = Flow {
        transport: Transport::Tcp,
        remote,
    };
    let mut reader = Reader::default();
    let place = Place::of(Protocol::Sip, stream);
    loop {
        reader.skip_empty_lines();
        match wire::sip::frame(reader.pending(), &hub.limits) {
            Ok(Framed::Complete { skip, len }) if len > 0 => {
                let bytes = &reader.pending()[skip..skip + len];
                let cause = hub.teller.received(place, bytes);
                let input = understand(hub, flow, bytes);
                reader.consume(skip + len);
                seat.spoke();
                let shard = hub.shard_of(&input);
                hub.tell(shard, Event::Input(Caused { input, cause })).await;
            }
            Ok(_) if reader.pending().len() <= most(hub) => match reader.fill(stream).await {
                Ok(true) => {}
                Ok(false) | Err(_) => return,
            },
            Ok(_) | Err(_) => {
                hub.count.malformed.fetch_add(1, Ordering::Relaxed);
                if let Some(bytes) = refusal::sip(reader.pending(), &hub.limits) {
                    outbox.push(Item {
                        bytes,
                        origin: None,
                        mark: hub.teller.mark(Cause::default()),
                    });
                    reader.discard(stream).await;
                }
                return;
            }
        }
    }
}

/// More than this without a whole message is too much, whatever the framing says.
fn most(hub: &Hub) -> usize {
    hub.limits
        .message
        .saturating_add(hub.limits.body)
        .saturating_add(hub.limits.line)
}

/// Receives datagrams for ever.
pub(crate) async fn receive(hub: Arc<Hub>) {
    let mut buffer = vec![0; DATAGRAM];
    loop {
        // An error here is about one datagram sent before (ICMP); the socket goes on.
        let Ok((length, remote)) = hub.sip.udp.recv_from(&mut buffer).await else {
            tokio::task::yield_now().await;
            continue;
        };
        let bytes = &buffer[..length];
        if bytes.iter().all(|octet| b"\r\n\0".contains(octet)) {
            continue; // A keep-alive.
        }
        // RFC 3261 7.5: empty lines before the start line do not count.
        let empty = bytes
            .iter()
            .take_while(|octet| b"\r\n".contains(octet))
            .count();
        let flow = Flow {
            transport: Transport::Udp,
            remote: canonical(remote),
        };
        let place = Some(hub.sip.place(flow.remote));
        let cause = hub.teller.received(place, &bytes[empty..]);
        hub.offer(understand(&hub, flow, &bytes[empty..]), cause);
    }
}

/// A message, or the octets of something else.
fn understand(hub: &Hub, flow: Flow, bytes: &[u8]) -> Input {
    match Message::parse(bytes) {
        Ok(mut message) => {
            if message.is_request() {
                via::mark(&mut message, flow.remote);
            }
            Input::Sip { flow, message }
        }
        Err(_) => {
            hub.count.malformed.fetch_add(1, Ordering::Relaxed);
            Input::Malformed {
                flow,
                bytes: bytes.to_vec(),
            }
        }
    }
}

/// An IPv4 peer of an IPv6 socket is known by its IPv4 address.
fn canonical(remote: SocketAddr) -> SocketAddr {
    SocketAddr::new(remote.ip().to_canonical(), remote.port())
}

const DATAGRAM: usize = 65_536;
