//! The tester's SIP endpoint: it takes the SIP/IP core's place and hands each message to its scene.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use machines::port::{Flow, Transport};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UdpSocket, tcp::OwnedReadHalf};
use tokio::sync::mpsc;
use wire::scan::Scan;
use wire::{Framed, Limits};

use crate::table::Table;

/// Messages waiting for one connection; more than a scenario ever sends at once.
const QUEUE: usize = 4096;

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A poisoned lock only says that another scenario panicked; its data is whole messages.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sends and receives for all scenes that share one subject.
pub(crate) struct Core {
    pub(crate) address: SocketAddr,
    /// `None` where nothing is sent.
    udp: Option<UdpSocket>,
    scenes: Mutex<Scenes>,
    streams: Mutex<HashMap<SocketAddr, mpsc::Sender<Vec<u8>>>>,
    /// Held by who opens a connection, so that two scenarios do not open two to one place.
    connecting: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Scenes {
    by_call: HashMap<String, Arc<Table>>,
    by_user: HashMap<String, Arc<Table>>,
}

impl Core {
    /// Binds UDP and TCP on one port; port 0 takes any that is free for both.
    pub(crate) async fn bind(address: SocketAddr) -> std::io::Result<Arc<Self>> {
        let mut attempts = if address.port() == 0 { 16 } else { 1 };
        let (udp, tcp) = loop {
            attempts -= 1;
            let tcp = TcpListener::bind(address).await?;
            match UdpSocket::bind(tcp.local_addr()?).await {
                Ok(udp) => break (udp, tcp),
                Err(error) if attempts == 0 => return Err(error),
                Err(_) => {}
            }
        };
        let core = Arc::new(Self {
            address: tcp.local_addr()?,
            udp: Some(udp),
            scenes: Mutex::default(),
            streams: Mutex::default(),
            connecting: tokio::sync::Mutex::default(),
        });
        tokio::spawn(Arc::clone(&core).read_datagrams());
        tokio::spawn(Arc::clone(&core).accept(tcp));
        Ok(core)
    }

    /// A place that was never taken: nothing can be sent from it, and nothing comes.
    pub(crate) fn absent(address: SocketAddr) -> Arc<Self> {
        Arc::new(Self {
            address,
            udp: None,
            scenes: Mutex::default(),
            streams: Mutex::default(),
            connecting: tokio::sync::Mutex::default(),
        })
    }

    pub(crate) fn seat_user(&self, address: &str, table: &Arc<Table>) {
        lock(&self.scenes)
            .by_user
            .insert(user_key(address), Arc::clone(table));
    }

    pub(crate) fn seat_call(&self, call_id: &str, table: &Arc<Table>) {
        lock(&self.scenes)
            .by_call
            .insert(call_id.to_owned(), Arc::clone(table));
    }

    pub(crate) fn leave(&self, table: &Arc<Table>) {
        let mut scenes = lock(&self.scenes);
        scenes.by_call.retain(|_, other| !Arc::ptr_eq(other, table));
        scenes.by_user.retain(|_, other| !Arc::ptr_eq(other, table));
    }

    pub(crate) async fn send(self: &Arc<Self>, flow: Flow, bytes: Vec<u8>) -> std::io::Result<()> {
        let udp = self.udp.as_ref().ok_or(std::io::ErrorKind::NotConnected)?;
        match flow.transport {
            Transport::Udp => udp.send_to(&bytes, flow.remote).await.map(drop),
            Transport::Tcp => {
                let turn = self.connecting.lock().await;
                let stream = match self.stream(flow.remote) {
                    Some(stream) => stream,
                    None => self.adopt(TcpStream::connect(flow.remote).await?, flow.remote),
                };
                drop(turn);
                let gone = |_| std::io::Error::from(std::io::ErrorKind::ConnectionReset);
                stream.send(bytes).await.map_err(gone)
            }
        }
    }

    fn stream(&self, remote: SocketAddr) -> Option<mpsc::Sender<Vec<u8>>> {
        lock(&self.streams)
            .get(&remote)
            .filter(|s| !s.is_closed())
            .cloned()
    }

    fn adopt(self: &Arc<Self>, stream: TcpStream, remote: SocketAddr) -> mpsc::Sender<Vec<u8>> {
        let _ = stream.set_nodelay(true);
        let (reader, mut writer) = stream.into_split();
        let (sender, mut queue) = mpsc::channel::<Vec<u8>>(QUEUE);
        lock(&self.streams).insert(remote, sender.clone());
        tokio::spawn(async move {
            while let Some(bytes) = queue.recv().await {
                if writer.write_all(&bytes).await.is_err() {
                    break;
                }
            }
        });
        tokio::spawn(Arc::clone(self).read_stream(reader, remote));
        sender
    }

    async fn accept(self: Arc<Self>, listener: TcpListener) {
        while let Ok((stream, remote)) = listener.accept().await {
            self.adopt(stream, remote);
        }
    }

    async fn read_datagrams(self: Arc<Self>) {
        let mut buffer = vec![0; 65_536];
        while let Some(udp) = &self.udp {
            // An ICMP refusal shows as an error of the next read; the socket stays good.
            if let Ok((len, remote)) = udp.recv_from(&mut buffer).await {
                self.dispatch(
                    &buffer[..len],
                    Flow {
                        transport: Transport::Udp,
                        remote,
                    },
                );
            }
        }
    }

    async fn read_stream(self: Arc<Self>, mut reader: OwnedReadHalf, remote: SocketAddr) {
        let flow = Flow {
            transport: Transport::Tcp,
            remote,
        };
        let mut buffer = Vec::new();
        let mut chunk = vec![0; 16_384];
        while let Ok(len @ 1..) = reader.read(&mut chunk).await {
            buffer.extend_from_slice(&chunk[..len]);
            loop {
                match wire::sip::frame(&buffer, &Limits::default()) {
                    Ok(Framed::Complete { skip, len }) => {
                        self.dispatch(&buffer[skip..skip + len], flow);
                        buffer.drain(..skip + len);
                    }
                    Ok(Framed::Incomplete) => break,
                    Err(_) => {
                        // What cannot be framed is still evidence; the stream is lost.
                        self.dispatch(&buffer, flow);
                        lock(&self.streams).remove(&remote);
                        return;
                    }
                }
            }
        }
        lock(&self.streams).remove(&remote);
    }

    fn dispatch(self: &Arc<Self>, bytes: &[u8], flow: Flow) {
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return;
        }
        let Some(table) = self.table_of(&Scan::sip(bytes)) else {
            return;
        };
        table.receive_sip(bytes, flow, self);
    }

    fn table_of(&self, scan: &Scan) -> Option<Arc<Table>> {
        let scenes = lock(&self.scenes);
        let call = scan
            .field("Call-ID")
            .and_then(|id| scenes.by_call.get(&id.value).cloned());
        call.or_else(|| {
            ["To", "From"].iter().find_map(|name| {
                scan.field(name)
                    .and_then(|f| scenes.by_user.get(&user_key(&f.value)).cloned())
            })
        })
    }
}

/// `user@host` of a URI or name-addr, in lower case.
pub(crate) fn user_key(address: &str) -> String {
    let rest = address.rsplit_once('<').map_or(address, |(_, r)| r);
    let rest = rest.split(['>', ';', '?']).next().unwrap_or_default();
    rest.split_once(':')
        .map_or(rest, |(_, r)| r)
        .trim()
        .to_ascii_lowercase()
}
