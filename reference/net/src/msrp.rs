//! MSRP links: accepted or asked for, read frame by frame, paused when the node says so.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use machines::port::{Input, LinkId};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use wire::Framed;
use wire::msrp::Frame;

use crate::hub::{Event, Hub};
use crate::outbox::{Item, Outbox};
use crate::seats::Seat;
use crate::stream::Reader;
use crate::trace::{Cause, Caused, Place, Protocol};
use crate::{connection, refusal};

/// Set on the ids of accepted links, so that they never meet those that nodes choose.
const ACCEPTED: u64 = 1 << 63;

/// One connection as its shard and its task share it.
#[derive(Default)]
pub(crate) struct Link {
    pub(crate) outbox: Arc<Outbox>,
    /// While true nothing is read.
    pub(crate) paused: watch::Sender<bool>,
    owner: OnceLock<usize>,
}

/// Accepts MSRP connections for ever; the first frame of each decides its shard.
pub(crate) async fn accept(hub: Arc<Hub>, listener: TcpListener) {
    let next = AtomicU64::new(0);
    loop {
        let (stream, _) = connection::accept(&listener).await;
        let link = Arc::new(Link::default());
        let Some(seat) = seat(&hub, &link) else {
            continue;
        };
        let id = LinkId(ACCEPTED | next.fetch_add(1, Ordering::Relaxed));
        let task = Arc::clone(&hub);
        hub.spawn_polite(async move { converse(&task, stream, id, &link, seat).await });
    }
}

/// Opens a link that the node of `shard` asked for.
pub(crate) fn connect(
    hub: &Arc<Hub>,
    shard: usize,
    id: LinkId,
    to: SocketAddr,
    cause: Cause,
) -> Arc<Link> {
    let link = Arc::new(Link::default());
    let _ = link.owner.set(shard);
    let kept = Arc::clone(&link);
    let task = Arc::clone(hub);
    hub.spawn_polite(async move {
        let local = task.local.msrp.ip();
        match (
            connection::connect(&task, local, to).await,
            seat(&task, &link),
        ) {
            (Ok(stream), Some(seat)) => {
                let input = Input::LinkUp { link: id };
                task.tell(shard, Event::Input(Caused { input, cause }))
                    .await;
                converse(&task, stream, id, &link, seat).await;
            }
            _ => {
                task.tell(shard, Event::Input(Input::LinkDown { link: id }.into()))
                    .await
            }
        }
    });
    kept
}

fn seat(hub: &Hub, link: &Link) -> Option<Seat> {
    let taken = hub.seats.take(&link.outbox, false);
    if taken.as_ref().is_none_or(|(_, crowded)| *crowded) {
        hub.count.refused.fetch_add(1, Ordering::Relaxed);
    }
    taken.map(|(seat, _)| seat)
}

async fn converse(hub: &Hub, stream: TcpStream, id: LinkId, link: &Arc<Link>, seat: Seat) {
    let reading = async {
        tokio::select! {
            () = read(hub, &stream, id, link, &seat) => {}
            () = announce_drained(hub, id, link) => {}
        }
    };
    let place = Place::of(Protocol::Msrp, &stream);
    let moved = |item: &Item| {
        seat.spoke();
        hub.teller.sent(place, item.mark, &item.bytes);
    };
    connection::run(hub, &stream, &link.outbox, reading, &moved).await;
    drop(stream);
    drop(seat);
    link.outbox.abort();
    if let Some(owner) = link.owner.get() {
        hub.tell(*owner, Event::Input(Input::LinkDown { link: id }.into()))
            .await;
    }
}

async fn announce_drained(hub: &Hub, id: LinkId, link: &Link) {
    loop {
        link.outbox.drained().await;
        if let Some(owner) = link.owner.get() {
            hub.tell(*owner, Event::Input(Input::LinkDrained { link: id }.into()))
                .await;
        }
    }
}

async fn read(hub: &Hub, stream: &TcpStream, id: LinkId, link: &Arc<Link>, seat: &Seat) {
    let mut reader = Reader::default();
    let place = Place::of(Protocol::Msrp, stream);
    let mut paused = link.paused.subscribe();
    loop {
        let _ = paused.wait_for(|paused| !paused).await;
        match wire::msrp::frame(reader.pending(), &hub.limits) {
            Ok(Framed::Complete { skip, len }) if len > 0 => {
                let bytes = &reader.pending()[skip..skip + len];
                let cause = hub.teller.received(place, bytes);
                let Ok(frame) = Frame::parse(bytes) else {
                    refuse(hub, link, bytes, "400 Bad Request");
                    return reader.discard(stream).await;
                };
                reader.consume(skip + len);
                seat.spoke();
                deliver(hub, id, link, frame, cause).await;
            }
            Ok(_) if reader.pending().len() <= most(hub) => match reader.fill(stream).await {
                Ok(true) => {}
                Ok(false) | Err(_) => return,
            },
            refused => {
                let too_long = refused.is_ok() || reader.pending().len() > hub.limits.body;
                let status = if too_long {
                    "413 Message Too Large"
                } else {
                    "400 Bad Request"
                };
                refuse(hub, link, reader.pending(), status);
                return reader.discard(stream).await;
            }
        }
    }
}

async fn deliver(hub: &Hub, id: LinkId, link: &Arc<Link>, frame: Frame, cause: Cause) {
    let input = Input::Msrp { link: id, frame };
    let owner = match link.owner.get() {
        Some(owner) => *owner,
        None => {
            let owner = hub.shard_of(&input);
            let _ = link.owner.set(owner);
            hub.tell(owner, Event::Adopt(id, Arc::clone(link))).await;
            owner
        }
    };
    hub.tell(owner, Event::Input(Caused { input, cause })).await;
}

fn refuse(hub: &Hub, link: &Link, bytes: &[u8], status: &str) {
    if let Some(bytes) = refusal::msrp(bytes, status) {
        link.outbox.push(Item {
            bytes,
            origin: None,
            mark: hub.teller.mark(Cause::default()),
        });
    }
}

fn most(hub: &Hub) -> usize {
    hub.limits
        .message
        .saturating_add(hub.limits.body)
        .saturating_add(hub.limits.line)
}
