//! The identifiers of one shard: everything it names carries its number, so that routing needs no memory.

use machines::identifiers::Source;
use machines::port::LinkId;

/// A shard's supply of identifiers.
#[derive(Debug)]
pub(crate) struct Identifiers {
    source: Source,
    links: u64,
}

impl Identifiers {
    pub(crate) fn new(seed: u64, shard: usize) -> Self {
        Self {
            source: Source::new(seed, shard),
            links: 0,
        }
    }

    pub(crate) fn fork(&mut self) -> Source {
        self.source.fork()
    }

    pub(crate) fn call_id(&mut self, host: &str) -> String {
        self.source.call_id(host)
    }

    pub(crate) fn tag(&mut self) -> String {
        self.source.tag()
    }

    /// User part of an IM Session Identity.
    pub(crate) fn session(&mut self) -> String {
        self.source.session()
    }

    /// Session part of an MSRP URI of ours.
    pub(crate) fn msrp_session(&mut self) -> String {
        self.source.token()
    }

    pub(crate) fn msrp_transaction(&mut self) -> String {
        self.source.token()
    }

    pub(crate) fn msrp_message(&mut self) -> String {
        self.source.token()
    }

    pub(crate) fn boundary(&mut self) -> String {
        self.source.token()
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: u32) -> u32 {
        self.source.below(limit)
    }

    /// A link that we open: the shard above 40 bits of counting, the top bit clear.
    pub(crate) fn link(&mut self) -> LinkId {
        self.links += 1;
        LinkId(((self.source.shard() as u64) << LINK_BITS) | self.links)
    }
}

/// How far the shard is shifted in a [`LinkId`].
pub(crate) const LINK_BITS: u32 = 40;
