//! Datagrams: one socket toward the target for each sender, so that answers find their way back.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::UdpSocket;
use tokio::task::AbortHandle;

use super::{Error, FLOWS, Shared, back};
use crate::Direction;

/// The largest datagram that is read.
const DATAGRAM: usize = 65_535;

struct Flow {
    socket: Arc<UdpSocket>,
    answers: AbortHandle,
    /// Larger is younger.
    used: u64,
}

impl Drop for Flow {
    fn drop(&mut self) {
        self.answers.abort();
    }
}

pub(super) async fn relay(
    socket: UdpSocket,
    target: SocketAddr,
    way: Direction,
    tamper: Shared,
) -> Result<(), Error> {
    let socket = Arc::new(socket);
    let mut flows: HashMap<SocketAddr, Flow> = HashMap::new();
    let mut buffer = vec![0; DATAGRAM];
    let mut clock = 0;
    loop {
        let (length, sender) = match socket.recv_from(&mut buffer).await {
            Ok(received) => received,
            // An answer of ours met a closed port; the next datagram has nothing to do with it.
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => continue,
            Err(error) => return Err(error.into()),
        };
        clock += 1;
        if !flows.contains_key(&sender) {
            make_room(&mut flows);
            flows.insert(sender, open(&socket, sender, target, way, &tamper).await?);
        }
        let Some(flow) = flows.get_mut(&sender) else {
            continue;
        };
        flow.used = clock;
        for bytes in tamper.pass(way, &buffer[..length]) {
            // A closed target is what the sender would have met without us.
            let _ = flow.socket.send(&bytes).await;
        }
    }
}

fn make_room(flows: &mut HashMap<SocketAddr, Flow>) {
    if flows.len() < FLOWS {
        return;
    }
    if let Some(oldest) = flows
        .iter()
        .min_by_key(|(_, flow)| flow.used)
        .map(|(sender, _)| *sender)
    {
        flows.remove(&oldest);
    }
}

async fn open(
    listening: &Arc<UdpSocket>,
    sender: SocketAddr,
    target: SocketAddr,
    way: Direction,
    tamper: &Shared,
) -> Result<Flow, Error> {
    // The same address as the listener's where that is a real one, else any of the family.
    let local = SocketAddr::new(listening.local_addr()?.ip(), 0);
    let socket = Arc::new(UdpSocket::bind(local).await?);
    socket.connect(target).await?;
    let (listening, answering, tamper) =
        (Arc::clone(listening), Arc::clone(&socket), tamper.clone());
    let answers = tokio::spawn(async move {
        let mut buffer = vec![0; DATAGRAM];
        loop {
            let length = match answering.recv(&mut buffer).await {
                Ok(length) => length,
                // A refused datagram shows here; the flow lives on, the target may come back.
                Err(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => continue,
                Err(_) => return,
            };
            for bytes in tamper.pass(back(way), &buffer[..length]) {
                let _ = listening.send_to(&bytes, sender).await;
            }
        }
    });
    Ok(Flow {
        socket,
        answers: answers.abort_handle(),
        used: 0,
    })
}
