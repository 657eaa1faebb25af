//! Writes the metadata to the XDMS: reads the list once, then puts it whole, one request at a time (13.3.4).

use std::collections::VecDeque;
use std::time::Duration;

use machines::port::{Fetch, FetchId, FetchMethod, Fetched, Output};
use wire::xml::history::{self, History as Metadata};

use crate::xdms::{HISTORY_AUID, HISTORY_DOCUMENT, HISTORY_TYPE, user_address};

/// The list of what was recorded, as the XDMS has it, and what it shall have.
#[derive(Debug)]
pub(super) struct Ledger {
    /// The address of the document; nowhere without an XDMS.
    address: Option<String>,
    owner: String,
    /// The list at the XDMS; not read yet at first.
    known: Option<Vec<Metadata>>,
    waiting: VecDeque<Metadata>,
    open: Option<(FetchId, Step)>,
    count: u64,
    failures: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Step {
    Read,
    /// How many of those that wait are in the document.
    Write(usize),
}

impl Ledger {
    pub(super) fn new(root: Option<&str>, owner: &str) -> Self {
        let address = |root| user_address(root, HISTORY_AUID, owner, HISTORY_DOCUMENT);
        Self {
            address: root.map(address),
            owner: owner.to_owned(),
            known: None,
            waiting: VecDeque::new(),
            open: None,
            count: 0,
            failures: 0,
        }
    }

    /// Takes what shall be written; false when there is no room for it.
    pub(super) fn take(&mut self, metadata: Metadata) -> bool {
        let room = self.waiting.len() < history::ENTRIES;
        if room {
            self.waiting.push_back(metadata);
        }
        room
    }

    /// The next request, when it is time for one.
    pub(super) fn next(&mut self) -> Option<Output> {
        let uri = self.address.clone()?;
        if self.open.is_some() || self.waiting.is_empty() {
            return None;
        }
        let (step, what) = match &self.known {
            None => (Step::Read, Fetch::get(uri)),
            Some(known) => {
                let list = whole(known, &self.waiting);
                let put = Fetch {
                    method: FetchMethod::Put,
                    uri,
                    headers: vec![("Content-Type", HISTORY_TYPE.to_owned())],
                    body: history::write(&list),
                };
                (Step::Write(self.waiting.len()), put)
            }
        };
        let mut what = what;
        let identity = format!("\"{}\"", self.owner);
        what.headers.push(("X-3GPP-Asserted-Identity", identity));
        self.count += 1;
        let id = FetchId(self.count);
        self.open = Some((id, step));
        let within = PATIENCE;
        Some(Output::Fetch { id, what, within })
    }

    /// The XDMS has answered: the recordings whose metadata are written now, or why they are not.
    pub(super) fn fetched(&mut self, id: FetchId, outcome: Fetched) -> Result<Vec<String>, String> {
        let Some((_, step)) = self.open.take_if(|(open, _)| *open == id) else {
            return Ok(Vec::new());
        };
        let said = match (step, outcome) {
            (Step::Read, Fetched::Document { body, .. }) => match history::parse(&body) {
                Ok(list) => Ok(self.has_read(list)),
                // Never replaced: what stands there may be all that anybody knows.
                Err(violation) => Err(format!("the list at the XDMS: {violation}")),
            },
            (Step::Read, Fetched::Status(404)) => Ok(self.has_read(Vec::new())),
            (Step::Write(count), Fetched::Document { .. } | Fetched::Status(200..=299)) => {
                Ok(self.has_written(count))
            }
            (_, Fetched::Status(status)) => Err(format!("the XDMS said {status}")),
            (_, Fetched::Failed(why)) => Err(why),
        };
        match &said {
            Ok(_) => self.failures = 0,
            Err(_) => self.failures = self.failures.saturating_add(1),
        }
        said
    }

    fn has_read(&mut self, list: Vec<Metadata>) -> Vec<String> {
        self.known = Some(list);
        Vec::new()
    }

    fn has_written(&mut self, count: usize) -> Vec<String> {
        let written: Vec<Metadata> = self.waiting.drain(..count).collect();
        let names = written.iter().map(|one| one.reference.clone()).collect();
        if let Some(known) = self.known.take() {
            self.known = Some(whole(&known, &written.into()));
        }
        names
    }

    /// Whether a request is under way.
    pub(super) fn is_busy(&self) -> bool {
        self.open.is_some()
    }

    /// How many wait.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Whether there is an XDMS at all.
    pub(super) fn has_xdms(&self) -> bool {
        self.address.is_some()
    }

    /// How long to wait before the next try.
    pub(super) fn pause(&self) -> Duration {
        SOONEST * 2_u32.saturating_pow(self.failures.saturating_sub(1).min(6))
    }
}

// The list with those that wait behind it; the oldest leave it when it grows too long.
fn whole(known: &[Metadata], waiting: &VecDeque<Metadata>) -> Vec<Metadata> {
    let fresh = |one: &&Metadata| known.iter().all(|old| old.reference != one.reference);
    let mut list: Vec<Metadata> = known
        .iter()
        .chain(waiting.iter().filter(fresh))
        .cloned()
        .collect();
    while list.len() > history::ENTRIES || history::write(&list).len() > OCTETS {
        let surplus = list.len().saturating_sub(history::ENTRIES);
        list.drain(..surplus.max(1 + list.len() / 16).min(list.len()));
    }
    list
}

/// How long one request to the XDMS may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How soon it is tried again.
const SOONEST: Duration = Duration::from_secs(60);
/// Octets of the list.
const OCTETS: usize = 960 << 10;
