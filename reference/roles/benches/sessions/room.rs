//! A server without sockets and everybody around it, played as quickly as can be.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use machines::port::{Flow, Input, LinkId, Local, Node as _, Output, TimerId, Transport};
use roles::{Config, Server};
use wire::msrp::Frame;
use wire::sip::Message;

/// Timers of transactions; those of sessions and subscriptions are longer.
const LONGEST: Duration = Duration::from_secs(64);

/// One server, its sessions, and what the others need to know of the latest one.
pub(crate) struct Room {
    server: Server,
    timers: HashMap<TimerId, Duration>,
    sessions: usize,
    sent: Vec<Message>,
    frames: Vec<(LinkId, Vec<u8>)>,
    /// Where each participant finds its leg; alice first.
    legs: Vec<String>,
    identity: String,
    /// A guest's dialog: the invitation and the tag of the guest.
    invitation: Option<Message>,
    messages: usize,
}

fn address(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

fn flow() -> Flow {
    Flow {
        transport: Transport::Tcp,
        remote: address(5070),
    }
}

fn sdp(user: &str) -> Vec<u8> {
    format!(
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
         m=message 7001 TCP/MSRP *\r\na=accept-types:message/CPIM text/plain\r\na=setup:active\r\n\
         a=path:msrp://127.0.0.1:7001/{user};tcp\r\n"
    )
    .into_bytes()
}

fn path(sdp: &[u8]) -> String {
    let text = String::from_utf8_lossy(sdp);
    let line = text.lines().find_map(|line| line.strip_prefix("a=path:"));
    line.expect("a path").to_owned()
}

impl Room {
    /// A server with one session of alice and her guests.
    pub(crate) fn open(participants: usize) -> Self {
        let config = Config {
            core: address(5070),
            core_transport: Transport::Tcp,
            max_participants: participants + 1,
            notify_interval: Duration::ZERO,
            ..Config::default()
        };
        let local = Local {
            sip: address(5060),
            msrp: address(2855),
        };
        let mut room = Self {
            server: Server::new(config, local, 0),
            timers: HashMap::new(),
            sessions: 0,
            sent: Vec::new(),
            frames: Vec::new(),
            legs: Vec::new(),
            identity: String::new(),
            invitation: None,
            messages: 0,
        };
        room.another(participants);
        room
    }

    /// One more session at the same server.
    pub(crate) fn another(&mut self, participants: usize) {
        self.sessions += 1;
        self.legs.clear();
        let invite = self.invite(participants);
        self.sip(invite);
        let invitations = std::mem::take(&mut self.sent);
        let invitations = invitations
            .into_iter()
            .filter(|m| m.method() == Some("INVITE"));
        let mut legs = vec![String::new()];
        for (guest, invitation) in invitations.enumerate() {
            legs.push(path(&invitation.body));
            let mut answer = response(&invitation, &format!("g{guest}"));
            answer.push("Contact", "<sip:guest@127.0.0.1:5070;transport=tcp>");
            answer.set_body("application/sdp", sdp(&format!("g{guest}")));
            self.sip(answer);
            self.invitation = Some(invitation);
        }
        let accepted = self.sent.iter().find(|m| m.code() == Some(200));
        let accepted = accepted.expect("alice is let in").clone();
        legs[0] = path(&accepted.body);
        assert_eq!(legs.len(), participants);
        self.legs = legs;
        self.identity = accepted.contact().expect("a Contact").uri.to_string();
        let ack = self.request("ACK", &accepted, "alice", "1 ACK");
        self.sip(ack);
        self.rest();
    }

    fn invite(&self, participants: usize) -> Message {
        let entries: String = (1..participants)
            .map(|guest| format!("<entry uri=\"sip:g{guest}@im.example\"/>"))
            .collect();
        let offer = String::from_utf8(sdp("alice")).expect("ASCII");
        let body = format!(
            "--b\r\nContent-Type: application/sdp\r\n\r\n{offer}\r\n--b\r\n\
             Content-Type: application/resource-lists+xml\r\nContent-Disposition: recipient-list\r\n\r\n\
             <?xml version=\"1.0\"?><resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\">\
             <list>{entries}</list></resource-lists>\r\n--b--\r\n"
        );
        let number = self.sessions;
        let mut invite = Message::request("INVITE", "sip:conference-factory@im.example")
            .with(
                "Via",
                format!("SIP/2.0/TCP 127.0.0.1:5070;branch=z9hG4bKi{number}"),
            )
            .with("Max-Forwards", "70")
            .with("From", "<sip:alice@im.example>;tag=alice")
            .with("To", "<sip:conference-factory@im.example>")
            .with("Call-ID", format!("call{number}"))
            .with("CSeq", "1 INVITE")
            .with("Contact", "<sip:alice@127.0.0.1:5070;transport=tcp>")
            .with("P-Asserted-Identity", "<sip:alice@im.example>");
        invite.set_body("multipart/mixed;boundary=b", body.into_bytes());
        invite
    }

    /// A request of alice or a guest in the dialog of `from`, a response or request of the server.
    fn request(&self, method: &str, from: &Message, who: &str, cseq: &str) -> Message {
        let header = |name: &str| from.header(name).unwrap_or_default().to_owned();
        let (near, far) = if from.is_request() {
            (format!("{};tag={who}", header("To")), header("From"))
        } else {
            (header("From"), header("To"))
        };
        Message::request(method, &self.identity)
            .with(
                "Via",
                format!(
                    "SIP/2.0/TCP 127.0.0.1:5070;branch=z9hG4bK{method}{}",
                    self.sessions
                ),
            )
            .with("Max-Forwards", "70")
            .with("From", near)
            .with("To", far)
            .with("Call-ID", header("Call-ID"))
            .with("CSeq", cseq)
    }

    /// Every participant connects its leg.
    pub(crate) fn connect(&mut self) {
        for member in 0..self.legs.len() {
            let frame = format!(
                "MSRP hello SEND\r\nTo-Path: {}\r\nFrom-Path: {}\r\nMessage-ID: hello{member}\r\n-------hello$\r\n",
                self.legs[member],
                own_path(member)
            );
            self.msrp(member, &frame);
        }
        self.frames.clear();
    }

    /// Alice says something; the number of copies, each of them acknowledged.
    pub(crate) fn say(&mut self) -> usize {
        self.messages += 1;
        let text = "x".repeat(200);
        let number = self.messages;
        let frame = format!(
            "MSRP say{number} SEND\r\nTo-Path: {}\r\nFrom-Path: {}\r\nMessage-ID: m{number}\r\nByte-Range: 1-{length}/{length}\r\n\
             Content-Type: message/CPIM\r\n\r\n{head}{text}\r\n-------say{number}$\r\n",
            self.legs[0],
            own_path(0),
            head = HEAD,
            length = HEAD.len() + text.len(),
        );
        self.msrp(0, &frame);
        let copies = std::mem::take(&mut self.frames);
        let mut told = 0;
        for (link, bytes) in copies {
            let line = &bytes[..bytes.iter().position(|b| *b == b'\r').unwrap_or(0)];
            let mut words = line.split(|b| *b == b' ').skip(1);
            let (tid, kind) = (words.next().unwrap_or_default(), words.next());
            if kind == Some(b"SEND") {
                told += 1;
                let tid = String::from_utf8_lossy(tid);
                let member = usize::try_from(link.0 & 0xffff).expect("a small number");
                let answer = format!(
                    "MSRP {tid} 200 OK\r\nTo-Path: {}\r\nFrom-Path: {}\r\n-------{tid}$\r\n",
                    self.legs[member],
                    own_path(member)
                );
                self.msrp(member, &answer);
            }
        }
        told
    }

    /// So many users follow the latest session.
    pub(crate) fn subscribe(&mut self, subscribers: usize) {
        for number in 0..subscribers {
            let subscribe = Message::request("SUBSCRIBE", &self.identity)
                .with(
                    "Via",
                    format!("SIP/2.0/TCP 127.0.0.1:5070;branch=z9hG4bKs{number}"),
                )
                .with("Max-Forwards", "70")
                .with("From", format!("<sip:s{number}@im.example>;tag=s{number}"))
                .with("To", format!("<{}>", self.identity))
                .with("Call-ID", format!("subscription{number}"))
                .with("CSeq", "1 SUBSCRIBE")
                .with("Contact", "<sip:s@127.0.0.1:5070;transport=tcp>")
                .with("P-Asserted-Identity", format!("<sip:s{number}@im.example>"))
                .with("Event", "conference")
                .with("Expires", "3600");
            self.sip(subscribe);
            for request in std::mem::take(&mut self.sent) {
                if request.method() == Some("NOTIFY") {
                    self.sip(response(&request, "s"));
                }
            }
        }
    }

    /// The last guest leaves; the number of NOTIFYs.
    pub(crate) fn leave(&mut self) -> usize {
        let invitation = self.invitation.take().expect("a guest");
        let count = self.legs.len() - 2;
        let bye = self.request("BYE", &invitation, &format!("g{count}"), "1 BYE");
        self.sip(bye);
        let told = |m: &&Message| m.method() == Some("NOTIFY");
        self.sent.iter().filter(told).count()
    }

    /// Every transaction timer runs out, so that only sessions are left.
    fn rest(&mut self) {
        loop {
            let due: Vec<TimerId> = self
                .timers
                .iter()
                .filter(|(_, after)| **after <= LONGEST)
                .map(|(timer, _)| *timer)
                .collect();
            if due.is_empty() {
                break;
            }
            for timer in due {
                if self.timers.remove(&timer).is_some() {
                    self.give(Input::Fired(timer));
                }
            }
        }
        self.sent.clear();
        self.frames.clear();
    }

    fn sip(&mut self, message: Message) {
        self.give(Input::Sip {
            flow: flow(),
            message,
        });
    }

    fn msrp(&mut self, member: usize, text: &str) {
        self.give(Input::Msrp {
            link: LinkId(1 << 63 | member as u64),
            frame: Frame::parse(text.as_bytes()).expect("a frame"),
        });
    }

    fn give(&mut self, input: Input) {
        let mut said = Vec::new();
        self.server.handle(input, &mut said);
        for output in said {
            match output {
                Output::Sip { bytes, .. } => {
                    self.sent
                        .push(Message::parse(&bytes).expect("our own message"));
                }
                Output::Msrp { link, bytes } => self.frames.push((link, bytes)),
                Output::Arm { timer, after } => {
                    self.timers.insert(timer, after);
                }
                Output::Disarm(timer) => {
                    self.timers.remove(&timer);
                }
                Output::Ignored(why) => panic!("ignored: {why}"),
                _ => {}
            }
        }
    }
}

const HEAD: &str = "From: <sip:alice@im.example>\r\nTo: <sip:room@im.example>\r\n\r\nContent-Type: text/plain\r\n\r\n";

fn own_path(member: usize) -> String {
    let user = if member == 0 {
        "alice".to_owned()
    } else {
        format!("g{}", member - 1)
    };
    format!("msrp://127.0.0.1:7001/{user};tcp")
}

fn response(request: &Message, tag: &str) -> Message {
    let mut response = Message::response(request, 200, "OK");
    let to = request.header("To").unwrap_or_default().to_owned();
    if !to.contains(";tag=") {
        response.set("To", format!("{to};tag={tag}"));
    }
    response
}
