//! Where a scenario happens: the subject, the tester's chairs around it and the wires between them.

mod actions;
mod agent;
mod core;
mod lab;
mod msrp;
mod offer;
pub mod profile;
mod scene;
mod subject;

pub use agent::{Call, Side};
pub use lab::{Lab, LabError};
pub use machines::port::Transport;
pub use offer::Manner;
pub use profile::Profile;
pub use scene::{Checked, Scene};

use trace::Protocol;

/// A deliberate change at the subject's edge; an empty answer drops the message, two duplicate it.
///
/// `from_subject` runs before the recorder sees what the subject sent, `to_subject` after the
/// recorder saw what the tester sent, so that the exchange is always what the tester knows.
pub trait Tamper: Send {
    fn from_subject(&mut self, protocol: Protocol, bytes: &[u8]) -> Vec<Vec<u8>>;
    fn to_subject(&mut self, protocol: Protocol, bytes: &[u8]) -> Vec<Vec<u8>>;
}
