//! A node without sockets: inputs are written down as messages, outputs are listed.

use std::fmt::Write as _;
use std::net::SocketAddr;

use machines::port::{Fetched, Flow, Input, LinkId, Local, Node, Output, TimerId, Transport};
use roles::client::upper::Told;
use roles::{Config, Server, client, history, participating};
use wire::msrp::Frame;
use wire::sip::Message;

/// A node and what it said last.
pub(crate) struct Stage {
    node: Box<dyn Node>,
    pub(crate) said: Vec<Output>,
    pub(crate) script: String,
    /// Whether each message that the node sends has to follow its grammar.
    pub(crate) strict: bool,
}

impl Stage {
    pub(crate) fn new(config: Config) -> Self {
        let server = |local| Box::new(Server::new(config, local, 0)) as Box<dyn Node>;
        Self {
            strict: false,
            ..Self::with(5060, 2855, server)
        }
    }

    /// A client at ports 5080 and 7080; its proxy is at 5070.
    pub(crate) fn client(config: client::Config) -> Self {
        Self::with(5080, 7080, |local| {
            Box::new(client::Client::new(config, local))
        })
    }

    /// A participating function at ports 5090 and 2890; its core is at 5070.
    pub(crate) fn participating(config: participating::Config) -> Self {
        Self::with(5090, 2890, |local| {
            Box::new(participating::Participating::new(config, local, 0))
        })
    }

    /// A SIP/IP core at port 5060.
    pub(crate) fn core(config: roles::core::Config) -> Self {
        Self::with(5060, 2855, |local| {
            Box::new(roles::core::Core::new(config, local))
        })
    }

    fn with(sip: u16, msrp: u16, node: impl FnOnce(Local) -> Box<dyn Node>) -> Self {
        let local = Local {
            sip: address(sip),
            msrp: address(msrp),
        };
        Self {
            node: node(local),
            said: Vec::new(),
            script: String::new(),
            strict: true,
        }
    }

    /// An IM History Function at the ports of the client.
    pub(crate) fn history(config: history::Config) -> Self {
        let local = Local {
            sip: address(5080),
            msrp: address(7080),
        };
        Self {
            node: Box::new(history::History::new(config, local)),
            said: Vec::new(),
            script: String::new(),
            strict: true,
        }
    }

    /// The user gives a command.
    pub(crate) fn user(&mut self, line: &str) -> &mut Self {
        let _ = writeln!(self.script, "\n>>> user: {line}");
        self.give(Input::User(line.to_owned()))
    }

    /// What the user was told, oldest first.
    pub(crate) fn told(&self) -> Vec<Told> {
        let line = |output: &Output| match output {
            Output::User(line) => Some(Told::read(line).expect("an event")),
            _ => None,
        };
        self.said.iter().filter_map(line).collect()
    }

    pub(crate) fn give(&mut self, input: Input) -> &mut Self {
        let mut said = Vec::new();
        self.node.handle(input, &mut said);
        self.write(&said);
        if self.strict {
            said.iter().for_each(sound);
        }
        self.said.extend(said);
        self
    }

    pub(crate) fn sip(&mut self, from: u16, text: &str) -> &mut Self {
        let message =
            Message::parse(text.replace('\n', "\r\n").as_bytes()).expect("a well-formed message");
        let line = text.lines().next().unwrap_or_default();
        let _ = writeln!(self.script, "\n>>> {from}: {line}");
        self.give(Input::Sip {
            flow: Flow {
                transport: Transport::Tcp,
                remote: address(from),
            },
            message,
        })
    }

    pub(crate) fn msrp(&mut self, link: u64, text: &str) -> &mut Self {
        let frame =
            Frame::parse(text.replace('\n', "\r\n").as_bytes()).expect("a well-formed frame");
        let _ = writeln!(
            self.script,
            "\n>>> link {link:x}: {}",
            text.lines().next().unwrap_or_default()
        );
        self.give(Input::Msrp {
            link: LinkId(link),
            frame,
        })
    }

    pub(crate) fn fire(&mut self, timer: TimerId) -> &mut Self {
        let _ = writeln!(self.script, "\n>>> timer");
        self.give(Input::Fired(timer))
    }

    /// How the latest fetch of a document ends.
    pub(crate) fn fetched(&mut self, outcome: Fetched) -> &mut Self {
        let fetch = |output: &Output| match output {
            Output::Fetch { id, .. } => Some(*id),
            _ => None,
        };
        let asked = self.said.iter().rev().find_map(fetch);
        let id = asked.unwrap_or_else(|| panic!("no fetch:\n{}", self.script));
        let _ = writeln!(self.script, "\n>>> fetched");
        self.give(Input::Fetched { id, outcome })
    }

    /// The answer to the latest request with this method that was sent to this user or port.
    pub(crate) fn answer(&mut self, method: &str, to: &str, code: u16, extra: &str) -> &mut Self {
        let request = self.sent(method, to);
        let mut response = Message::response(&request, code, "Whatever");
        if let Some(to) = response.to().filter(|to| to.tag().is_none() && code > 100) {
            response.set(
                "To",
                format!("{to};tag=of-{}", to.uri.user.clone().unwrap_or_default()),
            );
        }
        let (head, body) = extra.split_once("\n\n").unwrap_or((extra, ""));
        for line in head.lines() {
            let (name, value) = line.split_once(": ").expect("a header");
            response.push(name, value);
        }
        if !body.is_empty() {
            response.set_body("application/sdp", body.replace('\n', "\r\n").into_bytes());
        }
        let _ = writeln!(self.script, "\n>>> {to}: {code} to {method}");
        let flow = Flow {
            transport: Transport::Tcp,
            remote: address(5070),
        };
        self.give(Input::Sip {
            flow,
            message: response,
        })
    }

    /// Every request or response that was sent, oldest first.
    pub(crate) fn messages(&self) -> Vec<Message> {
        self.said
            .iter()
            .filter_map(|output| match output {
                Output::Sip { bytes, .. } => Some(Message::parse(bytes).expect("our own message")),
                _ => None,
            })
            .collect()
    }

    pub(crate) fn sent(&self, method: &str, to: &str) -> Message {
        let wanted = |one: &Message| {
            one.method() == Some(method) && one.uri().is_some_and(|uri| uri.contains(to))
        };
        self.messages()
            .into_iter()
            .rfind(wanted)
            .unwrap_or_else(|| panic!("no {method} to {to}:\n{}", self.script))
    }

    pub(crate) fn codes(&self, method: &str) -> Vec<u16> {
        let of = |one: &Message| one.cseq().is_some_and(|cseq| cseq.method == method);
        self.messages()
            .iter()
            .filter(|one| of(one))
            .filter_map(Message::code)
            .collect()
    }

    pub(crate) fn last(&self, code: u16) -> Message {
        let found = self
            .messages()
            .into_iter()
            .rfind(|one| one.code() == Some(code));
        found.unwrap_or_else(|| panic!("no {code}:\n{}", self.script))
    }

    /// The MSRP octets for a link, as text.
    pub(crate) fn octets(&self, wanted: u64) -> String {
        let mine = |output: &Output| match output {
            Output::Msrp { link, bytes } if link.0 == wanted => {
                Some(String::from_utf8_lossy(bytes).into_owned())
            }
            _ => None,
        };
        self.said.iter().filter_map(mine).collect()
    }

    fn write(&mut self, said: &[Output]) {
        for output in said {
            let _ = match output {
                Output::Sip { flow, bytes } => {
                    let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n    ");
                    writeln!(
                        self.script,
                        "<<< {:?} {}\n    {}",
                        flow.transport,
                        flow.remote,
                        text.trim_end()
                    )
                }
                Output::Msrp { link, bytes } => {
                    let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n    ");
                    writeln!(
                        self.script,
                        "<<< link {:x}\n    {}",
                        link.0,
                        text.trim_end()
                    )
                }
                other => writeln!(self.script, "<<< {other:?}"),
            };
        }
    }
}

/// Panics when a message breaks its grammar.
fn sound(output: &Output) {
    let Output::Sip { bytes, .. } = output else {
        return;
    };
    let text = String::from_utf8_lossy(bytes);
    let message = Message::parse(bytes).unwrap_or_else(|fault| panic!("{fault}\n{text}"));
    if let Err(fault) = message.validate() {
        panic!("{fault}\n{text}");
    }
    let kind = message.header("Content-Type").unwrap_or_default();
    if let Some(sdp) = wire::mime::find(kind, &message.body, "application/sdp") {
        let faults = wire::sdp::lint(&String::from_utf8_lossy(&sdp.body));
        assert!(faults.is_empty(), "{faults:?}\n{text}");
    }
}

pub(crate) fn address(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

pub(crate) fn config() -> Config {
    Config {
        core: address(5070),
        core_transport: Transport::Tcp,
        max_participants: 3,
        barred: vec!["sip:mallory@im.example".into()],
        xcap_root: Some("http://127.0.0.1:8090/services".into()),
        ..Config::default()
    }
}
