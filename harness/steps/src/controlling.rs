//! Words of the controlling function's procedures.

mod ad_hoc_setup;
mod conference_state;
pub(crate) mod general_responses;
mod group_document;
mod groups;
mod invitation;
mod inviting_more;
pub(crate) mod predefined_group;
mod server_modification;
pub(crate) mod session_modification;
pub(crate) mod session_refresh;
