//! The catalogue: every clause as data, and the places that cite one.
//!
//! A clause is one normative statement with a stable id such as `7.2.1.2/on-invite/5`.

mod catalogue;
pub mod citations;
mod clause;
mod edition;
mod entry;
mod error;
pub mod fingerprint;
pub mod nearest;

pub use catalogue::{Catalogue, glob_matches};
pub use citations::Citation;
pub use clause::{Clause, Fingerprint, Level, Observable, Reading, Source, Status};
pub use error::Error;
