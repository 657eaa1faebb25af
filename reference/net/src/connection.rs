//! The life of one TCP connection: reads and writes side by side until one of them ends.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream};

use crate::hub::Hub;
use crate::outbox::{Item, Outbox};

/// Runs until the peer closes, `read` gives up, or the outbox is closed and empty.
pub(crate) async fn run(
    hub: &Hub,
    stream: &TcpStream,
    outbox: &Outbox,
    read: impl Future<Output = ()>,
    moved: &(dyn Fn(&Item) + Sync),
) {
    let mut stopped = hub.stopped.clone();
    let mut write = pin!(outbox.write(stream, moved));
    tokio::select! {
        _ = &mut write => return,
        () = read => {}
        _ = stopped.wait_for(|stop| *stop) => {}
    }
    outbox.close();
    let _ = tokio::time::timeout(hub.grace(), write).await;
}

/// Connects from the address that SIP is heard on, so that the peer sees the address it knows.
pub(crate) async fn connect(hub: &Hub, local: IpAddr, to: SocketAddr) -> io::Result<TcpStream> {
    let socket = if to.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    if !local.is_unspecified() && local.is_ipv4() == to.is_ipv4() {
        socket.bind(SocketAddr::new(local, 0))?;
    }
    let stream = tokio::time::timeout(hub.grace(), socket.connect(to))
        .await
        .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// The next connection; when the system is out of descriptors it waits a moment for one to come free.
pub(crate) async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok((stream, remote)) => {
                // Without it small messages wait for acknowledgements; a socket that refuses it still works.
                let _ = stream.set_nodelay(true);
                return (stream, remote);
            }
            Err(_) => tokio::time::sleep(BREATH).await,
        }
    }
}

const BREATH: Duration = Duration::from_millis(10);
