//! SIP messages (RFC 3261) read strictly, their typed headers, and stream framing.

mod content;
mod event;
mod frame;
mod lexis;
mod message;
mod name_addr;
mod names;
mod params;
mod read;
mod timer;
mod uri;
mod validate;
mod via;
mod violation;
mod warning;

pub mod date;
pub mod rsip_bridge;

pub use content::{AcceptContact, ContentType, Disposition};
pub use event::{Event, SubscriptionState};
pub use frame::frame;
pub(crate) use lexis::{control, is_token, split_commas, trim};
pub use lexis::{quote, unquote};
pub use message::{Header, Message, Start};
pub use name_addr::NameAddr;
pub use names::{compact, full, is_list, same_name};
pub use params::Params;
pub use timer::SessionExpires;
pub use uri::Uri;
pub use via::{CSeq, Via};
pub use violation::Violation;
pub use warning::Warning;
