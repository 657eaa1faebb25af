//! A chair's MSRP endpoint: it listens, connects, records frames and answers as RFC 4975 asks.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use trace::{Direction, Protocol};
use wire::msrp::{Flag, Frame, Kind};
use wire::{Framed, Limits};

use crate::table::Table;

/// Takes the frames that a connection shall carry.
pub(crate) type Link = mpsc::Sender<Vec<u8>>;

pub(crate) struct Endpoint {
    pub(crate) address: SocketAddr,
    pub(crate) path: String,
    chair: String,
    table: Arc<Table>,
    link: watch::Sender<Option<Link>>,
    sent: usize,
    moves: usize,
    accepting: JoinHandle<()>,
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Endpoint {
    pub(crate) async fn bind(table: Arc<Table>, chair: &str, ip: IpAddr) -> std::io::Result<Self> {
        let listener = TcpListener::bind((ip, 0)).await?;
        let address = listener.local_addr()?;
        let path = format!("msrp://{address}/{chair}{};tcp", table.number);
        let link = watch::channel(None).0;
        let (accepted, owner, seat) = (link.clone(), Arc::clone(&table), chair.to_owned());
        // One chair has one leg; who connects next is somebody else.
        let accepting = tokio::spawn(async move {
            if let Ok((stream, _)) = listener.accept().await {
                attach(owner, seat, stream, Some(accepted));
            }
        });
        Ok(Self {
            address,
            path,
            chair: chair.to_owned(),
            table,
            link,
            sent: 0,
            moves: 0,
            accepting,
        })
    }

    /// The chair's endpoint on another port and with another path; this one goes on to be read.
    pub(crate) async fn renewed(&self) -> std::io::Result<Self> {
        let mut next = Self::bind(Arc::clone(&self.table), &self.chair, self.address.ip()).await?;
        next.sent = self.sent;
        next.moves = self.moves + 1;
        let session = format!("{}{}", self.chair, self.table.number);
        let moved = format!("{session}m{}", next.moves);
        next.path = next.path.replace(&session, &moved);
        Ok(next)
    }

    /// Connects to the first address of the peer's path (RFC 4975 5.4).
    pub(crate) async fn connect(&self, peer: &str) -> std::io::Result<()> {
        let bad = || std::io::Error::from(std::io::ErrorKind::InvalidInput);
        let uri = wire::msrp::Uri::parse(peer).map_err(|_| bad())?;
        let ip: IpAddr = uri
            .host
            .trim_matches(['[', ']'])
            .parse()
            .map_err(|_| bad())?;
        let stream = TcpStream::connect((ip, uri.port.ok_or_else(bad)?)).await?;
        let table = Arc::clone(&self.table);
        let sender = attach(table, self.chair.clone(), stream, None);
        self.link.send_replace(Some(sender));
        Ok(())
    }

    /// The link, once there is one.
    pub(crate) fn links(&self) -> watch::Receiver<Option<Link>> {
        self.link.subscribe()
    }

    /// A SEND to `peer`; without content it only claims the connection (RFC 4975 5.4).
    pub(crate) fn send_frame(
        &mut self,
        peer: &str,
        content: Option<(&str, Vec<u8>)>,
        report: bool,
    ) -> Frame {
        self.sent += 1;
        let (n, chair) = (self.sent, &self.chair);
        let mut headers = vec![(
            "Message-ID".to_owned(),
            format!("{chair}{}.{n}", self.table.number),
        )];
        if let Some((kind, body)) = &content {
            headers.push((
                "Byte-Range".to_owned(),
                format!("1-{}/{}", body.len(), body.len()),
            ));
            if report {
                headers.push(("Success-Report".to_owned(), "yes".to_owned()));
            }
            headers.push(("Content-Type".to_owned(), (*kind).to_owned()));
        }
        Frame {
            transaction: format!("{chair}{}t{n}", self.table.number),
            kind: Kind::Request("SEND".to_owned()),
            to_path: vec![peer.to_owned()],
            from_path: vec![self.path.clone()],
            headers,
            body: content.map(|(_, body)| body),
            flag: Flag::Complete,
        }
    }
}

/// One connection of a chair, and where its frames are recorded.
#[derive(Clone)]
struct Leg {
    table: Arc<Table>,
    chair: String,
    ends: (SocketAddr, SocketAddr),
}

/// Starts to read and write a connection; what is sent through the answer is recorded.
///
/// A connection that somebody else opened is the session's when its first request is there: until then
/// nothing says for whom it was opened (RFC 4975 5.4).
fn attach(
    table: Arc<Table>,
    chair: String,
    stream: TcpStream,
    awaited: Option<watch::Sender<Option<Link>>>,
) -> Link {
    let _ = stream.set_nodelay(true);
    let any = SocketAddr::from(([0, 0, 0, 0], 0));
    let ends = (
        stream.local_addr().unwrap_or(any),
        stream.peer_addr().unwrap_or(any),
    );
    let (reader, writer) = stream.into_split();
    let (sender, queue) = mpsc::channel::<Vec<u8>>(1024);
    let leg = Leg { table, chair, ends };
    tokio::spawn(leg.clone().write(writer, queue));
    tokio::spawn(leg.read(reader, sender.clone(), awaited));
    sender
}

impl Leg {
    fn record(&self, direction: Direction, bytes: Vec<u8>) {
        let Self { table, chair, ends } = self;
        table.record(direction, chair, Protocol::Msrp, "tcp", *ends, bytes);
    }

    async fn write(self, mut writer: OwnedWriteHalf, mut queue: mpsc::Receiver<Vec<u8>>) {
        while let Some(bytes) = queue.recv().await {
            if bytes.is_empty() {
                // The scenario closes the connection.
                let _ = writer.shutdown().await;
                return;
            }
            self.record(Direction::Sent, bytes.clone());
            for bytes in self.table.tampered(Direction::Sent, Protocol::Msrp, bytes) {
                if writer.write_all(&bytes).await.is_err() {
                    return;
                }
            }
        }
    }

    async fn read(
        self,
        mut reader: OwnedReadHalf,
        answers: Link,
        mut awaited: Option<watch::Sender<Option<Link>>>,
    ) {
        let mut buffer = Vec::new();
        let mut chunk = vec![0; 16_384];
        loop {
            let Ok(len @ 1..) = reader.read(&mut chunk).await else {
                return self.closed();
            };
            buffer.extend_from_slice(&chunk[..len]);
            loop {
                match wire::msrp::frame(&buffer, &Limits::default()) {
                    Ok(Framed::Complete { skip, len }) => {
                        let bytes = buffer.drain(..skip + len).skip(skip).collect();
                        self.take(bytes, &answers);
                        if let Some(link) = awaited.take() {
                            link.send_replace(Some(answers.clone()));
                        }
                    }
                    Ok(Framed::Incomplete) => break,
                    // What cannot be framed is still evidence; the stream is lost.
                    Err(_) => return self.take(buffer, &answers),
                }
            }
        }
    }

    /// A connection that the client closes shows as an empty frame, where that is looked at.
    fn closed(&self) {
        if !self.table.closings.load(Ordering::Relaxed) {
            return;
        }
        let shown = self
            .table
            .tampered(Direction::Received, Protocol::Msrp, Vec::new());
        for bytes in shown {
            self.record(Direction::Received, bytes);
        }
    }

    fn take(&self, bytes: Vec<u8>, answers: &Link) {
        for bytes in self
            .table
            .tampered(Direction::Received, Protocol::Msrp, bytes)
        {
            self.record(Direction::Received, bytes.clone());
            for answer in answers_to(&bytes) {
                // A full queue means that the scene is over; there is nobody to answer for.
                let _ = answers.try_send(answer.to_bytes());
            }
        }
    }
}

/// The 200 that a SEND wants, and the success report if it asks for one (RFC 4975 7.1.2, 7.2).
fn answers_to(bytes: &[u8]) -> Vec<Frame> {
    let Ok(frame) = Frame::parse(bytes) else {
        return Vec::new();
    };
    let send = matches!(&frame.kind, Kind::Request(method) if method == "SEND");
    if !send {
        return Vec::new();
    }
    let answer = |kind, to_path: Vec<String>, transaction: String, headers| Frame {
        transaction,
        kind,
        to_path,
        from_path: frame.to_path.clone(),
        headers,
        body: None,
        flag: Flag::Complete,
    };
    let mut answers = Vec::new();
    if !matches!(frame.header("Failure-Report"), Some("no" | "partial")) {
        let first = frame.from_path.first().cloned().into_iter().collect();
        answers.push(answer(
            Kind::Response(200, "OK".to_owned()),
            first,
            frame.transaction.clone(),
            Vec::new(),
        ));
    }
    if frame.header("Success-Report") == Some("yes") && frame.flag == Flag::Complete {
        let range = frame.header("Byte-Range").unwrap_or("1-0/0").to_owned();
        let headers = vec![
            (
                "Message-ID".to_owned(),
                frame.header("Message-ID").unwrap_or_default().to_owned(),
            ),
            ("Byte-Range".to_owned(), range),
            ("Status".to_owned(), "000 200 OK".to_owned()),
        ];
        answers.push(answer(
            Kind::Request("REPORT".to_owned()),
            frame.from_path.clone(),
            format!("r{}", frame.transaction),
            headers,
        ));
    }
    answers
}
