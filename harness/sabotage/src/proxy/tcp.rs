//! Streams: each accepted connection has one of its own toward the target.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use wire::{Framed, Limits};

use super::{Error, FLOWS, Shared, back};
use crate::Direction;

/// Octets read at once.
const READ: usize = 16 * 1024;

pub(super) async fn relay(
    listener: TcpListener,
    target: SocketAddr,
    way: Direction,
    tamper: Shared,
) -> Result<(), Error> {
    let room = Arc::new(Semaphore::new(FLOWS));
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else {
            return Ok(());
        };
        let (near, _) = listener.accept().await?;
        let tamper = tamper.clone();
        connections.spawn(async move {
            // A target that refuses closes the near side too, as without us.
            if let Ok(far) = TcpStream::connect(target).await {
                join(near, far, way, tamper).await;
            }
            drop(permit);
        });
    }
}

async fn join(near: TcpStream, far: TcpStream, way: Direction, tamper: Shared) {
    let (near_read, near_write) = near.into_split();
    let (far_read, far_write) = far.into_split();
    tokio::join!(
        pump(near_read, far_write, way, tamper.clone()),
        pump(far_read, near_write, back(way), tamper)
    );
}

/// Hands messages on until either end closes. What is no message any more is handed on as it is.
async fn pump(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, way: Direction, tamper: Shared) {
    let limits = Limits::default();
    let mut buffer: Vec<u8> = Vec::new();
    let mut chunk = vec![0; READ];
    loop {
        let length = match from.read(&mut chunk).await {
            Ok(0) | Err(_) => break,
            Ok(length) => length,
        };
        buffer.extend_from_slice(&chunk[..length]);
        loop {
            let (out, used) = match wire::sip::frame(&buffer, &limits) {
                Ok(Framed::Complete { skip, len }) => {
                    let mut out = vec![buffer[..skip].to_vec()];
                    out.extend(tamper.pass(way, &buffer[skip..skip + len]));
                    (out, skip + len)
                }
                Ok(Framed::Incomplete) => break,
                // The stream cannot be cut into messages: the other end shall see just that.
                Err(_) => (vec![buffer.clone()], buffer.len()),
            };
            for bytes in out {
                if to.write_all(&bytes).await.is_err() {
                    return;
                }
            }
            buffer.drain(..used);
            if used == 0 || buffer.is_empty() {
                break;
            }
        }
    }
    // Half a message is handed on as well; both results only tell that the other end is gone.
    let _ = to.write_all(&buffer).await;
    let _ = to.shutdown().await;
}
