//! What a node asks of durable storage, and what it is told: folders of records, in the order in which they came.

/// One question, numbered by the node.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct StoreId(pub u64);

/// What became of a question: an error says why nothing at all was done.
pub type Outcome = Result<Answer, String>;

/// A question. A folder is made by its first record and gone with its last.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ask {
    /// Keep a record behind all others of its folder.
    Append {
        /// Such as `deferred/sip:alice@example.com`.
        folder: String,
        /// What tells the record from all others of its folder. A name that was used within the last ten
        /// minutes stands for the same record, even if that one has been removed: it is not kept again.
        name: String,
        /// The record.
        bytes: Vec<u8>,
        /// How long it is of use.
        validity: Validity,
        /// How much the folder may hold.
        room: Room,
    },
    /// The oldest record of a folder; those that came out of date are removed before.
    First {
        /// The folder.
        folder: String,
        /// Only records with higher numbers; 0 for all.
        after: u64,
    },
    /// Take a record away for good.
    Remove {
        /// The folder.
        folder: String,
        /// The record.
        number: u64,
    },
    /// The records of a folder that are of use, oldest first.
    List {
        /// The folder.
        folder: String,
        /// How many at most.
        limit: u32,
    },
    /// The names of folders, in their alphabetical order.
    Folders {
        /// What their names begin with.
        prefix: String,
        /// Only names behind this one; empty for the first.
        after: String,
        /// How many at most.
        limit: u32,
    },
}

/// What was done or found. By the time that it is said it outlasts the end of the process and of the power.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// It is kept, or was already.
    Kept {
        /// Its number.
        number: u64,
    },
    /// The folder has no room for it.
    NoRoom,
    /// It is out of date already.
    OutOfDate,
    /// The oldest record, if there is one.
    First {
        /// The record.
        record: Option<Record>,
        /// How many have been removed because they were out of date.
        expired: u64,
    },
    /// Whether there was such a record.
    Removed(bool),
    /// Records.
    List(Vec<Record>),
    /// Names of folders.
    Folders(Vec<String>),
}

/// A record that is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Record {
    /// Higher than that of every record that came before it, in any folder.
    pub number: u64,
    /// Its name in its folder.
    pub name: String,
    /// When it came, in seconds since 1970 by the clock of the store.
    pub stored: u64,
    /// When it comes out of date, likewise.
    pub expires: Option<u64>,
    /// The record.
    pub bytes: Vec<u8>,
}

/// How long a record is of use.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Validity {
    /// Seconds; without them it is always of use.
    pub seconds: Option<u64>,
    /// From when they count, in seconds since 1970; without it from the arrival. A time to come counts as now.
    pub since: Option<u64>,
}

/// How much a folder may hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Room {
    /// Records.
    pub records: u64,
    /// Octets of all its records together.
    pub octets: u64,
}

/// Durable storage: called by a thread that may wait for a disk.
pub trait Store: Send + Sync + std::fmt::Debug {
    /// Does what is asked, in this order, and gives one outcome for each, once what it says outlasts a power cut.
    fn carry_out(&self, asks: &[Ask]) -> Vec<Outcome>;
}
