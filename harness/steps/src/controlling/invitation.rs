//! Words of 7.2.2.2: the INVITE to each guest, and what the server does with the answers.

mod guests;
mod request;
mod state;

pub(super) use state::states;
