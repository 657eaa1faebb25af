//! Who does what: the functions of an IM server as nodes that turn inputs into outputs; never touches a socket or a clock.

pub mod client;
mod config;
mod controlling;
pub mod core;
pub mod digest;
mod groups;
pub mod history;
mod identifiers;
mod means;
mod media;
mod messaging;
pub mod participating;
mod routing;
mod server;
mod stack;
pub mod xdms;

pub use config::{Anonymity, Config, GROUPS_AUID};
pub use routing::router;
pub use server::Server;
