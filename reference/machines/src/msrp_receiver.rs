//! Receives MSRP messages on one leg: chunks become messages, and get responses and reports (RFC 4975 7.2, 7.3).

use std::collections::VecDeque;

use wire::msrp::{Flag, Frame, Kind};

use crate::identifiers::Source;
use crate::msrp_sender::FailureReport;

mod assembly;

use assembly::Assembly;

/// The most that a receiver keeps.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Octets of one message.
    pub message: usize,
    /// Unfinished messages at a time.
    pub open: usize,
    /// Finished Message-IDs, to know a message that comes again.
    pub remembered: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            message: 1 << 20,
            open: 8,
            remembered: 256,
        }
    }
}

/// A whole message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Incoming {
    /// Its Message-ID.
    pub id: String,
    /// Its Content-Type; empty when it has none.
    pub content_type: String,
    /// The headers of its first chunk.
    pub headers: Vec<(String, String)>,
    /// All of it.
    pub body: Vec<u8>,
    /// Whether its sender wants a success REPORT.
    pub success_report: bool,
    /// Which responses its sender wants.
    pub failure_report: FailureReport,
    /// The way back to its sender.
    pub from_path: Vec<String>,
    /// The way it came.
    pub to_path: Vec<String>,
}

/// What can happen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Input {
    /// A request came; responses and REPORTs are the sender's (`msrp_sender`).
    Frame(Frame),
    /// From now on chunks of this message get this error.
    Refuse {
        /// The Message-ID.
        id: String,
        /// Such as 413 or 415 (RFC 4975 10).
        code: u16,
    },
}

/// What follows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Output {
    /// Send this response.
    Respond(Frame),
    /// A message is whole.
    Message(Incoming),
    /// Its sender gave a message up.
    Aborted {
        /// The Message-ID.
        id: String,
    },
    /// The input means nothing, and why.
    Ignored(&'static str),
}

/// The receiving half of one leg.
#[derive(Clone, Debug)]
pub struct Receiver {
    limits: Limits,
    source: Source,
    open: Vec<Assembly>,
    finished: VecDeque<String>,
    refused: VecDeque<(String, u16)>,
}

impl Receiver {
    /// Nothing received.
    pub fn new(limits: Limits, source: Source) -> Receiver {
        Receiver {
            limits,
            source,
            open: Vec::new(),
            finished: VecDeque::new(),
            refused: VecDeque::new(),
        }
    }

    /// Takes one input and appends what it causes.
    pub fn handle(&mut self, input: Input, out: &mut Vec<Output>) {
        match input {
            Input::Frame(frame) => match &frame.kind {
                Kind::Request(method) if method == "SEND" => self.receive(frame, out),
                Kind::Request(method) if method == "REPORT" => {
                    out.push(Output::Ignored("a REPORT gets no response"))
                }
                Kind::Request(_) => out.push(Output::Respond(respond(&frame, 501))),
                Kind::Response(..) => out.push(Output::Ignored("a response is the sender's")),
            },
            Input::Refuse { id, code } => {
                self.open.retain(|assembly| assembly.id != id);
                self.refuse(id, code);
            }
        }
    }

    /// The REPORT for a message: code 200 when its sender wants success reported, any other when it wants failures.
    pub fn report(&mut self, message: &Incoming, code: u16) -> Option<Frame> {
        let wanted = if code == 200 {
            message.success_report
        } else {
            message.failure_report != FailureReport::No
        };
        if !wanted {
            return None;
        }
        let size = message.body.len();
        let headers = vec![
            ("Message-ID".to_owned(), message.id.clone()),
            ("Byte-Range".to_owned(), format!("1-{size}/{size}")),
            (
                "Status".to_owned(),
                format!("000 {code} {}", comment(code))
                    .trim_end()
                    .to_owned(),
            ),
        ];
        Some(Frame {
            transaction: self.source.token(),
            kind: Kind::Request("REPORT".into()),
            // RFC 4975 7.1.2: the whole way back.
            to_path: message.from_path.clone(),
            from_path: message.to_path.iter().take(1).cloned().collect(),
            headers,
            body: None,
            flag: Flag::Complete,
        })
    }

    /// Octets of unfinished messages.
    pub fn held(&self) -> usize {
        self.open.iter().map(|assembly| assembly.held()).sum()
    }

    fn receive(&mut self, frame: Frame, out: &mut Vec<Output>) {
        let Some(id) = frame.header("Message-ID").map(str::to_owned) else {
            return answer(&frame, 400, out);
        };
        if frame.flag == Flag::Abort {
            return self.abort(&id, &frame, out);
        }
        let refused = self
            .refused
            .iter()
            .find(|(of, _)| *of == id)
            .map(|(_, code)| *code);
        if let Some(code) = refused {
            return answer(&frame, code, out);
        }
        if self.finished.contains(&id) {
            answer(&frame, 200, out);
            return out.push(Output::Ignored("the message was received before"));
        }
        match self.place(&id, &frame) {
            Ok(whole) => {
                answer(&frame, 200, out);
                if let Some(message) = whole {
                    self.finish(id);
                    out.push(Output::Message(message));
                }
            }
            Err(code) => {
                self.open.retain(|assembly| assembly.id != id);
                if code == 413 {
                    self.refuse(id, code);
                }
                answer(&frame, code, out);
            }
        }
    }

    fn place(&mut self, id: &str, frame: &Frame) -> Result<Option<Incoming>, u16> {
        let start = match (frame.header("Byte-Range"), frame.byte_range()) {
            (None, _) => 1,
            (Some(_), Some(range)) if range.start >= 1 => range.start,
            (Some(_), _) => return Err(400),
        };
        let place = match self.open.iter().position(|assembly| assembly.id == id) {
            Some(place) => place,
            None if self.open.len() >= self.limits.open => return Err(413),
            None => {
                self.open.push(Assembly::new(id));
                self.open.len() - 1
            }
        };
        let whole = self.open[place].add(start, frame, self.limits.message)?;
        if !whole {
            return Ok(None);
        }
        Ok(Some(self.open.swap_remove(place).into_message()))
    }

    fn abort(&mut self, id: &str, frame: &Frame, out: &mut Vec<Output>) {
        let before = self.open.len();
        self.open.retain(|assembly| assembly.id != id);
        answer(frame, 200, out);
        if self.open.len() < before {
            out.push(Output::Aborted { id: id.to_owned() });
        } else {
            out.push(Output::Ignored("no such message was begun"));
        }
    }

    fn finish(&mut self, id: String) {
        self.finished.push_back(id);
        if self.finished.len() > self.limits.remembered {
            self.finished.pop_front();
        }
    }

    fn refuse(&mut self, id: String, code: u16) {
        self.refused.push_back((id, code));
        if self.refused.len() > self.limits.remembered {
            self.refused.pop_front();
        }
    }
}

/// The response to a request, with only the first URI of the way back (RFC 4975 7.2).
pub fn respond(request: &Frame, code: u16) -> Frame {
    Frame {
        transaction: request.transaction.clone(),
        kind: Kind::Response(code, comment(code).to_owned()),
        to_path: request.from_path.iter().take(1).cloned().collect(),
        from_path: request.to_path.iter().take(1).cloned().collect(),
        headers: Vec::new(),
        body: None,
        flag: Flag::Complete,
    }
}

/// Whether a request with this Failure-Report gets a response of this code (RFC 4975 7.2).
pub fn answers(request: &Frame, code: u16) -> bool {
    match FailureReport::of(request) {
        FailureReport::Yes => true,
        FailureReport::Partial => code != 200,
        FailureReport::No => false,
    }
}

fn answer(frame: &Frame, code: u16, out: &mut Vec<Output>) {
    if answers(frame, code) {
        out.push(Output::Respond(respond(frame, code)));
    } else if code != 200 {
        out.push(Output::Ignored("the sender wants no response"));
    }
}

fn comment(code: u16) -> &'static str {
    match code {
        200 => "OK",
        400 => "Bad Request",
        403 => "Forbidden",
        408 => "Timeout",
        413 => "Too Large",
        415 => "Unsupported Media Type",
        423 => "Out Of Bounds",
        481 => "No Such Session",
        501 => "Unknown Method",
        506 => "Session In Use",
        _ => "",
    }
}
