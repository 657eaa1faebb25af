//! Sends MSRP messages on one leg: chunks, their responses, and reports (RFC 4975 7.1).

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use wire::msrp::{Flag, Frame, Kind};

use crate::identifiers::Source;

mod interface;

pub use interface::{FailureReport, Input, Limits, Outgoing, Output};

#[derive(Clone, Debug)]
struct Message {
    outgoing: Outgoing,
    /// Octets sent.
    at: usize,
    /// Whether the last chunk is sent.
    written: bool,
    /// Chunks without a response.
    open: usize,
}

/// The sending half of one leg.
#[derive(Clone, Debug)]
pub struct Sender {
    from_path: Vec<String>,
    to_path: Vec<String>,
    source: Source,
    limits: Limits,
    queue: VecDeque<Message>,
    /// Transaction to Message-ID.
    outstanding: HashMap<String, String>,
    full: bool,
    down: bool,
    crowded: bool,
}

impl Sender {
    /// A sender from us to the other end.
    pub fn new(
        from_path: Vec<String>,
        to_path: Vec<String>,
        source: Source,
        limits: Limits,
    ) -> Sender {
        let (queue, outstanding) = (VecDeque::new(), HashMap::new());
        Sender {
            from_path,
            to_path,
            source,
            limits,
            queue,
            outstanding,
            full: false,
            down: false,
            crowded: false,
        }
    }

    /// Takes one input and appends what it causes.
    pub fn handle(&mut self, input: Input, out: &mut Vec<Output>) {
        match input {
            Input::Send(_) | Input::Drained | Input::Full | Input::Down if self.down => {
                out.push(Output::Ignored("the leg is gone"));
            }
            Input::Send(message) => self.send(message, out),
            Input::Response { transaction, code } => self.answered(&transaction, code, out),
            Input::Report(frame) => report(&frame, out),
            Input::Fired { transaction } => self.silent(&transaction, out),
            Input::Abort { id } => self.abort(&id, out),
            Input::Full => self.full = true,
            Input::Drained => {
                self.full = false;
                self.pump(out);
            }
            Input::Down => self.end(out),
        }
    }

    /// Octets that wait.
    pub fn queued(&self) -> usize {
        self.queue
            .iter()
            .map(|message| message.outgoing.body.len() - message.at)
            .sum()
    }

    fn send(&mut self, outgoing: Outgoing, out: &mut Vec<Output>) {
        // Also many empty messages are too many.
        let waiting = self.queued() + self.queue.len() * OVERHEAD;
        if waiting + outgoing.body.len() > self.limits.queued {
            self.crowded = true;
            return out.push(Output::Refused { id: outgoing.id });
        }
        self.queue.push_back(Message {
            outgoing,
            at: 0,
            written: false,
            open: 0,
        });
        self.pump(out);
    }

    /// Sends chunks in turn, so that a long message never holds up a short one (RFC 4975 5.1).
    fn pump(&mut self, out: &mut Vec<Output>) {
        let mut idle = 0;
        while !self.full
            && self.outstanding.len() < self.limits.outstanding
            && idle < self.queue.len()
        {
            let Some(mut message) = self.queue.pop_front() else {
                break;
            };
            if message.written {
                idle += 1;
                self.queue.push_back(message);
                continue;
            }
            idle = 0;
            self.chunk(&mut message, out);
            let over = message.written && message.outgoing.failure_report != FailureReport::Yes;
            if over {
                out.push(Output::Sent {
                    id: message.outgoing.id,
                });
            } else {
                self.queue.push_back(message);
            }
        }
        if self.crowded && self.queued() <= self.limits.queued / 2 {
            self.crowded = false;
            out.push(Output::Drained);
        }
    }

    fn chunk(&mut self, message: &mut Message, out: &mut Vec<Output>) {
        let total = message.outgoing.body.len();
        let end = total.min(message.at + self.limits.chunk.max(1));
        let body = message
            .outgoing
            .body
            .get(message.at..end)
            .unwrap_or_default()
            .to_vec();
        let flag = if end == total {
            Flag::Complete
        } else {
            Flag::More
        };
        let transaction = self.transaction(&body);
        let mut frame = self.frame(&transaction, &message.outgoing, flag);
        frame
            .headers
            .push(("Byte-Range".into(), range(message.at, end, total)));
        frame
            .headers
            .push(("Content-Type".into(), message.outgoing.content_type.clone()));
        frame.body = Some(body);
        (message.at, message.written) = (end, end == total);
        out.push(Output::Frame(frame));
        if message.outgoing.failure_report == FailureReport::Yes {
            message.open += 1;
            self.outstanding
                .insert(transaction.clone(), message.outgoing.id.clone());
            out.push(Output::Arm {
                transaction,
                after: PATIENCE,
            });
        }
    }

    fn answered(&mut self, transaction: &str, code: u16, out: &mut Vec<Output>) {
        let Some(id) = self.outstanding.remove(transaction) else {
            return out.push(Output::Ignored("response to no open transaction"));
        };
        out.push(Output::Disarm {
            transaction: transaction.to_owned(),
        });
        match code {
            200..=299 => {
                self.settle(&id, out);
                self.pump(out);
            }
            // RFC 4975 10.5, 10.7: the session is over.
            481 | 506 => {
                out.push(Output::Failed { id, code });
                self.end(out);
            }
            _ => self.fail(&id, code, out),
        }
    }

    fn settle(&mut self, id: &str, out: &mut Vec<Output>) {
        let Some(place) = self
            .queue
            .iter()
            .position(|message| message.outgoing.id == id)
        else {
            return;
        };
        let message = &mut self.queue[place];
        message.open = message.open.saturating_sub(1);
        if message.written && message.open == 0 {
            self.queue.remove(place);
            out.push(Output::Sent { id: id.to_owned() });
        }
    }

    fn silent(&mut self, transaction: &str, out: &mut Vec<Output>) {
        match self.outstanding.remove(transaction) {
            Some(id) => self.fail(&id, 408, out),
            None => out.push(Output::Ignored("timer of an answered transaction")),
        }
    }

    fn fail(&mut self, id: &str, code: u16, out: &mut Vec<Output>) {
        if self.drop_message(id, out) {
            out.push(Output::Failed {
                id: id.to_owned(),
                code,
            });
        }
        self.pump(out);
    }

    fn abort(&mut self, id: &str, out: &mut Vec<Output>) {
        if !self.drop_message(id, out) {
            out.push(Output::Ignored("no such message"));
        }
        self.pump(out);
    }

    // RFC 4975 7.3.2: what was begun is ended with `#`.
    fn drop_message(&mut self, id: &str, out: &mut Vec<Output>) -> bool {
        let Some(place) = self
            .queue
            .iter()
            .position(|message| message.outgoing.id == id)
        else {
            return false;
        };
        let Some(message) = self.queue.remove(place) else {
            return false;
        };
        let mut open: Vec<String> = self
            .outstanding
            .iter()
            .filter(|(_, of)| *of == id)
            .map(|(transaction, _)| transaction.clone())
            .collect();
        open.sort();
        for transaction in open {
            self.outstanding.remove(&transaction);
            out.push(Output::Disarm { transaction });
        }
        if message.at > 0 && !message.written {
            let transaction = self.transaction(&[]);
            let mut frame = self.frame(&transaction, &message.outgoing, Flag::Abort);
            let total = message.outgoing.body.len();
            frame
                .headers
                .push(("Byte-Range".into(), format!("{}-*/{total}", message.at + 1)));
            frame
                .headers
                .push(("Content-Type".into(), message.outgoing.content_type.clone()));
            frame.body = Some(Vec::new());
            out.push(Output::Frame(frame));
        }
        true
    }

    fn end(&mut self, out: &mut Vec<Output>) {
        self.down = true;
        self.queue.clear();
        let mut open: Vec<String> = self
            .outstanding
            .drain()
            .map(|(transaction, _)| transaction)
            .collect();
        open.sort();
        out.extend(
            open.into_iter()
                .map(|transaction| Output::Disarm { transaction }),
        );
        out.push(Output::Gone);
    }

    fn frame(&self, transaction: &str, outgoing: &Outgoing, flag: Flag) -> Frame {
        let mut headers = vec![("Message-ID".to_owned(), outgoing.id.clone())];
        if outgoing.success_report {
            headers.push(("Success-Report".into(), "yes".into()));
        }
        match outgoing.failure_report {
            FailureReport::Yes => {}
            FailureReport::Partial => headers.push(("Failure-Report".into(), "partial".into())),
            FailureReport::No => headers.push(("Failure-Report".into(), "no".into())),
        }
        Frame {
            transaction: transaction.to_owned(),
            kind: Kind::Request("SEND".into()),
            to_path: self.to_path.clone(),
            from_path: self.from_path.clone(),
            headers,
            body: None,
            flag,
        }
    }

    // RFC 4975 7.1: the end-line must not occur in the body.
    fn transaction(&mut self, body: &[u8]) -> String {
        loop {
            let id = self.source.token();
            let line = format!("-------{id}");
            if !body
                .windows(line.len())
                .any(|window| window == line.as_bytes())
            {
                return id;
            }
        }
    }
}

// RFC 4975 7.1.1: what may be interrupted has no known end; a whole message within one chunk has.
fn range(at: usize, end: usize, total: usize) -> String {
    match total {
        0 => "1-0/0".into(),
        1..=2048 => format!("{}-{end}/{total}", at + 1),
        _ => format!("{}-*/{total}", at + 1),
    }
}

fn report(frame: &Frame, out: &mut Vec<Output>) {
    let id = frame.header("Message-ID").map(str::to_owned);
    // RFC 4975 7.1.2: namespace, code, text.
    let code = frame
        .header("Status")
        .and_then(|status| status.split_whitespace().nth(1)?.parse().ok());
    match (id, code) {
        (Some(id), Some(code)) => out.push(Output::Delivered { id, code }),
        _ => out.push(Output::Ignored("REPORT without Message-ID or Status")),
    }
}

/// How long a response may take (RFC 4975 7.1.4).
pub const PATIENCE: Duration = Duration::from_secs(30);

const OVERHEAD: usize = 256;
