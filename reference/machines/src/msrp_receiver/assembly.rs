//! One message in the making: its chunks in any order (RFC 4975 7.3.1).

use std::collections::BTreeMap;

use wire::msrp::{Flag, Frame};

use super::Incoming;
use crate::msrp_sender::FailureReport;

/// The chunks of one message so far.
#[derive(Clone, Debug)]
pub(super) struct Assembly {
    pub(super) id: String,
    first: Option<Incoming>,
    body: Vec<u8>,
    /// Octets that are there, as start and end, disjoint.
    filled: BTreeMap<usize, usize>,
    total: Option<usize>,
}

impl Assembly {
    pub(super) fn new(id: &str) -> Assembly {
        Assembly {
            id: id.to_owned(),
            first: None,
            body: Vec::new(),
            filled: BTreeMap::new(),
            total: None,
        }
    }

    pub(super) fn held(&self) -> usize {
        self.body.len()
    }

    /// Places a chunk whose first octet is `start`, counted from 1; says whether the message is whole.
    pub(super) fn add(&mut self, start: u64, frame: &Frame, limit: usize) -> Result<bool, u16> {
        let chunk = frame.body.as_deref().unwrap_or_default();
        let at = usize::try_from(start - 1).map_err(|_| 413_u16)?;
        // The true length is that of the payload, whatever the range says.
        let end = at
            .checked_add(chunk.len())
            .filter(|end| *end <= limit)
            .ok_or(413_u16)?;
        let announced = frame.byte_range().and_then(|range| range.total);
        if announced.is_some_and(|total| total > limit as u64) {
            return Err(413);
        }
        if self.body.len() < end {
            self.body.resize(end, 0);
        }
        // Where chunks overlap the last one received wins.
        self.body[at..end].copy_from_slice(chunk);
        self.fill(at, end)?;
        if self.first.is_none() || at == 0 {
            self.first = Some(describe(&self.id, frame));
        }
        if frame.flag == Flag::Complete {
            self.total = Some(end);
        }
        Ok(self.total.is_some_and(|total| self.covers(total)))
    }

    pub(super) fn into_message(self) -> Incoming {
        let mut body = self.body;
        body.truncate(self.total.unwrap_or(body.len()));
        let blank = || describe(&self.id, &EMPTY);
        Incoming {
            body,
            ..self.first.unwrap_or_else(blank)
        }
    }

    fn fill(&mut self, start: usize, end: usize) -> Result<(), u16> {
        let (mut start, mut end) = (start, end);
        let touching: Vec<usize> = self
            .filled
            .range(..=end)
            .filter(|(_, upto)| **upto >= start)
            .map(|(from, _)| *from)
            .collect();
        for from in touching {
            if let Some(upto) = self.filled.remove(&from) {
                (start, end) = (start.min(from), end.max(upto));
            }
        }
        self.filled.insert(start, end);
        if self.filled.len() > GAPS {
            Err(413)
        } else {
            Ok(())
        }
    }

    fn covers(&self, total: usize) -> bool {
        total == 0 || self.filled.get(&0).is_some_and(|upto| *upto >= total)
    }
}

fn describe(id: &str, frame: &Frame) -> Incoming {
    Incoming {
        id: id.to_owned(),
        content_type: frame.header("Content-Type").unwrap_or("").to_owned(),
        headers: frame.headers.clone(),
        body: Vec::new(),
        success_report: frame
            .header("Success-Report")
            .is_some_and(|value| value.eq_ignore_ascii_case("yes")),
        failure_report: FailureReport::of(frame),
        from_path: frame.from_path.clone(),
        to_path: frame.to_path.clone(),
    }
}

const EMPTY: Frame = Frame {
    transaction: String::new(),
    kind: wire::msrp::Kind::Request(String::new()),
    to_path: Vec::new(),
    from_path: Vec::new(),
    headers: Vec::new(),
    body: None,
    flag: Flag::Complete,
};

/// More islands than this are no sane order.
const GAPS: usize = 256;
