//! Binds the three sockets; SIP over UDP and TCP share one port, also when the system picks it.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use machines::port::Local;
use tokio::net::{TcpListener, TcpSocket, UdpSocket};

use crate::{Error, Options};

pub(crate) struct Sockets {
    pub(crate) local: Local,
    pub(crate) sip_udp: Arc<UdpSocket>,
    pub(crate) sip_tcp: TcpListener,
    pub(crate) msrp: TcpListener,
}

pub(crate) async fn bind(options: &Options) -> Result<Sockets, Error> {
    let (sip_tcp, sip_udp) = sip(options.sip).await?;
    // Readiness is learnt from the system once; without it the first try_send would report a full socket.
    sip_udp
        .writable()
        .await
        .map_err(refused(options.sip, "SIP over UDP"))?;
    let msrp = listen(options.msrp).map_err(refused(options.msrp, "MSRP over TCP"))?;
    let local = Local {
        sip: sip_udp
            .local_addr()
            .map_err(refused(options.sip, "SIP over UDP"))?,
        msrp: msrp
            .local_addr()
            .map_err(refused(options.msrp, "MSRP over TCP"))?,
    };
    Ok(Sockets {
        local,
        sip_udp: Arc::new(sip_udp),
        sip_tcp,
        msrp,
    })
}

async fn sip(address: SocketAddr) -> Result<(TcpListener, UdpSocket), Error> {
    let mut attempt = 0;
    loop {
        let tcp = listen(address).map_err(refused(address, "SIP over TCP"))?;
        let chosen = tcp.local_addr().map_err(refused(address, "SIP over TCP"))?;
        match UdpSocket::bind(chosen).await {
            Ok(udp) => return Ok((tcp, udp)),
            // The free TCP port may be a busy UDP port: let the system pick again.
            Err(_) if address.port() == 0 && attempt < PORT_ATTEMPTS => attempt += 1,
            Err(error) => return Err(refused(address, "SIP over UDP")(error)),
        }
    }
}

pub(crate) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

pub(crate) fn refused(address: SocketAddr, what: &'static str) -> impl FnOnce(io::Error) -> Error {
    move |source| match source.kind() {
        io::ErrorKind::AddrInUse => Error::InUse { address, what },
        _ => Error::Listen {
            address,
            what,
            source,
        },
    }
}

const PORT_ATTEMPTS: usize = 32;
const BACKLOG: u32 = 4096;
