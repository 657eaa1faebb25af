//! A server that does to each call what the user part of its Request-URI says.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use machines::identifiers::Source;
use machines::msrp_receiver::{Input, Limits, Output, Receiver};
use wire::Framed;
use wire::msrp::Frame;
use wire::sip::Message;

pub(crate) struct Rogue {
    pub(crate) sip: SocketAddr,
    left: Arc<Mutex<BTreeSet<String>>>,
}

impl Rogue {
    pub(crate) fn start() -> Rogue {
        let (sip, msrp) = (listener(), listener());
        let (address, media) = (local(&sip), local(&msrp));
        let left = Arc::new(Mutex::new(BTreeSet::new()));
        let byes = Arc::clone(&left);
        each(sip, move |stream| signal(stream, media, &byes));
        each(msrp, talk);
        Rogue { sip: address, left }
    }

    /// Whose sessions were left by BYE.
    pub(crate) fn left(&self) -> Vec<String> {
        let left = self.left.lock().expect("nobody panics with it");
        left.iter().cloned().collect()
    }
}

fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").expect("a free port")
}

fn local(listener: &TcpListener) -> SocketAddr {
    listener.local_addr().expect("its address")
}

/// A thread for each connection; they end with the test.
fn each(listener: TcpListener, serve: impl Fn(TcpStream) + Clone + Send + 'static) {
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let serve = serve.clone();
            std::thread::spawn(move || serve(stream));
        }
    });
}

/// More of the stream; false at its end.
fn more(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> bool {
    let mut room = [0; 4096];
    let length = stream.read(&mut room).unwrap_or(0);
    buffer.extend_from_slice(&room[..length]);
    length > 0
}

fn signal(mut stream: TcpStream, msrp: SocketAddr, byes: &Mutex<BTreeSet<String>>) {
    let mut buffer = Vec::new();
    loop {
        let framed = wire::sip::frame(&buffer, &wire::Limits::default());
        let Ok(Framed::Complete { skip, len }) = framed else {
            if more(&mut stream, &mut buffer) {
                continue;
            }
            return;
        };
        let request = Message::parse(&buffer[skip..skip + len]).expect("the client is sound");
        buffer.drain(..skip + len);
        let answers = match request.method() {
            Some("INVITE") => invited(&request, msrp),
            Some("BYE") => {
                let mut byes = byes.lock().expect("nobody panics with it");
                byes.insert(user(&request));
                vec![Message::response(&request, 200, "OK").to_bytes()]
            }
            _ => Vec::new(),
        };
        for answer in answers {
            // A client that has hung up hears nothing.
            let _ = stream.write_all(&answer);
        }
        if request.method() == Some("INVITE") && user(&request) == "hangup" {
            return;
        }
    }
}

/// Whom a request is for.
fn user(request: &Message) -> String {
    let to = request.to().and_then(|to| to.uri.user);
    to.unwrap_or_default()
}

fn invited(invite: &Message, msrp: SocketAddr) -> Vec<Vec<u8>> {
    let name = user(invite);
    let respond = |code: u16, tag: usize| {
        let mut response = Message::response(invite, code, "Whatever");
        let to = invite.header("To").expect("a To").to_owned();
        response.set("To", format!("{to};tag={tag}"));
        response
    };
    let types = match name.as_str() {
        "garbage" => return vec![b"\0\xff!! 200 fine\r\nVia: none\r\n\r\n".to_vec()],
        "silent" | "hangup" => return Vec::new(),
        "chatty" => {
            let ringing = (0..300).map(|tag| respond(180, tag).to_bytes());
            return ringing.chain([respond(486, 7).to_bytes()]).collect();
        }
        "picky" => "image/png",
        _ => "message/cpim text/plain",
    };
    let sdp = format!(
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
         m=message {port} TCP/MSRP *\r\na=accept-types:{types}\r\na=setup:passive\r\n\
         a=path:msrp://{msrp}/{name};tcp\r\n",
        port = msrp.port()
    );
    let mut answer = respond(200, 1).with("Contact", format!("<sip:{name}@im.example>"));
    answer.set_body("application/sdp", sdp.into_bytes());
    vec![answer.to_bytes()]
}

/// The far end of an MSRP session: a sound one, but that `broken` breaks off in the middle of a chunk.
fn talk(mut stream: TcpStream) {
    let mut buffer = Vec::new();
    let mut source = Source::new(1, 0);
    let mut receiver = Receiver::new(Limits::default(), source.fork());
    loop {
        let framed = wire::msrp::frame(&buffer, &wire::Limits::default());
        let Ok(Framed::Complete { skip, len }) = framed else {
            if more(&mut stream, &mut buffer) {
                continue;
            }
            return;
        };
        let frame = Frame::parse(&buffer[skip..skip + len]).expect("the client is sound");
        buffer.drain(..skip + len);
        let (own, peer) = (frame.to_path.clone(), frame.from_path.clone());
        let mut said = Vec::new();
        receiver.handle(Input::Frame(frame), &mut said);
        for output in said {
            let frames = match output {
                Output::Respond(response) => vec![response],
                Output::Message(message) => receiver.report(&message, 200).into_iter().collect(),
                _ => Vec::new(),
            };
            for frame in frames {
                let _ = stream.write_all(&frame.to_bytes());
            }
        }
        if own.last().is_some_and(|path| path.contains("/broken;")) {
            let head = format!(
                "MSRP abcdefgh SEND\r\nTo-Path: {}\r\nFrom-Path: {}\r\nMessage-ID: half\r\n\
                 Byte-Range: 1-*/9000\r\nContent-Type: text/plain\r\n\r\nhalf of",
                peer.join(" "),
                own.join(" ")
            );
            let _ = stream.write_all(head.as_bytes());
            return;
        }
    }
}
