//! Where a scenario happens: the subject, the tester's chairs around it and the wires between them.

mod actions;
mod agent;
mod calls;
mod changes;
mod chat;
mod client;
mod core;
mod dialogs;
mod ending;
mod invitations;
mod inviting_more;
mod lab;
mod media;
mod msrp;
mod offer;
mod pager_mode;
mod parting;
pub mod profile;
mod pulse;
mod registration;
mod scene;
mod subject;
mod subscriber;
mod subscriptions;
mod table;
pub mod xdms;

pub use agent::{Call, Side};
pub use changes::Carries;
pub use chat::{Chunk, Utterance};
pub use invitations::{Invitation, Replacing};
pub use inviting_more::Wish;
pub use lab::{Lab, LabError, Recorded};
pub use machines::port::Transport;
pub use offer::Manner;
pub use profile::{GROUPS, Kind, Profile, Setting};
pub use registration::Publication;
pub use roles::client::upper::{Command, Told};
pub use roles::digest::Parameters;
pub use scene::{Checked, Scene};
pub use subscriber::Registering;
pub use subscriptions::Terms;
pub use xdms::Served;

use trace::Protocol;

/// A deliberate change at the subject's edge; an empty answer drops the message, two duplicate it.
///
/// `outgoing` runs before the recorder sees what the subject sent, `incoming` after the
/// recorder saw what the tester sent, so that the exchange is always what the tester knows.
pub trait Tamper: Send {
    fn outgoing(&mut self, protocol: Protocol, bytes: &[u8]) -> Vec<Vec<u8>>;
    fn incoming(&mut self, protocol: Protocol, bytes: &[u8]) -> Vec<Vec<u8>>;
}
