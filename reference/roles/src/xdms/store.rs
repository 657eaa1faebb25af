//! What the XDMS needs of whoever keeps its documents.

/// Which document.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// Application usage, such as `org.openmobilealliance.groups`.
    pub auid: String,
    /// The owner's address.
    pub user: String,
    /// Name under the owner's home, slashes included.
    pub name: String,
}

/// A document and its entity tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The document as it was put.
    pub document: Vec<u8>,
    /// Its tag, quotes included.
    pub etag: String,
}

/// What became of storing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// It is stored.
    Stored,
    /// Another document speaks for the same group; nothing is stored.
    Claimed,
}

/// Why a store could not do what it should.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// There is no more room.
    #[error("the store is full")]
    Full,
    /// It failed.
    #[error("the store failed: {0}")]
    Broken(String),
}

/// Keeps documents. Each call is one transaction: it happens as a whole or not at all.
pub trait Store {
    /// The document, if it is there.
    fn get(&self, key: &Key) -> Result<Option<Stored>, Fault>;

    /// Stores a document in the place of what is there; `group` is the group that it describes, its host in lower case and without parameters.
    fn put(&mut self, key: &Key, stored: Stored, group: Option<&str>) -> Result<Put, Fault>;

    /// Removes a document; no document is no fault.
    fn delete(&mut self, key: &Key) -> Result<(), Fault>;

    /// Which document describes this group, written as for [`Store::put`].
    fn group(&self, uri: &str) -> Result<Option<Key>, Fault>;

    /// How many documents a user has.
    fn count(&self, user: &str) -> Result<usize, Fault>;
}
