//! Real sockets against a node that echoes.

mod fetching;
mod flows;
mod hostile;
mod links;
mod pure;
mod storing;
mod user;

use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use machines::port::{Flow, Input, LinkId, Local, Node, Output, TimerId};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;
use wire::sip::Message;

use crate::{Handle, Options, serve};

/// Answers each request with 200, each MSRP frame with itself, and tells what it saw.
struct Echo {
    seen: Sender<Input>,
    first: Vec<Output>,
}

impl Node for Echo {
    fn handle(&mut self, input: Input, out: &mut Vec<Output>) {
        // The outputs that a test wants come with whatever is heard first.
        out.append(&mut self.first);
        match &input {
            Input::Sip { flow, message }
                if message.is_request() && message.method() != Some("ACK") =>
            {
                out.push(Output::Sip {
                    flow: *flow,
                    bytes: Message::response(message, 200, "OK").to_bytes(),
                });
            }
            Input::Msrp { link, frame } => out.push(Output::Msrp {
                link: *link,
                bytes: frame.to_bytes(),
            }),
            Input::Shutdown => out.push(Output::Done),
            _ => {}
        }
        // A test that ended does not listen any more.
        let _ = self.seen.send(input);
    }
}

struct Bench {
    handle: Handle,
    seen: Receiver<Input>,
}

impl Bench {
    async fn new() -> Bench {
        Bench::with(Options::default(), Vec::new()).await
    }

    async fn with(options: Options, first: Vec<Output>) -> Bench {
        let ip = if options.sip.is_ipv6() {
            "[::1]:0"
        } else {
            "127.0.0.1:0"
        }
        .parse()
        .unwrap();
        let (seen, receiver) = channel();
        let nodes = |_: &Local| vec![Box::new(Echo { seen, first }) as Box<dyn Node>];
        let handle = serve(
            Options {
                sip: ip,
                msrp: ip,
                ..options
            },
            nodes,
            |_, _| 0,
        )
        .await
        .unwrap();
        Bench {
            handle,
            seen: receiver,
        }
    }

    fn sip(&self) -> SocketAddr {
        self.handle.local.sip
    }

    async fn tcp(&self) -> TcpStream {
        TcpStream::connect(self.sip()).await.unwrap()
    }

    async fn msrp(&self) -> TcpStream {
        TcpStream::connect(self.handle.local.msrp).await.unwrap()
    }

    /// Waits for an input that `pick` takes.
    async fn saw<T>(&self, pick: impl Fn(Input) -> Option<T>) -> T {
        let search = async {
            loop {
                match self.seen.try_recv() {
                    Ok(input) => {
                        if let Some(found) = pick(input) {
                            return found;
                        }
                    }
                    Err(_) => tokio::task::yield_now().await,
                }
            }
        };
        timeout(PATIENCE, search).await.unwrap()
    }
}

fn options(call_id: &str, via: SocketAddr, transport: &str, body: usize) -> Message {
    let mut message = Message::request("OPTIONS", "sip:im@example.com")
        .with(
            "Via",
            format!("SIP/2.0/{transport} {via};branch=z9hG4bK{call_id}"),
        )
        .with("Max-Forwards", "70")
        .with("From", "<sip:alice@example.com>;tag=1")
        .with("To", "<sip:im@example.com>")
        .with("Call-ID", call_id)
        .with("CSeq", "1 OPTIONS");
    if body > 0 {
        message.set_body("text/plain", vec![b'x'; body]);
    }
    message
}

/// Reads until `count` messages arrived.
async fn responses(stream: &mut TcpStream, count: usize) -> Vec<Message> {
    let mut buffer = Vec::new();
    let mut found = Vec::new();
    while found.len() < count {
        match wire::sip::frame(&buffer, &wire::Limits::default()).unwrap() {
            wire::Framed::Complete { skip, len } => {
                found.push(Message::parse(&buffer[skip..skip + len]).unwrap());
                buffer.drain(..skip + len);
            }
            wire::Framed::Incomplete => {
                let read = timeout(PATIENCE, stream.read_buf(&mut buffer))
                    .await
                    .unwrap()
                    .unwrap();
                assert!(read > 0, "closed after {found:?} and {buffer:?}");
            }
        }
    }
    found
}

async fn datagram(socket: &UdpSocket) -> Message {
    let mut buffer = vec![0; 65_536];
    let (length, _) = timeout(PATIENCE, socket.recv_from(&mut buffer))
        .await
        .unwrap()
        .unwrap();
    Message::parse(&buffer[..length]).unwrap()
}

/// Reads all that comes until the peer closes; a reset is a close.
async fn rest(stream: &mut TcpStream) -> Vec<u8> {
    let mut all = Vec::new();
    let _ = timeout(PATIENCE, stream.read_to_end(&mut all))
        .await
        .unwrap();
    all
}

fn send_frame(id: &str, body: usize) -> Vec<u8> {
    let mut bytes = format!(
        "MSRP {id} SEND\r\nTo-Path: msrp://127.0.0.1:2855/s;tcp\r\nFrom-Path: msrp://127.0.0.1:9/a;tcp\r\n\
         Message-ID: {id}\r\nByte-Range: 1-{body}/{body}\r\nContent-Type: text/plain\r\n\r\n"
    )
    .into_bytes();
    bytes.resize(bytes.len() + body, b'x');
    bytes.extend_from_slice(format!("\r\n-------{id}$\r\n").as_bytes());
    bytes
}

const PATIENCE: Duration = Duration::from_secs(20);
